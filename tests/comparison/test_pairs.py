import numpy as np

from digitlab.comparison.pairs import pair
from tests.comparison.examples import FULL, ONE, all_right, digits


def test_two_runs_read_the_digits_neither_was_trained_on():
    everything = digits("all digits of ana", [1, 1, 2, 3, 3], labels=[0, 1, 2, 3, 4])
    read = {"one-1": np.array([0, 1, 2, 3, 9]), "full-1": np.array([0, 1, 2, 9, 9])}
    both = pair(ONE, FULL, [ONE, FULL], everything, lambda run_id, _: read[run_id])
    assert both.digits.labels.tolist() == [3, 4]
    assert (both.first.tolist(), both.second.tolist()) == ([3, 9], [9, 9])
    assert (both.test.n, both.test.first, both.test.second) == (2, 1, 0)


def test_two_runs_without_common_digits_or_without_a_model_are_no_pair():
    assert pair(ONE, FULL, [], digits("ana", [1, 2]), all_right) is None
    assert pair(ONE, FULL, [], digits("ana", [3]), lambda *_: None) is None
