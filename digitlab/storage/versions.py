"""What parts of the database are like now, as short texts: the cache keys of what is derived from them."""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.models import has_model
from digitlab.storage.store import Store


def batches_version(store: Store, batch_ids: Sequence[int] | None = None) -> str:
    """Return a text that is another one after each change of these batches (None: of all), their digits and writers.

    Example:
        >>> store = Store("sqlite://")
        >>> batches_version(store) == batches_version(store, [7])
        True
    """
    batches, writers = schema.batches.c, schema.writers.c
    query = sa.select(batches.id, batches.version, batches.kind, writers.name).order_by(batches.id)
    query = query.join(schema.writers, writers.id == batches.writer_id)
    if batch_ids is not None:
        query = query.where(batches.id.in_([int(batch_id) for batch_id in batch_ids]))
    return _hash(store, query)


def runs_version(store: Store) -> str:
    """Return a text that is another one after each change of the runs: what else a run holds stays."""
    table = schema.runs.c
    return _hash(store, sa.select(table.id, table.name, table.sources_erased, has_model()).order_by(table.id))


def curves_version(store: Store) -> str:
    """Return a text that is another one after each new point or forecast of a learning curve: none is changed."""
    tables = schema.curve_points, schema.forecasts
    ends = [sa.select(end(table.c.id)).scalar_subquery() for table in tables for end in (sa.func.max, sa.func.count)]
    return _hash(store, sa.select(*ends))


def _hash(store: Store, query: sa.Select[tuple[object, ...]]) -> str:
    with store.read() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    return hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()
