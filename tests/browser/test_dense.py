"""A training on the dense page in a real browser, and the canvas below it."""

import pytest
from playwright.sync_api import expect

from digitlab.storage.runs import delete_runs, read_runs
from tests.browser.controls import go
from tests.browser.drawing import BAR, CORNER, LINE, quick_digits
from tests.browser.page_objects import Canvas, ComparePage, JobProgress
from tests.browser.waiting import expect_no_message

NAME = "Dense 128 on MNIST"


@pytest.fixture
def training(visit, app_url, store):
    """The dense page with a long training on it; no run is stored yet."""
    delete_runs(store, [run.id for run in read_runs(store)])
    training = JobProgress(visit(f"{app_url}/dense?dense_epochs=100"))
    training.start()
    training.expect_running()
    return training


def answer(page):
    return page.get_by_role("heading", name="This is a")


def test_a_training_is_live_is_followed_from_elsewhere_and_keeps_what_it_learnt_when_it_is_stopped(training, store):
    page = training.page
    training.expect_epochs()
    training.expect_epochs(more_than=training.epochs)
    expect(page.get_by_text("s left")).to_be_visible()
    assert read_runs(store) == [], "nothing is stored before it is over"
    epochs = training.epochs
    ComparePage(page).open()
    go(page, "Dense network")
    training.expect_epochs(more_than=epochs)
    epochs = training.epochs
    page.reload()
    training.expect_running()
    training.expect_epochs(more_than=epochs)
    learnt = training.epochs
    training.stop()
    training.expect_result(NAME)
    (run,) = read_runs(store)  # it was followed, not started again
    assert run.stopped
    assert learnt <= len(run.history) < 100
    assert run.tests["mnist"].accuracy > 0.8
    expect(training.start_button).to_be_enabled()
    expect_no_message(page)


@pytest.mark.slow
def test_the_canvas_below_a_training(training):
    """Clear takes the answer away while it runs, and its end leaves the drawing."""
    page, canvas = training.page, Canvas(training.page)
    training.expect_epochs()
    canvas.settle()
    for _ in range(4):  # it was left there one time in three
        canvas.draw(LINE)
        expect(answer(page)).to_be_visible()
        canvas.clear()
        expect(answer(page)).to_have_count(0)
    canvas.draw(LINE, BAR)
    expect(answer(page)).to_be_visible()
    expect(page.get_by_text("Asked: Reference")).to_be_visible()
    canvas.expect_ink(LINE, BAR)
    training.stop()
    training.expect_result(NAME)
    expect(page.get_by_text(f"Asked: {NAME}")).to_be_visible()
    expect(answer(page)).to_be_visible()
    canvas.expect_ink(LINE, BAR)
    canvas.settle()
    canvas.draw(CORNER)
    canvas.expect_ink(LINE, BAR, CORNER)
    canvas.undo()  # shows Python's drawing without its last stroke
    canvas.expect_ink(LINE, BAR)


def test_try_it(visit, app_url):
    page = visit(f"{app_url}/dense")
    canvas = Canvas(page)
    strokes = next(strokes for strokes in quick_digits().values() if len(strokes) > 1)
    canvas.settle()
    canvas.draw(*strokes[:1])
    expect(answer(page)).to_be_visible()
    expect(page.get_by_text("From ink to digit")).to_be_visible()
    digit = page.get_by_test_id("stImage").locator("img").last
    first = digit.get_attribute("src")
    canvas.draw(*strokes[1:])
    expect(digit).not_to_have_attribute("src", first)
    expect(page.locator("[aria-label='Probability of each digit'] path[aria-roledescription=bar]")).to_have_count(10)
    canvas.clear()
    expect(answer(page)).to_have_count(0)
    canvas.expect_ink()
    expect_no_message(page)
