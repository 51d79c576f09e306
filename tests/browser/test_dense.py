"""A training on the dense page in a real browser, and the canvas below it."""

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.runs import delete_runs, read_runs
from tests.browser.drawing import quick_digits
from tests.browser.page_objects import Canvas, ComparePage, JobProgress
from tests.browser.waiting import expect_no_message, menu_link

LINE, BAR, CORNER = (
    np.linspace(*ends, 6).tolist() for ends in ([(60, 60), (180, 200)], [(200, 60), (60, 80)], [(275, 3), (150, 150)])
)
NAME = "Dense 128 on MNIST"


@pytest.fixture
def training(visit, app_url, store):
    """The dense page with a long training on it; no run is stored yet."""
    delete_runs(store, [run.id for run in read_runs(store)])
    training = JobProgress(visit(f"{app_url}/dense?dense_epochs=100"))
    training.start()
    training.expect_running()
    yield training
    if training.stop_button.count():
        training.stop()
        expect(training.stop_button).to_have_count(0)


def answer(page):
    return page.get_by_role("heading", name="This is a")


def test_the_curves_are_live_and_stop_keeps_what_was_learnt(training, store):
    training.expect_epochs()
    training.expect_epochs(more_than=training.epochs)
    expect(training.page.get_by_text("s left")).to_be_visible()
    assert read_runs(store) == [], "nothing is stored before it is over"
    learnt = training.epochs
    training.stop()
    training.expect_result(NAME)
    (run,) = read_runs(store)
    assert run.stopped
    assert learnt <= len(run.history) < 100
    assert run.tests["mnist"].accuracy > 0.8
    expect(training.start_button).to_be_enabled()
    expect_no_message(training.page)


def test_a_training_is_followed_after_a_change_of_page_and_after_a_reload(training, store):
    page = training.page
    training.expect_epochs()
    epochs = training.epochs
    ComparePage(page).open()
    menu_link(page, "Dense network").click()
    training.expect_epochs(more_than=epochs)
    epochs = training.epochs
    page.reload()
    training.expect_running()
    training.expect_epochs(more_than=epochs)
    training.stop()
    training.expect_result(NAME)
    assert len(read_runs(store)) == 1, "it was followed, not started again"


def test_the_end_of_a_training_leaves_the_drawing_below(training):
    page, canvas = training.page, Canvas(training.page)
    training.expect_epochs()
    canvas.settle()
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


def test_while_a_training_runs_clear_takes_the_answer_away(training):
    canvas = Canvas(training.page)
    training.expect_epochs()
    canvas.settle()
    for _ in range(4):  # it was left there one time in three
        canvas.draw(LINE)
        expect(answer(training.page)).to_be_visible()
        canvas.clear()
        expect(answer(training.page)).to_have_count(0)


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
