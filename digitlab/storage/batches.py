"""Batches: one sitting of a writer each, with the labels that are asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import NUM_CLASSES
from digitlab.storage import schema
from digitlab.storage.people import OWNER, Person, check_writers
from digitlab.storage.store import Store

KINDS = ("one", "full", "test", "imported")
DRAWN_KINDS = ("one", "full")  # drawn here to train on, on the clock
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
        version: Grows with every change of its drawings; no two states of any batch have the same.
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
    version: int = 0


def start_batch(
    store: Store, writer_id: int, kind: str, labels: Iterable[int], seed: int, *, by: Person = OWNER
) -> int:
    """Begin a batch and return its id.

    Args:
        store: Where to.
        writer_id: Who draws.
        kind: One of `KINDS`.
        labels: What will be asked for, 0-9, in this order.
        seed: That made the order; kept to repeat it.
        by: Whoever begins it.

    Raises:
        ValueError: If kind or labels are not as described, or there is no such writer.
        NotAllowedError: If it is not for `by`, who may draw for nobody else.
    """
    if kind not in KINDS:
        raise ValueError(f"Expected a kind of batch among {KINDS}. Received: {kind!r}.")
    labels = [int(label) for label in labels]
    if not labels or not all(0 <= label < NUM_CLASSES for label in labels):
        raise ValueError(f"Expected at least one label, each from 0 to 9. Received: {labels}.")
    writer_id, seed = int(writer_id), int(seed)  # SQLite would store NumPy's integers as bytes
    with store.write() as connection:
        check_writers(connection, by, [writer_id])
        known = connection.execute(sa.select(schema.writers.c.id).where(schema.writers.c.id == writer_id)).scalar()
        if known is None:
            raise ValueError(f"Expected a stored writer. Received: writer {writer_id}, who is not in the database.")
        batch_id = schema.new_id(connection, schema.batches)
        values = {"writer_id": writer_id, "kind": kind, "labels": labels, "seed": seed, "created_at": schema.now()}
        schema.insert(connection, schema.batches, id=batch_id, **values)
        schema.mark_changed(connection, [batch_id])
        return batch_id


def read_batch(store: Store, batch_id: int) -> Batch:
    """Return a batch as it is now.

    Raises:
        ValueError: If there is no such batch.
    """
    found = read_batches(store, batch_ids=[batch_id])
    if not found:
        raise ValueError(f"Expected a stored batch. Received: batch {batch_id}. Reload the page.")
    return found[0]


def read_batches(
    store: Store,
    writer_id: int | None = None,
    kinds: Sequence[str] = KINDS,
    batch_ids: Iterable[int] | None = None,
) -> list[Batch]:
    """Return the batches of a writer and of these kinds and ids (None: of all), oldest first."""
    drawings, sheets, of_batch = schema.drawings.c, schema.sheets.c, schema.batches.c.id
    drawn = sa.select(sa.func.count()).where(drawings.batch_id == of_batch, drawings.deleted_at.is_(None))
    seconds = sa.select(sa.func.sum(drawings.seconds)).where(drawings.batch_id == of_batch)
    extra = sa.select(sa.func.sum(sheets.extra_seconds)).where(sheets.batch_id == of_batch)  # of no digit, yet work
    query = (
        sa.select(
            schema.batches,
            schema.writers.c.name.label("writer"),
            drawn.scalar_subquery().label("drawn"),
            seconds.scalar_subquery().label("seconds"),
            extra.scalar_subquery().label("extra"),
        )
        .join(schema.writers, schema.writers.c.id == schema.batches.c.writer_id)
        .where(schema.batches.c.kind.in_(kinds))
        .order_by(schema.batches.c.id)
    )
    if writer_id is not None:
        query = query.where(schema.batches.c.writer_id == int(writer_id))
    if batch_ids is not None:
        query = query.where(schema.batches.c.id.in_([int(batch_id) for batch_id in batch_ids]))
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
                seconds=float((row.seconds or 0) + (row.extra or 0)),
                version=row.version,
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
