"""Copying a database into an empty one of another kind: a class moves from a file to a PostgreSQL server, or back."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.addresses import file_of, parse, shown, without_secrets
from digitlab.storage.opening import find_revision
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store

_TABLES = [table for table in schema.metadata.sorted_tables if table is not schema.meta]  # what is referred to first
_AT_ONCE = 500  # rows read and written at once
_LARGE_AT_ONCE = 8  # of a megabyte each
_log = logging.getLogger("digitlab.storage")


@dataclass(frozen=True)
class Copied:
    """What was copied: drawings, deleted ones too, runs, files of models, and the rows of all tables."""

    drawings: int
    runs: int
    model_files: int
    rows: int


def copy_database(source_url: str, target_url: str) -> Copied:
    """Copy everything from one database into another: all of it, as it is at one moment, or nothing.

    Args:
        source_url: Of a database of DigitLab's; an older one is brought to the newest schema version first, as whenever
            it is opened.
        target_url: Of an empty database, or of one in which nothing was stored yet.

    Returns:
        What was copied: counted on both sides before it was kept.

    Raises:
        StoreError: If one of them cannot be opened, there is nothing to copy, the target holds something, or what came
            there is not what was sent. Its message tells no password.
    """
    _check_source(source_url)
    _check_target(target_url)
    with closing(Store(source_url)) as source, closing(Store(target_url)) as target:
        try:
            with source.snapshot() as reading, target.write() as writing:
                _check_empty(writing, target_url)  # nobody else writes any more
                counts = {table.name: _copy_table(table, reading, writing, source_url) for table in _TABLES}
                _copy_settings(reading, writing)
                for table in _TABLES:
                    _check_same(table, reading, writing)
                if writing.dialect.name == "postgresql":
                    _set_sequences(writing)
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(_failed(target_url, error)) from None  # what it says may quote names
    copied = Copied(counts["drawings"], counts["runs"], counts["model_files"], sum(counts.values()))
    _log.info("Database copied: %d drawings, %d runs.", copied.drawings, copied.runs)
    return copied


def _check_source(url: str) -> None:
    if parse(url).get_backend_name() == "sqlite" and not file_of(url).is_file():
        raise StoreError(f"Expected a database to copy. Received: {shown(url)}, which is not there.")
    if not _tables(url):
        raise StoreError(f"Expected a database of DigitLab to copy. Received: {shown(url)}, which is empty.")


def _check_target(url: str) -> None:
    if parse(url).get_backend_name() == "sqlite" and not file_of(url).exists():
        return
    there = _tables(url)
    if there:
        engine = sa.create_engine(parse(url), poolclass=sa.NullPool)
        with engine.connect() as connection:
            _check_empty(connection, url, there)


def _tables(url: str) -> set[str]:
    """Return the names of the tables of a database, which is left as it is.

    Raises:
        StoreError: If it cannot be read, or is another program's or a newer DigitLab's.
    """
    try:
        engine = sa.create_engine(parse(url), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return set() if find_revision(connection) is None else set(sa.inspect(connection).get_table_names())
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        said = without_secrets(getattr(error, "orig", None) or error, url)
        raise StoreError(f"The database {shown(url)} cannot be opened: {said}.") from None


def _check_empty(connection: sa.Connection, url: str, there: set[str] | None = None) -> None:
    tables = [table for table in _TABLES if there is None or table.name in there]
    full = [table.name for table in tables if connection.execute(sa.select(sa.literal(1)).select_from(table)).first()]
    if full:
        raise StoreError(
            f"Expected an empty database to copy into. Received: {shown(url)}, which holds {' and '.join(full[:3])}. "
            "Nothing was copied."
        )


def _copy_table(table: sa.Table, reading: sa.Connection, writing: sa.Connection, source_url: str) -> int:
    copied = 0
    for rows in _read(table, reading, source_url):
        writing.execute(table.insert(), rows)
        copied += len(rows)
    return copied


def _read(table: sa.Table, reading: sa.Connection, source_url: str) -> Iterator[Sequence[dict[str, Any]]]:
    size = _LARGE_AT_ONCE if table is schema.model_files else _AT_ONCE
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=size)
    try:
        for rows in reading.execute(query).mappings().partitions():
            yield [dict(row) for row in rows]
    except (sa.exc.SQLAlchemyError, ValueError) as error:  # ValueError: what should be JSON is none
        said = without_secrets(getattr(error, "orig", None) or error, source_url)
        raise StoreError(f"The table {table.name} of {shown(source_url)} cannot be read: {said}.") from None


def _copy_settings(reading: sa.Connection, writing: sa.Connection) -> None:
    """Copy what is set for the class; the version exceeds those of both, for caches may know states of either."""
    meta = schema.meta.c
    settings = meta.frozen, meta.names_hidden, meta.drawings_hidden, meta.last_id
    values = reading.execute(sa.select(*settings)).mappings().one()
    version: int = reading.execute(sa.select(meta.data_version)).scalar_one()
    writing.execute(schema.meta.update().values(**values, data_version=meta.data_version + version))


def _check_same(table: sa.Table, reading: sa.Connection, writing: sa.Connection) -> None:
    """Count rows and bytes on both sides."""
    bytes_of = [sa.func.sum(sa.func.length(c)) for c in table.columns if isinstance(c.type, sa.LargeBinary)]
    query = sa.select(sa.func.count(), *bytes_of).select_from(table)
    sent, came = reading.execute(query).one(), writing.execute(query).one()
    if tuple(sent) != tuple(came):
        raise StoreError(
            f"Expected all of the table {table.name}: {tuple(sent)} rows and bytes. Received: {tuple(came)}. Nothing "
            "was copied."
        )


def _set_sequences(writing: sa.Connection) -> None:
    """Let PostgreSQL number the next rows after the last one that was copied."""
    for table in _TABLES:
        key = table.autoincrement_column
        last = None if key is None else writing.execute(sa.select(sa.func.max(key))).scalar()
        if key is not None and last is not None:
            writing.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, key.name), last)))


def _failed(url: str, error: sa.exc.SQLAlchemyError) -> str:
    first = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
    return f"Nothing was copied to {shown(url)}: {without_secrets(first, url)}."
