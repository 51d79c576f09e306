"""Writers: the people who draw, by name."""

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.names import check_writer_name
from digitlab.storage.people import OWNER, NotAllowedError, Person
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
    find = sa.select(schema.writers.c.id).where(schema.writers.c.name == name)
    with store.read() as connection:
        known: int | None = connection.execute(find).scalar()
    if known is not None:
        return known
    with store.write() as connection:
        known = connection.execute(find).scalar()  # another window may have been quicker
        if known is None:
            known = schema.insert(connection, schema.writers, id=schema.new_id(connection, schema.writers), name=name)
        return known


def read_writers(store: Store) -> dict[int, str]:
    """Return all writers, `{id: name}`, in the order of their names."""
    with store.read() as connection:
        rows = connection.execute(sa.select(schema.writers).order_by(schema.writers.c.name))
        return {row.id: row.name for row in rows}
