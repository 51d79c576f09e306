"""Backups: one file that holds the database and the files of the models, made while people draw; and back again."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.opening import find_revision
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store

_MODELS = "backup_models"  # only in a backup: the models' files by name
_log = logging.getLogger("digitlab.storage")


@dataclass(frozen=True)
class Contents:
    """What a backup holds: drawings that are not deleted, runs, files of models."""

    drawings: int
    runs: int
    model_files: int


def back_up(url: str, file: Path, list_models: Callable[[], Mapping[str, Path]]) -> Contents:
    """Copy a database and the files of its models into one file, as they are at one moment.

    Whoever draws meanwhile is not kept waiting. The file appears when it is complete.

    Args:
        url: Of the database.
        file: Where to.
        list_models: Tells the files of models by name; asked when the database is copied: no run lacks its model.

    Raises:
        StoreError: If the database is none of DigitLab's or no SQLite database, or the file cannot be written or is
            there already.
    """
    if file.exists():
        raise StoreError(f"Expected a new file for the backup. Received: {file}, which is there already.")
    source_path = _path(url)
    if not source_path.exists():
        raise StoreError(f"Expected a database. Received: {source_path}, which is not there.")
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        _check(source_path)
        with closing(_connect(source_path)) as source, closing(_connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whatever SQLite keeps beside the database
            with copy:
                copy.execute(f"CREATE TABLE {_MODELS} (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
                for name, path in list_models().items():
                    with suppress(FileNotFoundError):  # deleted at this moment
                        copy.execute(f"INSERT INTO {_MODELS} VALUES (?, ?)", (name, path.read_bytes()))  # noqa: S608
            contents = _contents(copy)
        part.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The backup {file} cannot be written: {error}. Nothing was changed.") from error
    finally:
        part.unlink(missing_ok=True)
    _log.info("Backup written: %d drawings, %d runs.", contents.drawings, contents.runs)
    return contents


def restore(file: Path, url: str, models_folder: Path, *, force: bool = False) -> Contents:
    """Put a backup in the place of a database: all of it or, after an error, nothing.

    Args:
        file: As `back_up` wrote it.
        url: Of the database; an older backup is brought to the newest schema version.
        models_folder: Where the models' files go; those that are there stay as they are.
        force: Overwrite a database that holds something.

    Raises:
        StoreError: If the file is no backup of DigitLab's or of a newer one, or there is a database that holds
            something.
    """
    if not file.is_file():
        raise StoreError(f"Expected a backup. Received: {file}, which is not there.")
    _check(file)
    path = _path(url)
    if path.exists() and not force and _holds_something(path):
        raise StoreError(
            f"The database {path} holds drawings or runs. Make a backup of them first; --force then overwrites them."
        )
    store = Store(url)  # whose version the restored one must exceed: a cache may know states of today
    version = store.version()
    store.close()
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with closing(_connect(file)) as source, closing(_connect(part)) as copy, closing(_connect(path)) as target:
            source.backup(copy)
            contents = _contents(copy)
            if contents.model_files:
                _write_models(models_folder, copy.execute(f"SELECT name, content FROM {_MODELS}"))  # noqa: S608
            with copy:
                copy.execute(f"DROP TABLE IF EXISTS {_MODELS}")
                copy.execute("UPDATE digitlab_meta SET data_version = max(data_version, ?) + 1", (version,))
            copy.backup(target)  # one transaction: all of it or nothing, also for a server that still runs
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The backup {file} cannot be restored: {error}.") from error
    finally:
        for ending in ("", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)
    Store(url).close()
    _log.info("Backup restored: %d drawings, %d runs.", contents.drawings, contents.runs)
    return contents


def _write_models(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        path = folder / Path(name).name  # whatever a file says, nothing is written elsewhere
        if not path.exists():
            path.write_bytes(content)


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
        return bool(tables) and (schema.meta.name not in tables or _contents(connection) != Contents(0, 0, 0))


def _contents(connection: sqlite3.Connection) -> Contents:
    def count(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    has_models = count(f"SELECT count(*) FROM sqlite_master WHERE name = '{_MODELS}'")  # noqa: S608
    return Contents(
        count("SELECT count(*) FROM drawings WHERE deleted_at IS NULL"),
        count("SELECT count(*) FROM runs"),
        count(f"SELECT count(*) FROM {_MODELS}") if has_models else 0,  # noqa: S608
    )


def _path(url: str) -> Path:
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        raise StoreError(
            f"Expected an SQLite database in a file. Received: {address.render_as_string(hide_password=True)}. Use the "
            "tools of that database, such as pg_dump."
        )
    return Path(address.database)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection
