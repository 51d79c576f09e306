"""A database of its own for each test, of SQLite and of PostgreSQL."""

import os
import re

import pytest
import sqlalchemy as sa

from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.databases import empty_database
from tests.postgresql import NoServerError, find_programs, new_database, run_server
from tests.storage.pads import begun_sheet, new_batch
from tests.storage.samples import DIGIT, STROKES


@pytest.fixture(scope="session")
def postgresql():
    """The address of a server; on a machine without PostgreSQL tests are skipped, but not where all must run."""
    try:
        find_programs()
    except NoServerError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    with run_server() as server:
        yield server


@pytest.fixture(scope="session")
def lent_postgresql(postgresql):
    """Two databases for one test after the other: to empty one takes a tenth of what a new one does."""
    with new_database(postgresql) as one, new_database(postgresql) as other:
        for address in (one, other):
            Store(address).close()
        yield one, other


@pytest.fixture
def postgresql_url(lent_postgresql):
    """The address of a PostgreSQL database in which nothing is stored."""
    empty_database(lent_postgresql[0])
    return lent_postgresql[0]


@pytest.fixture
def other_postgresql_url(lent_postgresql):
    """The address of another one."""
    empty_database(lent_postgresql[1])
    return lent_postgresql[1]


@pytest.fixture
def new_postgresql_url(postgresql):
    """The address of a PostgreSQL database without any table."""
    with new_database(postgresql) as address:
        yield address


@pytest.fixture
def sqlite_url(tmp_path):
    """The address of an SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'digitlab.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request):
    """The address of a database in which nothing is stored. What is about SQLite's file alone takes `sqlite_url`."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(url):
    opened = Store(url)
    forgotten = watch_versions(opened)
    yield opened
    opened.close()
    assert not forgotten, "a change of drawings must give their batch a new version: schema.mark_changed"


def watch_versions(store):
    """Return a list that gets every statement that changes drawings in a transaction that gives no batch a version."""
    forgotten = []

    def note(connection, _cursor, statement, _parameters, context, _many):
        if context.compiled is None or statement.startswith("UPDATE drawings") and "WHERE" not in statement:
            # The test's own.
            return
        changes = connection.info.setdefault("changes", [])
        if re.match("(INSERT INTO|UPDATE|DELETE FROM) drawings ", statement):
            changes.append(statement)
        if statement.startswith("UPDATE batches SET version"):
            changes.append(None)

    def judge(connection):
        changes = connection.info.pop("changes", [])
        if None not in changes:
            forgotten.extend(changes)

    sa.event.listen(store._engine, "after_cursor_execute", note)
    sa.event.listen(store._engine, "commit", judge)
    sa.event.listen(store._engine, "rollback", lambda connection: connection.info.pop("changes", None))
    return forgotten


@pytest.fixture
def batch_id(store):
    """Ana is asked for a 3, a 1 and a 4."""
    return start_batch(store, add_writer(store, "Ana"), "full", [3, 1, 4], seed=5)


@pytest.fixture
def three(store, batch_id):
    """Three drawings: Ana's of 3 and 1, and Bo's of 7 in a test batch."""
    other = start_batch(store, add_writer(store, "Bo"), "test", [7], seed=0)
    ids = [save_drawing(store, (batch_id, position), STROKES, DIGIT + position, 1.5) for position in range(2)]
    return [*ids, save_drawing(store, (other, 0), STROKES, 255 - DIGIT, 2.5)]


@pytest.fixture
def batch(store):
    return new_batch(store)


@pytest.fixture
def sheet(store, batch):
    return begun_sheet(store, batch, 5)
