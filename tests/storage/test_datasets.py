import numpy as np
import pytest

from digitlab.digits import data_version
from digitlab.storage.batches import start_batch
from digitlab.storage.datasets import read_dataset, read_digits
from digitlab.storage.drawings import (
    delete_drawings,
    save_drawing,
)
from digitlab.storage.writers import add_writer
from tests.storage.samples import STROKES


def test_a_dataset_is_in_the_order_of_drawing(store):
    writer = add_writer(store, "Ana")
    first, second = (start_batch(store, writer, "full", [7, 8], 0) for _ in range(2))
    for shade, (batch, position) in enumerate([(second, 1), (first, 0), (second, 0)]):
        save_drawing(store, (batch, position), STROKES, np.full((28, 28), shade, np.uint8), 2)
    data = read_dataset(store, [first, second])
    assert (data.images.shape, data.images.dtype, data.labels.dtype) == ((3, 28, 28), np.uint8, np.int64)
    assert data.images[:, 0, 0].tolist() == [0, 1, 2]
    assert data.labels.tolist() == [8, 7, 7]
    assert data.seconds == 6.0
    assert data.version == data_version(data.images, data.labels)
    assert read_dataset(store, [first]).images[:, 0, 0].tolist() == [1]
    assert read_dataset(store, [second, first]).version == data.version
    assert read_dataset(store, [first]).version != data.version


def test_an_empty_dataset_is_refused(store, batch_id):
    for ids in ([], [99], [batch_id]):
        with pytest.raises(ValueError, match="Draw some digits first"):
            read_dataset(store, ids)


def test_digits_are_those_of_the_dataset(store, batch_id, three):
    delete_drawings(store, three[:1])
    quick, whole = read_digits(store, [batch_id]), read_dataset(store, [batch_id])
    assert (quick.images == whole.images).all()
    assert (quick.labels == whole.labels).all()
    assert quick.version == whole.version
    delete_drawings(store, three)
    with pytest.raises(ValueError, match="Expected drawings to work with"):
        read_digits(store, [batch_id])
