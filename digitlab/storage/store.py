"""The database, open: every write is one transaction and is on disk when it returns.

What is kept in it is read and written by the other modules of this room, one for each kind of thing.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import sqlalchemy as sa

from digitlab.mnist import DATA_DIR
from digitlab.storage import addresses, schema
from digitlab.storage.opening import open_database
from digitlab.storage.schema import StoreError

_log = logging.getLogger("digitlab.storage")
# What a database says that is locked, full, read-only or gone, or that cannot hold a value.
_REFUSALS = sa.exc.OperationalError, sa.exc.InternalError, sa.exc.DataError
_TOO_MANY = "The database is busy: more people want something of it than it can serve at once."


def default_url() -> str:
    """Address of the database: `DIGITLAB_DATABASE_URL`, or SQLite in data/."""
    return os.environ.get("DIGITLAB_DATABASE_URL") or f"sqlite:///{DATA_DIR / 'digitlab.db'}"


class Store:
    """An open database.

    Args:
        url: SQLAlchemy address of the database, such as `sqlite:////home/ana/digits.db` or
            `postgresql+psycopg://ana:PASSWORD@school/digits`.

    Raises:
        StoreError: If it cannot be opened, is not a DigitLab database, or was made by a newer DigitLab.

    Example:
        >>> Store("sqlite://").version()
        0
    """

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)
        self._writing = Lock()  # who waits for another writer of this process holds no connection
        self.place = addresses.shown(url)
        self._url = url

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def version(self) -> int:
        """Return a number that grows with every write. What is derived from a part has a key in `versions.py`."""
        with self.read() as connection:
            version: int = connection.execute(sa.select(schema.meta.c.data_version)).scalar_one()
        return version

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection to read with.

        Raises:
            StoreError: If the database cannot be read, or too many read at once.
        """
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.TimeoutError as error:
            _log.warning("Refused: no connection was free to read with.")
            raise StoreError(f"{_TOO_MANY} Try again in a moment.") from error
        except _REFUSALS as error:
            raise StoreError(f"The database {self.place} cannot be read: {self._said(error)}.") from error

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a connection to read with for long: all that is read on it is of one moment, whoever writes meanwhile.

        Raises:
            StoreError: As `read`.
        """
        with self.read() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction: all that is written in it is on disk when it ends, or nothing after an error.

        One at a time. Inside it use its connection alone: whoever opens another one may wait for itself.

        Raises:
            StoreError: If the database refuses.
        """
        try:
            with self._writing, self._engine.begin() as connection:
                # First of all, so that the transaction takes the write lock before it reads.
                connection.execute(schema.meta.update().values(data_version=schema.meta.c.data_version + 1))
                yield connection
        except sa.exc.TimeoutError as error:
            _log.warning("Refused: no connection was free to write with.")
            raise StoreError(f"{_TOO_MANY} Nothing was stored. Try again in a moment.") from error
        except _REFUSALS as error:
            said = self._said(error)
            _log.warning("Refused by the database: %s.", said)
            raise StoreError(f"The database {self.place} cannot be written to: {said}. Nothing was stored.") from error

    def _said(self, error: sa.exc.DBAPIError) -> str:
        return addresses.without_secrets(error.orig, self._url)
