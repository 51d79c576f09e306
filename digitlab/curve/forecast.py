"""Accuracy against drawings: the law of a learning curve, what it foretells, and when nothing can be foretold.

The share of digits read wrong after n drawings is taken as `a * n**-b + c`, with a floor c of 0 or more: one hand has
peculiarities that more drawings of the same hand do not cure.

Sources: power laws with a floor foretell best of the usual forms (T. Viering, M. Loog, "The shape of learning curves:
a review", 2021); weighting by the precision of the points is from R. Figueroa et al., "Predicting sample size required
for classification performance" (2012). How much prefixes of one person's drawings scatter about their law (the
constants below) was measured on pen drawings of 30 writers, see tests/benchmarks/forecast.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.digits import NUM_CLASSES

GOALS = (0.8, 0.9, 0.95, 0.98)
MOST = 20_000  # drawings: what would take more is called out of reach, a working day or two
LEVEL = 0.8  # probability of the bands
LEAST_SIZES = 4

_CHANCE = 1 / NUM_CLASSES
_LEAST_DIGITS = 7  # different ones among the drawings: fewer are a much easier task
_ABOVE_CHANCE = 0.05  # a point nearer to chance does not obey the law yet
_EXPONENTS = np.linspace(0.1, 2.0, 60)  # of the law, tried one by one
_EXPONENT, _EXPONENT_SPREAD = 0.7, 0.5  # what is expected of it before anything is seen: the logarithm's deviation
_SCATTER = 0.045  # standard deviation, by which drawings they happen to be, of an accuracy of 50 % after 10 drawings
_CARRY = 0.8  # share of the last point's distance to the law that stays: the drawings stay the same, too
_SURPRISE = 0.03  # as _SCATTER, of the drawings to come
_SAMPLES = 400  # of the bootstrap
_PLACES = 240  # sizes at which a forecast is computed, between the last point and `MOST`


class NoForecast(ValueError):
    """There is too little to go on, or nothing to foretell; the message says why, for the reader."""


@dataclass(frozen=True)
class Size:
    """What was measured with `n` drawings.

    Attributes:
        n: Drawings trained on.
        accuracies: Of each training, 0-1.
        tested: Digits tested on.
        digits: Different labels among the drawings.
    """

    n: int
    accuracies: tuple[float, ...]
    tested: int
    digits: int = NUM_CLASSES

    @property
    def accuracy(self) -> float:
        """Mean over the trainings."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True)
class Forecast:
    """What the accuracy will be with more drawings.

    Attributes:
        n: Drawings it was made from.
        sizes: float array of shape (m,), growing from n: numbers of drawings.
        accuracy: float array of shape (m,), 0-1: the forecast.
        low: The same: lower end of the band of 80 %.
        high: Its upper end.
        law: `(a, b, c)` of the fitted law.
        since: Drawings from which on the law holds: the first measured size with all ten digits among the drawings.
        paths: float array of shape (samples, m), 0-1: accuracies by laws that fit about as well.
    """

    n: int
    sizes: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    law: tuple[float, float, float]
    since: int
    paths: np.ndarray

    def at(self, n: float) -> tuple[float, float, float]:
        """Return accuracy, low and high with `n` drawings, from the number it was made from to `MOST`."""
        return at(list(zip(self.sizes, self.accuracy, self.low, self.high, strict=True)), n)

    def path(self) -> list[list[float]]:
        """Return what the database keeps: `[[drawings, accuracy, low, high], ...]`."""
        chosen = np.linspace(0, len(self.sizes) - 1, 40).round().astype(int)
        table = np.column_stack([self.sizes, self.accuracy, self.low, self.high])[chosen]
        return [[round(float(value), 5) for value in row] for row in table]


@dataclass(frozen=True)
class Target:
    """How many drawings a goal takes.

    Attributes:
        goal: Accuracy, 0-1.
        status: "reached", "open", "perhaps" (part of the laws never get there) or "out of reach".
        low: Drawings in all, at the quick end of the band of 80 %; of a reached goal, those it took; else None.
        middle: As many as likely as not; None where out of reach.
        high: At the slow end; None where it may never be reached.
    """

    goal: float
    status: str
    low: int | None
    middle: int | None
    high: int | None


