"""What the quality checks ask about a saved sheet, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.controls import choose
from tests.browser.drawing import TWO_STROKES
from tests.browser.page_objects import SheetPad
from tests.browser.waiting import idle, once


@pytest.fixture
def asked(sheet_of, kept):
    """A sheet with three tiny digits on it, saved: `pad, batch`."""

    def tiny(writer):
        pad, batch = sheet_of(writer)
        for cell in range(3):
            pad.mouse(cell, [(0.5, 0.5), (0.55, 0.52 + 0.01 * cell), (0.5, 0.58)])
        pad.press("Enter")
        kept.saved(batch, 3)
        expect(pad.page.get_by_text("Please look at 3:")).to_be_visible()
        return pad, batch

    return tiny


def test_what_is_marked_can_be_kept_relabelled_or_drawn_again(asked, kept):
    pad, batch = asked("marks")
    page = pad.page
    assert all("tiny" in found for found in kept.marks(batch).values())
    page.get_by_role("button", name="Keep").first.click()
    expect(page.get_by_text("Please look at 2:")).to_be_visible()
    idle(page)  # the buttons of the one that was kept are gone
    assert not kept.marks(batch)[0]
    page.get_by_role("button", name="Redraw").first.click()
    expect(page.get_by_text("Please look at 1:")).to_be_visible()
    idle(page)
    assert [drawing.position for drawing in kept.saved(batch, 2)] == [0, 2]
    expect(page.get_by_role("combobox", name="It is a")).to_have_count(1)
    choose(page, page.get_by_role("combobox", name="It is a"), "7")
    expect(page.get_by_text("Please look at")).to_have_count(0)
    once(lambda: [each.label for each in kept.saved(batch, 2)], lambda labels: labels == [batch.labels[0], 7])
    pad = SheetPad(page)
    pad.mouse(0, *TWO_STROKES)
    page.keyboard.press("Enter")
    kept.saved(batch, 3)
    assert kept.in_hand(batch).positions[0] == 1  # what was to be drawn again


@pytest.mark.slow
def test_a_prompt_that_is_drawn_again_comes_on_a_later_sheet(asked, kept):
    pad, batch = asked("later")
    pad.mouse(0, *TWO_STROKES)  # the next sheet is begun
    kept.drafts(batch, 2)
    pad.page.get_by_role("button", name="Redraw").first.click()
    expect(pad.page.get_by_text("Please look at 2:")).to_be_visible()
    pad.show()
    pad.expect_done(0)
    pad.press("Enter")
    kept.saved(batch, 3)
    assert kept.in_hand(batch).positions[0] == 0
