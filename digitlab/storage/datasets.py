"""Data sets: the digits of some batches together, to train or test on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, Floats, Images, Labels, data_version
from digitlab.storage import schema
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import of_batches, read_drawings
from digitlab.storage.store import Store


@dataclass(frozen=True)
class Dataset:
    """Digits to train or test on, in the order in which they were drawn.

    Attributes:
        images: uint8 array of shape (n, 28, 28).
        labels: int64 array of shape (n,).
        seconds: Active human seconds it took to draw them, drawings that were drawn again included.
        version: Hash of images and labels: equal data, equal version.
        strokes: Of each digit, as in `digitlab.drawing.strokes`; empty where they are not known.
    """

    images: Images
    labels: Labels
    seconds: float
    version: str
    strokes: Sequence[Sequence[Floats]] = ()


def read_dataset(store: Store, batch_ids: Sequence[int]) -> Dataset:
    """Gather the digits of these batches, with strokes and seconds.

    Raises:
        ValueError: If there are none.
    """
    drawings = read_drawings(store, batch_ids)
    _check_any(drawings)
    images = np.stack([drawing.digit for drawing in drawings])
    labels = np.array([drawing.label for drawing in drawings], dtype=np.int64)
    seconds = sum(batch.seconds for batch in read_batches(store) if batch.id in batch_ids)
    strokes = [drawing.strokes for drawing in drawings]
    return Dataset(images, labels, seconds, data_version(images, labels), strokes)


def read_digits(store: Store, batch_ids: Sequence[int]) -> Dataset:
    """Do what `read_dataset` does, but without strokes and seconds, in a fraction of the time.

    Raises:
        ValueError: If there are none.
    """
    table = schema.drawings.c
    query = sa.select(table.digit, table.label).where(of_batches(batch_ids), table.deleted_at.is_(None))
    with store.read() as connection:
        rows = connection.execute(query.order_by(table.id)).all()
    _check_any(rows)
    images = np.frombuffer(b"".join(row.digit for row in rows), np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    labels = np.array([row.label for row in rows], dtype=np.int64)
    return Dataset(images, labels, 0.0, data_version(images, labels))


def _check_any(drawings: Sequence[object]) -> None:
    if not drawings:
        raise ValueError("Expected drawings to work with. Received: none. Draw some digits first.")
