from dataclasses import replace

import numpy as np
import pytest

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage import digit_sets
from digitlab.storage.batches import start_batch
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawings import delete_drawings, read_drawings, save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, human_strokes

DIGITS = {label: strokes_to_digit([np.array(s, float) for s in strokes]) for label, strokes in human_strokes().items()}


@pytest.fixture
def store(tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    yield opened
    opened.close()


def fill(store, writer, kind, labels):
    """Draw a batch; returns its id."""
    batch_id = start_batch(store, add_writer(store, writer), kind, labels, 0)
    for position, label in enumerate(labels):
        strokes = [np.array(stroke, float) for stroke in human_strokes()[label]]
        save_drawing(store, (batch_id, position), strokes, DIGITS[label], 2.0)
    return batch_id


def keys(sets):
    return [each.key for each in sets]


def test_without_drawings_there_is_mnist(store):
    (mnist,) = digit_sets.digit_sets(store)
    assert (mnist.key, len(mnist), mnist.images.shape) == ("mnist", 10_000, (10_000, 28, 28))
    assert mnist.labels.dtype == np.int64
    assert digit_sets.merge_own_tests([mnist]) is None


def test_each_writer_with_test_digits_apart(store):
    fill(store, "ana", "one", [1, 2])
    test = fill(store, "ana", "test", [3, 4, 5])
    fill(store, "ben", "test", [6])
    sets = digit_sets.digit_sets(store)
    assert keys(sets) == ["mnist", "test:ana", "test:ben", "writer:ana"]
    assert list(sets[1].labels) == [3, 4, 5]
    assert set(sets[1].batch_ids) == {test}
    assert np.array_equal(sets[1].images[0], DIGITS[3])
    assert list(sets[3].labels) == [1, 2, 3, 4, 5]


def test_deleted_drawings_are_in_no_set(store):
    batch_id = fill(store, "ana", "test", [3, 4])
    delete_drawings(store, [read_drawings(store, [batch_id])[0].id])
    assert list(digit_sets.digit_sets(store)[1].labels) == [4]


def test_what_a_model_was_trained_on_is_not_held_out(store):
    one, test = fill(store, "ana", "one", [1, 2]), fill(store, "ana", "test", [3])
    everything = digit_sets.digit_sets(store)[-1]
    assert list(everything.held_out([one])) == [False, False, True]
    assert list(everything.held_out([])) == [True] * 3
    assert list(everything.held_out([one, test])) == [False] * 3
    left = everything.only(everything.held_out([one]))
    assert (left.key, left.labels.tolist(), left.images.shape) == (everything.key, [3], (1, 28, 28))
    assert everything.only(everything.held_out([])) is everything, "no copy of what is large"


def test_the_own_test_is_the_dataset_the_training_tests_on(store):
    """In the same order, with the same version: else a stored result would be taken for an old one."""
    ids = [fill(store, "ana", "test", [1]), fill(store, "ben", "test", [2]), fill(store, "ana", "test", [3])]
    sets = digit_sets.digit_sets(store)
    assert digit_sets.merge_own_tests(sets).version == read_dataset(store, ids).version
    assert digit_sets.merge_own_tests(sets, ["ana"]).version == read_dataset(store, [ids[0], ids[2]]).version
    assert digit_sets.merge_own_tests(sets, ["eve"]) is None
    assert digit_sets.merge_own_tests(sets).key != digit_sets.merge_own_tests(sets, ["ana"]).key, (
        "predictions are kept by the key"
    )


def test_batches_of_the_runs_a_run_started_from_count_too():
    first, second = a_run("a", batch_ids=[1]), a_run("b", batch_ids=[2, 3], start_from="a")
    assert digit_sets.trained_batches(second, [first, second]) == {1, 2, 3}
    assert digit_sets.trained_batches(second, [second]) == {2, 3}
    assert digit_sets.trained_batches(a_run("uniform", "uniform"), []) == set()
    circle = replace(first, start_from="b")
    assert digit_sets.trained_batches(second, [circle, second]) == {1, 2, 3}


def test_sets_that_nobody_drew_into_stay_the_same_objects(store, monkeypatch):
    """With what they know: the version of a set is made of all its digits."""
    fill(store, "ana", "test", [3, 4])
    ben = fill(store, "ben", "test", [6])
    first = digit_sets.digit_sets(store)
    version = digit_sets.merge_own_tests(first, ["ana"]).version
    delete_drawings(store, [read_drawings(store, [ben])[0].id])
    fill(store, "ben", "test", [7, 8])
    second = digit_sets.digit_sets(store, first)
    assert keys(second) == ["mnist", "test:ana", "test:ben"]
    assert second[1] is first[1]
    assert list(second[2].labels) == [7, 8]
    monkeypatch.setattr(digit_sets, "data_version", None)  # is not asked again
    assert digit_sets.merge_own_tests(second, ["ana"]).version == version


def test_after_a_change_only_the_batches_that_changed_are_read(store, monkeypatch):
    first, second = fill(store, "ana", "full", [1, 2]), fill(store, "ana", "full", [3])
    fill(store, "ben", "test", [6])
    before = digit_sets.digit_sets(store)
    asked, read = [], digit_sets._rows
    monkeypatch.setattr(digit_sets, "_rows", lambda store, ids: asked.append(ids) or read(store, ids))
    delete_drawings(store, [read_drawings(store, [first])[0].id])
    after = digit_sets.digit_sets(store, before)
    assert asked == [[first]]
    assert sorted(after[-1].labels) == [2, 3]
    assert set(after[-1].batch_ids) == {first, second}
    delete_drawings(store, [read_drawings(store, [first])[0].id])
    assert list(digit_sets.digit_sets(store, after)[-1].labels) == [3], "a batch that is empty now is in no set"
