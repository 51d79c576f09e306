import numpy as np
import pytest

from digitlab.learning.baseline import SIMPLE_PREDICTORS, binomial_band, predict_simple, uniform_guess
from digitlab.mnist import load_test


def test_guesses_are_labels_and_repeat_with_the_seed():
    guesses = uniform_guess(1000, 7)
    assert (guesses.shape, guesses.dtype) == ((1000,), np.int64)
    assert set(guesses) == set(range(10))
    assert np.array_equal(uniform_guess(1000, 7), guesses)
    assert not np.array_equal(uniform_guess(1000, 8), guesses)
    assert uniform_guess(0, 0).shape == (0,)


def test_each_label_is_equally_likely():
    from scipy.stats import chisquare

    assert chisquare(np.bincount(uniform_guess(100_000, 0))).pvalue > 0.001


def test_most_guesses_score_inside_the_band():
    _, y_test = load_test()
    low, high = binomial_band(len(y_test))
    scores = [(uniform_guess(len(y_test), seed) == y_test).mean() for seed in range(400)]
    inside = np.mean([low <= score <= high for score in scores])
    assert 0.91 < inside < 0.99


@pytest.mark.parametrize(("n", "seed"), [(-1, 0), (3, -1)])
def test_negative_numbers_are_refused(n, seed):
    with pytest.raises(ValueError, match=f"0 or more. Received: n={n}, seed={seed}"):
        uniform_guess(n, seed)


@pytest.mark.parametrize("n", [1, 10, 37, 1000, 10_000])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_the_band_is_that_of_the_binomial_distribution(n, level):
    from scipy.stats import binom

    tail = (1 - level) / 2
    expected = [binom.ppf(probability, n, 0.1) / n for probability in (tail, 1 - tail)]
    assert list(binomial_band(n, level)) == expected


def clusters(rng, n):
    """Images whose label is how far down a bright bar lies."""
    labels = rng.integers(0, 10, n)
    images = rng.integers(0, 40, (n, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label : 2 * label + 3] += 200
    return images, labels


@pytest.mark.parametrize("name", ["nearest_mean", "nearest_neighbour"])
def test_references_find_what_is_easy(name):
    rng = np.random.default_rng(0)
    x_train, y_train = clusters(rng, 200)
    x_test, y_test = clusters(rng, 50)
    predictions = predict_simple(name, x_train, y_train, x_test)
    assert (predictions.shape, predictions.dtype) == ((50,), np.int64)
    assert np.array_equal(predictions, y_test)


def test_references_against_plain_numpy():
    """On noise, where nothing is easy: same answers as the definitions."""
    rng = np.random.default_rng(1)
    x_train, x_test = (rng.integers(0, 256, (n, 28, 28)).astype(np.uint8) for n in (60, 20))
    y_train = np.arange(60) % 10
    y_train[:7] = 3
    train, test = (images.reshape(len(images), -1).astype(float) for images in (x_train, x_test))
    nearest = np.linalg.norm(test[:, None] - train, axis=2).argmin(axis=1)
    means = np.array([train[y_train == label].mean(axis=0) for label in range(10)])
    expected = {
        "most_frequent": np.full(20, 3),
        "nearest_mean": np.linalg.norm(test[:, None] - means, axis=2).argmin(axis=1),
        "nearest_neighbour": y_train[nearest],
    }
    assert set(expected) == set(SIMPLE_PREDICTORS)
    for name, predictions in expected.items():
        assert np.array_equal(predict_simple(name, x_train, y_train, x_test), predictions)


def test_an_unknown_reference_is_refused():
    images = np.zeros((1, 28, 28), np.uint8)
    with pytest.raises(ValueError, match="among .*nearest_mean.*Received: 'best'"):
        predict_simple("best", images, np.zeros(1, int), images)
