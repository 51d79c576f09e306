"""Two runs on the same digits: which of them is better?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.comparison.cross_table import Predict
from digitlab.learning.evaluation import PairedTest, paired_test
from digitlab.run import Run
from digitlab.storage.digit_sets import DigitSet, trained_batches


@dataclass(frozen=True)
class Pair:
    """What two runs predicted for the same digits, on which neither was trained.

    Attributes:
        digits: The digits.
        first: Predictions of the first run: int64 array of shape (n,).
        second: Those of the second.
    """

    digits: DigitSet
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]

    @property
    def test(self) -> PairedTest:
        """Whether one of them is better."""
        return paired_test(self.first == self.digits.labels, self.second == self.digits.labels)


def pair(first: Run, second: Run, all_runs: Sequence[Run], digits: DigitSet, predict: Predict) -> Pair | None:
    """Let two runs predict the same digits.

    Args:
        first: A run.
        second: Another.
        all_runs: To know where they started from.
        digits: To predict; those that one of the two was trained on are left out.
        predict: See `Predict`.

    Returns:
        The predictions, or None if no digit is left or a model cannot be read.
    """
    left = digits.held_out(trained_batches(first, all_runs) | trained_batches(second, all_runs))
    if not left.any():
        return None
    of_first, of_second = predict(first.id, digits), predict(second.id, digits)
    if of_first is None or of_second is None:
        return None
    return Pair(digits.only(left), of_first[left], of_second[left])
