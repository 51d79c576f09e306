import hashlib
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from digitlab.storage import schema as module
from digitlab.storage.drawings import (
    save_drawing,
)
from digitlab.storage.runs import add_run, read_runs
from digitlab.storage.schema import MIGRATIONS, StoreError, upgrade
from digitlab.storage.store import Store
from digitlab.storage.writers import read_writers
from tests.helpers import a_run
from tests.storage.samples import DIGIT, STROKES


@pytest.mark.parametrize("attempt", range(3))
def test_many_open_a_new_database_at_once(url, attempt):
    together, outcomes = threading.Barrier(6), []

    def open_it():
        together.wait()
        try:
            opened = Store(url)
            outcomes.append(opened.version())
            opened.close()
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == 6 * [0]


def add_note(connection):
    connection.execute(sa.text("ALTER TABLE runs ADD COLUMN note VARCHAR(20) DEFAULT 'none'"))


def columns(engine, table):
    return {column["name"] for column in sa.inspect(engine).get_columns(table)}


def test_migrations_keep_what_is_there_and_run_once(store, url, batch_id):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    add_run(store, a_run("dense-1"))
    before = store.version()
    store.close()
    engine = sa.create_engine(url)
    for _ in range(2):
        with engine.begin() as connection:
            upgrade(connection, (*MIGRATIONS, add_note))
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id, note FROM runs")).all() == [("dense-1", "none")]
        assert connection.execute(sa.text("SELECT schema_version, data_version FROM digitlab_meta")).all() == [
            (len(MIGRATIONS) + 1, before)
        ]
    engine.dispose()


def test_a_database_from_before_learning_curves_gets_their_tables_and_keeps_its_drawings(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, MIGRATIONS[:1])
        connection.execute(module.writers.insert().values(name="Ana"))
    assert not {"curve_points", "forecasts"} & set(sa.inspect(engine).get_table_names())
    engine.dispose()
    store = Store(url)
    assert read_writers(store) == {1: "Ana"}
    with store.read() as connection:
        assert connection.execute(sa.select(module.curve_points)).all() == []
        assert connection.execute(sa.select(module.forecasts)).all() == []
    store.close()


def test_an_empty_database_gets_every_step(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, (*MIGRATIONS, add_note))
    assert "note" in columns(engine, "runs")
    engine.dispose()


def test_a_migration_that_fails_is_undone_as_a_whole(store, url, monkeypatch):
    add_run(store, a_run("dense-1"))

    def fail(connection):
        add_note(connection)
        connection.execute(sa.text("SELECT no_such_column FROM runs"))

    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, fail))
    with pytest.raises(StoreError, match="no such column"):
        Store(url)
    monkeypatch.undo()
    again = Store(url)
    assert len(read_runs(again)) == 1
    assert "note" not in columns(again._engine, "runs")
    again.close()


def test_a_newer_schema_is_refused(store, url, monkeypatch):
    store.close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, (*MIGRATIONS, add_note))
    engine.dispose()
    message = rf"schema version {len(MIGRATIONS)} or older. Received: version {len(MIGRATIONS) + 1}.*Update DigitLab"
    with pytest.raises(StoreError, match=message):
        Store(url)


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path, journal):
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA journal_mode = {journal}")
    other.execute("CREATE TABLE photos (name)")
    other.execute("INSERT INTO photos VALUES ('cat')")
    other.commit()
    other.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(StoreError, match=r"tables \['photos'\].*Point DIGITLAB_DATABASE_URL elsewhere"):
        Store(f"sqlite:///{path}")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    if journal == "DELETE":
        assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_database_is_refused_by_name(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("Buy milk.\n" * 200)
    for path in (text, tmp_path, tmp_path / "missing" / "digitlab.db"):
        with pytest.raises(StoreError, match="cannot be opened.*Check DIGITLAB_DATABASE_URL") as error:
            Store(f"sqlite:///{path}")
        assert str(path) in str(error.value)
    assert text.read_text() == "Buy milk.\n" * 200


@pytest.mark.parametrize("bad", ["digits.db", "", "nosuchdialect:///x"])
def test_addresses_that_are_none(bad):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(bad)


def test_a_password_is_never_told():
    with pytest.raises(StoreError) as error:
        Store("nosuchdialect://ana:secret@host/digits")
    assert "secret" not in str(error.value)
    assert "host/digits" in str(error.value)
