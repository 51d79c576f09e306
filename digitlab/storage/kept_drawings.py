"""What a writer has kept: the drawings that say how this person writes a digit, whatever a model takes it for."""

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from digitlab.drawing import quality
from digitlab.drawing.traces import POINTS, trace
from digitlab.storage import schema
from digitlab.storage.drawing_records import DrawingRow
from digitlab.storage.drawings import keep_drawings, read_strokes_of
from digitlab.storage.people import OWNER, Person
from digitlab.storage.store import Store

_LATEST = 20  # drawings of a digit: a hand does not change that quickly


def read_kept_traces(store: Store, writer_id: int, label: int) -> np.ndarray:
    """Return the traces of a writer's latest drawings of a digit about which nothing is asked, or no longer.

    Args:
        store: Where they are kept.
        writer_id: Who drew them, also in earlier batches.
        label: 0-9.

    Returns:
        float64 array of shape (n, 24, 4), n up to 20, see `drawing.traces`.
    """
    table = schema.drawings.c
    of_writer = sa.select(schema.batches.c.id).where(schema.batches.c.writer_id == int(writer_id))
    living = table.batch_id.in_(of_writer), table.deleted_at.is_(None), table.label == int(label)
    with store.read() as connection:
        ids = sorted(connection.execute(sa.select(table.id).where(*living, ~schema.has_marks)).scalars())
    kept = [strokes for strokes in read_strokes_of(store, ids[-_LATEST:]) if strokes]
    return np.stack([trace(strokes) for strokes in kept]) if kept else np.empty((0, POINTS, 4))


def keep_drawing(
    store: Store, writer_id: int, row: DrawingRow, waiting: Sequence[DrawingRow], *, by: Person = OWNER
) -> None:
    """Keep a drawing that was asked about, and those others that this answers: the writer's own form of the digit.

    Args:
        store: Where they are kept.
        writer_id: Who drew them.
        row: The drawing to keep.
        waiting: Drawings of this writer that are asked about too; those with the same label and the same only question
            may be answered.
        by: Whoever keeps it.
    """
    keep_drawings(store, [row.id], by=by)
    likely = quality.taken_for(row.marks)
    if likely is None or len(row.marks) > 1:
        return
    own, taken = (read_kept_traces(store, writer_id, label) for label in (row.label, likely))
    alike = [other.id for other in waiting if (other.label, other.marks) == (row.label, row.marks) and other != row]
    drawn = zip(alike, read_strokes_of(store, alike), strict=True)
    answered = [each for each, strokes in drawn if strokes and quality.in_own_form(trace(strokes), own, taken)]
    if answered:
        keep_drawings(store, answered, by=by)
