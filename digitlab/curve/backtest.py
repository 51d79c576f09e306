"""Forecasts held against what came, or against points that were hidden from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitlab.curve.forecast import NoForecast, Size, at, forecast


@dataclass(frozen=True)
class Score:
    """A forecast held against what came: made from `made_from` drawings for `n`; accuracies 0-1."""

    made_from: int
    n: int
    accuracy: float
    low: float
    high: float
    measured: float

    @property
    def miss(self) -> float:
        """How far it missed: above 0 it was too high."""
        return self.accuracy - self.measured

    @property
    def inside(self) -> bool:
        """Whether what came lies in the band."""
        return self.low <= self.measured <= self.high


def hindcast(sizes: Sequence[Size], seed: int = 0) -> Score | None:
    """Hide the last points, foretell the last from the others, and hold it against what was measured.

    Returns:
        The score; None where the others are too few for a forecast.
    """
    for hidden in (2, 1):
        try:
            foretold = forecast(sizes[:-hidden], seed)
        except NoForecast:
            continue
        return score(foretold.n, foretold.path(), sizes[-1])
    return None


def score(made_from: int, path: Sequence[Sequence[float]], came: Size) -> Score | None:
    """Hold a kept forecast against a size measured since; None if it does not say anything about that size."""
    if came.n <= made_from or came.n > path[-1][0]:
        return None
    return Score(made_from, came.n, *at(path, came.n), came.accuracy)
