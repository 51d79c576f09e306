"""The trainings behind a learning curve; only for the worker, but `train_size` may be submitted from anywhere."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from digitlab import mnist
from digitlab.curve import points
from digitlab.curve.points import Curve
from digitlab.digits import NUM_CLASSES, Labels
from digitlab.learning import networks, presets, training, training_data
from digitlab.learning.evaluation import evaluate
from digitlab.learning.progress import Stage, to_event
from digitlab.run import TestResult
from digitlab.storage import curve_points
from digitlab.storage.datasets import Dataset
from digitlab.storage.store import Store

if TYPE_CHECKING:
    from digitlab.learning.compiled_steps import CompiledSteps

Features = npt.NDArray[np.uint8]  # what the layers without weights make of digits
Weights = list[npt.NDArray[np.float32]]

_CHUNK = 2000  # digits predicted at once


class _Model(Protocol):
    """What is used here of a Keras model; only the room `learning` imports Keras."""

    def get_weights(self) -> Weights: ...

    def set_weights(self, weights: Weights) -> None: ...


def train_size(
    curve: Curve, n: int, *, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]
) -> int:  # fmt: skip
    """Train on the first `n` drawings with each seed that is not in the database yet. What a job runs.

    Args:
        curve: Which curve.
        n: How many drawings, at least 1.
        report: Called with the event of a `progress.Stage`.
        should_stop: Asked often; a training that is not over is not kept.

    Returns:
        How many points were added.

    Raises:
        ValueError: If there are fewer drawings, or a batch is of the wrong kind.
    """
    report(to_event(Stage(f"Training on {n} digits")))
    with closing(Store(curve.database_url)) as store:
        data = points.load_drawings(store, curve, strokes=True)
        if n < 1 or (data and n > len(data.labels)):
            raise ValueError(f"Expected 1 to {len(data.labels) if data else 'all'} drawings. Received: {n}.")
        own = training_data.read_own_test_set(store, curve.test_batch_ids)
        key = points.point_key(data, n, own, curve.network)
        missing = sorted(set(range(curve.seeds)) - curve_points.read_seeds(store, key))
        if not missing:
            return 0
        trainer = Trainer(n, curve.network, own)
        for added, seed in enumerate(missing):
            if data is None:
                trainer.set_digits(sample_mnist(n, seed))
            elif not added:
                trainer.set_digits(points.first_drawings(data, n))
            started = time.perf_counter()
            tests = trainer.train(seed, should_stop)
            if tests is None:
                return added
            seconds = time.perf_counter() - started
            curve_points.add_point(store, key, seed, tests, seconds, batch_ids=curve.all_batch_ids)
    return len(missing)


class Trainer:
    """Trains networks on the same digits with one seed after the other; only for the worker.

    The digits are varied once for all seeds, and pass the layers without weights once.

    Args:
        n: How many digits: they decide the settings.
        network: One of `settings.NETWORKS`.
        own: Digits to test on besides MNIST's test set.
    """

    def __init__(self, n: int, network: str, own: Dataset | None) -> None:
        from digitlab.learning import compiled_steps

        self._settings = presets.defaults(n, network)
        self._model = networks.build(self._settings)
        self._tests: dict[str, tuple[Labels, Features]] = {
            "mnist": (mnist.load_test()[1], _mnist_test_features(network))
        }
        if own:
            self._tests["own"] = own.labels, compiled_steps.fixed_features(self._model, own.images)

    def set_digits(self, data: Dataset) -> None:
        """Train on these digits from now on."""
        from digitlab.learning import compiled_steps

        images, labels = training_data.vary(data, self._settings)
        self._n = len(labels)
        self._digits = compiled_steps.to_tensors(compiled_steps.fixed_features(self._model, images), labels)

    def train(self, seed: int, should_stop: Callable[[], bool] = lambda: False) -> dict[str, TestResult] | None:
        """Train and test a network.

        Args:
            seed: Of the weights and the order of the digits.
            should_stop: Asked every few mini-batches.

        Returns:
            The results on `mnist` and `own`, without `own` where there are no such digits; None if it was stopped.
        """
        from digitlab.learning import compiled_steps

        settings = replace(self._settings, seed=seed)
        _reset_weights(self._model, np.random.default_rng(seed))
        with compiled_steps.of_model(self._model, settings.optimizer) as compiled:
            digits = repeat(self._digits)
            *_, last = training.run_epochs(compiled, digits, self._n, settings, lambda share: should_stop())
            if last.epoch < settings.epochs or last.seen < self._n:
                return None
            return {
                name: evaluate(labels, _predict(compiled, features)) for name, (labels, features) in self._tests.items()
            }


def sample_mnist(n: int, seed: int) -> Dataset:
    """Return `n` of MNIST's training digits, other ones for each seed, each label nearly equally often; no strokes."""
    images, labels = mnist.load_train()
    order = np.random.default_rng(seed).permutation(len(labels) - training_data.VALIDATION_SIZE)
    by_label = [order[labels[order] == digit] for digit in range(NUM_CLASSES)]
    chosen = np.array([by_label[place % NUM_CLASSES][place // NUM_CLASSES] for place in range(n)])
    return Dataset(images[chosen], labels[chosen], 0.0, points.MNIST)


@lru_cache(maxsize=2)  # 4 MB each
def _mnist_test_features(network: str) -> Features:
    from digitlab.learning import compiled_steps

    return compiled_steps.fixed_features(networks.build(presets.defaults(1, network)), mnist.load_test()[0])


def _reset_weights(model: _Model, rng: np.random.Generator) -> None:
    """Give a model new initial weights: as Keras does (Glorot-uniform, biases of 0), in a fifth of a rebuild's time."""
    weights = []
    for shape in (old.shape for old in model.get_weights()):
        limit = (6 / (np.prod(shape[:-2], initial=1) * sum(shape[-2:]))) ** 0.5 if len(shape) > 1 else 0.0
        weights.append(rng.uniform(-limit, limit, shape).astype(np.float32))
    model.set_weights(weights)


def _predict(compiled: "CompiledSteps", features: Features) -> Labels:
    """Return the labels that a trained network predicts."""
    chunks = np.split(features, range(_CHUNK, len(features), _CHUNK))
    return np.concatenate([compiled.predict(chunk).numpy() for chunk in chunks])
