"""Kernel ridge regression: solved as defined, and saved, read and tested like any other network."""

from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning import compiled_steps, kernel_ridge, model_files, networks
from digitlab.learning.evaluation import Predictor
from digitlab.learning.presets import defaults
from digitlab.learning.training import train
from digitlab.mnist import load_test, load_train
from digitlab.settings import KERNEL_RIDGE
from tests.learning.experiments import run_experiment

X, Y = (array[:200] for array in load_train())
X_TEST, Y_TEST = (array[:500] for array in load_test())
SETTINGS = defaults(10, KERNEL_RIDGE)


@pytest.fixture(scope="module")
def trained():
    """A model that remembers 200 of MNIST's digits, and its history."""
    model = networks.build(SETTINGS)
    return model, train(model, (X, Y), (X_TEST, Y_TEST), SETTINGS)


def probabilities(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def test_it_is_the_solution(trained):
    """In numbers of 64 bits, from the definition."""
    model, _ = trained
    known, new = (compiled_steps.fixed_features(model, images).reshape(len(images), -1) / 255 for images in (X, X_TEST))
    alike = np.exp(-0.05 * ((known[:, None] - known[None]) ** 2).sum(axis=2)) + 0.1 * np.eye(len(X))
    solved = np.linalg.solve(alike, np.eye(10)[Y] - 0.1)
    expected = np.exp(-0.05 * ((new[:, None] - known[None]) ** 2).sum(axis=2)) @ solved + 0.1
    assert model(X_TEST).numpy() == pytest.approx(4 * expected, abs=0.02)


def test_its_history_is_one_epoch(trained):
    model, (epoch,) = trained
    assert (epoch.epoch, epoch.seen) == (1, len(X))
    assert epoch.accuracy > 0.99
    assert epoch.val_accuracy == pytest.approx((model(X_TEST).numpy().argmax(axis=1) == Y_TEST).mean(), abs=0.01)
    assert epoch.val_accuracy > 0.85


def test_both_files_hold_it(trained, tmp_path):
    model, _ = trained
    assert model.count_params() == networks.count_parameters(SETTINGS)
    model_files.save(model, "ridge", tmp_path)
    expected = probabilities(model(X_TEST).numpy())
    assert probabilities(model_files.load("ridge", tmp_path)(X_TEST).numpy()) == pytest.approx(expected, abs=1e-5)
    read = Predictor((tmp_path / "ridge.tflite").read_bytes(), "ridge").predict(X_TEST)
    assert read == pytest.approx(expected, abs=1e-3)


def test_of_very_many_digits_3000_are_remembered():
    rng = np.random.default_rng(0)
    features, labels = rng.integers(0, 256, (3100, 7, 7, 8), np.uint8), rng.integers(0, 10, 3100)
    kernel, bias, weights, _ = kernel_ridge.fit(features, labels, seed=1)
    assert (bias > -1e3).all()
    assert weights.any(axis=1).all()
    other = kernel_ridge.fit(features, labels, seed=2)[0]
    assert not np.array_equal(kernel, other)
    assert np.array_equal(kernel, kernel_ridge.fit(features, labels, seed=1)[0])


def test_a_run_on_drawings(lab, batches):
    settings = replace(SETTINGS, copies=50)
    run, _ = run_experiment(lab, batch_ids=(batches["one"],), test_batch_ids=(batches["test"],), settings=settings)
    assert run.settings == settings
    assert not run.stopped
    assert len(run.history) == 1
    assert run.tests["own"].correct >= 8
    assert run.tests["mnist"].accuracy > 0.4
    assert run.parameters == networks.count_parameters(settings)
