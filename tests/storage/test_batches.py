import itertools
import json

import numpy as np
import pytest

from digitlab.storage import schema as module
from digitlab.storage.batches import KINDS, TRAINING_KINDS, balanced_labels, read_batches, start_batch
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawings import (
    read_drawings,
    save_drawing,
)
from digitlab.storage.writers import add_writer
from tests.storage.samples import DIGIT, STROKES


def test_a_batch_as_it_was_begun(store, batch_id):
    (batch,) = read_batches(store)
    assert (batch.id, batch.writer, batch.kind, batch.labels, batch.seed) == (batch_id, "Ana", "full", (3, 1, 4), 5)
    assert (batch.drawn, batch.seconds) == (0, 0.0)
    assert batch.created_at.endswith("+00:00")


def test_batches_by_writer_and_kind(store):
    writers = [add_writer(store, name) for name in "AB"]
    ids = {pair: start_batch(store, *pair, [1], 0) for pair in itertools.product(writers, KINDS)}
    assert [batch.id for batch in read_batches(store)] == list(ids.values())
    for writer in writers:
        assert {batch.writer_id for batch in read_batches(store, writer)} == {writer}
        assert [batch.id for batch in read_batches(store, writer, ["test"])] == [ids[writer, "test"]]
    assert {batch.kind for batch in read_batches(store, kinds=TRAINING_KINDS)} == set(KINDS) - {"test"}
    assert read_batches(store, kinds=[]) == []


@pytest.mark.parametrize(
    ("kind", "labels", "message"),
    [
        ("practice", [1], "among .*imported.*Received: 'practice'"),
        ("one", [], "at least one label"),
        ("one", [3, 10], "each from 0 to 9. Received: .3, 10."),
        ("one", [-1], "each from 0 to 9"),
    ],
)
def test_batches_that_are_refused(store, kind, labels, message):
    writer = add_writer(store, "Ana")
    with pytest.raises(ValueError, match=message):
        start_batch(store, writer, kind, labels, 0)


def test_a_batch_of_nobody_is_refused(store):
    with pytest.raises(ValueError, match="stored writer. Received: writer 99"):
        start_batch(store, 99, "one", [1], 0)
    assert store.version() == 0


def test_numpy_integers_are_numbers_too(store):
    """As they come out of a DataFrame; SQLite would take them for bytes."""
    number = np.arange(4)
    writer = np.int64(add_writer(store, "Ana"))
    batch = np.int64(start_batch(store, writer, "one", number[1:], number[3]))
    save_drawing(store, (batch, number[2]), STROKES, DIGIT, np.float32(1.5))
    assert [(b.seed, b.labels, b.drawn, b.seconds) for b in read_batches(store, writer)] == [(3, (1, 2, 3), 1, 1.5)]
    assert [(d.position, d.label) for d in read_drawings(store, [batch])] == [(2, 3)]
    assert read_dataset(store, np.array([batch])).labels.tolist() == [3]


def test_seconds_of_sheets_that_are_of_no_digit_count(store, batch_id, three):
    with store.write() as connection:
        times = {"extra_seconds": 4.0, "idle_total": 99.0, "wall_seconds": 120.0, "idle_seconds": 10.0}
        for _ in range(2):
            sheet = {"batch_id": batch_id, "positions": [2], "created_at": module.now(), **times}
            connection.execute(module.sheets.insert().values(**sheet))
    assert [batch.seconds for batch in read_batches(store)] == [3.0 + 8.0, 2.5]
    assert read_dataset(store, [batch_id]).seconds == 11.0


@pytest.mark.parametrize("per_digit", [1, 3, 100])
def test_balanced_labels(per_digit):
    labels = balanced_labels(per_digit, seed=4)
    assert json.loads(json.dumps(labels)) == labels
    for n in range(len(labels) + 1):
        counts = np.bincount(labels[:n], minlength=10)
        assert counts.max() - counts.min() <= 1
    assert np.bincount(labels).tolist() == 10 * [per_digit]
    assert balanced_labels(per_digit, seed=4) == labels
    assert balanced_labels(per_digit, seed=5) != labels
