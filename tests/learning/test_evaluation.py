import sys
import threading

import numpy as np
import pytest

from digitlab.learning.evaluation import (
    Predictor,
    accuracy_interval,
    confident_mistakes,
    confusion_matrix,
    evaluate,
    paired_test,
)
from digitlab.learning.model_files import REFERENCE, ModelError, load_tflite, shipped_dir
from digitlab.mnist import load_test
from digitlab.run import Mistake, Run, from_json, to_json

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 10, 500)
PREDICTIONS = np.where(RNG.random(500) < 0.7, LABELS, RNG.integers(0, 9, 500))


# Accuracy and confusion


@pytest.mark.parametrize(("correct", "n"), [(0, 1), (1, 1), (0, 40), (40, 40), (7, 10), (981, 1000), (9_780, 10_000)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_interval_is_wilsons(correct, n, level):
    from scipy.stats import binomtest

    expected = binomtest(correct, n).proportion_ci(level, method="wilson")
    assert accuracy_interval(correct, n, level) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_interval_holds_the_accuracy_and_narrows():
    widths = []
    for n in (10, 100, 1000, 10_000):
        low, high = accuracy_interval(n * 9 // 10, n)
        assert 0 <= low < 0.9 < high <= 1
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] / 2 == pytest.approx(0.006, abs=0.0005)


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (-1, 5), (6, 5), (1, -1)])
def test_impossible_counts_are_refused(correct, n):
    with pytest.raises(ValueError, match=f"Received: {correct} of {n}"):
        accuracy_interval(correct, n)


def paired(both, first, second, neither=0):
    """Two models by how many digits each reads right alone."""
    return paired_test(
        np.array([True] * (both + first) + [False] * (second + neither)),
        np.array([True] * both + [False] * first + [True] * second + [False] * neither),
    )


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (0, 5), (5, 5), (3, 12), (40, 70), (2000, 2150)])
def test_the_paired_test_is_scipys_binomial_test(first, second):
    from scipy.stats import binomtest

    test = paired(100, first, second, 7)
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert test.p == pytest.approx(expected, rel=1e-9)
    assert (test.n, test.first, test.second) == (107 + first + second, first, second)


def test_a_paired_test_says_who_is_better_or_that_nobody_is():
    assert (
        paired(80, 1, 15)
        .in_words("A", "B")
        .startswith("B is better by 14.6\u00a0%: of 96 digits 1 are read right by A")
    )
    assert paired(80, 15, 1).in_words("A", "B").startswith("A is better")
    assert paired(80, 3, 5).in_words("A", "B").startswith("No real difference: of 88 digits")
    assert paired(5, 0, 0).in_words("A", "B").endswith("(McNemar's exact test, p = 1.000).")
    assert paired(2, 1, 0).significant is False, "three digits prove nothing"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.ones(0, bool), np.ones(0, bool)),
        (np.ones(3, bool), np.ones(4, bool)),
        (np.ones(3, int), np.ones(3, int)),
        (np.ones((2, 2), bool), np.ones((2, 2), bool)),
    ],
)
def test_a_paired_test_of_something_else_is_refused(first, second):
    with pytest.raises(ValueError, match="two bool arrays"):
        paired_test(first, second)


def test_the_confusion_matrix_is_that_of_scikit_learn():
    from sklearn.metrics import confusion_matrix as sklearn_confusion

    ours = confusion_matrix(LABELS, PREDICTIONS)
    assert (ours.shape, ours.dtype) == ((10, 10), np.int64)
    assert np.array_equal(ours, sklearn_confusion(LABELS, PREDICTIONS, labels=range(10)))


def test_labels_as_bytes_do_not_overflow():
    ours = confusion_matrix(LABELS.astype(np.uint8), PREDICTIONS.astype(np.uint8))
    assert np.array_equal(ours, confusion_matrix(LABELS, PREDICTIONS))


def test_an_evaluation_agrees_with_itself_and_can_be_kept():
    result = evaluate(LABELS, PREDICTIONS)
    assert result.n == 500 == np.sum(result.confusion)
    assert result.correct == np.trace(result.confusion) == (LABELS == PREDICTIONS).sum()
    assert result.accuracy == result.correct / 500
    assert (result.low, result.high) == accuracy_interval(result.correct, 500)
    run = Run("run-1", "Run", "dense", {"mnist": result})
    assert from_json(to_json(run)) == run


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        (LABELS[:0], LABELS[:0], "n of at least 1"),
        (LABELS, PREDICTIONS[:-1], "Expected 500 labels"),
        (LABELS, PREDICTIONS.astype(float), "float64"),
        (LABELS + 1, PREDICTIONS, "labels from 1 to 10"),
        (LABELS, PREDICTIONS - 1, "labels from -1"),
    ],
)
def test_evaluations_that_are_refused(labels, predictions, message):
    with pytest.raises(ValueError, match=message):
        evaluate(labels, predictions)


