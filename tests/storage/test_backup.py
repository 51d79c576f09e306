import gzip
import sqlite3
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from digitlab.storage import backup, schema
from digitlab.storage.backup import back_up, restore
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.models import ModelFiles, read_model_file
from digitlab.storage.runs import read_runs
from digitlab.storage.schema import SCHEMA_VERSION, StoreError
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.storage.versions import batches_version
from digitlab.storage.writers import read_writers
from tests.helpers import a_run, add_run
from tests.storage.pads import Pad, counts, in_threads, new_batch
from tests.storage.people import fill
from tests.storage.samples import DIGIT, STROKES


@pytest.fixture
def url(sqlite_url):
    return sqlite_url


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup.db"


@pytest.fixture
def written(url, file):
    """Write a backup and return what is in it."""
    return lambda: back_up(url, file)


@pytest.fixture
def other(tmp_path):
    """The address of a database on another machine."""
    (tmp_path / "other").mkdir()
    return f"sqlite:///{tmp_path / 'other' / 'digitlab.db'}"


def contents(store):
    """All rows of all tables but the data version."""
    with store.read() as connection:
        tables = [table for table in schema.metadata.sorted_tables if table is not schema.meta]
        return repr(
            [connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all() for table in tables]
        )


def test_all_comes_back_on_another_machine(store, three, file, written, other):
    model = ModelFiles(b"to train further" * 9999, b"to predict with" * 9999, b"its piles" * 9999)
    add_run(store, a_run("full-1", "full"), model)
    add_run(store, a_run("nearest-mean-1", "nearest_mean"))
    found = written()
    assert (found.drawings, found.runs, found.models) == (3, 2, 1)
    assert restore(file, other) == found
    restored = Store(other)
    assert contents(restored) == contents(store)
    assert read_model_file(restored, "full-1", "npz") == model.piles
    restored.close()
    assert not list(file.parent.rglob("*.part*"))


def test_a_backup_is_one_file_of_one_moment_while_a_class_draws(store, url, file):
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
                seen.append(back_up(url, place).drawings)
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


def test_what_is_there_is_only_overwritten_by_force(store, three, file, url, written):
    written()
    save_drawing(store, (1, 2), STROKES, DIGIT, 1.0)
    before = contents(store)
    with pytest.raises(StoreError, match="--force"):
        restore(file, url)
    assert contents(store) == before
    restore(file, url, force=True)
    assert [row.id for row in read_drawing_rows(store)] == three


def test_a_server_that_still_runs_takes_nothing_for_what_it_had(store, three, file, url, written):
    """Its caches are keyed by versions: none may come a second time for another state."""
    written()
    save_drawing(store, (1, 2), STROKES, DIGIT, 1.0)
    seen, version = batches_version(store), store.version()
    restore(file, url, force=True)
    assert store.version() > version
    save_drawing(store, (1, 2), STROKES, 255 - DIGIT, 1.0)
    assert batches_version(store) != seen


def test_an_older_backup_is_brought_up_to_date(tmp_path, other):
    restore(unpacked(tmp_path), other)
    restored = Store(other)
    assert read_writers(restored)
    restored.close()


def test_a_backup_of_an_earlier_version_brings_its_models(tmp_path, other):
    """They were in a table of their own, by the names of their files; only those of runs are taken."""
    old, files = (
        unpacked(tmp_path),
        {"dense-1.tflite": b"a", "dense-1.keras": b"b", "../x.keras": b"c", "gone.npz": b"d"},
    )
    with sqlite3.connect(old) as connection:
        connection.execute("CREATE TABLE backup_models (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
        connection.executemany("INSERT INTO backup_models VALUES (?, ?)", files.items())
    connection.close()
    assert restore(old, other).models == 1
    restored = Store(other)
    assert [read_model_file(restored, "dense-1", kind) for kind in ("tflite", "keras", "npz")] == [b"a", b"b", None]
    assert counts(restored)["model_files"] == 2
    assert {run.id: run.model_missing for run in read_runs(restored)} == {
        "dense-1": False,
        "full-1": True,
        "nearest-mean-1": False,
    }
    restored.close()


def test_a_backup_of_a_database_that_is_not_upgraded_yet_has_its_models_and_leaves_it_as_it_is(
    tmp_path, file, other, monkeypatch
):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "full-1.tflite").write_bytes(b"a network")
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(folder))
    old = unpacked(tmp_path)
    before = old.read_bytes()
    assert back_up(f"sqlite:///{old}", file).models == 1
    assert old.read_bytes() == before
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(tmp_path / "elsewhere"))
    restore(file, other)
    restored = Store(other)
    assert read_model_file(restored, "full-1", "tflite") == b"a network"
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
    file, other = folder / "b.db", f"sqlite:///{folder / 'other.db'}"
    back_up(url, file)
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()
    before = contents(store)
    with pytest.raises(StoreError, match=message):
        restore(file, other)
    with pytest.raises(StoreError, match=message):
        restore(file, url, force=True)
    assert contents(store) == before
    assert not Path(other.removeprefix("sqlite:///")).exists()


def test_what_is_no_database_is_refused(tmp_path, file, other):
    notes = tmp_path / "notes.txt"
    notes.write_text("Buy milk.\n" * 200)
    with pytest.raises(StoreError, match="no database of DigitLab"):
        restore(notes, other)
    with pytest.raises(StoreError, match="not there"):
        restore(tmp_path / "nothing.db", other)
    with pytest.raises(StoreError, match="not there"):
        back_up(other, file)
    with pytest.raises(StoreError, match="in a file"):
        back_up("sqlite://", file)


def test_a_backup_never_takes_the_place_of_a_file(url, store, file):
    file.write_text("mine")
    with pytest.raises(StoreError, match="there already"):
        back_up(url, file)
    assert file.read_text() == "mine"
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(url, file.parent / "no" / "such.db")


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


@pytest.mark.slow
def test_a_database_on_a_server_is_written_into_a_file_and_back(postgresql_url, other_postgresql_url, file, other):
    store = Store(postgresql_url)
    fill(store, "Ana")
    found, before = back_up(postgresql_url, file), contents(store)
    assert (found.drawings, found.runs, found.models) == (1, 1, 1)
    for address in (other_postgresql_url, other):
        assert restore(file, address) == found
        restored = Store(address)
        assert contents(restored) == before
        restored.close()
    with pytest.raises(StoreError, match="Expected an empty database"):
        restore(file, postgresql_url, force=True)
    assert contents(store) == before
    store.close()
    assert [path.name for path in file.parent.glob("backup*")] == [file.name]
