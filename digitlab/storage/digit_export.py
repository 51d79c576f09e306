"""Digits on their way out: which of them somebody may take along, and what reads these from the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, Floats, Labels
from digitlab.storage import schema
from digitlab.storage.classroom import read_hidden_names
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split
from digitlab.storage.found_drawings import Wanted, conditions
from digitlab.storage.people import OWNER, NotAllowedError, Person
from digitlab.storage.seen_drawings import narrow
from digitlab.storage.store import Store


@dataclass(frozen=True)
class Outgoing:
    """Drawings to take along.

    Attributes:
        ids: int64 array of shape (n,), in the order of drawing.
        labels: int64 array of shape (n,).
        test: bool array of shape (n,): drawn to test with, never to be trained on.
        imported: bool array of shape (n,): came from a file.
        writers: Name of each one's writer, as the person who takes them along may see it.
        seconds: float64 array of shape (n,): active human seconds.
    """

    ids: npt.NDArray[np.int64]
    labels: Labels
    test: npt.NDArray[np.bool_]
    imported: npt.NDArray[np.bool_]
    writers: tuple[str, ...]
    seconds: Floats

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Outgoing":
        """Return those for which `chosen`, a bool array of shape (n,), is true."""
        arrays = {name: getattr(self, name)[chosen] for name in ("ids", "labels", "test", "imported", "seconds")}
        return Outgoing(writers=tuple(np.array(self.writers, object)[chosen]), **arrays)


def find_outgoing(
    store: Store, wanted: Wanted | None = None, drawing_ids: Sequence[int] | None = None, *, by: Person = OWNER
) -> Outgoing:
    """Find drawings to take along; those that are deleted stay.

    Args:
        store: Where they are kept.
        wanted: Which; None: all.
        drawing_ids: Only these of them; None: all.
        by: Whoever takes them along: names that are hidden from this person are replaced, hidden drawings stay.

    Raises:
        NotAllowedError: If they have not joined the class: looking at drawings is not taking them all away.
    """
    if by.role == "visitor":
        raise NotAllowedError("Expected somebody of the class. Received: a visitor. Join on the first page.")
    table, batches, writers = schema.drawings.c, schema.batches.c, schema.writers.c
    query = (
        sa.select(table.id, table.label, table.seconds, batches.kind, writers.name)
        .join(schema.batches, batches.id == table.batch_id)
        .join(schema.writers, writers.id == batches.writer_id)
        .where(*conditions(narrow(store, wanted or Wanted(), by)), table.deleted_at.is_(None))
    )
    with store.read() as connection:
        rows = sorted(connection.execute(query).all(), key=lambda row: row.id)
    if drawing_ids is not None:
        chosen = set(drawing_ids)
        rows = [row for row in rows if row.id in chosen]
    names = read_hidden_names(store, by)
    return Outgoing(
        ids=np.array([row.id for row in rows], np.int64),
        labels=np.array([row.label for row in rows], np.int64),
        test=np.array([row.kind == "test" for row in rows], bool),
        imported=np.array([row.kind == "imported" for row in rows], bool),
        writers=tuple(names.get(row.name, row.name) for row in rows),
        seconds=np.array([row.seconds for row in rows], np.float64),
    )


def with_strokes(store: Store, outgoing: Outgoing) -> Outgoing:
    """Return those of which the strokes are known: not of pictures that were imported."""
    table = schema.drawings.c
    query = sa.select(table.id).where(sa.cast(table.strokes, sa.Text) != "[]")
    known: set[int] = set()
    with store.read() as connection:
        for start in range(0, len(outgoing), CHUNK):
            some = outgoing.ids[start : start + CHUNK].tolist()
            known |= set(connection.execute(query.where(table.id.in_(some))).scalars())
    return outgoing.only(np.isin(outgoing.ids, list(known)))


def source(store: Store, outgoing: Outgoing) -> DigitSource:
    """Return what reads these drawings from the database, a thousand at a time."""

    def read(split: Split, strokes: bool) -> Iterator[DigitChunk]:
        places = np.flatnonzero(outgoing.test == (split == "test"))
        for start in range(0, len(places), CHUNK):
            yield _read_chunk(store, outgoing, places[start : start + CHUNK], split, strokes)

    n_test = int(outgoing.test.sum())
    return DigitSource((len(outgoing) - n_test, n_test), read)


def _read_chunk(
    store: Store, outgoing: Outgoing, places: npt.NDArray[np.intp], split: Split, strokes: bool
) -> DigitChunk:
    table, ids = schema.drawings.c, outgoing.ids[places].tolist()
    columns = [table.id, table.digit, table.created_at, *([table.strokes] if strokes else [])]
    with store.read() as connection:
        found = {row.id: row for row in connection.execute(sa.select(*columns).where(table.id.in_(ids)))}
    if len(found) < len(ids):
        raise ValueError("Expected stored drawings. Received: some that were erased at this moment. Try again.")
    rows = [found[drawing_id] for drawing_id in ids]
    return DigitChunk(
        split=split,
        images=np.frombuffer(b"".join(row.digit for row in rows), np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE),
        labels=outgoing.labels[places],
        strokes=[[np.asarray(stroke, np.float64) for stroke in row.strokes] for row in rows] if strokes else (),
        writers=[outgoing.writers[place] for place in places],
        seconds=outgoing.seconds[places],
        moments=[row.created_at for row in rows],
    )


def count_labels(outgoing: Outgoing) -> dict[Split, tuple[int, ...]]:
    """Return how many drawings of each label, 0 to 9, each split has."""
    chosen = {"train": ~outgoing.test, "test": outgoing.test}
    return {split: tuple(np.bincount(outgoing.labels[chosen[split]], minlength=10).tolist()) for split in SPLITS}