def test_confident_mistakes_surest_first():
    probabilities = np.full((6, 10), 0.01)
    for index, (prediction, probability) in enumerate([(1, 0.9), (2, 0.6), (2, 0.91), (4, 0.7), (5, 0.6), (6, 0.99)]):
        probabilities[index, prediction] = probability
    labels = np.array([1, 3, 7, 0, 9, 6])
    mistakes = confident_mistakes(labels, probabilities)
    assert [mistake.index for mistake in mistakes] == [2, 3, 1, 4]
    assert mistakes[0] == Mistake(index=2, label=7, prediction=2, probability=0.91)
    assert confident_mistakes(labels, probabilities, count=2) == mistakes[:2]
    assert confident_mistakes(probabilities.argmax(axis=1), probabilities) == ()


# LiteRT


@pytest.fixture(scope="module")
def tflite():
    return load_tflite(REFERENCE)


@pytest.fixture(scope="module")
def predictor(tflite):
    return Predictor(tflite, REFERENCE)


def test_probabilities(predictor):
    x_test, _ = load_test()
    probabilities = predictor.predict(x_test[:50])
    assert (probabilities.shape, probabilities.dtype) == ((50, 10), np.float32)
    assert probabilities.min() >= 0
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_predictions_are_those_of_keras(predictor):
    """Read with Keras' own loader, run by Keras' own predict."""
    import keras

    from digitlab.learning import layers  # noqa: F401 - lets Keras know them

    model = keras.saving.load_model(shipped_dir() / f"{REFERENCE}.keras", compile=False)
    images = load_test()[0][:300]
    logits = model(images)
    expected = np.asarray(keras.ops.convert_to_numpy(keras.ops.softmax(logits)))
    assert np.allclose(predictor.predict(images), expected, atol=1e-5)


def test_a_digit_is_predicted_alike_alone_and_among_others(predictor):
    """2,300 images are more than one portion."""
    images = load_test()[0][:2300]
    together = predictor.predict(images)
    for index in (0, 999, 1000, 2299):
        assert np.allclose(predictor.predict(images[index : index + 1]), together[index], atol=1e-6)
    assert np.allclose(predictor.predict(images[::-1]), together[::-1], atol=1e-6)


def test_no_images_no_predictions(predictor):
    assert predictor.predict(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_visitors_predict_at_the_same_time(predictor):
    images = load_test()[0][:1000]
    expected = predictor.predict(images)
    wrong = []

    def visit(seed):
        rng = np.random.default_rng(seed)
        for _ in range(100):
            start, n = rng.integers(0, 900), rng.integers(1, 50)
            try:
                if not np.allclose(
                    predictor.predict(images[start : start + n]), expected[start : start + n], atol=1e-6
                ):
                    wrong.append((start, n))
            except Exception as error:
                wrong.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert wrong == []


@pytest.mark.parametrize("images", [np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28)), np.zeros((1, 784), np.uint8)])
def test_images_of_another_format_are_refused(predictor, images):
    with pytest.raises(ValueError, match=r"uint8 array of shape \(n, 28, 28\)"):
        predictor.predict(images)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"not a model" * 100, bytes(5000)])
def test_what_is_no_model_is_refused(content):
    with pytest.raises(ModelError, match="model my-run is damaged"):
        Predictor(content, "my-run")


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.9999])
def test_a_truncated_model_is_refused(tflite, share):
    with pytest.raises(ModelError, match="model my-run is damaged"):
        Predictor(tflite[: int(share * len(tflite))], "my-run")


def test_a_model_with_a_damaged_byte_is_refused_or_runs(tflite):
    """Some damage cannot be seen (a weight), some only when the model is used; none may come up in predict."""
    rng, refused = np.random.default_rng(0), 0
    places = np.r_[0:1500, len(tflite) - 3000 : len(tflite)]
    for place in rng.choice(places, 300, replace=False):
        damaged = bytearray(tflite)
        damaged[place] ^= rng.integers(1, 256)
        try:
            predictor = Predictor(bytes(damaged), "my-run")
        except ModelError:
            refused += 1
        else:
            predictor.predict(np.zeros((3, 28, 28), np.uint8))
    assert refused > 10


def test_a_model_of_another_shape_is_refused():
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(3)])
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with pytest.raises(ModelError, match=r"from \(28, 28\) to \(10,\). Received: mine, from \(8, 8\) to \(3,\)"):
        Predictor(content, "mine")
