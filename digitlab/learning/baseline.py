"""Guessing, and the simple predictors a network must beat."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Images, Labels

SIMPLE_PREDICTORS = ("most_frequent", "nearest_mean", "nearest_neighbour")


def uniform_guess(n: int, seed: int) -> npt.NDArray[np.int64]:
    """Guess `n` digits, each label equally likely.

    Args:
        n: How many, 0 or more.
        seed: Same seed, same guesses.

    Returns:
        int64 array of shape (n,), 0-9.

    Raises:
        ValueError: If n or seed is negative.
    """
    if n < 0 or seed < 0:
        raise ValueError(f"Expected n and seed of 0 or more. Received: n={n}, seed={seed}.")
    return np.random.default_rng(seed).integers(NUM_CLASSES, size=n)


def binomial_band(n: int, level: float = 0.95) -> tuple[float, float]:
    """Where the accuracy of uniform guessing on `n` digits lies.

    Args:
        n: Number of digits, at least 1.
        level: Probability of lying in the band, at least.

    Returns:
        `(low, high)`, 0-1: the binomial quantiles of (1 - level) / 2 on either side.

    Example:
        >>> binomial_band(10_000)
        (0.0942, 0.1059)
    """
    chance = 1 / NUM_CLASSES
    successes = np.arange(1, n + 1)
    # Each binomial probability from the one before. (SciPy would do, and cost the server 14 MB.)
    ratios = np.log((n - successes + 1) / successes * chance / (1 - chance))
    probabilities = np.exp(n * np.log1p(-chance) + np.concatenate([[0.0], np.cumsum(ratios)]))
    below = np.cumsum(probabilities)  # of at most 0..n right guesses
    tail = (1 - level) / 2
    return float(np.searchsorted(below, tail) / n), float(np.searchsorted(below, 1 - tail) / n)


def predict_simple(name: str, x_train: Images, y_train: Labels, x_test: Images) -> npt.NDArray[np.int64]:
    """Predict with a simple predictor of scikit-learn.

    Args:
        name: One of `SIMPLE_PREDICTORS`: the most frequent label; the nearest of the ten mean images; the nearest
            training image (1-NN), by Euclidean distance of pixels.
        x_train: uint8 array of shape (n, 28, 28).
        y_train: integer array of shape (n,).
        x_test: uint8 array of shape (m, 28, 28).

    Returns:
        int64 array of shape (m,).

    Raises:
        ValueError: If there is no such predictor.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

    predictors: dict[str, Callable[[], Any]] = {
        "most_frequent": lambda: DummyClassifier(strategy="most_frequent"),
        "nearest_mean": NearestCentroid,
        "nearest_neighbour": lambda: KNeighborsClassifier(n_neighbors=1, algorithm="brute"),
    }
    if name not in predictors:
        raise ValueError(f"Expected a simple predictor among {SIMPLE_PREDICTORS}. Received: {name!r}.")
    flat_train, flat_test = (images.reshape(len(images), -1).astype(np.float32) for images in (x_train, x_test))
    with warnings.catch_warnings():
        # Pixels that are blank in all digits, as MNIST's corners are, do no harm.
        warnings.filterwarnings("ignore", "self.within_class_std_dev_ has at least 1 zero", UserWarning)
        predictor = predictors[name]().fit(flat_train, y_train)
    predictions: npt.NDArray[np.int64] = predictor.predict(flat_test).astype(np.int64)
    return predictions
