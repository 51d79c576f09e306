"""In a browser: digits leave as a file; the file brings nothing twice; a photo is cut apart and stored."""

import io
import re
import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.experiment.write import write_experiment
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.controls import download, hand_in
from tests.browser.waiting import expect_no_message, idle
from tests.formats.a_photo import as_file, photographed, written
from tests.helpers import human_strokes

pytestmark = pytest.mark.slow  # what a click on each does is tried in tests/pages; here that files come through


def test_digits_leave_and_come_back(visit, app_url, store):
    batch_id = start_batch(store, add_writer(store, "Ana"), "full", range(10), 0)
    for label, strokes in human_strokes().items():
        arrays = [np.array(stroke, float) for stroke in strokes]
        save_drawing(store, (batch_id, label), arrays, strokes_to_digit(arrays), 1.5)
    page = visit(f"{app_url}/my_digits")
    name, content = download(page, "take_button")
    assert name == "digits-npz.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["digits.npz", "README.md"]
    hand_in(page, name, content)
    expect(page.get_by_text("10 digits: 0 new; 10 there already.")).to_be_visible()
    expect(page.get_by_role("button", name="Store 0 digits")).to_be_disabled()
    expect_no_message(page)


def test_an_experiment_leaves_and_another_ones_comes_in(visit, app_url, store, tmp_path):
    drawn = {}
    elsewhere = Store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    for where, name in ((store, "Ana"), (elsewhere, "Ana")):
        batch_id = start_batch(where, add_writer(where, name), "full", range(10), len(drawn))
        for label, strokes in human_strokes().items():
            arrays = [np.array(stroke, float) + 10 * len(drawn) for stroke in strokes]
            save_drawing(where, (batch_id, label), arrays, strokes_to_digit(arrays), 1.5)
        drawn[where] = batch_id
    page = visit(f"{app_url}/my_digits")
    name, content = download(page, "take_experiment")
    assert name == "experiment.digitlab.zip"
    hand_in(page, name, content)
    expect(page.get_by_text(re.compile(r"\d0 here already"))).to_be_visible()
    expect(page.get_by_role("button", name="Bring the experiment in")).to_be_disabled()
    file = io.BytesIO()
    write_experiment(file, elsewhere)
    elsewhere.close()
    page = visit(f"{app_url}/my_digits")
    hand_in(page, "other.digitlab.zip", file.getvalue())
    expect(page.get_by_text("Somebody here is called Ana, with other drawings.")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Bring the experiment in").click()
    expect(page.get_by_text("Brought in: 10 drawings, 0 runs")).to_be_visible()
    names = {batch.writer: batch.drawn for batch in read_batches(store)}
    assert names["Ana (2)"] == 10
    assert names["Ana"] >= 10
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_photo_is_stored_after_a_look_at_it(visit, app_url, store):
    page = visit(f"{app_url}/my_digits")
    before = [batch.id for batch in read_batches(store)]
    hand_in(page, "page.jpg", as_file(photographed(written([7, 2, 5], columns=3)), "JPEG", quality=80))
    expect(page.get_by_text("3 digits found.")).to_be_visible()
    assert [batch.id for batch in read_batches(store)] == before
    idle(page)
    page.get_by_role("button", name="Store 3 digits").click()
    expect(page.get_by_text("Stored: 3 digits.")).to_be_visible()
    (batch,) = [batch for batch in read_batches(store) if batch.id not in before]
    assert (batch.kind, batch.labels, batch.seconds) == ("imported", (7, 2, 5), 0.0)
    expect(page.get_by_text("3 digits found.")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(1)  # that it is stored
