"""The forecast of a learning curve: the accuracy with more drawings, by what became of other people's curves.

A curve is expected to go on as those of other people did, and to keep a part of its distance to their mean. The ends
of the band were found by leaving people out: they are quantiles of how far forecasts missed for people they were not
learnt from (conformal prediction: J. Lei et al., "Distribution-free predictive inference for regression", 2018).
The numbers are in people.py, the learning of them is in calibration.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.curve.people import People, read_table, to_accuracy, to_angle
from digitlab.curve.results import SizeResult
from digitlab.digits import NUM_CLASSES, Floats
from digitlab.look import percent
from digitlab.storage.curve_points import ForecastRow

ForecastPath = Sequence[ForecastRow]  # a forecast as the database keeps it, by growing number of drawings

BAND_LEVEL = 0.8  # probability that the prediction band holds what comes
MIN_DRAWINGS = 10  # fewer say nothing
MIN_TESTED = 20  # test digits: with fewer one mistake is 5 points or more

MAX_MISSING = 1  # digits without a drawing: with more it is a much easier task

_CHANCE = 1 / NUM_CLASSES
_MIN_ABOVE_CHANCE = 0.05  # of a network that has learnt something
_MAX_FALL = 0.1  # of accuracy, from the best size to the last
_MIN_AHEAD = 1.25  # a forecast reaches at least to so many times the drawings
_FORECAST_SIZES = 120  # numbers of drawings at which a forecast is computed
# Variance of people's lasting distance to the mean curve, in that of straying. Larger than among the people measured
# (about 8), so that the forecast for someone unlike them is not drawn towards them.
_OWN_LEVEL = 40.0
# Radians: standard deviation of a point without drawings of one digit, by what it would have been.
_MISSING_SPREAD = 0.06
_USUAL = 8.0  # points of people like the others that outweigh a strange one when the band is made wider or narrower


class ForecastError(ValueError):
    """There is nothing to make a forecast from; the message says why, for the reader."""


@dataclass(frozen=True)
class Forecast:
    """The accuracy to expect with more drawings.

    Attributes:
        n: Drawings it was made from.
        sizes: float64 array of shape (m,), growing from n: numbers of drawings.
        accuracy: float64 array of shape (m,), 0-1: the forecast.
        low: The same: lower end of the prediction band of 80 %.
        high: Its upper end.
        people: What it was learnt from.
        missing: Digits without a drawing: the forecast counts on their being drawn.
    """

    n: int
    sizes: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    people: People
    missing: int

    @property
    def reach(self) -> int:
        """Most drawings it says something about."""
        return int(self.sizes[-1])

    def at(self, n: float) -> tuple[float, float, float]:
        """Return accuracy, low and high with `n` drawings.

        Raises:
            ValueError: If `n` is fewer than it was made from, or more than it reaches to.
        """
        if not self.n <= n <= self.reach:
            raise ValueError(f"Expected {self.n} to {self.reach} drawings. Received: {n:g}.")
        return _interpolate(n, self.sizes, self.accuracy, self.low, self.high)

    def path(self) -> list[ForecastRow]:
        """Return 40 rows for the database, by growing number of drawings."""
        chosen = np.linspace(0, len(self.sizes) - 1, 40).round().astype(int)
        table = np.column_stack([self.sizes, self.accuracy, self.low, self.high])[chosen]
        return [ForecastRow(*(round(float(value), 5) for value in row)) for row in table]


def make_forecast(results: Sequence[SizeResult], people: People | None = None) -> Forecast:
    """Forecast the accuracy with more drawings.

    Args:
        results: What was measured on one test set, by growing number of drawings.
        people: What was learnt from other people; None: what the app knows of that test set.

    Raises:
        ForecastError: If too little is known, of this curve or of other people's at so many drawings.

    Example:
        >>> results = [SizeResult(n, (0.86 - n**-1.1,), tested=10_000) for n in (10, 16, 25, 40)]
        >>> accuracy, low, high = make_forecast(results).at(80)
        >>> 0.75 < low < accuracy < high < 0.92
        True
    """
    people = people or read_table().test_sets[results[-1].test_set if results else "mnist"]
    _check(results, people)
    last = results[-1]
    sizes = np.geomspace(last.n, people.most, _FORECAST_SIZES)
    sizes[[0, -1]] = last.n, people.most
    middle, deviation = expect(results, sizes, people)
    # Now it is what was measured; and more drawings are not expected to harm, be the last ones ever so lucky.
    accuracy = np.maximum.accumulate(np.append(last.accuracy, to_accuracy(middle[1:])))
    low, high = (to_accuracy(middle - end * deviation) for end in (people.low, people.high))
    low[0] = high[0] = last.accuracy
    return Forecast(
        n=last.n,
        sizes=sizes,
        accuracy=accuracy,
        low=np.minimum(low, accuracy),
        high=np.maximum(high, accuracy),
        people=people,
        missing=NUM_CLASSES - last.digits,
    )


def expect(results: Sequence[SizeResult], sizes: Floats, people: People) -> tuple[Floats, Floats]:
    """Return the angle expected with more drawings and its standard deviation: Gaussian process regression.

    Source: C. Rasmussen, C. Williams, "Gaussian Processes for Machine Learning" (2006), equations 2.23 and 2.24; the
    deviation grows where the points stray further than people's do, as for a Student-t process (A. Shah et al., 2014).

    Args:
        results: What was measured, by growing number of drawings.
        sizes: float64 array of shape (m,): numbers of drawings, none fewer than those of the last result.
        people: What was learnt from others.

    Returns:
        Two float64 arrays of shape (m,), in radians: angles as `people.to_angle` has them, and deviations.
    """
    known = [result for result in results if result.digits >= NUM_CLASSES - MAX_MISSING]
    n = np.array([result.n for result in known], float)
    off = np.array([_angle(result) for result in known]) - mean_angle(n, people)
    luck = [max(0.0, 1 / result.tested - 1 / people.tested) / 4 for result in known]  # of fewer test digits
    gap = [_MISSING_SPREAD**2 * (result.digits < NUM_CLASSES) for result in known]
    points = covariance(n, n, people) + np.diag(people.noise * straying(n, people) ** 2 + luck + gap)
    ahead = covariance(n, sizes, people)
    weights = np.linalg.solve(points, ahead)
    variance = (
        (1 + _OWN_LEVEL + people.noise) * straying(sizes, people) ** 2 + luck[-1] - np.sum(weights * ahead, axis=0)
    )
    strangeness = (_USUAL + off @ np.linalg.solve(points, off)) / (_USUAL + len(n))
    return mean_angle(sizes, people) + off @ weights, np.sqrt(variance * strangeness)


def mean_angle(n: Floats, people: People) -> Floats:
    """Return the angles of the people's mean curve after `n` drawings, of the shape of `n`."""
    return np.asarray(people.floor + people.climb * n**-people.exponent)


