"""Backups: one file that holds the whole database, the models too, made while people draw; and back again."""

import logging
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.addresses import file_of, parse
from digitlab.storage.copying import copy_database
from digitlab.storage.opening import find_revision
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store

_KEPT = ("drawings WHERE deleted_at IS NULL", "runs")  # what a database holds that is not lightly overwritten
_MODELS = "model_files WHERE kind = 'tflite'"
_log = logging.getLogger("digitlab.storage")


@dataclass(frozen=True)
class Contents:
    """What a backup holds: drawings that are not deleted, runs, and how many of these have a model."""

    drawings: int
    runs: int
    models: int


def back_up(url: str, file: Path) -> Contents:
    """Copy a database into one file, as it is at one moment.

    Whoever draws meanwhile is not kept waiting. The file appears when it is complete. It is of the newest schema
    version, also if the database is not yet, and then holds the models that an earlier DigitLab kept in a folder.

    Args:
        url: Of the database.
        file: Where to.

    Raises:
        StoreError: If the database is none of DigitLab's, or the file cannot be written or is there already.
    """
    if file.exists():
        raise StoreError(f"Expected a new file for the backup. Received: {file}, which is there already.")
    part = file.with_name(f"{file.name}.part")
    try:
        _remove(part)
        if _in_file(url):
            _copy_file(file_of(url), part)
        else:
            copy_database(url, f"sqlite:///{part}")
        with closing(_connect(part)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whatever SQLite keeps beside the database
            contents = _contents(copy)
        part.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The backup {file} cannot be written: {error}. Nothing was changed.") from error
    finally:
        _remove(part)
    _log.info("Backup written: %d drawings, %d runs.", contents.drawings, contents.runs)
    return contents


def restore(file: Path, url: str, *, force: bool = False) -> Contents:
    """Put a backup in the place of a database: all of it or, after an error, nothing.

    Args:
        file: As `back_up` wrote it.
        url: Of the database; an older backup is brought to the newest schema version.
        force: Overwrite an SQLite database that holds something; one on a server must be empty.

    Raises:
        StoreError: If the file is no backup of DigitLab's or of a newer one, or there is a database that holds
            something.
    """
    if not file.is_file():
        raise StoreError(f"Expected a backup. Received: {file}, which is not there.")
    if not _in_file(url):
        return _restore_to_server(file, url)
    _check(file)
    path = file_of(url)
    if path.exists() and not force and _holds_something(path):
        raise StoreError(
            f"The database {path} holds drawings or runs. Make a backup of them first; --force then overwrites them."
        )
    store = Store(url)  # whose version the restored one must exceed: a cache may know states of today
    version = store.version()
    store.close()
    part = path.with_name(f"{path.name}.part")
    try:
        _remove(part)
        _copy_file(file, part)
        with closing(_connect(part)) as copy, closing(_connect(path)) as target:
            contents = _contents(copy)
            with copy:
                copy.execute("UPDATE digitlab_meta SET data_version = max(data_version, ?) + 1", (version,))
            copy.backup(target)  # one transaction: all of it or nothing, also for a server that still runs
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The backup {file} cannot be restored: {error}.") from error
    finally:
        _remove(part)
    Store(url).close()
    _log.info("Backup restored: %d drawings, %d runs.", contents.drawings, contents.runs)
    return contents


def _restore_to_server(file: Path, url: str) -> Contents:
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "digitlab.db"
        _copy_file(file, part)
        copy_database(f"sqlite:///{part}", url)
        with closing(_connect(part)) as copy:
            return _contents(copy)


def _in_file(url: str) -> bool:
    return parse(url).get_backend_name() == "sqlite"


def _copy_file(path: Path, part: Path) -> None:
    """Copy an SQLite database as it is at one moment, and bring the copy to the newest schema version."""
    if not path.exists():
        raise StoreError(f"Expected a database. Received: {path}, which is not there.")
    _check(path)
    with closing(_connect(path)) as source, closing(_connect(part)) as copy:
        source.backup(copy)
    Store(f"sqlite:///{part}").close()


def _remove(part: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        part.with_name(part.name + ending).unlink(missing_ok=True)


def _check(path: Path) -> None:
    """Refuse what is not DigitLab's or of a newer DigitLab."""
    engine = sa.create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            empty = find_revision(connection) is None
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(f"{path} is no database of DigitLab: {getattr(error, 'orig', None) or error}.") from error
    finally:
        engine.dispose()
    if empty:
        raise StoreError(f"Expected a database of DigitLab. Received: {path}, which is empty.")


def _holds_something(path: Path) -> bool:
    with closing(_connect(path)) as connection:
        try:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.Error:
            return True
        return bool(tables) and (schema.meta.name not in tables or any(map(partial(_count, connection), _KEPT)))


def _contents(connection: sqlite3.Connection) -> Contents:
    return Contents(*(_count(connection, what) for what in (*_KEPT, _MODELS)))


def _count(connection: sqlite3.Connection, what: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection
