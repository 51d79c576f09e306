import gzip
import sqlite3
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from digitlab.storage import backup, schema
from digitlab.storage.backup import back_up, restore
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.runs import add_run
from digitlab.storage.schema import SCHEMA_VERSION, StoreError
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.storage.versions import batches_version
from digitlab.storage.writers import read_writers
from tests.helpers import a_run
from tests.storage.pads import Pad, in_threads, new_batch
from tests.storage.samples import DIGIT, STROKES


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup.db"


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "full-1.tflite").write_bytes(b"a network")
    return lambda: {path.name: path for path in folder.iterdir()}


@pytest.fixture
def written(url, file, models):
    """Write a backup and return what is in it."""
    return lambda: back_up(url, file, models)


class Machine(NamedTuple):
    """Where a backup is restored."""

    url: str
    models: Path

    def restore(self, file, **more):
        return restore(file, self.url, self.models, **more)


@pytest.fixture
def other(tmp_path):
    (tmp_path / "other").mkdir()
    return Machine(f"sqlite:///{tmp_path / 'other' / 'digitlab.db'}", tmp_path / "other" / "models")


@pytest.fixture
def here(url, tmp_path):
    return Machine(url, tmp_path / "models")


def contents(store):
    """All rows of all tables but the data version."""
    with store.read() as connection:
        tables = [table for table in schema.metadata.sorted_tables if table is not schema.meta]
        return repr([connection.execute(sa.select(table)).all() for table in tables])


def test_all_comes_back_on_another_machine(store, three, file, written, other):
    add_run(store, a_run("full-1", "full"))
    found = written()
    assert (found.drawings, found.runs, found.model_files) == (3, 1, 1)
    assert other.restore(file) == found
    restored = Store(other.url)
    assert contents(restored) == contents(store)
    restored.close()
    assert (other.models / "full-1.tflite").read_bytes() == b"a network"
    assert not list(file.parent.rglob("*.part*"))


def test_a_backup_is_one_file_of_one_moment_while_a_class_draws(store, url, file, models):
    """Sheets are saved with two digits each, in one transaction: no backup has one of them alone."""
    batches = [new_batch(store, f"writer {number}", per_digit=5) for number in range(4)]
    ended, seen = threading.Event(), []

    def draw(batch):
        while not ended.is_set() and (sheet := open_sheet(store, batch, 2, 10.0)):
            store_message(store, Pad(sheet).digit(0).digit(1).tell("save").message())

    def watch():
        try:
            for number in range(5):
                place = file.with_name(f"{number}.db")
                seen.append(back_up(url, place, models).drawings)
                assert not list(file.parent.glob(f"{place.name}-*")), "one file"
                with sqlite3.connect(place) as copy:
                    (saved,) = copy.execute("SELECT count(*) FROM sheets WHERE saved_at IS NOT NULL").fetchone()
                    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                    assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
                copy.close()
                assert seen[-1] == 2 * saved
                time.sleep(0.02)
        finally:
            ended.set()

    in_threads([watch, *(lambda batch=batch: draw(batch) for batch in batches)])
    assert seen == sorted(seen)
    assert seen[-1] > seen[0], "they went on drawing"


def test_what_is_there_is_only_overwritten_by_force(store, three, file, written, here):
    written()
    save_drawing(store, (1, 2), STROKES, DIGIT, 1.0)
    before = contents(store)
    with pytest.raises(StoreError, match="--force"):
        here.restore(file)
    assert contents(store) == before
    here.restore(file, force=True)
    assert [row.id for row in read_drawing_rows(store)] == three


def test_a_server_that_still_runs_takes_nothing_for_what_it_had(store, three, file, written, here):
    """Its caches are keyed by versions: none may come a second time for another state."""
    written()
    save_drawing(store, (1, 2), STROKES, DIGIT, 1.0)
    seen, version = batches_version(store), store.version()
    here.restore(file, force=True)
    assert store.version() > version
    save_drawing(store, (1, 2), STROKES, 255 - DIGIT, 1.0)
    assert batches_version(store) != seen


def test_an_older_backup_is_brought_up_to_date(tmp_path, other):
    other.restore(unpacked(tmp_path))
    restored = Store(other.url)
    assert read_writers(restored)
    restored.close()


def unpacked(tmp_path):
    """A database as an earlier version left it."""
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress((Path(__file__).parent / "before.db.gz").read_bytes()))
    return path


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (f"UPDATE digitlab_meta SET schema_version = {SCHEMA_VERSION + 1}", "made by a newer DigitLab"),
        ("DROP TABLE digitlab_meta", "Expected a DigitLab database"),
    ],
)
def test_what_is_newer_or_foreign_is_refused(url, store, three, statement, message):
    folder = Path(url.removeprefix("sqlite:///")).parent
    file, here, other = folder / "b.db", Machine(url, folder), Machine(f"sqlite:///{folder / 'other.db'}", folder)
    back_up(url, file, dict)
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()
    before = contents(store)
    with pytest.raises(StoreError, match=message):
        other.restore(file)
    with pytest.raises(StoreError, match=message):
        here.restore(file, force=True)
    assert contents(store) == before
    assert not Path(other.url.removeprefix("sqlite:///")).exists()


def test_what_is_no_database_is_refused(tmp_path, file, models, other):
    notes = tmp_path / "notes.txt"
    notes.write_text("Buy milk.\n" * 200)
    with pytest.raises(StoreError, match="no database of DigitLab"):
        other.restore(notes)
    with pytest.raises(StoreError, match="not there"):
        other.restore(tmp_path / "nothing.db")
    with pytest.raises(StoreError, match="not there"):
        back_up(other.url, file, models)
    with pytest.raises(StoreError, match=r"pg_dump") as error:
        back_up("postgresql://ana:secret@host/digits", file, models)
    assert "secret" not in str(error.value)


def test_a_backup_never_takes_the_place_of_a_file(url, store, file, models):
    file.write_text("mine")
    with pytest.raises(StoreError, match="there already"):
        back_up(url, file, models)
    assert file.read_text() == "mine"
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(url, file.parent / "no" / "such.db", models)


def test_a_full_disk_leaves_no_half_backup(store, three, file, written, monkeypatch):
    connect = backup._connect

    def small(path):
        connection = connect(path)
        if path.suffix == ".part":
            connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr(backup, "_connect", small)
    with pytest.raises(StoreError, match="cannot be written.*full"):
        written()
    assert not list(file.parent.glob("backup*"))


def test_a_model_is_written_into_its_folder_whatever_the_backup_says(store, three, file, written, other):
    written()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE backup_models SET name = '../../outside.tflite'")
    connection.close()
    other.restore(file)
    assert [path.name for path in other.models.iterdir()] == ["outside.tflite"]
