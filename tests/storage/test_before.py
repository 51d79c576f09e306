"""A database of the version before (schema 2) opens and shows the same numbers.

before.db.gz was made by the code of commit b898f35: drawings of Ana's and a test batch of hers with one deleted and one
marked; two sheets of Bo's, one saved and one in hand; two real trainings and a reference; all points of Ana's learning
curve, and its forecast. The numbers below are what that code read from it.
"""

import gzip
from pathlib import Path

import pytest

from digitlab.storage.batches import read_batches
from digitlab.storage.curve_points import ForecastRow, PointKey, read_forecast, read_points, read_seeds, read_sizes
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawings import read_drawing_rows
from digitlab.storage.runs import read_runs
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store

FORECAST = PointKey("4f2a8f83675a9145", "", "1b64c267cbffd0d4", 50)


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "digitlab.db"
    path.write_bytes(gzip.decompress((Path(__file__).parent / "before.db.gz").read_bytes()))
    opened = Store(f"sqlite:///{path}")
    yield opened
    opened.close()


def test_batches_and_drawings(store):
    assert store.version() == 121
    assert [(batch.writer, batch.kind, len(batch.labels), batch.drawn) for batch in read_batches(store)] == [
        ("Ana", "full", 50, 50),
        ("Ana", "test", 10, 9),
        ("Bo", "full", 20, 3),
    ]
    assert [batch.seconds for batch in read_batches(store)] == pytest.approx([100, 12.5, 6.224])
    assert read_dataset(store, [1]).version == "4f2a8f83675a9145"
    assert read_dataset(store, [3]).version == "ae4cf622bbf9ccd9"
    rows = read_drawing_rows(store)
    assert [(row.id, row.label, row.deleted, row.marks) for row in rows[50:52]] == [
        (51, 0, True, ()),
        (52, 1, False, ("tiny", "looks like a 7")),
    ]
    assert rows[0].think_seconds is None
    assert all(row.think_seconds > 0 and row.draw_seconds > 0 for row in rows[60:])


def test_a_sheet_in_hand_goes_on(store):
    batch = read_batches(store)[2]
    sheet = load_sheet(store, 2)
    assert open_sheet(store, batch, 6, 10.0) == sheet
    assert (sheet.labels, sheet.acknowledged) == ((2, 4, 5, 6, 7, 8), {"boundo": 9})
    assert [(stroke.cell, stroke.points[0]) for stroke in sheet.strokes] == [
        (0, (30.0, 35.0, 0.0, 0.5)),
        (1, (44.3, 18.6, 0.0, 0.5)),
        (1, (61.4, 35.0, 0.0, 0.5)),
    ]
    assert sheet.time.active == pytest.approx(8.104)
    save = {"n": 10, "type": "save", "at": 1_790_000_060_000}
    assert len(store_message(store, {"sheet": 2, "client": "boundo", "events": [save]}).drawing_ids) == 2


def test_runs(store):
    runs = {run.id: run for run in read_runs(store)}
    assert {run_id: (run.name, run.tests["mnist"].correct) for run_id, run in runs.items()} == {
        "dense-1": ("Dense network on MNIST", 5934),
        "full-1": ("Ana's fifty digits", 2501),
        "nearest-mean-1": ("Nearest mean image", 820),
    }
    assert [runs[run_id].tests["own"].correct for run_id in ("dense-1", "full-1")] == [7, 4]
    assert [epoch.loss for epoch in runs["full-1"].history] == [2.3358390808105467, 2.1353736877441407]
    assert (runs["full-1"].train.batch_ids, runs["full-1"].drawings) == ((1,), 50)
    assert runs["full-1"].settings.hidden_units == (16,)
    assert (runs["nearest-mean-1"].settings, runs["nearest-mean-1"].history) == (None, ())


def test_points_and_the_forecast(store):
    own = "a3929b2c8f3fcc82"
    assert read_sizes(store, own) == [10, 16, 25, 40, 50, 53]  # the last with Bo's three
    key = PointKey("4f2a8f83675a9145", own, "1b64c267cbffd0d4", 50)
    assert read_seeds(store, key) == {0, 1, 2, 3, 4}
    point = read_points(store, key, digits=10)[4]
    assert (point.n, point.seed, point.training_seconds) == (50, 4, 4.5)
    assert (point.tests["mnist"].accuracy, point.tests["own"].correct) == (0.707, 8)
    path = read_forecast(store, FORECAST)
    assert (len(path), path[0], path[-1]) == (
        40,
        ForecastRow(50.0, 0.705, 0.705, 0.705),
        ForecastRow(20_000.0, 0.79797, 0.74848, 0.86146),
    )
