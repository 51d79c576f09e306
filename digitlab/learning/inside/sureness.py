"""How sure a network is of an answer, and how often it is right when it is so sure."""

from dataclasses import dataclass

import numpy as np

from digitlab.digits import Floats, Labels


@dataclass(frozen=True)
class Sureness:
    """The two likeliest answers, and what such sureness was worth on test digits.

    Attributes:
        answer: 0-9.
        probability: Of it, 0-1.
        second: The next likeliest answer.
        second_probability: Of that.
        as_sure: Test digits that were read with at least this probability.
        right: How many of them were read right.
    """

    answer: int
    probability: float
    second: int
    second_probability: float
    as_sure: int
    right: int


def sureness(probabilities: Floats, test_probabilities: Floats, test_labels: Labels) -> Sureness:
    """Describe how sure a network is.

    Args:
        probabilities: float array of shape (10,), what it makes of a digit.
        test_probabilities: float array of shape (n, 10), what it makes of test digits.
        test_labels: Integer array of shape (n,), what these are.

    Example:
        >>> tested = np.eye(10)[[3, 3, 5]] * 0.9 + 0.01
        >>> sure = sureness(np.eye(10)[3] * 0.7 + np.eye(10)[5] * 0.3, tested, np.array([3, 8, 5]))
        >>> sure.answer, sure.second, sure.as_sure, sure.right
        (3, 5, 3, 2)
    """
    second, answer = np.argsort(probabilities, kind="stable")[-2:]
    as_sure = test_probabilities.max(axis=1) >= probabilities[answer]
    right = as_sure & (test_probabilities.argmax(axis=1) == test_labels)
    likely = float(probabilities[answer]), float(probabilities[second])
    return Sureness(int(answer), likely[0], int(second), likely[1], int(as_sure.sum()), int(right.sum()))
