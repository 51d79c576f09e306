"""The axis of minutes of drawing: a strip of its own for what took none, then minutes in even steps of doubling.

The first minutes bring most, so each doubling gets as much room as the one before; zero has no place on such an axis
and stands apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats

ZERO_ENDS = 0.16  # share of the width: up to here stands what took no drawing
_ZERO = 0.07
_ZERO_STEP = 0.035  # between marks that would lie on each other
_CLOSE = 0.03  # of accuracy: nearer marks lie on each other
_BEGINS = 0.23  # the first round number of minutes
_ENDS = 0.98
_MOST_TICKS = 5
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class MinutesAxis:
    """Where minutes stand: `first` and `last` are round, and the ends of the axis.

    Example:
        >>> axis = MinutesAxis(0.5, 50.0)
        >>> [round(float(place), 2) for place in axis.places([0, 0.5, 50])], axis.ticks()
        ([0.07, 0.23, 0.98], [0.5, 2.0, 10.0, 50.0])
    """

    first: float
    last: float

    def places(self, minutes: npt.ArrayLike) -> Floats:
        """Return the share of the width at which minutes stand, float64 of the shape of `minutes`."""
        given = np.asarray(minutes, float)
        share = np.log(np.maximum(given, self.first) / self.first) / np.log(self.last / self.first)
        return np.asarray(np.where(given > 0, _BEGINS + (_ENDS - _BEGINS) * share, _ZERO))

    def ticks(self) -> list[float]:
        """Return up to five round numbers of minutes to write below the axis, in even steps."""
        between = [tick for tick in _round_numbers(self.first, self.last) if self.first <= tick <= self.last]
        return between[:: -(-len(between) // _MOST_TICKS)]


def fit(minutes: Iterable[float]) -> MinutesAxis:
    """Return the axis on which all these minutes have a place; of nothing but zeros one from 1 to 10 minutes."""
    drawn = [each for each in minutes if each > 0]
    if not drawn:
        return MinutesAxis(1.0, 10.0)
    numbers = _round_numbers(min(drawn) / 10, max(drawn) * 10)
    first = max(number for number in numbers if number <= min(drawn) * 1.001)
    last = min(number for number in numbers if number >= max(drawn) * 0.999 and number > first)
    return MinutesAxis(first, last)


def spread_zeros(minutes: Floats, accuracy: Floats) -> Floats:
    """Return by how much to move marks sideways so that those of no minutes do not lie on each other.

    Args:
        minutes: float64 array of shape (n,).
        accuracy: The same: 0-1.

    Returns:
        float64 array of shape (n,), shares of the width; 0 for what took minutes.
    """
    moved = np.zeros(len(minutes))
    column, last = 0, -1.0
    for place in sorted(np.flatnonzero(minutes == 0), key=lambda place: accuracy[place]):
        column = (column + 1) % 3 if accuracy[place] - last < _CLOSE else 0
        moved[place], last = _ZERO_STEP * (0, 1, -1)[column], accuracy[place]
    return moved


def _round_numbers(first: float, last: float) -> list[float]:
    decades = range(int(np.floor(np.log10(first))) - 1, int(np.ceil(np.log10(last))) + 2)
    return [float(f"{step}e{decade}") for decade in decades for step in _STEPS]
