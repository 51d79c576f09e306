"""What a class sees of everybody: how much they have drawn, and their latest digits."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from digitlab.digits import Images
from digitlab.storage import schema
from digitlab.storage.found_drawings import Wanted, count_wanted, read_latest_images
from digitlab.storage.store import Store

LATEST = 10  # digits of each


@dataclass(frozen=True, eq=False)
class OnWall:
    """One person.

    Attributes:
        id: Of the writer.
        name: Of the writer.
        drawings: How many digits are kept of them.
        digits: The latest ten of these, uint8 array of shape (n, 28, 28), oldest first; not to be changed.
        version: Grows with every change of their drawings.
    """

    id: int
    name: str
    drawings: int
    digits: Images
    version: int


def read_wall(store: Store, earlier: Sequence[OnWall] = ()) -> list[OnWall]:
    """Return everybody who draws, by name: pupils, and of the others whoever has begun a batch.

    Args:
        store: Where they are kept.
        earlier: What this returned before: the drawings of those who have drawn nothing since are not read again.
    """
    writers, batches = schema.writers.c, schema.batches.c
    newest = sa.func.coalesce(sa.func.max(batches.version), 0).label("version")
    query = (
        sa.select(writers.id, writers.name, newest)
        .outerjoin(schema.batches, batches.writer_id == writers.id)
        .group_by(writers.id, writers.name, writers.teacher)
        .having(sa.or_(~writers.teacher, newest > 0))
        .order_by(writers.name)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    before = {(each.id, each.name, each.version): each for each in earlier}
    return [before.get((row.id, row.name, row.version)) or _read(store, *row) for row in rows]


def _read(store: Store, writer_id: int, name: str, version: int) -> OnWall:
    drawings = count_wanted(store, Wanted(writer_id=writer_id))
    return OnWall(writer_id, name, drawings, read_latest_images(store, writer_id, LATEST), version)
