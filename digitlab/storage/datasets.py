"""Data sets: the digits of some batches together, to train or test on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Floats, Images, Labels, data_version
from digitlab.storage import schema
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import of_batches, read_drawings, read_images, read_strokes_of
from digitlab.storage.store import Store

_AT_ONCE = 1000  # digits read in one query


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


@dataclass(frozen=True)
class Overview:
    """What there is to say about drawings before they are trained on.

    Attributes:
        counts: Drawings of each label, 0 to 9.
        copies: Drawings whose picture is that of an earlier one.
        first: The first drawing of each label that there is, with strokes.
    """

    counts: tuple[int, ...]
    copies: int
    first: Dataset


def read_dataset(store: Store, batch_ids: Sequence[int]) -> Dataset:
    """Gather the digits of these batches, with strokes and seconds.

    Raises:
        ValueError: If there are none.
    """
    drawings = read_drawings(store, batch_ids)
    _check_any(drawings)
    images = np.stack([drawing.digit for drawing in drawings])
    labels = np.array([drawing.label for drawing in drawings], dtype=np.int64)
    seconds = sum(batch.seconds for batch in read_batches(store, batch_ids=batch_ids))
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


def read_in_turn(store: Store, batch_ids: Sequence[int], most: int, *, strokes: bool = False) -> Dataset:
    """Return the first drawing of each writer of these batches, then the second of each, and so on.

    Args:
        store: Where they are kept.
        batch_ids: Whose writers take turns in the order in which they come here.
        most: How many drawings.
        strokes: True for drawings with their strokes.
    """
    table, batches = schema.drawings.c, schema.batches.c
    query = sa.select(table.id, table.batch_id, table.label, batches.writer_id)
    query = query.join(schema.batches, batches.id == table.batch_id).where(of_batches(batch_ids))
    with store.read() as connection:
        rows = connection.execute(query.where(table.deleted_at.is_(None)).order_by(table.id)).all()
    writer_of = {row.batch_id: row.writer_id for row in rows}
    writers = list(dict.fromkeys(writer_of[batch_id] for batch_id in batch_ids if batch_id in writer_of))
    place, drawn = {writer_id: place for place, writer_id in enumerate(writers)}, dict.fromkeys(writers, 0)
    turns = []
    for row in rows:
        turns.append((drawn[row.writer_id], place[row.writer_id], row.id, row.label))
        drawn[row.writer_id] += 1
    chosen = sorted(turns)[:most]
    ids, labels = [row[2] for row in chosen], np.array([row[3] for row in chosen], np.int64)
    images = read_digits_of(store, ids)
    all_strokes = read_strokes_of(store, ids) if strokes else ()
    return Dataset(images, labels, 0.0, data_version(images, labels), all_strokes)


def read_labels(store: Store, batch_ids: Sequence[int]) -> tuple[npt.NDArray[np.int64], Labels]:
    """Return the ids of the drawings of these batches, in the order in which they were drawn, and their labels."""
    table = schema.drawings.c
    query = sa.select(table.id, table.label).where(of_batches(batch_ids), table.deleted_at.is_(None))
    with store.read() as connection:
        rows = connection.execute(query.order_by(table.id)).all()
    ids, labels = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2).T
    return ids, labels


def read_overview(store: Store, batch_ids: Sequence[int]) -> Overview:
    """Look at the drawings of these batches without holding them all in memory.

    Raises:
        ValueError: If there are none.
    """
    table = schema.drawings.c
    living = of_batches(batch_ids), table.deleted_at.is_(None)
    by_label = sa.select(table.label, sa.func.count(), sa.func.min(table.id)).where(*living).group_by(table.label)
    with store.read() as connection:
        rows = connection.execute(by_label.order_by(table.label)).all()
        digits = connection.execute(sa.select(table.digit).where(*living).execution_options(yield_per=_AT_ONCE))
        pictures = {hashlib.blake2b(digit, digest_size=8).digest() for digit in digits.scalars()}
    _check_any(rows)
    counts = {label: count for label, count, _ in rows}
    ids, labels = [first for _, _, first in rows], np.array(list(counts), np.int64)
    images, strokes = read_digits_of(store, ids), read_strokes_of(store, ids)
    first = Dataset(images, labels, 0.0, data_version(images, labels), strokes)
    all_counts = tuple(counts.get(label, 0) for label in range(NUM_CLASSES))
    return Overview(all_counts, sum(all_counts) - len(pictures), first)


def read_digits_of(store: Store, drawing_ids: Sequence[int] | npt.NDArray[np.int64]) -> Images:
    """Return the digits of these drawings in this order, uint8 (n, 28, 28).

    Raises:
        ValueError: If one of them is not stored.
    """
    ids = np.asarray(drawing_ids, np.int64)
    digits = np.empty((len(ids), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        images = read_images(store, some.tolist())
        gone = [drawing_id for drawing_id in some.tolist() if drawing_id not in images]
        if gone:
            raise ValueError(f"Expected stored drawings. Received: {gone[:5]}, which are no longer there.")
        digits[start : start + _AT_ONCE] = [images[drawing_id] for drawing_id in some.tolist()]
    return digits


def _check_any(drawings: Sequence[object]) -> None:
    if not drawings:
        raise ValueError("Expected drawings to work with. Received: none. Draw some digits first.")
