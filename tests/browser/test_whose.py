"""Two windows at once, and the browser's Back: nobody draws into what is another's."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DARK
from tests.browser.controls import choose
from tests.browser.drawing import LINE, quick_digits, same_strokes
from tests.browser.page_objects import ComparePage, DrawingDesk
from tests.browser.stored import batch_of_writer, drawings_of
from tests.browser.waiting import expect_no_message, idle

pytestmark = pytest.mark.slow  # two windows, and the browser's Back: seldom used, and seldom broken


@pytest.fixture
def window(open_page, app_url):
    """Open a page in a window: `desk = window("draw_one")`, or in one of another browser: `window("dense", **DARK)`."""

    def open_it(path, **screen):
        page = open_page(**screen)
        page.goto(f"{app_url}/{path}")
        idle(page)
        return DrawingDesk(page)

    return open_it


def test_two_windows_that_give_no_name_keep_both_drawings(window, store):
    digits = quick_digits()
    left, right = window("draw_one"), window("draw_one", **DARK)
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
    stored = {drawing.label: drawing for drawing in drawings_of(store, "you", 2)}
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
    drawings_of(store, "anna", 2)
    assert batch_of_writer(store, "anna").drawn == 2


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
    other = window("draw_one?writer=Bea", **DARK)
    other.answer(0, LINE)
    other.expect_prompt(1)
    desk = window("draw_one?writer=old")
    desk.draw(LINE)
    choose(desk.page, desk.page.get_by_label("Somebody else?"), "Bea")
    expect(desk.page.get_by_text("save or clear it first")).to_be_visible()
    desk.expect_ink(LINE)
    desk.save()
    expect(desk.page.get_by_text("save or clear it first")).to_have_count(0)
    drawings_of(store, "old", 1)
    drawings_of(store, "Bea", 1)
