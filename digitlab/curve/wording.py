"""A learning curve and its forecast, put into tables for charts and into sentences."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from digitlab.curve.backtest import Score
from digitlab.curve.forecast import MOST, Forecast, Size, Target, fitted
from digitlab.drawing.clock import in_words

MINE, MANY = "your drawings", "MNIST's own digits"
_PRACTICE = 10  # drawings: the hand has to find its way
_AHEAD = 4  # times the drawings there are: how far the forecast is drawn
_RANGE = "\N{EN DASH}"


def minutes(seconds: np.ndarray, n: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the active minutes that numbers of drawings took or, beyond what there is, would take.

    Args:
        seconds: float array of shape (m,): after 1, 2, ... m drawings, as `curve_points.seconds_at` gives it.
        n: Numbers of drawings.
    """
    n = np.asarray(n, float)
    drawn = np.interp(n, np.arange(len(seconds) + 1), np.concatenate([[0.0], seconds]))
    return (drawn + np.maximum(n - len(seconds), 0) * pace(seconds)) / 60


def pace(seconds: np.ndarray) -> float:
    """Return the seconds a drawing takes, the first ten left out where there are more than twice as many."""
    practice = _PRACTICE if len(seconds) > 2 * _PRACTICE else 0
    return float((seconds[-1] - (seconds[practice - 1] if practice else 0.0)) / (len(seconds) - practice))


def points(series: dict[str, Sequence[Size]], seconds: np.ndarray) -> pd.DataFrame:
    """Return a row per series and size: `series`, `n`, `minutes`, `accuracy`, `low`, `high` (of its trainings), ..."""
    rows = [
        {
            "series": name,
            "n": size.n,
            "minutes": float(minutes(seconds, [size.n])[0]),
            "accuracy": size.accuracy,
            "low": min(size.accuracies),
            "high": max(size.accuracies),
            "trainings": len(size.accuracies),
            "tested": size.tested,
        }
        for name, sizes in series.items()
        for size in sizes
    ]
    return pd.DataFrame(rows, columns=["series", "n", "minutes", "accuracy", "low", "high", "trainings", "tested"])


def lines(foretold: Forecast | None, seconds: np.ndarray) -> pd.DataFrame:
    """Return the fitted law and the forecast: `part`, `n`, `minutes`, `accuracy`, `low`, `high` (80 %), or no row."""
    if foretold is None:
        return pd.DataFrame(columns=["part", "n", "accuracy", "low", "high", "minutes"])
    behind = np.geomspace(foretold.since, foretold.n, 30)
    ahead = np.geomspace(foretold.n, min(_AHEAD * foretold.n, MOST), 30)
    law = fitted(foretold.law, behind)
    table = np.array([foretold.at(n) for n in ahead])
    frames = [
        pd.DataFrame({"part": "fitted law", "n": behind, "accuracy": law, "low": law, "high": law}),
        pd.DataFrame(
            {"part": "forecast", "n": ahead, "accuracy": table[:, 0], "low": table[:, 1], "high": table[:, 2]}
        ),
    ]
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(minutes=minutes(seconds, frame["n"].to_numpy()))


def table(points: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Put what `points` and `lines` return into one table for the reader: measured sizes, then some of the forecast."""
    told = lines[lines["part"] == "forecast"].iloc[1::4].rename(columns={"part": "series"})
    columns = ["series", "n", "minutes", "accuracy", "low", "high"]
    frame = pd.concat([points[columns], told[columns]] if len(told) else [points[columns]], ignore_index=True)
    return frame.assign(n=frame["n"].astype(float).round().astype(int))


def targets(found: Sequence[Target], seconds: np.ndarray) -> pd.DataFrame:
    """Return a row per goal, in words for the reader."""
    rows = [(f"{100 * one.goal:.4g} %", _answer(one), _drawings(one), _more_time(one, seconds)) for one in found]
    return pd.DataFrame(rows, columns=["Goal", "Answer", "Drawings in all (80 % band)", "More time of drawing"])


def next_goal(found: Sequence[Target], seconds: np.ndarray, read: str) -> str:
    """Say what the lowest goal that is not reached yet would take; nothing if all are.

    Args:
        found: Rising goals.
        seconds: As for `minutes`.
        read: What is read, such as "MNIST".
    """
    one = next((one for one in found if one.status != "reached"), None)
    if one is None:
        return ""
    goal, drawings, time = f"{100 * one.goal:.4g} % of {read}", _drawings(one), _more_time(one, seconds)
    if one.status == "out of reach":
        return f"{goal} is out of reach for more drawings of the same hand."
    sure = "would take" if one.status == "open" else "may be out of reach for one hand; if not, it takes"
    return f"{goal} {sure} about {drawings} drawings in all, {time} more."


def headline(sizes: Sequence[Size], foretold: Forecast, seconds: np.ndarray, read: str) -> str:
    """Say what was reached, and what as many drawings again would bring.

    Args:
        sizes: What was measured, by the number of drawings.
        foretold: From these.
        seconds: As for `minutes`.
        read: What is read, such as "MNIST".
    """
    n = sizes[-1].n
    accuracy, low, high = foretold.at(2 * n)
    floor, floor_low, floor_high = foretold.at(MOST)
    return (
        f"**{n} drawings in {in_words(seconds[-1])} read {sizes[-1].accuracy:.0%} of {read}.** As many again, about "
        f"{in_words(n * pace(seconds))} more, would make it {accuracy:.0%} ({span(low, high)}); however many you draw, "
        f"about {floor:.0%} ({span(floor_low, floor_high)}) is where this hand levels off. In brackets: 80 % bands."
    )


def told(one: Score) -> str:
    """Say how far a forecast missed."""
    judged = "inside its band" if one.inside else "outside its band"
    missed = abs(100 * one.miss)
    return (
        f"from {one.made_from} drawings, {one.accuracy:.0%} ({span(one.low, one.high)}) was foretold for {one.n}; "
        f"measured: {one.measured:.0%}. It missed by {missed:.1f} points, {judged}."
    )


def span(low: float, high: float) -> str:
    """Write a range of accuracies: `84-95 %`."""
    return f"{100 * low:.0f}{_RANGE}{100 * high:.0f} %"


def _answer(one: Target) -> str:
    return {
        "reached": "reached",
        "open": "within reach",
        "perhaps": "perhaps; perhaps never by the same hand",
        "out of reach": "not reachable by more drawings of the same hand",
    }[one.status]


def _drawings(one: Target) -> str:
    if one.status == "reached":
        return f"{one.middle:,}"
    if one.status == "open":
        return f"{one.middle:,} ({one.low:,}{_RANGE}{one.high:,})"
    return f"{one.middle:,} (from {one.low:,})" if one.middle else (f"at the very best {one.low:,}" if one.low else "")


def _more_time(one: Target, seconds: np.ndarray) -> str:
    def more(n: int) -> str:
        return in_words(max(0, n - len(seconds)) * pace(seconds))

    if one.status == "reached":
        return f"none; it took {in_words(60 * float(minutes(seconds, [one.middle])[0]))}"
    if one.status == "open":
        return f"{more(one.middle)} ({more(one.low)} {_RANGE} {more(one.high)})"
    return f"{more(one.middle)} (from {more(one.low)})" if one.middle else ""
