"""Looking inside a network, in a real browser: with the mouse and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.controls import go
from tests.browser.drawing import quick_digits
from tests.browser.looks import settle
from tests.browser.page_objects import Canvas
from tests.browser.waiting import expect_no_message, idle, marks, once

pytestmark = pytest.mark.slow  # test_look has the page at each size; what it says is tried in tests/pages

STAR = [(60, 120), (220, 120), (90, 220), (140, 60), (190, 220), (60, 120)]
TABS = {
    "What mattered": "it spoke for the answer",
    "Hidden units": "hidden units fire",
    "Nearest digits": "most like it",
    "Break it": "How far each change alone can go",
    "What is no digit": "always sum to one",
}
WIDE = """() => [...document.querySelectorAll('[data-testid=stMain] *')]
  .filter(node => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest('[role=tablist]'))
  .filter(node => node.getBoundingClientRect().width > 1 && getComputedStyle(node).position !== 'absolute')
  .map(node => node.outerHTML.slice(0, 120))"""


def answer(page, name="This is a"):
    return page.get_by_role("heading", name=name)


def open_tab(page, name):
    page.get_by_role("tab", name=name).click()
    idle(page)


@pytest.fixture
def inside(visit, app_url, store):
    """The page as the menu opens it."""
    page = visit(app_url)
    go(page, "Look inside")
    expect(answer(page, "This is a 7")).to_be_visible()
    idle(page)
    return page


def test_a_digit_is_drawn_seen_through_and_broken(inside):
    page, canvas = inside, Canvas(inside)
    page.get_by_test_id("stButtonGroup").get_by_text("Draw one", exact=True).click()
    expect(page.get_by_text("Draw a digit, and what is inside appears here.")).to_be_visible()
    expect(answer(page)).to_have_count(0)
    canvas.settle()
    canvas.draw(*quick_digits()[3])
    expect(answer(page, "This is a 3")).to_be_visible()
    expect(page.get_by_text("This looks like no digit.")).to_have_count(0)
    expect(page.get_by_label("Which parts of the digit spoke for a 3 and which against it").first).to_be_visible()
    ink = canvas.ink()

    open_tab(page, "Break it")
    expect(answer(page, "Still a 3")).to_be_visible()
    page.get_by_role("slider", name="Turn").press("End")
    expect(answer(page, "Still a 3")).to_have_count(0)
    expect(answer(page, "Now a ")).to_be_visible()
    once(lambda: len(marks(page, "bar")), lambda bars: bars >= 20)
    assert canvas.ink() == ink, "sliders below leave the drawing alone"

    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_count(0)
    canvas.settle()
    canvas.draw(STAR)
    expect(page.get_by_text("This looks like no digit.")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_nothing_is_wider_than_a_phone(open_page, app_url, store):
    page = open_page(**PHONE)
    page.goto(f"{app_url}/inside")
    for tab, shown in TABS.items():
        open_tab(page, tab)
        expect(page.get_by_text(shown)).to_be_visible()
        settle(page)
        assert page.evaluate(WIDE) == [], tab
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, tab
        expect_no_message(page)
