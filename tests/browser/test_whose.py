"""Two windows at once, and the browser's Back: nobody draws into what is another's."""

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from tests.browser.drawing import quick_digits, same_strokes
from tests.browser.page_objects import ComparePage, DrawingDesk
from tests.browser.waiting import expect_no_message, idle, until

LINE = np.linspace((60, 60), (180, 200), 6).tolist()


@pytest.fixture
def window(browser, browser_context_args, app_url):
    """Open a window of a browser of its own: `desk = window("draw_one")`."""
    opened = []

    def open_it(path):
        opened.append(browser.new_context(**browser_context_args))
        page = opened[-1].new_page()
        page.goto(f"{app_url}/{path}")
        idle(page)
        return DrawingDesk(page)

    yield open_it
    for context in opened:
        context.close()


def drawn(store, count):
    """All stored drawings by label, once there are so many."""

    def drawings():
        return {each.label: each for each in read_drawings(store, [batch.id for batch in read_batches(store)])}

    until(lambda: len(drawings()) == count, drawings)
    return drawings()


def test_two_windows_that_give_no_name_keep_both_drawings(window, store):
    digits = quick_digits()
    left, right = window("draw_one"), window("draw_one")
    expect_no_message(left.page)
    expect(right.page.get_by_text("You are drawing in another window too")).to_be_visible()
    right.expect_prompt(1)
    right.begin(LINE[:-1])
    left.answer(0, *digits[0])
    left.expect_prompt(2)
    right.end(LINE[-1:])  # the stroke was half done when the other window saved
    right.expect_prompt(1)
    right.expect_ink(LINE)
    right.save()
    stored = drawn(store, 2)
    assert same_strokes(stored[0].strokes, digits[0])
    assert same_strokes(stored[1].strokes, [LINE])
    right.expect_prompt(3)


def test_back_keeps_the_name(window, store):
    desk, digits = window("draw_one?writer=anna"), quick_digits()
    desk.answer(0, *digits[0])
    desk.expect_prompt(1)
    ComparePage(desk.page).open()
    idle(desk.page)
    desk.page.go_back()
    desk.expect_prompt(1)
    expect(desk.page.get_by_text("anna draws here now.")).to_be_visible()
    desk.answer(1, *digits[1])
    desk.expect_prompt(2)
    (batch,) = [batch for batch in read_batches(store) if batch.writer == "anna"]
    assert batch.drawn == 2


def test_back_keeps_what_is_to_be_trained(window):
    page = window("dense").page
    epochs = page.get_by_role("slider", name="Epochs")
    for _ in range(2):
        epochs.press("ArrowLeft")
    expect(epochs).to_have_value("3")
    idle(page)
    ComparePage(page).open()
    idle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Dense network on MNIST")).to_be_visible()
    idle(page)
    expect(epochs).to_have_value("3")


def test_another_name_leaves_the_drawing_in_hand(window, store):
    other = window("draw_one?writer=Bea")
    other.answer(0, LINE)
    other.expect_prompt(1)
    desk = window("draw_one?writer=old")
    desk.draw(LINE)
    ComparePage(desk.page).choose("Somebody else?", "Bea")
    expect(desk.page.get_by_text("save or clear it first")).to_be_visible()
    desk.expect_ink(LINE)
    desk.save()
    expect(desk.page.get_by_text("save or clear it first")).to_have_count(0)
    batches = {batch.writer: batch.drawn for batch in read_batches(store)}
    assert batches["old"] == 1
    assert batches["Bea"] == 1
