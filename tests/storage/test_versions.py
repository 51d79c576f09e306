import numpy as np
import pytest

from digitlab.storage import schema, versions
from digitlab.storage.batches import start_batch
from digitlab.storage.curve_points import PointKey, add_forecast, add_point
from digitlab.storage.drawings import (
    delete_drawings,
    keep_drawings,
    relabel_drawings,
    restore_drawings,
    save_drawing,
)
from digitlab.storage.runs import delete_runs, rename_run
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, add_run
from tests.storage.conftest import watch_versions
from tests.storage.pads import Pad
from tests.storage.samples import DIGIT, STROKES

CHANGES = {
    "draw": lambda store, ids: save_drawing(store, (1, 2), STROKES, DIGIT, 1.0),
    "draw again": lambda store, ids: save_drawing(store, (1, 0), STROKES, DIGIT, 1.0, replaces=ids[0]),
    "relabel": lambda store, ids: relabel_drawings(store, ids[:1], 9),
    "keep": lambda store, ids: keep_drawings(store, ids[:1]),
    "delete": lambda store, ids: delete_drawings(store, ids[:1]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_batch_gives_it_another_version_and_leaves_the_others(store, three, name):
    before = versions.batches_version(store), versions.batches_version(store, [1]), versions.batches_version(store, [2])
    CHANGES[name](store, three)
    now = versions.batches_version(store), versions.batches_version(store, [1]), versions.batches_version(store, [2])
    assert now[0] != before[0]
    assert now[1] != before[1]
    assert now[2] == before[2]


def test_what_is_put_back_is_another_state(store, three):
    seen = {versions.batches_version(store, [1])}
    for change in (delete_drawings, restore_drawings, delete_drawings, restore_drawings):
        change(store, [np.int64(three[0])])
        seen.add(versions.batches_version(store, [1]))
    assert len(seen) == 5


def test_strokes_on_a_sheet_change_no_batch_but_its_save_does(store, batch, sheet):
    before = versions.batches_version(store)
    store_message(store, Pad(sheet).digit(0).message())
    assert versions.batches_version(store) == before
    store_message(store, Pad(sheet, "two").tell("save").message())
    assert versions.batches_version(store) != before


def test_a_new_batch_never_has_the_version_of_one_that_is_gone(store, batch_id):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0)
    before = versions.batches_version(store)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM drawings")
        connection.exec_driver_sql("DELETE FROM batches")
    assert start_batch(store, 1, "full", [3, 1, 4], seed=5) == batch_id
    save_drawing(store, (batch_id, 0), STROKES, 255 - DIGIT, 1.0)
    assert versions.batches_version(store) != before


def test_another_name_of_a_writer_counts(store, batch_id):
    before = versions.batches_version(store)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE writers SET name = 'Bea'")
    assert versions.batches_version(store) != before


def test_runs(store, batch_id):
    seen = [versions.runs_version(store)]
    for change in (
        lambda: add_run(store, a_run("one-1", "one")),
        lambda: rename_run(store, "one-1", "Anew"),
        lambda: delete_runs(store, ["one-1"]),
    ):
        change()
        seen.append(versions.runs_version(store))
        add_writer(store, f"writer {len(seen)}")
        assert versions.runs_version(store) == seen[-1]
    assert len(set(seen)) == 3, "without runs it is as it was"


def test_curves(store):
    key = PointKey("a" * 16, "", "b" * 16, 10)
    seen = {versions.curves_version(store)}
    add_point(store, key, 0, {}, 1.0)
    seen.add(versions.curves_version(store))
    add_forecast(store, key, [])
    seen.add(versions.curves_version(store))
    assert len(seen) == 3


def test_a_change_that_forgets_the_version_is_seen(url, batch_id):
    """Else the check of every test of this room would find nothing."""
    opened = Store(url)
    forgotten = watch_versions(opened)
    save_drawing(opened, (batch_id, 0), STROKES, DIGIT, 1.0)
    assert forgotten == []
    with opened.write() as connection:
        connection.execute(schema.drawings.update().where(schema.drawings.c.id == 1).values(label=9))
    opened.close()
    assert len(forgotten) == 1
