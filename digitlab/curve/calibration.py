"""What forecasts must know of people, learnt from people's learning curves; people.py says what that is.

Each curve gives many pairs of a start and a goal. How often bands hold what came is measured by leaving people out:
nothing at all was learnt from their curves.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from digitlab.curve.backtest import Backtest, backtest_path
from digitlab.curve.forecast import (
    BAND_LEVEL,
    MAX_MISSING,
    ForecastError,
    covariance,
    expect,
    make_forecast,
    mean_angle,
    straying,
)
from digitlab.curve.people import People, to_angle
from digitlab.curve.results import SizeResult
from digitlab.digits import NUM_CLASSES, Floats

Curves = Sequence[Sequence[SizeResult]]  # of one person on one test set, each by growing number of drawings

_EXPONENTS = np.linspace(0.1, 1.5, 29)
_FADES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4)
_DECAYS = (0.06, 0.12, 0.25, 0.5, 1.0)
_NOISES = (0.05, 0.1, 0.2, 0.4)
_MIN_STEP = 1.4  # from start to goal: the very next drawing changes nothing that can be measured
_FOLDS = 10  # parts of the people that are left out in turn


class Pair(NamedTuple):
    """A start and a goal on one curve: what was known at the start, and what came."""

    known: Sequence[SizeResult]
    came: SizeResult


def pairs(curves: Curves) -> Iterator[Pair]:
    """Give all pairs of a start and a goal on a person's curves; at the goal all digits have been drawn."""
    for curve in curves:
        for start in range(1, len(curve)):
            known = curve[:start]
            if known[-1].digits >= NUM_CLASSES - MAX_MISSING:
                ahead = (came for came in curve[start:] if came.digits == NUM_CLASSES)
                yield from (Pair(known, came) for came in ahead if came.n >= _MIN_STEP * known[-1].n)


def learn(people: Sequence[Curves]) -> People:
    """Learn from people's curves on one test set what forecasts must know.

    Args:
        people: The curves of each, at least one of two sizes or more.

    Returns:
        All but `inside`, which is 0.
    """
    found = _learn_law(people)
    missed = []
    for part in range(min(_FOLDS, len(people))):
        others = [curves for place, curves in enumerate(people) if place % _FOLDS != part]
        without = _learn_law(others)
        missed += [_misses(curves, without) for curves in people[part::_FOLDS]]
    everyone = np.concatenate(missed)
    weights = np.concatenate([np.full(len(each), 1 / len(each)) for each in missed if len(each)])
    # A level a little higher than the band's, as if one more person had been measured (conformal prediction).
    tail = max(0.0, 1 - BAND_LEVEL * (1 + 1 / len(people))) / 2
    low, high = (_quantile(everyone, weights, level) for level in (tail, 1 - tail))
    return replace(found, low=min(low, 0.0), high=max(high, 0.0))


def backtest_pairs(curves: Curves, learnt: People) -> list[tuple[Pair, Backtest | None]]:
    """Forecast each pair of a person's curves, and compare with what came; None where there is no forecast.

    Args:
        curves: Of one person on one test set.
        learnt: From other people.
    """
    found: list[tuple[Pair, Backtest | None]] = []
    for pair in pairs(curves):
        try:
            forecast = make_forecast(pair.known, learnt)
        except ForecastError:
            found.append((pair, None))
        else:
            found.append((pair, backtest_path(forecast.n, forecast.path(), pair.came)))
    return found


def leave_out(people: Sequence[Curves], parts: Iterable[Sequence[int]]) -> list[list[tuple[Pair, Backtest | None]]]:
    """Forecast the curves of people from whom nothing was learnt.

    Args:
        people: The curves of each on one test set.
        parts: Who is left out together: places in `people`.

    Returns:
        What `backtest_pairs` returns for each person of the parts, in their order.
    """
    outcomes = []
    for part in parts:
        learnt = learn([curves for place, curves in enumerate(people) if place not in part])
        outcomes += [backtest_pairs(people[place], learnt) for place in part]
    return outcomes


def _misses(curves: Curves, people: People) -> Floats:
    """Return how many deviations a person's forecasts were off, of shape (pairs,); above 0 less was wrong."""
    missed = []
    for known, came in pairs(curves):
        angle, deviation = expect(known, np.array([came.n], float), people)
        missed.append((angle[0] - to_angle(came.accuracy)) / deviation[0])
    return np.array(missed, float)


def _quantile(values: Floats, weights: Floats, level: float) -> float:
    order = np.argsort(values)
    shares = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    return float(np.interp(level, shares, values[order]))


def _learn_law(people: Sequence[Curves]) -> People:
    """Learn the mean curve, and how people keep their distance to it: by maximum likelihood, on a grid."""
    curves = [[result for result in curve if result.digits == NUM_CLASSES] for each in people for curve in each]
    curves = [curve for curve in curves if curve]
    n = np.array([result.n for curve in curves for result in curve], float)
    angles = np.array([float(to_angle(result.accuracy)) for curve in curves for result in curve])
    floor, climb, exponent = _fit_law(n, angles)
    plain = People(
        people=len(people),
        most=int(n.max()),
        tested=max(result.tested for curve in curves for result in curve),
        floor=floor, climb=climb, exponent=exponent,
        spread=1.0, fade=0.0, decay=0.0, noise=0.0, low=0.0, high=0.0, inside=0.0,
    )  # fmt: skip
    by_sizes: dict[tuple[int, ...], list[Floats]] = {}
    for curve in curves:
        drawn = tuple(result.n for result in curve)
        off = to_angle([result.accuracy for result in curve]) - mean_angle(np.array(drawn, float), plain)
        by_sizes.setdefault(drawn, []).append(off)
    groups = [(np.array(drawn, float), np.array(offs)) for drawn, offs in by_sizes.items()]
    best, best_misfit = plain, np.inf
    for fade, decay, noise in itertools.product(_FADES, _DECAYS, _NOISES):
        trial = replace(plain, fade=fade, decay=decay, noise=noise)
        squares = determinants = 0.0
        for sizes, offs in groups:
            points = covariance(sizes, sizes, trial) + np.diag(noise * straying(sizes, trial) ** 2)
            squares += float(np.sum(offs * np.linalg.solve(points, offs.T).T))
            determinants += len(offs) * float(np.linalg.slogdet(points)[1])
        variance = max(squares / len(n), 1e-8)  # the likeliest, given the rest
        misfit = len(n) * np.log(variance) + determinants
        if misfit < best_misfit:
            best, best_misfit = replace(trial, spread=float(variance**0.5)), misfit
    return best


def _fit_law(n: Floats, angles: Floats) -> tuple[float, float, float]:
    """Return floor, climb (both 0 or more) and exponent of the mean curve, by least squares."""
    best, best_misfit = (float(angles.mean()), 0.0, 1.0), float(np.sum((angles - angles.mean()) ** 2))
    for exponent in _EXPONENTS:
        power = n**-exponent
        climb, floor = np.polyfit(power, angles, 1)
        if floor < 0:
            climb, floor = float(power @ angles / (power @ power)), 0.0
        misfit = float(np.sum((floor + climb * power - angles) ** 2))
        if climb >= 0 and misfit < best_misfit:
            best, best_misfit = (float(floor), float(climb), float(exponent)), misfit
    return best
