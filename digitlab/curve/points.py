"""The points of a learning curve: trainings on the first n drawings, n growing. And forecasts made from them.

A point is known by the data, the settings and the seed it comes from: what is there is never trained again, also when
more drawings have come since. Digits of a test batch are only tested on.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from digitlab.curve.backtest import Backtest, backtest_path
from digitlab.curve.forecast import Forecast
from digitlab.curve.results import SizeResult
from digitlab.digits import NUM_CLASSES, Floats, data_version
from digitlab.learning import presets, training_data
from digitlab.storage import curve_points
from digitlab.storage.batches import read_batches
from digitlab.storage.curve_points import CurvePoint, PointKey
from digitlab.storage.datasets import Dataset, read_dataset, read_digits, read_in_turn
from digitlab.storage.drawings import read_drawing_rows
from digitlab.storage.store import Store

SEEDS = 5
MAX_SIZES = 6
MNIST = "mnist"  # in place of a version: MNIST's own training digits, others for each seed
_GRID = (10, 16, 25, 40, 63, 100, 158, 251, 398, 631, 1000, 1585, 2512, 3981)  # each 1.58 times the one before
_LAST_STEP = 1.25  # from the last of these to all drawings, at least


@dataclass(frozen=True)
class Curve:
    """Which curve.

    Attributes:
        database_url: Of the store that holds the drawings and gets the points.
        batch_ids: Batches of drawings to train on, in the order of drawing; empty: MNIST's own digits.
        test_batch_ids: Batches of drawings to test on besides MNIST's test set; only of kind `test`.
        others: Batches of other writers, to go on with after all of these: one drawing of each writer in turn.
        network: One of `settings.NETWORKS`.
        seeds: Trainings per size.
    """

    database_url: str = field(repr=False)  # it may hold a password
    batch_ids: tuple[int, ...] = ()
    test_batch_ids: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    network: str = "dense"
    seeds: int = SEEDS

    @property
    def all_batch_ids(self) -> tuple[int, ...]:
        """All batches whose drawings are trained or tested on."""
        return (*self.batch_ids, *self.others, *self.test_batch_ids)


def train_sizes(drawings: int) -> list[int]:
    """Return how many drawings to train on: up to 6 sizes, growing geometrically, the last of all drawings.

    The others are always of the same series, so that points of a shorter curve belong to a longer one too.

    Example:
        >>> train_sizes(100)
        [10, 16, 25, 40, 63, 100]
    """
    below = [size for size in _GRID if size * _LAST_STEP <= drawings]
    if len(below) >= MAX_SIZES:
        places = np.linspace(0, len(below) - 1, MAX_SIZES - 1).round().astype(int)
        below = [below[place] for place in places]
    return [*below, drawings] if drawings else []


def settings_version(n: int, network: str) -> str:
    """Return 16 hex digits: a hash of the settings of a training on `n` drawings, the seed left out."""
    settings = asdict(replace(presets.defaults(n, network), seed=0))
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def first_drawings(data: Dataset, n: int) -> Dataset:
    """Return the first `n` drawings."""
    images, labels = data.images[:n], data.labels[:n]
    return Dataset(images, labels, 0.0, data_version(images, labels), data.strokes[:n])


def load_drawings(store: Store, curve: Curve, *, strokes: bool = False) -> Dataset | None:
    """Return the drawings of a curve in their order, those of others as many as the own; None for MNIST's own digits.

    Args:
        store: That of the curve.
        curve: Which curve.
        strokes: True to train on them; without strokes they come quickly.

    Raises:
        ValueError: If there are no drawings; to train on, also if a batch is a test batch or not there.
    """
    if not curve.batch_ids:
        return None
    if strokes:
        training_data.check_training_batches(store, (*curve.batch_ids, *curve.others))
    data = (read_dataset if strokes else read_digits)(store, curve.batch_ids)
    if not curve.others:
        return data
    others = read_in_turn(store, curve.others, len(data.labels), strokes=strokes)
    images, labels = np.concatenate([data.images, others.images]), np.concatenate([data.labels, others.labels])
    return Dataset(images, labels, 0.0, data_version(images, labels), [*data.strokes, *others.strokes])


def cumulative_seconds(store: Store, batch_ids: Sequence[int]) -> Floats:
    """Return the active seconds it took to draw the first 1, 2, ... drawings of these batches.

    A digit drawn again has cost its time, and time on a sheet that belongs to no digit is spread over all drawings.

    Args:
        store: Where the drawings are.
        batch_ids: Ids of batches.

    Returns:
        float64 array of shape (drawings that are not deleted,), growing.
    """
    rows = read_drawing_rows(store, batch_ids)
    seconds: Floats = np.cumsum([row.seconds for row in rows], dtype=np.float64)
    total = sum(batch.seconds for batch in read_batches(store, batch_ids=batch_ids))
    scale = total / seconds[-1] if len(seconds) and seconds[-1] else 1.0
    kept = np.array([not row.deleted for row in rows], bool)
    return np.asarray((seconds * scale)[kept])


def read_points(store: Store, curve: Curve, max_n: int | None = None) -> list[CurvePoint]:
    """Return the points of a curve that are in the database, by n and seed.

    Args:
        store: That of `curve.database_url`.
        curve: Which curve.
        max_n: Only points of up to so many digits; None: all there are.
    """
    data, own = load_drawings(store, curve), training_data.read_own_test_set(store, curve.test_batch_ids)
    max_n = min(max_n or sys.maxsize, len(data.labels) if data else sys.maxsize)
    points = []
    for n in curve_points.read_sizes(store, own.version if own else ""):
        if n <= max_n:
            digits = len(np.unique(data.labels[:n])) if data else min(n, NUM_CLASSES)
            points += curve_points.read_points(store, point_key(data, n, own, curve.network), digits)
    return points


def missing_sizes(points: Sequence[CurvePoint], curve: Curve, ns: Sequence[int]) -> list[int]:
    """Return those of the numbers of drawings for which a training is not among the points."""
    there = {(point.n, point.seed) for point in points}
    return [n for n in ns if any((n, seed) not in there for seed in range(curve.seeds))]


def point_key(data: Dataset | None, n: int, own: Dataset | None, network: str) -> PointKey:
    """Return what a point is stored under: digits trained on, digits tested on, settings.

    Args:
        data: Drawings, of which the first `n` are trained on; None: MNIST's own digits.
        n: How many.
        own: Own test digits, if there are any.
        network: One of `settings.NETWORKS`.
    """
    return PointKey(
        train_version=first_drawings(data, n).version if data else MNIST,
        test_version=own.version if own else "",
        settings_version=settings_version(n, network),
        n=n,
    )


def keep_forecast(store: Store, curve: Curve, test_set: str, forecast: Forecast) -> None:
    """Keep a forecast made from all the points up to its number of drawings; the first one stays.

    Args:
        store: Where to.
        curve: Of the points.
        test_set: "mnist" or "own".
        forecast: What to keep.
    """
    data, own = load_drawings(store, curve), training_data.read_own_test_set(store, curve.test_batch_ids)
    key = point_key(data, forecast.n, own if test_set == "own" else None, curve.network)
    curve_points.add_forecast(store, key, forecast.path(), batch_ids=curve.all_batch_ids)


def backtest_kept_forecasts(store: Store, curve: Curve, test_set: str, results: Sequence[SizeResult]) -> list[Backtest]:
    """Compare the kept forecasts with the largest size that was measured.

    Args:
        store: Where they are kept.
        curve: Of the forecasts.
        test_set: "mnist" or "own"; own drawings tested on must be the same as then.
        results: What was measured since, by growing number of drawings.

    Returns:
        By the number of drawings they were made from.
    """
    data, own = load_drawings(store, curve), training_data.read_own_test_set(store, curve.test_batch_ids)
    backtests = []
    for result in results[:-1]:
        key = point_key(data, result.n, own if test_set == "own" else None, curve.network)
        path = curve_points.read_forecast(store, key)
        if path:
            backtests.append(backtest_path(result.n, path, results[-1]))
    return [backtest for backtest in backtests if backtest]
