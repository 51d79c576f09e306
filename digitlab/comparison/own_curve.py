"""The learning curve of one writer as the central chart shows it: what was measured, and the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digitlab.comparison.minutes_axis import MinutesAxis

_READINGS = 60  # places, about, at which the pointer reads the curve
_NEAR = 0.01  # minutes: measured, not forecast


@dataclass(frozen=True)
class OwnCurve:
    """A writer's learning curve on one test set.

    Attributes:
        test_set: "mnist" or "own".
        measured: Columns `n`, `minutes`, `accuracy`, `low`, `high` (of the trainings), by growing number of drawings.
        forecast: The same columns, `low` and `high` of the 80 % band; empty without a forecast.
    """

    test_set: str
    measured: pd.DataFrame
    forecast: pd.DataFrame

    @property
    def has_line(self) -> bool:
        """Whether the chart draws a line of what was measured: one size alone is a dot."""
        return len(self.measured) > 1

    def minutes(self) -> list[float]:
        """Return all minutes it has something to say about."""
        return [*self.measured["minutes"], *self.forecast["minutes"]]


def readings(curve: OwnCurve, axis: MinutesAxis) -> pd.DataFrame:
    """Return what a pointer reads from a curve: `place`, `accuracy` and `text`, such as "at 3 min: 74 %".

    Between two sizes it is read along the line that the chart draws, at round minutes.

    Args:
        curve: With at least one measured size.
        axis: On which it is drawn.
    """
    measured = curve.measured["minutes"].to_numpy(float)
    ahead = curve.forecast["minutes"].to_numpy(float)
    first, last = measured[0], max([*measured, *ahead])
    round_minutes = np.round(np.concatenate([np.geomspace(first, last, _READINGS), np.arange(1, 11)]), 1)
    round_minutes = np.where(round_minutes < 10, round_minutes, round_minutes.round())
    all_minutes = np.unique([first, *round_minutes[(round_minutes > first) & (round_minutes <= last)]])
    rows = []
    for place, minutes in zip(axis.places(all_minutes), all_minutes, strict=True):
        is_ahead = len(ahead) and minutes > measured[-1] + _NEAR
        accuracy, low, high = _along(curve.forecast if is_ahead else curve.measured, axis, float(place))
        about = f"{100 * low:.0f}\N{EN DASH}{100 * high:.0f} %, forecast" if is_ahead else f"{100 * accuracy:.0f} %"
        rows.append((float(place), accuracy, f"at {in_minutes(float(minutes))}: {about}"))
    return pd.DataFrame(rows, columns=["place", "accuracy", "text"])


def in_minutes(minutes: float) -> str:
    """Write minutes with two digits.

    Example:
        >>> in_minutes(0.416), in_minutes(3.0), in_minutes(47.6)
        ('0.4 min', '3 min', '48 min')
    """
    return f"{minutes:.1f}".removesuffix(".0") + " min" if minutes < 10 else f"{minutes:.0f} min"


def _along(frame: pd.DataFrame, axis: MinutesAxis, place: float) -> Sequence[float]:
    places = axis.places(frame["minutes"])
    return [float(np.interp(place, places, frame[column].astype(float))) for column in ("accuracy", "low", "high")]
