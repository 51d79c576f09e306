"""The forecast of a learning curve: the accuracy with more drawings, by a power law fitted to the measured sizes.

Sources: power laws with a floor forecast best of the usual forms (T. Viering, M. Loog, "The shape of learning curves:
a review", 2021); weighting by the precision of the points is from R. Figueroa et al., "Predicting sample size required
for classification performance" (2012). How much prefixes of one person's drawings scatter about their law (the
constants below) was measured on pen drawings of 30 writers, see tests/benchmarks/forecast.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.curve.power_law import Law, fit, share_wrong
from digitlab.curve.results import SizeResult
from digitlab.digits import NUM_CLASSES, Floats
from digitlab.storage.curve_points import ForecastRow

Path = Sequence[ForecastRow]  # a forecast as the database keeps it, by growing number of drawings

MAX_DRAWINGS = 20_000  # a working day or two: a goal that takes more is called out of reach
BAND_LEVEL = 0.8  # probability that the prediction band holds what comes
MIN_SIZES = 4  # measured sizes that a forecast needs

_CHANCE = 1 / NUM_CLASSES
_MIN_DIGITS = 7  # different ones among the drawings: fewer are a much easier task
_MIN_ABOVE_CHANCE = 0.05  # a point nearer to chance does not follow the law yet
_DRAWINGS_SPREAD = 0.045  # standard deviation of an accuracy of 50 % after 10 drawings, by which drawings they are
_RESIDUAL_KEPT = 0.8  # share of the last point's distance to the law that stays: the first drawings stay the same, too
_NEW_DRAWINGS_SPREAD = 0.03  # as _DRAWINGS_SPREAD, of the drawings to come
_BOOTSTRAP_SAMPLES = 400
_FORECAST_SIZES = 240  # numbers of drawings at which a forecast is computed, from the last point to MAX_DRAWINGS


class ForecastError(ValueError):
    """There are too few points, or none that rise; the message says why, for the reader."""


@dataclass(frozen=True)
class Forecast:
    """The accuracy to expect with more drawings.

    Attributes:
        n: Drawings it was made from.
        sizes: float64 array of shape (m,), growing from n: numbers of drawings.
        accuracy: float64 array of shape (m,), 0-1: the forecast.
        low: The same: lower end of the prediction band of 80 %.
        high: Its upper end.
        law: `(a, b, c)` of the fitted power law.
        law_from: Drawings from which on the law holds: the first measured size with all ten digits among the drawings.
        samples: float64 array of shape (bootstrap samples, m), 0-1: accuracies by laws that fit about as well.
    """

    n: int
    sizes: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    law: Law
    law_from: int
    samples: Floats

    def at(self, n: float) -> tuple[float, float, float]:
        """Return accuracy, low and high with `n` drawings, from the number it was made from to `MAX_DRAWINGS`."""
        return _interpolate(n, self.sizes, self.accuracy, self.low, self.high)

    def path(self) -> list[ForecastRow]:
        """Return 40 rows for the database, by growing number of drawings."""
        chosen = np.linspace(0, len(self.sizes) - 1, 40).round().astype(int)
        table = np.column_stack([self.sizes, self.accuracy, self.low, self.high])[chosen]
        return [ForecastRow(*(round(float(value), 5) for value in row)) for row in table]


def make_forecast(results: Sequence[SizeResult], seed: int = 0) -> Forecast:
    """Forecast the accuracy with more drawings.

    A power law is fitted to the measured sizes; the prediction band comes from a parametric bootstrap.

    Args:
        results: What was measured, by growing number of drawings.
        seed: Of the bootstrap.

    Raises:
        ForecastError: If there are too few sizes, or the curve does not rise.

    Example:
        >>> results = [SizeResult(n, (1 - n**-0.5,), tested=10_000) for n in (10, 16, 25, 40)]
        >>> accuracy, low, high = make_forecast(results).at(100)
        >>> round(accuracy, 1), low < 0.9 < high
        (0.9, True)
    """
    used = _usable(results)
    n = np.array([result.n for result in used], float)
    wrong = np.array([1 - result.accuracy for result in used])
    spread = np.array([_spread(result) for result in used])
    law = fit(n, wrong[None], spread)[0]
    # As far as the points lie from the law, if that is more than expected.
    distance = np.sqrt(np.mean(((wrong - share_wrong(law, n)) / spread) ** 2))
    noise = np.random.default_rng(seed).normal(size=(_BOOTSTRAP_SAMPLES, len(n) + 1))
    resampled = np.clip(share_wrong(law, n) + noise[:, :-1] * spread * max(1.0, distance), 0, 1)
    laws = fit(n, resampled, spread)
    ahead = np.geomspace(n[-1], max(MAX_DRAWINGS, 10 * n[-1]), _FORECAST_SIZES)

    def continued(law: Floats) -> Floats:
        kept = np.where(ahead == n[-1], 1.0, _RESIDUAL_KEPT * n[-1] / ahead)
        residual = wrong[-1] - share_wrong(law, n[-1:])
        return np.asarray(np.clip(share_wrong(law, ahead) + residual * kept, 0, 1))

    samples = continued(laws[:, :, None])
    middle = continued(law[:, None])
    new = _NEW_DRAWINGS_SPREAD * 2 * np.sqrt(_variance(middle, used[-1].tested) * (10 / n[-1] - 10 / ahead))
    low, high = np.quantile(samples + noise[:, -1:] * new, [(1 - BAND_LEVEL) / 2, (1 + BAND_LEVEL) / 2], axis=0)
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    a, b, c = map(float, law)
    return Forecast(
        n=used[-1].n,
        sizes=ahead,
        accuracy=1 - middle,
        low=np.clip(1 - high, 0, 1),
        high=np.clip(1 - low, 0, 1),
        law=(a, b, c),
        law_from=next(result.n for result in used if result.digits == NUM_CLASSES),
        samples=1 - samples,
    )


def interpolate(path: Path, n: float) -> tuple[float, float, float]:
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


def _usable(results: Sequence[SizeResult]) -> list[SizeResult]:
    """Return the sizes that a law can be fitted to; raise `ForecastError` where they are too few or do not rise."""
    if results and results[-1].digits < NUM_CLASSES:
        raise ForecastError(
            f"Only {results[-1].digits} of the 10 digits are among the drawings: draw some of each for a forecast."
        )
    used = [
        result for result in results if result.digits >= _MIN_DIGITS and result.accuracy > _CHANCE + _MIN_ABOVE_CHANCE
    ]
    if len(used) < MIN_SIZES:
        raise ForecastError(
            f"Too little to go on: a forecast needs {MIN_SIZES} sizes that do better than guessing, and there are "
            f"{len(used)}. With 30 drawings, some of each digit, there are enough."
        )
    accuracies = np.array([result.accuracy for result in used])
    if np.ptp(accuracies) == 0:
        raise ForecastError(f"All sizes read equally well ({accuracies[0]:.0%}): there is no trend to go on with.")
    weights = 1 / np.array([_spread(result) for result in used])
    slope = np.polyfit(np.log([result.n for result in used]), accuracies, 1, w=weights)[0]
    if slope <= 0 and accuracies[-1] <= accuracies[0]:
        raise ForecastError(
            f"The curve falls, from {accuracies[0]:.0%} with {used[0].n} drawings to {accuracies[-1]:.0%} with "
            f"{used[-1].n}: more drawings did not help so far, so there is nothing to go on with."
        )
    return used


def _variance(wrong: npt.ArrayLike, tested: int) -> Floats:
    """Variance p (1 - p), never quite 0: not seeing a mistake among few digits is no proof."""
    share = (np.asarray(wrong, float) * tested + 0.5) / (tested + 1)
    return share * (1 - share)


def _spread(result: SizeResult) -> float:
    """Standard deviation of a measured accuracy: by the test digits, the seeds and which drawings they happen to be."""
    variance = float(_variance(1 - result.accuracy, result.tested))
    trainings = len(result.accuracies)
    seeds = float(np.var(result.accuracies, ddof=1)) / trainings if trainings > 1 else 0.0
    unseen = (1 - result.digits / NUM_CLASSES) ** 2  # nobody reads what nobody has drawn: no part of the law
    return float(np.sqrt(unseen + seeds + variance * (1 / result.tested + (2 * _DRAWINGS_SPREAD) ** 2 * 10 / result.n)))
