"""Opening a database: whose it is, and the upgrade of an older one."""

import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from digitlab.storage import addresses, old_models, schema
from digitlab.storage.schema import SCHEMA_VERSION, StoreError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).parent / "migrations"
_LAST_WITHOUT_ALEMBIC = 2  # older databases do not name their revision
# Connections kept, and more for a moment. An SQLite file has one for each of a school; a PostgreSQL server allows 100,
# and several servers and workers share them: who comes later waits, which is short, for a query is.
_POOL_OF_FILE: dict[str, Any] = {"pool_size": 10, "max_overflow": 190}
_POOL_OF_SERVER: dict[str, Any] = {"pool_size": 5, "max_overflow": 15, "pool_pre_ping": True}
_OPENING = 0xD1617AB  # names the lock of whoever opens a PostgreSQL database
_SWITCH_ATTEMPTS = 100  # 5 seconds

_alembic_version = sa.table("alembic_version", sa.column("version_num", sa.String))


def open_database(url: str) -> sa.Engine:
    """Connect to a database and bring it to the newest schema version.

    Args:
        url: SQLAlchemy address, of SQLite or PostgreSQL.

    Raises:
        StoreError: If it cannot be opened, is not a DigitLab database, or was made by a newer DigitLab.
    """
    address = addresses.parse(url)
    sqlite = address.get_backend_name() == "sqlite"
    in_memory = sqlite and address.database in (None, "", ":memory:")
    try:
        engine = sa.create_engine(address, **({} if in_memory else _POOL_OF_FILE if sqlite else _POOL_OF_SERVER))
        sa.event.listen(engine, "connect", _set_up_sqlite if sqlite else _set_up_postgresql)
        with engine.begin() as connection:
            # Two may open a new database at once, and a migration that fails is undone as a whole.
            if sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_OPENING)))
            revision = find_revision(connection)
            if revision != f"v{SCHEMA_VERSION}":
                upgrade(connection, revision)
            if revision is not None:
                old_models.take_in(connection)
        if sqlite:
            # Readers do not wait for a writer. Kept in the file, so only now that we know that it is ours.
            _let_readers_pass(engine)
    except (sa.exc.SQLAlchemyError, ImportError, OSError) as error:
        said = addresses.without_secrets(getattr(error, "orig", None) or error, url)
        raise StoreError(
            f"The database {addresses.shown(url)} cannot be opened: {said}. Check DIGITLAB_DATABASE_URL, "
            + (
                "that its folder exists and may be written to, and that it is a database."
                if sqlite
                else "that the server runs and knows this name and password, and that requirements-postgresql.txt is "
                "installed."
            )
        ) from (error if sqlite else None)
    return engine


def find_revision(connection: sa.Connection) -> str | None:
    """Return the revision of a database, such as `v2`; None of an empty one.

    Raises:
        StoreError: If it belongs to another program or to a newer DigitLab, or was upgraded in part.
    """
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if schema.meta.name not in tables:
        raise StoreError(
            f"Expected a DigitLab database or an empty one. Received: a database with the tables {sorted(tables)[:5]}. "
            "Point DIGITLAB_DATABASE_URL elsewhere; nothing was changed."
        )
    version: int = connection.execute(sa.select(schema.meta.c.schema_version)).scalar_one()
    revision = f"v{version}"
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"Expected a database of schema version {SCHEMA_VERSION} or older. Received: version {version}, made by a "
            "newer DigitLab. Update DigitLab; nothing was changed."
        )
    if _alembic_version.name in tables:
        named = connection.execute(sa.select(_alembic_version.c.version_num)).scalars().all()
    else:
        named = [revision] if version <= _LAST_WITHOUT_ALEMBIC else []
    if list(named) != [revision]:
        raise StoreError(
            f"Expected a database of schema version {version} at the revision {revision}. Received: {list(named)}: it "
            "was upgraded in part, or by another program. Go back to a copy of it; nothing was changed."
        )
    return revision


def upgrade(connection: sa.Connection, revision: str | None) -> None:
    """Bring a database from a revision (None: empty) to the newest, inside the caller's transaction."""
    # Alembic takes as long to load as all the rest of this room: only where there is something to do.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    scripts = _scripts()
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for step in reversed(list(scripts.iterate_revisions("head", revision or "base"))):
            step.module.upgrade()
    context.stamp(scripts, "head")


@cache
def _scripts() -> "ScriptDirectory":
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _let_readers_pass(engine: sa.Engine) -> None:
    """Switch SQLite to write-ahead logging; SQLite does not wait by itself for others who open it at this moment."""
    for attempt in range(_SWITCH_ATTEMPTS):
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except sa.exc.OperationalError:
            if attempt == _SWITCH_ATTEMPTS - 1:
                raise
            time.sleep(0.05)
        else:
            return


def _set_up_sqlite(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA synchronous = FULL")  # a committed drawing survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten in the file
    cursor.close()


def _set_up_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET synchronous_commit = on")  # a committed drawing survives a power cut
    cursor.execute("SET lock_timeout = '30s'")
    # A server that hangs or is cut off in the middle of a write must not keep all others from writing.
    cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
    cursor.close()
    connection.commit()