def sizes_of(points: Sequence[Mapping], test_set: str) -> list[Size]:
    """Gather points by the number of drawings.

    Args:
        points: As `curve_points.read` gives them.
        test_set: "mnist" or "own"; points without it are left out.

    Returns:
        By the number of drawings.
    """
    tested = [point for point in points if test_set in point["tests"]]
    by_n: dict[int, list[Mapping]] = {}
    for point in sorted(tested, key=lambda point: point["n"]):
        by_n.setdefault(point["n"], []).append(point)
    return [
        Size(
            n,
            tuple(point["tests"][test_set]["accuracy"] for point in group),
            group[0]["tests"][test_set]["n"],
            group[0].get("digits", NUM_CLASSES),
        )
        for n, group in by_n.items()
    ]


def forecast(sizes: Sequence[Size], seed: int = 0) -> Forecast:
    """Foretell the accuracy with more drawings.

    Args:
        sizes: What was measured, by the number of drawings.
        seed: Of the bootstrap.

    Raises:
        NoForecast: If there is too little to go on, or the curve does not rise.
    """
    used = _usable(sizes)
    n = np.array([size.n for size in used], float)
    wrong = np.array([1 - size.accuracy for size in used])
    spread = np.array([_spread(size) for size in used])
    law = _fit(n, wrong[None], spread)[0]
    # As far as the points lie from the law, if that is more than expected.
    distance = np.sqrt(np.mean(((wrong - _wrong(law, n)) / spread) ** 2))
    noise = np.random.default_rng(seed).normal(size=(_SAMPLES, len(n) + 1))
    resampled = np.clip(_wrong(law, n) + noise[:, :-1] * spread * max(1.0, distance), 0, 1)
    laws = _fit(n, resampled, spread)
    ahead = np.geomspace(n[-1], max(MOST, 10 * n[-1]), _PLACES)

    def continued(law: np.ndarray) -> np.ndarray:
        stays = (wrong[-1] - _wrong(law, n[-1:])) * np.where(ahead == n[-1], 1.0, _CARRY * n[-1] / ahead)
        return np.clip(_wrong(law, ahead) + stays, 0, 1)

    paths = continued(laws[:, :, None])
    middle = continued(law[:, None])
    new = _SURPRISE * 2 * np.sqrt(_variance(middle, used[-1].tested) * (10 / n[-1] - 10 / ahead))
    low, high = np.quantile(paths + noise[:, -1:] * new, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    best, worst = np.clip(1 - low, 0, 1), np.clip(1 - high, 0, 1)
    since = next(size.n for size in used if size.digits == NUM_CLASSES)
    return Forecast(int(n[-1]), ahead, 1 - middle, worst, best, tuple(map(float, law)), since, 1 - paths)


def fitted(law: tuple[float, float, float], n: np.ndarray) -> np.ndarray:
    """Return the accuracy, 0-1, that a law gives to numbers of drawings."""
    return 1 - np.clip(_wrong(np.array(law)[:, None], np.asarray(n, float)), 0, 1)


def target(sizes: Sequence[Size], foretold: Forecast, goal: float) -> Target:
    """Foretell how many drawings a goal takes.

    Args:
        sizes: What was measured, by the number of drawings.
        foretold: From these.
        goal: Accuracy, above 0 and at most 1.

    Raises:
        ValueError: If the goal is not in that range.
    """
    if not 0 < goal <= 1:
        raise ValueError(f"Expected a goal above 0 % and of at most 100 %. Received: {100 * goal:g} %.")
    if sizes[-1].accuracy >= goal:
        # The first size from which on it holds.
        short = [place for place, size in enumerate(sizes) if size.accuracy < goal]
        took = sizes[short[-1] + 1 if short else 0].n
        return Target(goal, "reached", took, took, took)
    best, worst = np.quantile(foretold.paths, [(1 + LEVEL) / 2, (1 - LEVEL) / 2], axis=0)
    middle = _first_at(foretold.sizes, foretold.accuracy, goal)
    low = _first_at(foretold.sizes, np.maximum(best, foretold.accuracy), goal)
    high = _first_at(foretold.sizes, np.minimum(worst, foretold.accuracy), goal)
    if middle is None:
        return Target(goal, "out of reach", low, None, None)
    return Target(goal, "open" if high is not None else "perhaps", low, middle, high)


def at(path: Sequence[Sequence[float]], n: float) -> tuple[float, float, float]:
    """Return accuracy, low and high with `n` drawings, between the sizes of a path by their logarithms."""
    table = np.asarray(path, float)
    return tuple(float(np.interp(np.log(n), np.log(table[:, 0]), column)) for column in table[:, 1:].T)


def _usable(sizes: Sequence[Size]) -> list[Size]:
    if sizes and sizes[-1].digits < NUM_CLASSES:
        raise NoForecast(
            f"Only {sizes[-1].digits} of the 10 digits are among the drawings: draw some of each for a forecast."
        )
    used = [size for size in sizes if size.digits >= _LEAST_DIGITS and size.accuracy > _CHANCE + _ABOVE_CHANCE]
    if len(used) < LEAST_SIZES:
        raise NoForecast(
            f"Too little to go on: a forecast needs {LEAST_SIZES} sizes that do better than guessing, and there are "
            f"{len(used)}. With 30 drawings, some of each digit, there are enough."
        )
    accuracies = np.array([size.accuracy for size in used])
    if np.ptp(accuracies) == 0:
        raise NoForecast(f"All sizes read equally well ({accuracies[0]:.0%}): there is no trend to go on with.")
    weights = 1 / np.array([_spread(size) for size in used])
    slope = np.polyfit(np.log([size.n for size in used]), accuracies, 1, w=weights)[0]
    if slope <= 0 and accuracies[-1] <= accuracies[0]:
        raise NoForecast(
            f"The curve falls, from {accuracies[0]:.0%} with {used[0].n} drawings to {accuracies[-1]:.0%} with "
            f"{used[-1].n}: more drawings did not help so far, so there is nothing to go on with."
        )
    return used


def _variance(wrong: np.ndarray | float, tested: int) -> np.ndarray | float:
    """Variance p (1 - p), never quite 0: not seeing a mistake among few digits is no proof."""
    share = (wrong * tested + 0.5) / (tested + 1)
    return share * (1 - share)


def _spread(size: Size) -> float:
    """Standard deviation of a measured accuracy: by the test digits, the seeds and which drawings they happen to be."""
    variance = _variance(1 - size.accuracy, size.tested)
    seeds = np.var(size.accuracies, ddof=1) / len(size.accuracies) if len(size.accuracies) > 1 else 0.0
    unseen = (1 - size.digits / NUM_CLASSES) ** 2  # nobody reads what nobody has drawn: no part of the law
    return float(np.sqrt(unseen + seeds + variance * (1 / size.tested + (2 * _SCATTER) ** 2 * 10 / size.n)))


def _wrong(law: np.ndarray, n: np.ndarray) -> np.ndarray:
    a, b, c = np.moveaxis(law, -2 if law.ndim > 1 else 0, 0)
    return a * n**-b + c


def _fit(n: np.ndarray, wrong: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Fit laws by weighted least squares, a and c of 0 or more; an unlikely exponent has a price.

    Args:
        n: float array of shape (m,).
        wrong: float array of shape (samples, m).
        spread: float array of shape (m,).

    Returns:
        float array of shape (samples, 3): a, b, c.
    """
    weights = 1 / spread**2
    powers = n ** -_EXPONENTS[:, None]  # for a given exponent the law is linear
    total, s_x, s_xx = weights.sum(), powers @ weights, powers**2 @ weights
    s_y, s_xy = (wrong @ weights)[:, None], (wrong * weights) @ powers.T
    a = (total * s_xy - s_x * s_y) / (total * s_xx - s_x**2)
    c = (s_y - a * s_x) / total
    without_floor, flat = c < 0, a < 0
    a = np.where(without_floor, np.maximum(s_xy / s_xx, 0), np.where(flat, 0, a))
    c = np.where(without_floor, 0, np.where(flat, s_y / total, c))
    misfit = np.stack([((wrong - a[:, [k]] * power - c[:, [k]]) ** 2) @ weights for k, power in enumerate(powers)], 1)
    price = (np.log(_EXPONENTS / _EXPONENT) / _EXPONENT_SPREAD) ** 2
    best = (misfit + price).argmin(axis=1)
    rows = np.arange(len(wrong))
    return np.column_stack([a[rows, best], _EXPONENTS[best], c[rows, best]])


def _first_at(sizes: np.ndarray, accuracy: np.ndarray, goal: float) -> int | None:
    there = np.flatnonzero((accuracy >= goal) & (sizes <= MOST))
    return int(np.ceil(sizes[there[0]])) if len(there) else None
