"""How many drawings a goal takes: an accuracy to reach, such as 90 %."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.curve.forecast import BAND_LEVEL, MAX_DRAWINGS, Forecast
from digitlab.curve.results import SizeResult
from digitlab.digits import Floats

GOALS = (0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True)
class GoalForecast:
    """How many drawings a goal takes.

    Attributes:
        goal: Accuracy, 0-1.
        status: "reached", "within reach", "perhaps" (some of the likely laws never get there) or "out of reach".
        low: Drawings in all, at the quick end of the band of 80 %; of a reached goal, those it took; else None.
        middle: As many as likely as not; None where out of reach.
        high: At the slow end; None where it may never be reached.
    """

    goal: float
    status: str
    low: int | None
    middle: int | None
    high: int | None


def forecast_goal(results: Sequence[SizeResult], forecast: Forecast, goal: float) -> GoalForecast:
    """Forecast how many drawings a goal takes.

    Args:
        results: What was measured, by growing number of drawings.
        forecast: Made from these.
        goal: Accuracy, above 0 and at most 1.

    Raises:
        ValueError: If the goal is not in that range.

    Example:
        >>> from digitlab.curve.forecast import make_forecast
        >>> results = [SizeResult(n, (1 - n**-0.5,), tested=10_000) for n in (10, 16, 25, 40)]
        >>> forecast = make_forecast(results)
        >>> [forecast_goal(results, forecast, goal).status for goal in (0.8, 0.85)]
        ['reached', 'within reach']
    """
    if not 0 < goal <= 1:
        raise ValueError(f"Expected a goal above 0 % and of at most 100 %. Received: {100 * goal:g} %.")
    if results[-1].accuracy >= goal:
        # The first size from which on it holds.
        short = [place for place, result in enumerate(results) if result.accuracy < goal]
        took = results[short[-1] + 1 if short else 0].n
        return GoalForecast(goal, "reached", took, took, took)
    best, worst = np.quantile(forecast.samples, [(1 + BAND_LEVEL) / 2, (1 - BAND_LEVEL) / 2], axis=0)
    middle = _first_at(forecast.sizes, forecast.accuracy, goal)
    low = _first_at(forecast.sizes, np.maximum(best, forecast.accuracy), goal)
    high = _first_at(forecast.sizes, np.minimum(worst, forecast.accuracy), goal)
    if middle is None:
        return GoalForecast(goal, "out of reach", low, None, None)
    return GoalForecast(goal, "within reach" if high is not None else "perhaps", low, middle, high)


def _first_at(sizes: Floats, accuracy: Floats, goal: float) -> int | None:
    """Return the first number of drawings, up to MAX_DRAWINGS, that reaches the goal; None if there is none."""
    there = np.flatnonzero((accuracy >= goal) & (sizes <= MAX_DRAWINGS))
    return int(np.ceil(sizes[there[0]])) if len(there) else None
