import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawing_records import PromptTakenError
from digitlab.storage.drawings import read_drawing_rows, read_drawings, save_drawing
from digitlab.storage.runs import delete_runs, read_runs, rename_run
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store, default_url
from digitlab.storage.writers import add_writer, read_writers
from tests.helpers import a_run, add_run
from tests.postgresql import execute
from tests.storage.samples import DIGIT, ON_POSTGRESQL, ON_SQLITE, STROKES

ROOT = Path(__file__).parents[2]


def test_a_new_database_is_empty(store):
    assert (read_writers(store), read_batches(store), read_drawings(store, [1]), read_runs(store)) == ({}, [], [], [])
    assert store.version() == 0


def test_the_version_grows_with_every_write_and_only_then(store):
    writer = add_writer(store, "Ana")
    batch = start_batch(store, writer, "one", [1, 2], 0)
    writes = [
        lambda: add_writer(store, "Bo"),
        lambda: start_batch(store, writer, "one", [1], 0),
        lambda: save_drawing(store, (batch, 0), STROKES, DIGIT, 1),
        lambda: save_drawing(store, (batch, 1), STROKES, DIGIT, 1),
        lambda: add_run(store, a_run("dense-1")),
        lambda: rename_run(store, "dense-1", "B"),
        lambda: delete_runs(store, ["dense-1"]),
    ]
    for write in writes:
        before = store.version()
        write()
        assert store.version() > before
    before = store.version()
    for read in (read_writers, read_batches, read_runs, read_drawing_rows):
        read(store)
    read_dataset(store, [batch])
    add_writer(store, "Ana")
    assert store.version() == before


def test_two_stores_write_from_threads(url):
    stores = [Store(url), Store(url)]
    writer = add_writer(stores[0], "Ana")
    batch = start_batch(stores[0], writer, "full", [number % 10 for number in range(60)], 0)
    before, errors = stores[0].version(), []

    def write(number):
        try:
            for position in range(number, 60, 4):
                save_drawing(stores[number % 2], (batch, position), STROKES, DIGIT, 1)
                read_drawings(stores[number % 2], [batch])
                assert add_writer(stores[number % 2], f"Bo {position // 4}") > writer
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(drawing.position for drawing in read_drawings(stores[1], [batch])) == list(range(60))
    assert len(read_writers(stores[0])) == 16
    assert stores[0].version() >= before + 60 + 15
    for store in stores:
        store.close()


def test_the_same_prompt_saved_by_many_at_once_is_there_once(store, batch_id):
    refused = []

    def save():
        try:
            save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0)
        except PromptTakenError as error:
            refused.append(error)

    threads = [threading.Thread(target=save) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(batch.drawn, batch.seconds) for batch in read_batches(store)] == [(1, 1.0)]
    assert len(refused) == 7


@ON_SQLITE
def test_a_reader_does_not_wait_for_a_writer(store, url, batch_id):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    assert len(read_drawings(store, [batch_id])) == 1
    other.rollback()
    other.close()


