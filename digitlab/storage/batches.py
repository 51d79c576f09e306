"""Batches: one sitting of a writer each, with the labels that are asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import NUM_CLASSES
from digitlab.storage import schema
from digitlab.storage.store import Store

KINDS = ("one", "full", "test", "imported")
TRAINING_KINDS = ("one", "full", "imported")  # digits of a test batch are never trained on


@dataclass(frozen=True)
class Batch:
    """One sitting: what was asked of whom.

    Attributes:
        id: In the store.
        writer_id: Who draws.
        writer: Their name.
        kind: One of `KINDS`.
        labels: Asked for, 0-9, in the order of the prompts.
        seed: That made the order.
        created_at: UTC, ISO 8601.
        drawn: Prompts that have a drawing.
        seconds: Active human seconds, drawings that were drawn again included.
    """

    id: int
    writer_id: int
    writer: str
    kind: str
    labels: tuple[int, ...]
    seed: int
    created_at: str
    drawn: int
    seconds: float


def start_batch(store: Store, writer_id: int, kind: str, labels: Iterable[int], seed: int) -> int:
    """Begin a batch and return its id.

    Args:
        store: Where to.
        writer_id: Who draws.
        kind: One of `KINDS`.
        labels: What will be asked for, 0-9, in this order.
        seed: That made the order; kept to repeat it.

    Raises:
        ValueError: If kind or labels are not as described, or there is no such writer.
    """
    if kind not in KINDS:
        raise ValueError(f"Expected a kind of batch among {KINDS}. Received: {kind!r}.")
    labels = [int(label) for label in labels]
    if not labels or not all(0 <= label < NUM_CLASSES for label in labels):
        raise ValueError(f"Expected at least one label, each from 0 to 9. Received: {labels}.")
    writer_id, seed = int(writer_id), int(seed)  # SQLite would store NumPy's integers as bytes
    with store.write() as connection:
        known = connection.execute(sa.select(schema.writers.c.id).where(schema.writers.c.id == writer_id)).scalar()
        if known is None:
            raise ValueError(f"Expected a stored writer. Received: writer {writer_id}, who is not in the database.")
        values = {"writer_id": writer_id, "kind": kind, "labels": labels, "seed": seed, "created_at": schema.now()}
        return schema.insert(connection, schema.batches, **values)


def read_batches(store: Store, writer_id: int | None = None, kinds: Sequence[str] = KINDS) -> list[Batch]:
    """Return the batches of a writer (None: of all) and of these kinds, oldest first."""
    of_sheets = sa.select(sa.func.sum(schema.sheets.c.extra_seconds))
    of_sheets = of_sheets.where(schema.sheets.c.batch_id == schema.batches.c.id)
    extra = sa.func.coalesce(of_sheets.scalar_subquery(), 0.0)  # not of any digit, yet work
    alive = sa.case((schema.drawings.c.deleted_at.is_(None), schema.drawings.c.id))
    query = (
        sa.select(
            schema.batches,
            schema.writers.c.name.label("writer"),
            sa.func.count(alive).label("drawn"),
            (sa.func.coalesce(sa.func.sum(schema.drawings.c.seconds), 0.0) + extra).label("seconds"),
        )
        .join(schema.writers, schema.writers.c.id == schema.batches.c.writer_id)
        .outerjoin(schema.drawings, schema.drawings.c.batch_id == schema.batches.c.id)
        .where(schema.batches.c.kind.in_(kinds))
        .group_by(schema.batches.c.id, schema.writers.c.name)
        .order_by(schema.batches.c.id)
    )
    if writer_id is not None:
        query = query.where(schema.batches.c.writer_id == int(writer_id))
    with store.read() as connection:
        return [
            Batch(
                id=row.id,
                writer_id=row.writer_id,
                writer=row.writer,
                kind=row.kind,
                labels=tuple(row.labels),
                seed=row.seed,
                created_at=row.created_at,
                drawn=row.drawn,
                seconds=float(row.seconds),
            )
            for row in connection.execute(query)
        ]


def balanced_labels(per_digit: int, seed: int) -> list[int]:
    """Return each label 0-9 `per_digit` times, shuffled round by round so that any prefix is nearly balanced.

    Example:
        >>> sorted(balanced_labels(1, seed=0))
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    rng = np.random.default_rng(seed)
    return [int(label) for _ in range(per_digit) for label in rng.permutation(NUM_CLASSES)]
