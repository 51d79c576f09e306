"""The mistakes that tell most about a network: of the kinds it makes most often, one each."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from digitlab.digits import Floats, Labels
from digitlab.learning.evaluation import confident_mistakes, confusion_matrix
from digitlab.run import Mistake

_AT_MOST = 2  # kinds with the same label, or with the same prediction: one sore point must not hide the others


@dataclass(frozen=True)
class TellingMistake:
    """One mistake that stands for its kind: digits of one label that are taken for the same other one.

    Attributes:
        mistake: The one of its kind of which the network was most sure.
        count: How many of the kind there are.
        of: How many digits have this label.
    """

    mistake: Mistake
    count: int
    of: int


def telling_mistakes(labels: Labels, probabilities: Floats, count: int = 5) -> tuple[TellingMistake, ...]:
    """Find the kinds of mistakes that cost a network most digits, and the surest mistake of each.

    Of the kinds, the most frequent come first. A label is there twice at most, and so is a prediction, unless there
    are no other kinds.

    Args:
        labels: Integer array of shape (n,).
        probabilities: Float array of shape (n, 10), what the network read.
        count: How many kinds at most.

    Returns:
        The mistakes, those of the most frequent kind first; none if all is read right.

    Example:
        >>> labels = np.array([7, 7, 2])
        >>> [(each.mistake.index, each.count) for each in telling_mistakes(labels, np.eye(10)[[1, 1, 3]])]
        [(0, 2), (2, 1)]
    """
    surest: dict[tuple[int, int], Mistake] = {}
    for mistake in confident_mistakes(labels, probabilities, len(labels)):
        surest.setdefault((mistake.label, mistake.prediction), mistake)
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1))
    frequent = sorted(surest, key=lambda kind: -confusion[kind])  # of equally many the surest first
    shown, predicted = Counter[int](), Counter[int]()
    first: list[tuple[int, int]] = []
    rest: list[tuple[int, int]] = []
    for label, prediction in frequent:
        different = shown[label] < _AT_MOST and predicted[prediction] < _AT_MOST
        (first if different else rest).append((label, prediction))
        if different:
            shown[label] += 1
            predicted[prediction] += 1
    chosen = sorted([*first, *rest][:count], key=lambda kind: -confusion[kind])
    in_all = np.bincount(labels, minlength=len(confusion))
    return tuple(TellingMistake(surest[kind], int(confusion[kind]), int(in_all[kind[0]])) for kind in chosen)
