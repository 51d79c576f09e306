"""How good a model is: predictions with LiteRT, accuracy with its interval, confusion, mistakes."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Floats, Images, Labels, check_images, check_labels
from digitlab.learning import model_files
from digitlab.learning.brought_in import foreign
from digitlab.learning.model_files import ModelError
from digitlab.look import percent
from digitlab.run import BroughtIn, Mistake, TestResult
from digitlab.storage.store import Store

SIGNIFICANCE_LEVEL = 0.05  # a difference that luck makes less often is called significant
_CHUNK = 16  # images per invocation: what the layers hold between them stays small; 32 take 2 MB more
_THREADS = min(4, os.cpu_count() or 1)


class Predictor:
    """A model read from a `.tflite` file.

    Args:
        tflite: Content of the file.
        name: What to call it in an error.
        brought_in: Of a model that was made elsewhere: how it is asked and what it answers; None: of one made here.

    Raises:
        ModelError: If the content is not a model from (n, 28, 28) to (n, 10).
    """

    def __init__(self, tflite: bytes, name: str, brought_in: BroughtIn | None = None) -> None:
        try:
            interpreters = [Interpreter(model_content=tflite, num_threads=1) for _ in range(_THREADS)]
            self._given, self._answer = interpreters[0].get_input_details()[0], interpreters[0].get_output_details()[0]
            shapes = tuple(tuple(end["shape_signature"][1:].tolist()) for end in (self._given, self._answer))
            self._brought_in = brought_in
            self._at_once = 1 if brought_in and self._given["shape_signature"][0] == 1 else _CHUNK
            self._idle: SimpleQueue[Any] = SimpleQueue()  # an interpreter serves one thread at a time
            for interpreter in interpreters:
                self._idle.put(interpreter)
            taken = foreign.SHAPES if brought_in else ((IMAGE_SIZE, IMAGE_SIZE),)
            fits = shapes[0] in taken and shapes[1] == (NUM_CLASSES,)
            if fits:
                self._logits(np.zeros((1, 28, 28), np.uint8))  # some damage shows only in use
        except (ValueError, RuntimeError, IndexError) as error:
            raise ModelError(f"The model {name} is damaged: {error}. Delete its run and train it again.") from error
        if not fits:
            raise ModelError(
                f"Expected a model from (28, 28) to (10,). Received: {name}, from {shapes[0]} to {shapes[1]}."
            )

    def predict(self, images: Images) -> npt.NDArray[np.float32]:
        """Return the probabilities of the ten labels for each digit.

        Args:
            images: uint8 array of shape (n, 28, 28).

        Returns:
            float32 array of shape (n, 10): probabilities, each row sums to 1.

        Raises:
            ValueError: If `images` has another shape or dtype.
        """
        logits = self.logits(images)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        probabilities: npt.NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
        return probabilities

    def logits(self, images: Images) -> npt.NDArray[np.float32]:
        """Return what `predict` makes probabilities of, float32 of shape (n, 10); arguments and errors as there."""
        check_images(images)
        step = self._at_once
        chunks = [images[start : start + step] for start in range(0, len(images), step)]
        if len(chunks) > 1:
            with ThreadPoolExecutor(_THREADS) as threads:
                logits = list(threads.map(self._logits, chunks))
        else:
            logits = [self._logits(chunk) for chunk in chunks]
        return np.concatenate([np.empty((0, NUM_CLASSES), np.float32), *logits])

    def _logits(self, images: Images) -> npt.NDArray[np.float32]:
        given = foreign.encode(images, self._given, self._brought_in) if self._brought_in else images.astype(np.float32)
        interpreter = self._idle.get()
        try:
            if self._at_once > 1:
                interpreter.resize_tensor_input(self._given["index"], given.shape)
            interpreter.allocate_tensors()
            interpreter.set_tensor(self._given["index"], given)
            interpreter.invoke()
            answers: npt.NDArray[np.float32] = interpreter.get_tensor(self._answer["index"])
        finally:
            self._idle.put(interpreter)
        return foreign.decode(answers, self._answer, self._brought_in) if self._brought_in else answers


def load_predictor(model_id: str, store: Store | None = None) -> Predictor:
    """Return what predicts with a saved model; arguments and errors as of `model_files.load`."""
    tflite = model_files.load_tflite(model_id, store)
    return Predictor(tflite, model_id, model_files.load_card(model_id, store).brought_in)


def accuracy_interval(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Interval for the true accuracy behind `correct` of `n` (Wilson).

    Args:
        correct: Number of digits predicted right.
        n: Number of digits, at least 1.
        level: Probability that such intervals hold the true accuracy.

    Returns:
        `(low, high)`, 0-1.

    Raises:
        ValueError: If not 0 <= correct <= n and n >= 1.

    Source:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Example:
        >>> [round(end, 2) for end in accuracy_interval(90, 100)]
        [0.83, 0.94]
    """
    if not (n >= 1 and 0 <= correct <= n):
        raise ValueError(f"Expected 0 <= correct <= n and n of at least 1. Received: {correct} of {n}.")
    # Not SciPy's: scipy.stats would cost the server 58 MB.
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = correct / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half_width = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return max(0.0, middle - half_width), min(1.0, middle + half_width)