def test_kill_9_right_after_a_save(url):
    program = """
import sys
import numpy as np
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
store = Store(sys.argv[1])
batch = start_batch(store, add_writer(store, "Ana"), "one", range(10), 0)
for position in range(10):
    save_drawing(store, (batch, position), [np.ones((2, 2))], np.full((28, 28), position, np.uint8), 1)
    print(position, flush=True)
    sys.stdin.readline()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        for position in range(4):
            assert process.stdout.readline() == f"{position}\n"
            if position < 3:
                process.stdin.write("\n")
                process.stdin.flush()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    store = Store(url)
    (batch,) = read_batches(store)
    assert [drawing.digit[0, 0] for drawing in read_drawings(store, [batch.id])] == [0, 1, 2, 3]
    save_drawing(store, (batch.id, 4), STROKES, DIGIT, 1)
    store.close()


@ON_SQLITE
def test_a_write_waits_for_the_disk(store):
    """No test can cut the power; these are the settings with which SQLite keeps a commit all the same."""
    with store._engine.connect() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]  # 2 is FULL


@ON_POSTGRESQL
def test_on_a_server_a_write_waits_for_the_disk_and_for_nobody_for_ever(store):
    with store.read() as connection:
        names = "synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout"
        assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names] == ["on", "30s", "1min"]


@ON_POSTGRESQL
def test_who_writes_on_another_server_keeps_no_reader_waiting_and_a_writer_not_for_ever(store, url, batch_id):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    sa.event.listen(store._engine, "checkout", lambda connection, *_: connection.execute("SET lock_timeout = '100ms'"))
    engine = sa.create_engine(url)
    with engine.connect() as other:
        other.exec_driver_sql("UPDATE digitlab_meta SET data_version = data_version + 1")
        assert len(read_drawings(store, [batch_id])) == 1
        with pytest.raises(StoreError, match="cannot be written to: .*lock timeout.*Nothing was stored"):
            save_drawing(store, (batch_id, 1), STROKES, DIGIT, 1)
        other.rollback()
    engine.dispose()
    save_drawing(store, (batch_id, 1), STROKES, DIGIT, 1)


@ON_POSTGRESQL
def test_a_server_that_was_started_anew_is_found_again(store, url, batch_id):
    """Its connections are gone: the next query opens another one, and nobody sees an error."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        mine = "pid <> pg_backend_pid() AND datname = current_database()"
        other.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
    engine.dispose()
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    assert len(read_drawings(store, [batch_id])) == 1


@pytest.mark.slow
def test_a_read_only_server_is_told(new_postgresql_url):
    store = Store(new_postgresql_url)
    batch_id = start_batch(store, add_writer(store, "Ana"), "full", [3, 1, 4], seed=5)
    name = sa.make_url(new_postgresql_url).database
    execute(sa.make_url(new_postgresql_url), f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store._engine.dispose()
    with pytest.raises(StoreError, match="cannot be written to: cannot execute UPDATE in a read-only transaction"):
        save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    assert read_drawings(store, [batch_id]) == []
    store.close()


@ON_SQLITE
def test_a_full_disk_is_told_and_nothing_is_stored(store, batch_id):
    """SQLite with a limit on the number of pages behaves as on a full disk."""

    def limit(connection, _record, _proxy):
        connection.execute("PRAGMA max_page_count = 1")

    sa.event.listen(store._engine, "checkout", limit)
    before = store.version()
    big = [np.random.default_rng(0).uniform(0, 280, (5000, 2))]
    with pytest.raises(StoreError, match="cannot be written to.*full.*Nothing was stored"):
        save_drawing(store, (batch_id, 0), big, DIGIT, 1)
    assert store.version() == before
    assert read_drawings(store, [batch_id]) == []


@ON_SQLITE
def test_a_school_reads_at_once_and_nobody_waits_for_a_connection(store):
    with ExitStack() as stack:
        for connection in [stack.enter_context(store.read()) for _ in range(120)]:
            connection.execute(sa.select(1))


@pytest.mark.parametrize("way", ["read", "write"])
def test_whoever_finds_no_connection_is_told_so(store, way):
    """It was an exception on the page."""
    pool = store._engine.pool
    pool._timeout = 0.05  # s; it is half a minute
    with ExitStack() as stack:
        for _ in range(pool.size() + pool._max_overflow):
            stack.enter_context(store.read())
        told = pytest.raises(StoreError, match="more people want something of it than it can serve at once")
        with told, getattr(store, way)():
            pytest.fail("there was one")


def test_where_the_database_is(monkeypatch):
    assert default_url() == os.environ["DIGITLAB_DATABASE_URL"]
    monkeypatch.delenv("DIGITLAB_DATABASE_URL")
    assert default_url() == f"sqlite:///{ROOT / 'data' / 'digitlab.db'}"
