"""The points of a learning curve by size: all trainings on the same number of drawings together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.digits import NUM_CLASSES
from digitlab.run import TestResult
from digitlab.storage.curve_points import CurvePoint


@dataclass(frozen=True)
class SizeResult:
    """The accuracies measured with `n` drawings to train on.

    Attributes:
        n: Drawings trained on.
        accuracies: Of each training, 0-1.
        tested: Digits tested on.
        digits: Different labels among the drawings.
        test_set: "mnist" or "own".
        readable: Share of the digits tested on whose label is among the drawings, 0-1.
    """

    n: int
    accuracies: tuple[float, ...]
    tested: int
    digits: int = NUM_CLASSES
    test_set: str = "mnist"
    readable: float = 1.0

    @property
    def accuracy(self) -> float:
        """Mean over the trainings."""
        return float(np.mean(self.accuracies))


def group_by_size(points: Sequence[CurvePoint], test_set: str) -> list[SizeResult]:
    """Gather the trainings on the same number of drawings.

    Args:
        points: As `points.read_points` returns them.
        test_set: "mnist" or "own"; points without it are left out.

    Returns:
        A result per size, by growing number of drawings.
    """
    tested = [point for point in points if test_set in point.tests]
    by_n: dict[int, list[CurvePoint]] = {}
    for point in sorted(tested, key=lambda point: point.n):
        by_n.setdefault(point.n, []).append(point)
    return [
        SizeResult(
            n,
            tuple(point.tests[test_set].accuracy for point in group),
            group[0].tests[test_set].n,
            group[0].digits,
            test_set,
            _readable(group[0].tests[test_set], group[0].digits),
        )
        for n, group in by_n.items()
    ]


def _readable(test: TestResult, digits: int) -> float:
    """Return the share of test digits whose label was trained on: those never trained on are read worst."""
    if digits == NUM_CLASSES or not test.confusion:
        return digits / NUM_CLASSES
    confusion = np.array(test.confusion)
    of_label = confusion.sum(axis=1)
    recall = np.diag(confusion) / np.maximum(of_label, 1)
    return float(of_label[np.argsort(recall)[NUM_CLASSES - digits :]].sum() / of_label.sum())
