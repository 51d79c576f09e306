"""Writers: the people who draw, by name."""

from collections.abc import Sequence

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.names import check_writer_name
from digitlab.storage.people import OWNER, NotAllowedError, Person, check_batches
from digitlab.storage.store import Store


def add_writer(store: Store, name: str, by: Person = OWNER) -> int:
    """Return the id of the writer called `name`, who is added if new.

    Raises:
        ValueError: If the name is empty, longer than 80 characters, cannot be shown, or is that of the demo.
        NotAllowedError: If it is not the name of `by`, who may use no other.

    Example:
        >>> store = Store("sqlite://")
        >>> add_writer(store, "Ana") == add_writer(store, " Ana ")
        True
    """
    name = check_writer_name(name)
    if not by.may_do_everything and name != by.name:
        raise NotAllowedError("Expected your own name. Received: another one. Nothing was stored.")
    with store.read() as connection:
        known = _find(connection, name)
    if known is not None:
        return known
    with store.write() as connection:
        return take_writer(connection, name)  # another window may have been quicker


def take_writer(connection: sa.Connection, name: str) -> int:
    """Do what `add_writer` does inside a transaction, for a name that is checked."""
    known = _find(connection, name)
    if known is None:
        known = schema.insert(connection, schema.writers, id=schema.new_id(connection, schema.writers), name=name)
    return known


def _find(connection: sa.Connection, name: str) -> int | None:
    known: int | None = connection.execute(sa.select(schema.writers.c.id).where(schema.writers.c.name == name)).scalar()
    return known


def give_batches(store: Store, batch_ids: Sequence[int], name: str, *, by: Person = OWNER) -> None:
    """Say whose batches these are: what somebody drew before giving a name goes along.

    Args:
        store: Where they are kept.
        batch_ids: Of the batches, with all that is in them.
        name: Of the writer, who is added if new.
        by: Whoever says it.

    Raises:
        ValueError: As `add_writer`.
        NotAllowedError: If a batch is another person's, or the name is.
    """
    writer_id = add_writer(store, name, by)
    given = schema.batches.c.id.in_([int(batch_id) for batch_id in batch_ids])
    with store.write() as connection:
        check_batches(connection, by, given)
        connection.execute(schema.batches.update().where(given).values(writer_id=writer_id))


def read_writers(store: Store) -> dict[int, str]:
    """Return all writers, `{id: name}`, in the order of their names."""
    with store.read() as connection:
        rows = connection.execute(sa.select(schema.writers).order_by(schema.writers.c.name))
        return {row.id: row.name for row in rows}
