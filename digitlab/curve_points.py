"""The points of a learning curve: trainings on the first n drawings, n growing, each kept in the database.

A point is known by the data, the settings and the seed it comes from: what is there is never trained again, also when
more drawings have come since. Digits of a test batch are only tested on.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from digitlab import experiment, mnist, schema, training
from digitlab.digits import NUM_CLASSES, data_version
from digitlab.evaluation import evaluate
from digitlab.store import Dataset, Store

if TYPE_CHECKING:
    import keras

SEEDS = 5
MOST_SIZES = 6
MNIST = "mnist"  # in place of a version: MNIST's own training digits, others for each seed
_GRID = (10, 16, 25, 40, 63, 100, 158, 251, 398, 631, 1000, 1585, 2512, 3981)  # each 1.58 times the one before
_LAST_STEP = 1.25  # from the last of these to all drawings, at least
_CHUNK = 2000  # digits predicted at once


@dataclass(frozen=True)
class Curve:
    """Which curve.

    Attributes:
        database_url: Of the store that holds the drawings and gets the points.
        batch_ids: Batches of drawings to train on, in the order of drawing; empty: MNIST's own digits.
        test_batch_ids: Batches of drawings to test on besides MNIST's test set; only of kind `test`.
        network: One of `models.NETWORKS`.
        seeds: Trainings per size.
    """

    database_url: str
    batch_ids: tuple[int, ...] = ()
    test_batch_ids: tuple[int, ...] = ()
    network: str = "dense"
    seeds: int = SEEDS


def sizes(drawings: int) -> list[int]:
    """Return how many drawings to train on: up to 6 sizes, growing geometrically, the last of all drawings.

    The others are always of the same series, so that points of a shorter curve belong to a longer one too.
    """
    below = [size for size in _GRID if size * _LAST_STEP <= drawings]
    if len(below) >= MOST_SIZES:
        places = np.linspace(0, len(below) - 1, MOST_SIZES - 1).round().astype(int)
        below = [below[place] for place in places]
    return [*below, drawings] if drawings else []


def settings_version(n: int, network: str) -> str:
    """Return 16 hex digits that name the settings of a training on `n` drawings, whatever its seed."""
    settings = asdict(replace(training.defaults(n, network), seed=0))
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def train_size(
    curve: Curve, n: int, *, report: Callable[[dict], None], should_stop: Callable[[], bool]
) -> int:  # fmt: skip
    """Train on the first `n` drawings with each seed that is not in the database yet. What a job runs.

    Args:
        curve: Which curve.
        n: How many drawings, at least 1.
        report: Called with `{"stage": str}`.
        should_stop: Asked after each epoch; a training that is not over is not kept.

    Returns:
        How many points were added.

    Raises:
        ValueError: If there are fewer drawings, or a batch is of the wrong kind.
    """
    report({"stage": f"Training on {n} digits"})
    with closing(Store(curve.database_url)) as store:
        data = experiment.take_drawings(store, curve.batch_ids)[1] if curve.batch_ids else None
        if n < 1 or (data and n > len(data.labels)):
            raise ValueError(f"Expected 1 to {len(data.labels) if data else 'all'} drawings. Received: {n}.")
        own = own_test_set(store, curve.test_batch_ids)
        key = _key(first(data, n) if data else None, n, own, curve.network)
        missing = sorted(set(range(curve.seeds)) - _seeds(store, key))
        trainer = Trainer(n, curve.network, own)
        for added, seed in enumerate(missing):
            if data is None:
                trainer.take(some_of_mnist(n, seed))
            elif not added:
                trainer.take(first(data, n))
            started = time.perf_counter()
            tests = trainer.train(seed, should_stop)
            if tests is None:
                return added
            _add(store, key | {"seed": seed}, tests, time.perf_counter() - started)
    return len(missing)


class Trainer:
    """Trains networks on the same digits with one seed after the other; only for the worker.

    The digits are varied once for all seeds, and pass the layers without weights once.

    Args:
        n: How many digits: they decide the settings.
        network: One of `models.NETWORKS`.
        own: Digits to test on besides MNIST's test set.
    """

    def __init__(self, n: int, network: str, own: Dataset | None) -> None:
        from digitlab import steps

        self._settings = training.defaults(n, network)
        self._model = experiment.build(self._settings)
        self._tests = {"mnist": (mnist.load_test()[1], _front_of_test(network))}
        if own:
            self._tests["own"] = own.labels, steps.through_front(self._model, own.images)

    def take(self, data: Dataset) -> None:
        """Train on these digits from now on."""
        from digitlab import steps

        images, labels = experiment.vary(data, self._settings)
        self._n, self._digits = len(labels), steps.to_tensors(steps.through_front(self._model, images), labels)

    def train(self, seed: int, should_stop: Callable[[], bool] = lambda: False) -> dict | None:
        """Train and test a network.

        Args:
            seed: Of the weights and the order of the digits.
            should_stop: Asked after each epoch.

        Returns:
            `{"mnist": ..., "own": ...}` as `evaluation.evaluate` gives them, without `own` where there are no such
            digits; None if it was stopped.
        """
        from digitlab import steps

        settings, rng = self._settings, np.random.default_rng(seed)
        _set_new_weights(self._model, rng)
        batch = settings.batch_size
        rates = training.learning_rates(settings, settings.epochs * -(-self._n // batch))
        with steps.of_model(self._model, settings.optimizer) as compiled:
            for _ in range(settings.epochs):
                order = rng.permutation(self._n).astype(np.int32)
                full = self._n // batch * batch
                for batches in (order[:full].reshape(-1, batch), order[None, full:]):
                    if batches.size:
                        now, rates = np.split(rates, [len(batches)])
                        compiled.train(*self._digits, batches, now)
                if should_stop():
                    return None
        return {name: evaluate(labels, _predict(self._model, front)) for name, (labels, front) in self._tests.items()}


def first(data: Dataset, n: int) -> Dataset:
    """Return the first `n` drawings."""
    images, labels = data.images[:n], data.labels[:n]
    return Dataset(images, labels, 0.0, data_version(images, labels), data.strokes[:n])


def some_of_mnist(n: int, seed: int) -> Dataset:
    """Return `n` of MNIST's training digits, other ones for each seed, each label nearly equally often."""
    images, labels = mnist.load_train()
    order = np.random.default_rng(seed).permutation(len(labels) - experiment.VALIDATION_SIZE)
    by_label = [order[labels[order] == digit] for digit in range(NUM_CLASSES)]
    chosen = np.array([by_label[place % NUM_CLASSES][place // NUM_CLASSES] for place in range(n)])
    return Dataset(images[chosen], labels[chosen], 0.0, MNIST)


def own_test_set(store: Store, batch_ids: Sequence[int]) -> Dataset | None:
    """Return the digits of those of these batches that are test batches; None if there are none."""
    tests = [batch.id for batch in store.batches(kinds=("test",)) if batch.id in batch_ids and batch.drawn]
    return store.dataset(tests) if tests else None


def seconds_at(store: Store, batch_ids: Sequence[int]) -> np.ndarray:
    """Return the active seconds it took to draw the first 1, 2, ... drawings of these batches.

    What was drawn again has cost its time, and the time of sheets that is of no digit is spread over all drawings.

    Returns:
        float array of shape (n,), growing.
    """
    rows = store.drawing_table(batch_ids)
    seconds = np.cumsum([row["seconds"] for row in rows]) if rows else np.empty(0)
    total = sum(batch.seconds for batch in store.batches() if batch.id in set(batch_ids))
    alive = np.array([not row["deleted"] for row in rows], bool)
    return (seconds * (total / seconds[-1] if len(seconds) and seconds[-1] else 1.0))[alive]


def read(store: Store, curve: Curve, most: int | None = None) -> list[dict]:
    """Return the points of a curve that are in the database.

    Args:
        store: That of `curve.database_url`.
        curve: Which curve.
        most: Only with up to so many digits; None: all there are.

    Returns:
        For each, by n and seed: `n`, `seed`, `digits` (different labels among the n), `tests`, `training_seconds`.
    """
    data = store.dataset(curve.batch_ids) if curve.batch_ids else None
    own = own_test_set(store, curve.test_batch_ids)
    table = schema.curve_points.c
    query = sa.select(table.n).where(table.test_version == (own.version if own else "")).distinct()
    points = []
    with store.read() as connection:
        for n in sorted(connection.execute(query).scalars()):
            if n > (most or n) or (data and n > len(data.labels)):
                continue
            key = _key(first(data, n) if data else None, n, own, curve.network)
            found = connection.execute(sa.select(schema.curve_points).where(_is(schema.curve_points, key)))
            digits = len(np.unique(data.labels[:n])) if data else min(n, NUM_CLASSES)
            names = ("n", "seed", "tests", "training_seconds")
            points += [{name: row[name] for name in names} | {"digits": digits} for row in found.mappings()]
    return sorted(points, key=lambda point: (point["n"], point["seed"]))


def _key(data: Dataset | None, n: int, own: Dataset | None, network: str) -> dict:
    return {
        "train_version": data.version if data else MNIST,
        "test_version": own.version if own else "",
        "settings_version": settings_version(n, network),
        "n": n,
    }


def _is(table: sa.Table, key: dict) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in key.items()))


def _seeds(store: Store, key: dict) -> set[int]:
    with store.read() as connection:
        return set(
            connection.execute(sa.select(schema.curve_points.c.seed).where(_is(schema.curve_points, key))).scalars()
        )


def _add(store: Store, key: dict, tests: dict, seconds: float) -> None:
    with store.write() as connection:
        known = connection.execute(sa.select(schema.curve_points.c.id).where(_is(schema.curve_points, key))).scalar()
        if known is None:  # another worker may have been quicker
            values = key | {"tests": tests, "training_seconds": seconds, "created_at": schema.now()}
            connection.execute(schema.curve_points.insert().values(**values))


@lru_cache(maxsize=2)  # 4 MB each
def _front_of_test(network: str) -> np.ndarray:
    from digitlab import steps

    return steps.through_front(experiment.build(training.defaults(1, network)), mnist.load_test()[0])


def _set_new_weights(model: "keras.Model", rng: np.random.Generator) -> None:
    """Do what building anew would do (Keras' Glorot-uniform weights, biases of 0), in a fifth of the time."""
    weights = []
    for shape in (old.shape for old in model.get_weights()):
        limit = (6 / (np.prod(shape[:-2], initial=1) * sum(shape[-2:]))) ** 0.5 if len(shape) > 1 else 0.0
        weights.append(rng.uniform(-limit, limit, shape).astype(np.float32))
    model.set_weights(weights)


def _predict(model: "keras.Model", front: np.ndarray) -> np.ndarray:
    """Return the labels a model gives to what its first layer made of digits."""
    predictions = []
    for start in range(0, len(front), _CHUNK):
        values = front[start : start + _CHUNK].astype(np.float32) / 255
        for layer in model.layers[1:]:
            values = layer(values)
        predictions.append(np.asarray(values).argmax(axis=1))
    return np.concatenate(predictions)
