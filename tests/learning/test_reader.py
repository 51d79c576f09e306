import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitlab.learning.reader import add_vote, make_reader, read_reader
from digitlab.storage.datasets import read_dataset
from tests.drawing.any_drawing import drawings, same_examples
from tests.helpers import human_strokes

DRAWN = {label: [np.array(stroke, float) for stroke in strokes] for label, strokes in human_strokes().items()}
ALL = list(range(10))


def reader_of(labels):
    return make_reader([DRAWN[label] for label in labels], np.array(labels))


def sure_of(label, how):
    probabilities = np.full((1, 10), (1 - how) / 9)
    probabilities[0, label] = how
    return probabilities


def shaken(drawing, seed=0):
    rng = np.random.default_rng(seed)
    return [stroke * rng.uniform(0.9, 1.1, 2) + rng.normal(0, 2, stroke.shape) for stroke in drawing]


@pytest.mark.parametrize("label", ALL)
def test_a_drawing_like_one_of_yours_is_read_as_that_though_the_network_doubts(label):
    wrong = (label + 1) % 10
    read = add_vote(reader_of(ALL), [shaken(DRAWN[label])], sure_of(wrong, 0.6))
    assert read.argmax() == label


def test_a_sure_network_is_not_outvoted_by_a_drawing_between_two():
    between = [np.array([[0.0, 0.0], [0.0, 100.0]])]
    read = add_vote(reader_of(ALL), [between], sure_of(7, 0.99))
    assert read.sum() == pytest.approx(1)
    assert read[0, 7] > 0.49


@same_examples
@given(st.lists(drawings, min_size=1, max_size=5), st.integers(0, 9))
def test_what_comes_out_are_probabilities(some, label):
    probabilities = np.repeat(sure_of(label, 0.5), len(some), axis=0)
    read = add_vote(reader_of(ALL), some, probabilities)
    assert read.shape == probabilities.shape
    assert (read >= 0).all()
    assert read.sum(axis=1) == pytest.approx(1)


def test_digits_without_strokes_are_the_networks_alone():
    probabilities = np.concatenate([sure_of(3, 0.5), sure_of(4, 0.5)])
    read = add_vote(reader_of(ALL), [[], DRAWN[4]], probabilities)
    assert read[0] == pytest.approx(probabilities[0])
    assert read[1, 4] > 0.5


def test_drawings_without_strokes_are_left_out():
    assert make_reader([], np.array([], np.int64)) is None
    assert make_reader([[], []], np.array([1, 2])) is None
    assert make_reader([[], DRAWN[2]], np.array([1, 2])).labels.tolist() == [2]


@pytest.mark.parametrize("known", [[1], [0, 1, 2], [label for label in ALL if label != 7]])
def test_a_digit_that_was_not_drawn_stays_the_networks(known):
    """One digit missing, three drawings in all, a single one: the nearest is still another digit."""
    read = add_vote(reader_of(known), [DRAWN[7]], sure_of(7, 0.4))
    assert read == pytest.approx(sure_of(7, 0.4))


def test_a_digit_drawn_more_often_has_no_more_votes():
    twice = add_vote(reader_of([*ALL, 1, 1, 1]), [DRAWN[7]], sure_of(7, 0.5))
    assert twice == pytest.approx(add_vote(reader_of(ALL), [DRAWN[7]], sure_of(7, 0.5)))


def test_of_very_many_drawings_some_of_the_whole_time_are_compared_with():
    many = [shaken(DRAWN[1], seed) for seed in range(200)]
    reader = make_reader([*many, DRAWN[5]], np.array([1] * 200 + [5]))
    assert np.bincount(reader.labels).tolist() == [0, 30, 0, 0, 0, 1]
    first, last = make_reader([many[0], many[-1]], np.array([1, 1])).traces
    assert (reader.traces[0] == first).all()
    assert (reader.traces[29] == last).all()


def test_the_drawings_of_batches_are_read_as_they_are_now(lab, batches):
    data = read_dataset(lab, [batches["one"], batches["test"]])
    reader = read_reader(lab, [batches["one"], batches["test"]])
    expected = make_reader(data.strokes, data.labels)
    assert (reader.traces == expected.traces).all()
    assert (reader.labels == expected.labels).all()
    assert read_reader(lab, [batches["empty"]]) is None