def straying(n: Floats, people: People) -> Floats:
    """Return the standard deviation, after `n` drawings, of how far a person's curve strays from its usual distance."""
    return np.asarray(people.spread * (n / 50) ** -people.fade)


def covariance(n: Floats, m: Floats, people: People) -> Floats:
    """Return covariances of the distances to the mean curve after `n` and `m` drawings, of shape (len(n), len(m))."""
    close = np.minimum.outer(n, m) / np.maximum.outer(n, m)
    return np.asarray(np.outer(straying(n, people), straying(m, people)) * (close**people.decay + _OWN_LEVEL))


def interpolate(path: ForecastPath, n: float) -> tuple[float, float, float]:
    """Return accuracy, low and high with `n` drawings, between the rows of a path by the logarithm of the drawings.

    Args:
        path: As `Forecast.path` returns it.
        n: Drawings; outside of the path its first or last row counts.

    Example:
        >>> interpolate([ForecastRow(10, 0.5, 0.25, 0.75), ForecastRow(1000, 1.0, 0.75, 1.0)], 100)
        (0.75, 0.5, 0.875)
    """
    return _interpolate(n, *np.asarray(path, float).T)


def _interpolate(n: float, sizes: Floats, *columns: Floats) -> tuple[float, float, float]:
    accuracy, low, high = (float(np.interp(np.log(n), np.log(sizes), column)) for column in columns)
    return accuracy, low, high


def _angle(result: SizeResult) -> float:
    """Return the angle of an accuracy; a digit without drawings is counted as if it were read as the others are."""
    return float(to_angle(result.accuracy / result.readable))


def _check(results: Sequence[SizeResult], people: People) -> None:
    """Raise `ForecastError` where nothing can be said."""
    if not results or results[-1].n < MIN_DRAWINGS:
        raise ForecastError(f"A forecast begins with {MIN_DRAWINGS} drawings, some of each digit.")
    last, best = results[-1], max(results, key=lambda result: result.accuracy)
    if last.digits < NUM_CLASSES - MAX_MISSING:
        raise ForecastError(f"Only {last.digits} of the 10 digits are among the drawings: draw some of each.")
    if last.tested < MIN_TESTED:
        raise ForecastError(
            f"{last.tested} test digits are too few: one mistake alone is {100 / last.tested:.0f} points. Draw at "
            f"least {MIN_TESTED}, better 50, to test with."
        )
    if last.n * _MIN_AHEAD > people.most:
        raise ForecastError(
            f"It was learnt from {people.people} people with up to {people.most} drawings to train on. With {last.n} "
            "you are where their curves end: what more would bring was not measured."
        )
    if last.accuracy < _CHANCE + _MIN_ABOVE_CHANCE:
        raise ForecastError(
            f"With {last.n} drawings it is no better than guessing ({percent(last.accuracy, 0)}) so far."
        )
    if best.accuracy - last.accuracy > _MAX_FALL:
        raise ForecastError(
            f"The curve falls, from {percent(best.accuracy, 0)} with {best.n} drawings to "
            f"{percent(last.accuracy, 0)} with {last.n}: "
            "so far did nobody's curve fall from whom forecasts were learnt."
        )
