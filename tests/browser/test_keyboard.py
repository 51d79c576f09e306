"""Everything but drawing by keyboard alone: Tab reaches each control, shows where it is, and gets out again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.controls import MOST, tab_to
from tests.browser.drawing import TWO_STROKES, quick_digits, same_strokes
from tests.browser.page_objects import SheetPad
from tests.browser.stored import drawings_of
from tests.browser.waiting import idle, until

WALK = (Path(__file__).parent / "walk.js").read_text().partition("\n")[2]  # without its comment


def walk(page):
    """Go on by Tab until it comes to nothing new."""
    page.evaluate(WALK)
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if not page.evaluate("walked.step()"):
            return
    pytest.fail("Tab does not get out of the page again")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["draw_one", "draw_batch?writer=keys", "my_digits", "compare", "inside"])
def test_tab_reaches_every_control_shows_it_and_gets_out(app_url, filled, visit, batch_of, path):
    if path.startswith("draw_batch"):
        batch_of("keys")
    page = visit(f"{app_url}/{path}")
    walk(page)
    assert page.evaluate("walked.missed()") == []
    assert page.evaluate("walked.unseen") == []


@pytest.mark.slow
def test_what_tab_does_not_reach_or_show_is_seen(app_url, store, visit):
    page = visit(f"{app_url}/draw_one?writer=nobody")
    page.evaluate(
        """() => document.querySelector("[data-testid=stMainBlockContainer]").insertAdjacentHTML("beforeend", `
          <button style="outline: none; border: 0">No line</button><button onfocus="this.blur()">Flees</button>`)"""
    )
    walk(page)
    assert "No line" in page.evaluate("walked.unseen")
    assert "Flees" in page.evaluate("walked.missed()")


def test_keys_save_and_clear_a_drawing(desk_of, store):
    desk, digits = desk_of("keys one"), quick_digits()
    page = desk.page
    desk.draw(*digits[7])
    idle(page)
    tab_to(page, "Clear")
    page.keyboard.press("Enter")
    desk.expect_ink()
    desk.draw(*digits[0])
    idle(page)
    tab_to(page, "Save")
    page.keyboard.press("Space")
    (drawing,) = drawings_of(store, "keys one", 1)
    assert same_strokes(drawing.strokes, digits[0]), "what was cleared is not in it"


def test_keys_begin_a_batch(app_url, store, visit):
    page = visit(f"{app_url}/draw_batch?writer=keys+two")
    tab_to(page, "Drawings per digit")
    page.keyboard.press("Home")
    tab_to(page, "Start 10 drawings")
    page.keyboard.press("Enter")
    pad = SheetPad(page)
    pad.mouse(0, *TWO_STROKES)
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    until(lambda: pad.undo_button.is_enabled() and page.get_by_role("button", name="Redo").is_enabled())
    tab_to(page, "Save and next sheet")
    page.keyboard.press("Enter")
    pad.expect_done()
    (drawing,) = drawings_of(store, "keys two", 1)
    assert len(drawing.strokes) == 1, "what was taken back is not in it"


@pytest.mark.slow
def test_keys_open_tabs_and_move_sliders(app_url, filled, visit):
    page = visit(f"{app_url}/my_digits")
    tab_to(page, "Table")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Mean image of each digit")).to_be_visible()

    visit(f"{app_url}/compare")
    tab_to(page, "Methods")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Two runs", exact=True)).to_be_visible()

    visit(f"{app_url}/inside?inside_tab=Break+it")
    expect(page.get_by_role("heading", name="Still a 7")).to_be_visible()
    tab_to(page, "Turn")
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="Now a ")).to_be_visible()
