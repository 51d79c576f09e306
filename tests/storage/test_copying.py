"""A class moves into another database: everything, or nothing."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.storage import classroom, copying, schema
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.copying import copy_database
from digitlab.storage.drawings import save_drawing
from digitlab.storage.models import ModelFiles, read_model_file
from digitlab.storage.people import OWNER
from digitlab.storage.schema import StoreError
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, add_run
from tests.storage.pads import Pad, counts
from tests.storage.people import fill
from tests.storage.samples import DIGIT, STROKES

MODEL = ModelFiles(bytes(range(256)) * 5000, b"\x00\xff" * 70_000, b"piles")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def target_url(request, tmp_path):
    """The address of the empty database to copy into; `url` is that of the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'target.db'}"
    return request.getfixturevalue("other_postgresql_url")


@pytest.fixture
def full(store):
    """Two people with something in every table, a class that is frozen, and a person that was erased."""
    fill(store, "Ana")
    person, _ = fill(store, "Bo \N{GREEK SMALL LETTER BETA} %s 'or'")
    add_run(store, a_run("full-9", "full"), MODEL)
    classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=True, drawings_hidden=True), OWNER)
    with store.write() as connection:
        connection.execute(schema.meta.update().values(last_id=41))
    assert all(counts(store).values()), "a table is empty: put something into `fill`"
    return person


@pytest.fixture
def copied(url, target_url, full):
    """The store that was copied into, open."""
    copy_database(url, target_url)
    opened = Store(target_url)
    yield opened
    opened.close()


def rows(store):
    """All rows of all tables but the version of the database."""
    with store.read() as connection:
        found = {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in schema.metadata.sorted_tables
            if table is not schema.meta
        }
        settings = connection.execute(
            sa.select(*(column for column in schema.meta.c if column.name not in ("schema_version", "data_version")))
        )
        return found | {"settings": [tuple(row) for row in settings]}


def test_everything_is_there_as_it_was(store, copied):
    """Floats to the last digit, bytes, empty values, and characters of all kinds."""
    assert rows(copied) == rows(store)
    assert read_model_file(copied, "full-9", "keras") == MODEL.keras
    assert copied.version() > store.version()


@pytest.mark.slow
def test_a_database_without_any_table_is_filled(store, url, new_postgresql_url, full):
    copy_database(url, new_postgresql_url)
    target = Store(new_postgresql_url)
    assert rows(target) == rows(store)
    target.close()


def test_what_was_copied_is_counted(store, url, target_url, full):
    copied = copy_database(url, target_url)
    there = counts(store)
    assert (copied.drawings, copied.runs, copied.model_files) == (4, 3, 2 * 2 + 3)
    assert copied.rows == sum(there.values()) - there["digitlab_meta"]


def test_work_goes_on_in_the_new_database(copied, full):
    """The next rows get numbers of their own, sheets in hand go on, and what was erased is not taken for new."""
    classroom.set_settings(copied, ClassSettings(frozen=False, names_hidden=False), OWNER)
    before = counts(copied)
    (batch,) = read_batches(copied, full.id)
    sheet = open_sheet(copied, batch, 20, 10.0)
    assert sheet.strokes
    drawn = store_message(copied, Pad(sheet, "new").digit(1).tell("save").message())
    assert min(drawn.drawing_ids) > 4
    writer = add_writer(copied, "Cem")
    assert writer == 42
    batch = start_batch(copied, writer, "full", [1, 2], 0)
    assert batch == 42
    assert save_drawing(copied, (batch, 0), STROKES, DIGIT, 1.0) > max(drawn.drawing_ids)
    assert counts(copied)["drawings"] == before["drawings"] + len(drawn.drawing_ids) + 1
    fill(copied, "Dee")


def test_what_is_drawn_meanwhile_is_left_out_as_a_whole(store, url, target_url, full, monkeypatch):
    """The copy is of one moment: that of its beginning."""
    copy_table, before = copying._copy_table, rows(store)

    def slow(table, *more):
        copied = copy_table(table, *more)
        if table is schema.writers:
            batch = start_batch(store, add_writer(store, "Late"), "full", [1], 0)
            save_drawing(store, (batch, 0), STROKES, DIGIT, 1.0)
        return copied

    monkeypatch.setattr(copying, "_copy_table", slow)
    copy_database(url, target_url)
    monkeypatch.undo()
    opened = Store(target_url)
    assert rows(opened) == before != rows(store)
    opened.close()


