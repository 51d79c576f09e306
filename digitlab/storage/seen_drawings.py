"""Whose drawings somebody may look at: where the teacher hides them, a pupil sees pictures and strokes of their own.

What is counted and measured of all drawings is hidden from nobody.
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.classroom import read_settings
from digitlab.storage.found_drawings import Wanted
from digitlab.storage.people import Person
from digitlab.storage.store import Store

_NOBODY = 0  # no writer has this number: whoever has not joined has drawn nothing


def are_hidden(store: Store, by: Person) -> bool:
    """Return whether the drawings of others are hidden from somebody."""
    return not by.may_do_everything and read_settings(store).drawings_hidden


def narrow(store: Store, wanted: Wanted, by: Person) -> Wanted:
    """Return what is wanted, or only those of it that somebody may look at."""
    return replace(wanted, writer_id=by.id or _NOBODY) if are_hidden(store, by) else wanted


def seen_batches(store: Store, batch_ids: Sequence[int], by: Person) -> tuple[int, ...]:
    """Return those of these batches that somebody may look at, in their order."""
    if not are_hidden(store, by):
        return tuple(batch_ids)
    batches = schema.batches.c
    query = sa.select(batches.id).where(batches.writer_id == (by.id or _NOBODY))
    with store.read() as connection:
        own = set(connection.execute(query).scalars())
    return tuple(batch_id for batch_id in batch_ids if batch_id in own)


def seen_drawings(store: Store, drawing_ids: Sequence[int], by: Person) -> set[int]:
    """Return those of these drawings that somebody may look at; a page has some hundred."""
    if not are_hidden(store, by):
        return set(drawing_ids)
    drawings, batches = schema.drawings.c, schema.batches.c
    query = (
        sa.select(drawings.id)
        .join(schema.batches, batches.id == drawings.batch_id)
        .where(drawings.id.in_(list(drawing_ids)), batches.writer_id == (by.id or _NOBODY))
    )
    with store.read() as connection:
        return set(connection.execute(query).scalars())
