"""The report opens from a file, without network, with all its charts drawn."""

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.comparison import report, runs
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import baseline_runs, model_files
from digitlab.learning.evaluation import Predictor
from digitlab.storage import digit_sets
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.runs import read_runs
from digitlab.storage.writers import add_writer
from tests.browser.controls import download
from tests.browser.drawing import human_digits
from tests.browser.waiting import expect_no_message
from tests.helpers import a_run, add_run

pytestmark = pytest.mark.slow  # what a report says is tried in tests/comparison, that it comes in test_kinds

CHARTS = ["minutes", "minutes_own", "methods", "cross", "digits", "cost", "curves"]


@pytest.fixture(scope="module")
def path(store, tmp_path_factory):
    """A report on drawings of a person, read by the model that comes with the project."""
    batches = {}
    for nth, kind in enumerate(("one", "test")):
        batches[kind] = start_batch(store, add_writer(store, "ana"), kind, range(10), 0)
        for label, strokes in human_digits(nth=nth).items():
            arrays = [np.array(stroke, float) for stroke in strokes]
            save_drawing(store, (batches[kind], label), arrays, strokes_to_digit(arrays), 2.0)
    add_run(store, a_run("dense-1", right=0.97))
    add_run(store, a_run("one-1", "one", right=0.5, minutes=0.5, drawings=10, own=0.8, batch_ids=[batches["one"]]))
    predictor = Predictor(model_files.load_tflite(model_files.REFERENCE), "reference")
    html = report.write(
        runs.unique_names([baseline_runs.guess(0), *read_runs(store)]),
        read_runs(store),
        read_batches(store),
        digit_sets.digit_sets(store),
        lambda _, digits: predictor.predict(digits.images).argmax(axis=1),
    )
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_bytes(html)
    return file


def test_it_opens_without_network_and_all_charts_are_drawn(page, path):
    problems, asked = [], []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    expect(page.locator(".chart svg.marks")).to_have_count(len(CHARTS))
    for key in CHARTS:
        expect(page.locator(f"#{key} svg.marks g[role=graphics-object] path")).not_to_have_count(0)
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    page.locator("#methods svg.marks path[aria-roledescription=bar]").first.hover()
    expect(page.locator("#vg-tooltip-element.visible")).to_contain_text("Run one-1")
    answer = (
        "30 s of drawing: a network trained on these drawings alone reads "
        "50 % of MNIST and 80 % (58–92) of your own digits."
    )
    expect(page.locator("#answer strong")).to_have_text(answer)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert not problems


def test_the_page_hands_out_charts_and_the_report(visit, app_url, path):
    """The files are made when they are asked for, not before."""
    page = visit(f"{app_url}/compare?compare_tab=Report")
    page.get_by_text("As a table, as a file").click()
    for form, begin in (("png", b"\x89PNG"), ("svg", b"<svg")):
        name, content = download(page, f"{form}_minutes")
        assert name == f"digitlab-minutes.{form}"
        assert content.startswith(begin)
    name, content = download(page, "compare_report")
    assert name == "digitlab-report.html"
    assert content.startswith(b"<!doctype html>")
    assert b"Run one-1" in content
    assert len(content) > 900_000, "Vega is in it"
    expect_no_message(page)