def test_what_holds_something_is_never_written_to(store, url, target_url, full):
    target = Store(target_url)
    add_writer(target, "Mine")
    before = rows(target)
    with pytest.raises(StoreError, match="Expected an empty database.*which holds writers"):
        copy_database(url, target_url)
    with pytest.raises(StoreError, match="Expected an empty database"):
        copy_database(url, url)
    assert rows(target) == before
    target.close()


def test_a_database_in_which_nothing_was_stored_yet_is_empty(store, url, target_url, full):
    Store(target_url).close()
    copy_database(url, target_url)
    target = Store(target_url)
    assert rows(target) == rows(store)
    target.close()


def test_a_copy_that_fails_leaves_nothing_and_can_be_done_again(store, url, target_url, full, monkeypatch):
    copy_table = copying._copy_table

    def broken(table, *more):
        if table is schema.predictions:
            more[1].exec_driver_sql("SELECT no_such_column FROM runs")
        return copy_table(table, *more)

    monkeypatch.setattr(copying, "_copy_table", broken)
    with pytest.raises(StoreError, match="no_such_column"):
        copy_database(url, target_url)
    monkeypatch.undo()
    target = Store(target_url)
    assert sum(counts(target).values()) == 1, "the settings alone"
    copy_database(url, target_url)
    assert rows(target) == rows(store)
    target.close()


def test_a_row_that_gets_lost_is_noticed(store, url, target_url, full, monkeypatch):
    read = copying._read

    def forgetful(table, *more):
        yield from (part[1:] if table is schema.pen_events else part for part in read(table, *more))

    monkeypatch.setattr(copying, "_read", forgetful)
    with pytest.raises(StoreError, match="Expected all of the table pen_events.*Nothing was copied"):
        copy_database(url, target_url)
    target = Store(target_url)
    assert sum(counts(target).values()) == 1
    target.close()


def test_bytes_that_get_lost_are_noticed(store, url, target_url, full, monkeypatch):
    read = copying._read

    def short(table, *more):
        for part in read(table, *more):
            yield [row | {"content": row["content"][:-1]} for row in part] if table is schema.model_files else part

    monkeypatch.setattr(copying, "_read", short)
    with pytest.raises(StoreError, match="Expected all of the table model_files"):
        copy_database(url, target_url)


def test_what_cannot_be_copied_is_told_by_name(tmp_path, store, url, sqlite_url):
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with pytest.raises(StoreError, match=r"gone.db, which is not there"):
        copy_database(f"sqlite:///{tmp_path / 'gone.db'}", target)
    assert not (tmp_path / "gone.db").exists()
    sqlite3.connect(tmp_path / "blank.db").close()
    with pytest.raises(StoreError, match=r"blank.db, which is empty"):
        copy_database(f"sqlite:///{tmp_path / 'blank.db'}", target)
    (tmp_path / "notes.txt").write_text("Buy milk.\n" * 200)
    with pytest.raises(StoreError, match=r"notes.txt cannot be opened: file is not a database"):
        copy_database(f"sqlite:///{tmp_path / 'notes.txt'}", target)
    with pytest.raises(StoreError, match=r"notes.txt cannot be opened"):
        copy_database(url, f"sqlite:///{tmp_path / 'notes.txt'}")
    with sqlite3.connect(tmp_path / "photos.db") as other:
        other.execute("CREATE TABLE photos (name)")
    with pytest.raises(StoreError, match="photos"):
        copy_database(url, f"sqlite:///{tmp_path / 'photos.db'}")
    assert not Path(target.removeprefix("sqlite:///")).exists()


def test_a_damaged_row_is_told_with_its_table(store, url, target_url, batch_id):
    save_drawing(store, (batch_id, 0), [np.zeros((2, 2))], DIGIT, 1.0)
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes no JSON that is none")
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE drawings SET strokes = '[['")
    with pytest.raises(StoreError, match="The table drawings of .* cannot be read"):
        copy_database(url, target_url)
