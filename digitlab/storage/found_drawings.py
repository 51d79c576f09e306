"""Drawings that are looked for: how many, a page of them, their times, their mean images.

Whatever looks at many drawings reads the index `drawings_of_batch` alone, and of the drawings themselves a page.
"""

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Images
from digitlab.storage import schema
from digitlab.storage.datasets import read_digits_of
from digitlab.storage.drawing_records import DrawingRow
from digitlab.storage.drawings import read_rows
from digitlab.storage.store import Store

PRACTICE = 10  # first digits of a writer: the hand has to find its way
LATEST = 2_000  # drawings that a chart of times or a mean image shows at most


@dataclass(frozen=True)
class Wanted:
    """Which drawings to find.

    Attributes:
        writer: Only of this one, by name.
        batch_id: Only of this batch.
        labels: Only of these digits; empty: all.
        show: `kept` (not deleted), `marked` (kept, with a mark) or `deleted`.
        writer_id: Only of this one, by number, whatever the name says.
    """

    writer: str | None = None
    batch_id: int | None = None
    labels: tuple[int, ...] = ()
    show: str = "kept"
    writer_id: int | None = None


@dataclass(frozen=True)
class TimedDrawing:
    """How long a drawing took; `number` counts the drawings of its writer, deleted ones too, from 1."""

    number: int
    label: int
    writer: str
    seconds: float


def count_by_writer(store: Store) -> list[tuple[str, int, int]]:
    """Return name of the writer, label, and how many such drawings are not deleted, of all who ever drew one."""
    table, batches, writers = schema.drawings.c, schema.batches.c, schema.writers.c
    kept = sa.func.sum(sa.case((table.deleted_at.is_(None), 1), else_=0)).label("kept")
    of_batch = sa.select(table.batch_id, table.label, kept).group_by(table.batch_id, table.label).subquery()
    query = (
        sa.select(writers.name, of_batch.c.label, sa.func.sum(of_batch.c.kept))
        .join(schema.batches, batches.id == of_batch.c.batch_id)
        .join(schema.writers, writers.id == batches.writer_id)
        .group_by(writers.name, of_batch.c.label)
    )
    with store.read() as connection:
        return [(name, label, int(kept)) for name, label, kept in connection.execute(query)]


def count_wanted(store: Store, wanted: Wanted) -> int:
    """Return how many drawings are wanted."""
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).where(*conditions(wanted))).scalar_one()


def read_page(store: Store, wanted: Wanted, start: int, size: int, *, by_label: bool = False) -> list[DrawingRow]:
    """Return a page of the wanted drawings, the newest first.

    Args:
        store: Where they are kept.
        wanted: Which.
        start: Drawings before this page.
        size: Drawings on it at most.
        by_label: In the order of labels instead, and of drawing within each.
    """
    table = schema.drawings.c
    number = _in_memory(table.id)
    order = (table.label, number) if by_label else (number.desc(),)
    with store.read() as connection:
        query = sa.select(table.id).where(*conditions(wanted)).order_by(*order).offset(start).limit(size)
        ids = list(connection.execute(query).scalars())
    rows = {row.id: row for row in read_rows(store, table.id.in_(ids))}
    return [rows[drawing_id] for drawing_id in ids if drawing_id in rows]


def read_times(store: Store, wanted: Wanted, *, practice: bool = True) -> list[TimedDrawing]:
    """Return the times of the latest 2,000 wanted drawings, in the order of drawing.

    Args:
        store: Where they are kept.
        wanted: Which.
        practice: False: without each writer's first ten drawings.
    """
    table, batches, writers = schema.drawings.c, schema.batches.c, schema.writers.c
    number = sa.func.row_number().over(partition_by=batches.writer_id, order_by=table.id)
    numbered = sa.select(table.id, number.label("number"), writers.name.label("writer"))
    numbered = numbered.join(schema.batches, batches.id == table.batch_id)
    numbered = numbered.join(schema.writers, writers.id == batches.writer_id)
    if wanted.writer is not None:
        numbered = numbered.where(writers.name == wanted.writer)
    all_numbered = numbered.subquery()
    query = (
        sa.select(all_numbered.c.number, table.label, all_numbered.c.writer, table.seconds)
        .join(schema.drawings, table.id == all_numbered.c.id)
        .where(all_numbered.c.id.in_(_latest(wanted)), table.seconds > 0)  # of what came from a file none may be known
        .order_by(all_numbered.c.id)
    )
    if not practice:
        query = query.where(all_numbered.c.number > PRACTICE)
    with store.read() as connection:
        return [TimedDrawing(row.number, row.label, row.writer, row.seconds) for row in connection.execute(query)]


def read_mean_images(store: Store, wanted: Wanted) -> Images:
    """Return the mean digit of each label among the latest 2,000 wanted drawings.

    Returns:
        uint8 array of shape (10, 28, 28); blank where there is no drawing.
    """
    table = schema.drawings.c
    with store.read() as connection:
        query = sa.select(table.id, table.label).where(table.id.in_(_latest(wanted)))
        rows = connection.execute(query).all()
    labels, digits = np.array([row.label for row in rows], int), read_digits_of(store, [row.id for row in rows])
    means = np.zeros((NUM_CLASSES, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for label in np.unique(labels):
        means[label] = np.round(digits[labels == label].mean(axis=0))
    return means


def read_latest_images(store: Store, writer_id: int, most: int) -> Images:
    """Return a writer's latest `most` digits that are not deleted, uint8 (n, 28, 28), oldest first."""
    table = schema.drawings.c
    latest = sa.select(table.id).where(_of_writer(writer_id), table.deleted_at.is_(None))
    latest = latest.order_by(_in_memory(table.id).desc()).limit(most)
    query = sa.select(table.digit).where(table.id.in_(latest)).order_by(table.id)
    with store.read() as connection:
        digits = list(connection.execute(query).scalars())
    return np.frombuffer(b"".join(digits), np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _latest(wanted: Wanted) -> sa.Select[tuple[int]]:
    table = schema.drawings.c
    return sa.select(table.id).where(*conditions(wanted)).order_by(_in_memory(table.id).desc()).limit(LATEST)


def conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Return what a drawing must meet to be wanted."""
    table, batches, writers = schema.drawings.c, schema.batches.c, schema.writers.c
    # Not `deleted_at IS NULL`: SQLite would take the index of living drawings, which does not hold all that is asked.
    deleted = sa.func.coalesce(table.deleted_at, "") != ""
    met: list[sa.ColumnElement[bool]] = [deleted if wanted.show == "deleted" else ~deleted]
    if wanted.show == "marked":
        met.append(schema.has_marks)
    if wanted.writer is not None:
        of_writer = sa.select(batches.id).join(schema.writers, writers.id == batches.writer_id)
        met.append(table.batch_id.in_(of_writer.where(writers.name == wanted.writer)))
    if wanted.writer_id is not None:
        met.append(_of_writer(wanted.writer_id))
    if wanted.batch_id is not None:
        met.append(table.batch_id == int(wanted.batch_id))
    if wanted.labels:
        met.append(table.label.in_(wanted.labels))
    return met


def _of_writer(writer_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a drawing belongs to this writer."""
    batches = schema.batches.c
    return schema.drawings.c.batch_id.in_(sa.select(batches.id).where(batches.writer_id == int(writer_id)))


def _in_memory(drawing_id: sa.Column[int]) -> sa.ColumnElement[int]:
    """Return an id to order by that SQLite sorts: in the order of the table it would read every drawing's strokes."""
    return drawing_id + 0