@dataclass(frozen=True)
class PairedTest:
    """Two models on the same digits.

    Attributes:
        n: Digits both were tested on.
        first: Digits that only the first read right.
        second: Digits that only the second read right.
        p: Probability of a difference at least as large if both were equally good.
    """

    n: int
    first: int
    second: int
    p: float

    @property
    def significant(self) -> bool:
        """Whether luck alone rarely makes such a difference: p below 5 %."""
        return self.p < SIGNIFICANCE_LEVEL

    def in_words(self, first: str, second: str) -> str:
        """Say which of two models is better, if the digits can tell; `first` and `second` are their names."""
        odds = f"(McNemar's exact test, p {'< 0.001' if self.p < 0.001 else f'= {self.p:.3f}'})"
        counts = (
            f"of {self.n:,} digits {self.first:,} are read right by {first} alone, {self.second:,} by {second} alone"
        )
        if not self.significant:
            return f"No real difference: {counts} {odds}."
        better = first if self.first > self.second else second
        return f"{better} is better by {percent(abs(self.first - self.second) / self.n)}: {counts} {odds}."


def paired_test(first_right: npt.NDArray[np.bool_], second_right: npt.NDArray[np.bool_]) -> PairedTest:
    """Compare two models on the same digits: only those that one of them read right and the other did not can tell.

    Args:
        first_right: bool array of shape (n,), n at least 1: whether the first model read each digit right.
        second_right: The same of the second model.

    Returns:
        The test; `p` is two-sided and exact.

    Raises:
        ValueError: If the arrays are not as described.

    Source:
        Q. McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12
        (1947); exact by the binomial distribution with probability 1/2.

    Example:
        >>> test = paired_test(np.array([True, True, True]), np.array([True, False, False]))
        >>> (test.first, test.second, test.p)
        (2, 0, 0.5)
    """
    arrays = (first_right, second_right)
    shapes = {np.shape(array) for array in arrays}
    if len(shapes) > 1 or np.ndim(first_right) != 1 or not len(first_right) or any(a.dtype != bool for a in arrays):
        raise ValueError(
            "Expected two bool arrays of the same shape (n,), n at least 1. "
            f"Received: {' and '.join(f'{array.dtype} of shape {array.shape}' for array in arrays)}."
        )
    first, second = int((first_right & ~second_right).sum()), int((second_right & ~first_right).sum())
    differing, ways = first + second, 1
    tail = ways  # of 2 ** differing; whole numbers, so that nothing is rounded (SciPy would cost the server 14 MB)
    for right in range(1, min(first, second) + 1):
        ways = ways * (differing - right + 1) // right
        tail += ways
    return PairedTest(len(first_right), first, second, min(1.0, 2 * tail / 2**differing))


def confusion_matrix(labels: Labels, predictions: Labels) -> npt.NDArray[np.int64]:
    """Count predictions by label.

    Args:
        labels: integer array of shape (n,), 0-9.
        predictions: integer array of shape (n,), 0-9.

    Returns:
        int64 array of shape (10, 10): rows are labels, columns predictions.

    Example:
        >>> confusion_matrix(np.array([3, 3, 8]), np.array([3, 8, 8]))[3]
        array([0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
    """
    # Not scikit-learn's: it would cost the server 160 MB, and these are two lines.
    pairs = np.asarray(labels, np.int64) * NUM_CLASSES + predictions
    return np.bincount(pairs, minlength=NUM_CLASSES**2).reshape(NUM_CLASSES, NUM_CLASSES)


def evaluate(labels: Labels, predictions: Labels, version: str = "") -> TestResult:
    """Describe how well a test set was read.

    Args:
        labels: integer array of shape (n,), n at least 1.
        predictions: integer array of shape (n,).
        version: Hash of the test digits; empty for MNIST's.

    Returns:
        The result, without mistakes.

    Raises:
        ValueError: If labels or predictions are not n labels 0-9.

    Example:
        >>> evaluate(np.array([3, 3, 8, 8]), np.array([3, 8, 8, 8])).accuracy
        0.75
    """
    n = len(labels)
    check_labels(labels, n)
    check_labels(predictions, n)
    correct = int((labels == predictions).sum())
    low, high = accuracy_interval(correct, n)
    confusion = tuple(tuple(row) for row in confusion_matrix(labels, predictions).tolist())
    return TestResult(n, correct, correct / n, low, high, confusion, version=version)


def confident_mistakes(labels: Labels, probabilities: Floats, count: int = 30) -> tuple[Mistake, ...]:
    """Find the wrong predictions of which the model was most sure.

    Args:
        labels: integer array of shape (n,).
        probabilities: float array of shape (n, 10).
        count: How many at most.

    Returns:
        The mistakes, surest first.
    """
    predictions, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predictions != labels)
    wrong = wrong[np.argsort(-highest[wrong], kind="stable")][:count]
    return tuple(
        Mistake(int(index), int(labels[index]), int(predictions[index]), round(float(highest[index]), 4))
        for index in wrong
    )
