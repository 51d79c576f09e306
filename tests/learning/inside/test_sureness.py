import numpy as np

from digitlab.learning.inside.sureness import sureness


def test_how_much_sureness_is_worth_is_counted_on_test_digits():
    tested = np.full((4, 10), 0.01)
    tested[range(4), [1, 2, 3, 4]] = [0.95, 0.9, 0.6, 0.9]
    sure = sureness(np.array([0.9, 0.1, *[0] * 8]), tested, np.array([1, 7, 3, 4]))
    assert (sure.answer, sure.probability) == (0, 0.9)
    assert (sure.second, sure.second_probability) == (1, 0.1)
    assert (sure.as_sure, sure.right) == (3, 2)


def test_nothing_may_be_as_sure():
    assert sureness(np.eye(10)[4], np.full((3, 10), 0.1), np.array([1, 2, 3])).as_sure == 0
