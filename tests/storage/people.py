"""People who have something in every table."""

from dataclasses import replace

import numpy as np

from digitlab.run import TestResult
from digitlab.storage import classroom
from digitlab.storage.batches import start_batch
from digitlab.storage.curve_points import PointKey, add_forecast, add_point
from digitlab.storage.drawings import delete_drawings, save_drawing
from digitlab.storage.predictions import keep_predictions
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from tests.helpers import a_run, add_run
from tests.storage.pads import Pad, again
from tests.storage.samples import DIGIT, STROKES

TEST = TestResult(10, 6, 0.6, 0.3, 0.8, ((5, 4), (0, 1)))


def owned(person, run_id, **more):
    return replace(a_run(run_id, "full", **more), owner_id=person.id)


def fill(store, name):
    """Somebody with something in every table; returns the person, and the batch they drew."""
    person, _ = classroom.join(store, name)
    batch_id = start_batch(store, person.id, "full", [3, 1, 4, 1, 5], 0, by=person)
    ids = [save_drawing(store, (batch_id, place), STROKES, DIGIT, 1.0, by=person) for place in range(2)]
    delete_drawings(store, ids[:1], by=person)
    sheet = open_sheet(store, again(store, batch_id), 2, 10.0)
    store_message(store, Pad(sheet).digit(0).message(), by=person)
    add_run(store, owned(person, f"full-{person.id}", name=f"40 drawings by {name}", batch_ids=(batch_id,)))
    version = again(store, batch_id).version
    keep_predictions(store, f"full-{person.id}", {batch_id: (version, np.array([3], np.uint8))})
    key = PointKey(f"{person.id:016}", "", "b" * 16, 10)
    add_point(store, key, 0, {"mnist": TEST}, 1.0, batch_ids=(batch_id,))
    add_forecast(store, key, [], batch_ids=(batch_id,))
    return person, batch_id
