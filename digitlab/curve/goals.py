"""How many drawings a goal takes: an accuracy to reach, such as 90 %."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.curve.forecast import Forecast
from digitlab.curve.results import SizeResult
from digitlab.digits import Floats

GOALS = (0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True)
class GoalForecast:
    """How many drawings a goal takes, as far as the forecast reaches.

    Attributes:
        goal: Accuracy, 0-1.
        status: "reached"; "within reach" (also at the low end of the band); "perhaps" (only by a part of the band);
            "not in sight" (not even at the high end).
        reach: Drawings to which the forecast reaches.
        low: Drawings in all, by the high end of the band of 80 %; of a reached goal, those it took; None if not in
            sight.
        middle: By the forecast itself; None where it does not get there.
        high: By the low end of the band; None where that does not get there.
    """

    goal: float
    status: str
    reach: int
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
        >>> results = [SizeResult(10, (0.9,), tested=100, test_set="own")]
        >>> forecast = make_forecast(results)
        >>> goal = forecast_goal(results, forecast, 0.95)
        >>> goal.low <= goal.middle, forecast_goal(results, forecast, 0.9).status
        (True, 'reached')
    """
    if not 0 < goal <= 1:
        raise ValueError(f"Expected a goal above 0 % and of at most 100 %. Received: {100 * goal:g} %.")
    if results[-1].accuracy >= goal:
        # The first size from which on it holds.
        short = [place for place, result in enumerate(results) if result.accuracy < goal]
        took = results[short[-1] + 1 if short else 0].n
        return GoalForecast(goal, "reached", forecast.reach, took, took, took)
    ends = forecast.high, forecast.accuracy, forecast.low
    low, middle, high = (_first_at(forecast.sizes, accuracy, goal) for accuracy in ends)
    status = "not in sight" if low is None else "perhaps" if high is None else "within reach"
    return GoalForecast(goal, status, forecast.reach, low, middle, high)


def _first_at(sizes: Floats, accuracy: Floats, goal: float) -> int | None:
    """Return the first number of drawings that reaches the goal; None if there is none."""
    there = np.flatnonzero(accuracy >= goal)
    return int(np.ceil(sizes[there[0]])) if len(there) else None
