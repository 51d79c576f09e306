import numpy as np
import pytest

from digitlab.learning.telling_mistakes import telling_mistakes


def read(pairs):
    """Labels, and probabilities of a network that reads as told: (label, prediction, how sure) each."""
    labels = np.array([label for label, _, _ in pairs], np.int64)
    probabilities = np.zeros((len(pairs), 10), np.float32)
    for row, (_, prediction, sure) in zip(probabilities, pairs, strict=True):
        row[:] = (1 - sure) / 9
        row[prediction] = sure
    return labels, probabilities


def kinds(found):
    return [(each.mistake.label, each.mistake.prediction) for each in found]


def test_the_most_frequent_kinds_come_first_each_by_its_surest_mistake():
    found = telling_mistakes(*read([(7, 1, 0.6), (2, 3, 0.99), (7, 1, 0.9), (4, 4, 1.0), (7, 7, 0.9), (7, 1, 0.7)]))
    assert kinds(found) == [(7, 1), (2, 3)]
    assert (found[0].mistake.index, found[0].mistake.probability) == (2, pytest.approx(0.9))
    assert [(each.count, each.of) for each in found] == [(3, 4), (1, 1)]


def test_of_equally_many_the_surest_comes_first():
    assert kinds(telling_mistakes(*read([(7, 1, 0.6), (2, 3, 0.99), (5, 6, 0.8)]))) == [(2, 3), (5, 6), (7, 1)]


def test_one_sore_point_does_not_hide_the_others():
    taken_for_one = [(label, 1, 0.9) for label in (7, 4, 9, 2) for _ in range(5)]
    found = telling_mistakes(*read([*taken_for_one, (3, 8, 0.5), (3, 5, 0.5), (3, 9, 0.5), (6, 0, 0.4)]), count=5)
    assert kinds(found) == [(7, 1), (4, 1), (3, 8), (3, 5), (6, 0)]


def test_where_there_are_no_other_kinds_a_prediction_comes_more_often():
    found = telling_mistakes(*read([(label, 1, 0.9) for label in (7, 4, 9, 2, 3, 5) for _ in range(label)]))
    assert kinds(found) == [(9, 1), (7, 1), (5, 1), (4, 1), (3, 1)]


def test_few_mistakes_or_none():
    assert telling_mistakes(*read([(4, 4, 1.0)])) == ()
    assert kinds(telling_mistakes(*read([(4, 4, 1.0), (4, 9, 0.5)]))) == [(4, 9)]
