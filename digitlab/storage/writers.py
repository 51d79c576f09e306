"""Writers: the people who draw, by name."""

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.store import Store


def add_writer(store: Store, name: str) -> int:
    """Return the id of the writer called `name`, who is added if new.

    Raises:
        ValueError: If the name is empty or longer than 80 characters.

    Example:
        >>> store = Store("sqlite://")
        >>> add_writer(store, "Ana") == add_writer(store, " Ana ")
        True
    """
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise ValueError(f"Expected a writer's name of 1 to 80 characters. Received: {len(name)} characters.")
    find = sa.select(schema.writers.c.id).where(schema.writers.c.name == name)
    with store.read() as connection:
        known: int | None = connection.execute(find).scalar()
    if known is not None:
        return known
    with store.write() as connection:
        known = connection.execute(find).scalar()  # another window may have been quicker
        return known or schema.insert(connection, schema.writers, name=name)


def read_writers(store: Store) -> dict[int, str]:
    """Return all writers, `{id: name}`, in the order of their names."""
    with store.read() as connection:
        rows = connection.execute(sa.select(schema.writers).order_by(schema.writers.c.name))
        return {row.id: row.name for row in rows}
