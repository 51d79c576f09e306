"""The short form of tests/benchmarks/faults.py: each fault once, with two people."""

import pytest

from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks import faults, load
from tests.benchmarks.drawers import Person
from tests.browser.server import database_in
from tests.helpers import a_run, add_run
from tests.storage.pads import Pad

# Those of a row break one after the other in the same round: most of its time goes into the starts of servers. Of the
# processes that train one stands for all: each costs a start of TensorFlow more. In a browser a cut is tried by
# tests/browser/test_sheet_pen.py.
SHORT = [["server"], ["nanny"], ["windows", "socket", "clock", "cut"], ["readonly", "lock", "full"]]


@pytest.mark.slow
@pytest.mark.parametrize("broken", SHORT, ids=" ".join)
def test_nothing_is_lost_whatever_breaks(tmp_path, broken):
    result = faults.one_round(tmp_path, broken, people=2, seed=1, lasts=3, cut=6)
    assert result["wrong"] == []
    assert result["waiting"] == 0, "all has arrived in the end"
    assert result["acknowledged"] > 5


def test_every_fault_is_tried_somewhere():
    elsewhere = {"worker", "scheduler", "training", "browser"}
    assert {fault for broken in SHORT for fault in broken} == {*faults.FAULTS} - elsewhere


@pytest.fixture
def store(tmp_path):
    opened = Store(database_in(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def drawers(store):
    """Two windows of one person, each with a saved sheet of its own."""
    start_batch(store, add_writer(store, load.name_of(0)), "full", [3, 1, 4, 5], 0)
    windows = [Person("", 1.0, 0, window=number) for number in (0, 1)]
    for person in windows:
        pad = Pad(open_sheet(store, read_batches(store)[0], 2, 10.0), f"window{person.window}").digit(0).digit(1)
        store_message(store, pad.tell("save").message())
        person.sent |= {(pad.sheet.id, pad.client, event["n"]): event for event in pad.events}
    return windows


def test_nothing_is_mixed_where_each_window_has_a_sheet_of_its_own(store, drawers):
    assert faults.find_mixed(store, drawers) == []
    assert load.compare_with_database(store, drawers) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE drawings SET strokes = '[]' WHERE id = 1", "drawing 1 has 0 strokes of"),
        ("UPDATE drawings SET label = 9 WHERE id = 2", "drawing 2 has another label than its prompt"),
        ("UPDATE sheets SET positions = '[0, 1]'", "prompt 0 of batch 1 is on two sheets"),
    ],
)
def test_what_is_mixed_is_found(store, drawers, change, found):
    with store.write() as connection:
        connection.exec_driver_sql(change)
    assert any(found in text for text in faults.find_mixed(store, drawers))


def test_a_sheet_of_two_windows_is_found(store, drawers):
    drawers[1].sent |= drawers[0].sent
    assert any("was written on in 2 windows" in text for text in faults.find_mixed(store, drawers))


def test_a_run_without_its_model_is_found(store, tmp_path):
    add_run(store, a_run("dense-1"))
    assert faults.is_sound(tmp_path) == []
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM model_files")
    assert faults.is_sound(tmp_path) == ["1 runs have no model"]
