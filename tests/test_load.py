"""The short form of tests/benchmarks/load.py: a few people draw at once, and what is on disk is what they were told."""

import asyncio
import time

import pytest
import sqlalchemy as sa

from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks import load
from tests.benchmarks.class_data import fill
from tests.benchmarks.drawers import Person
from tests.browser.server import check_log, database_in, end_server, start_server
from tests.storage.pads import Pad


@pytest.mark.slow
def test_what_four_people_are_told_is_stored_is_stored(tmp_path):
    result = load.measure_load(tmp_path, 4, seconds=6, pace=0.15)
    assert result["failed"] == []
    assert result["wrong"] == []
    assert result["acknowledged"] == result["strokes"] > 40
    assert result["sheets"] >= 4
    assert result["p50"] < 2000
    assert result["mb"] < 400


@pytest.mark.slow
def test_every_page_opens_with_what_a_class_has_drawn(tmp_path):
    """Of what the benchmark fills in for a class, a small part."""
    store = Store(database_in(tmp_path))
    fill(store, drawings=300, runs=6, writers=3)
    store.close()
    server = start_server("app.py", tmp_path)
    try:
        for name, (page, query) in load.PAGES.items():
            visit = asyncio.run(load.visit(server.url, page, query))
            assert visit["exceptions"] == [], name
            assert visit["mb_sent"] < 1, name
    finally:
        end_server(server)
    check_log(server)


@pytest.fixture
def store(tmp_path):
    opened = Store(database_in(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def drawer(store):
    """One person, whose sheet is saved and whose every event was acknowledged."""
    start_batch(store, add_writer(store, load.name_of(0)), "full", [3, 1], 0)
    pad = Pad(open_sheet(store, read_batches(store)[0], 2, 10.0)).digit(0).digit(1).tell("save")
    store_message(store, pad.message())
    person = Person("", 1.0, 0)
    for event in pad.events:
        key = pad.sheet.id, pad.client, event["n"]
        person.sent[key], person.acknowledged_at[key] = event, time.monotonic()
    return person


def test_the_comparison_finds_nothing_where_nothing_is_wrong(store, drawer):
    assert load.compare_with_database(store, [drawer]) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("DELETE FROM pen_events WHERE number = 1", "was acknowledged and is not there"),
        ("UPDATE pen_events SET client = 'b1' WHERE number = 1", "was never sent"),
        ("UPDATE writers SET name = 'somebody'", "is another writer's"),
        ("UPDATE pen_events SET event = json_set(event, '$.cell', 1) WHERE number = 1", "is not as it was sent"),
        ("DELETE FROM drawings WHERE position = 0", "2 cells of saved sheets are filled, 1 of 1 drawings are kept"),
        ("UPDATE drawings SET deleted_at = '2026' WHERE position = 0", "1 of 2 drawings"),
    ],
)
def test_the_comparison_finds_what_is_wrong(store, drawer, change, found):
    with store.write() as connection:
        connection.execute(sa.text(change))
    assert any(found in text for text in load.compare_with_database(store, [drawer]))
