"""Writing on the sheet pad in a real browser: what is written is in the database, and nothing else."""

import pytest
from playwright.sync_api import expect

from digitlab.storage.drawings import read_drawing_rows, read_drawings
from tests.browser.controls import menu_link
from tests.browser.drawing import TWO_STROKES, quick_digits, same_path
from tests.browser.waiting import idle


def test_a_sheet_by_mouse(sheet_of, store, kept):
    pad, batch = sheet_of("mouse")
    digits = quick_digits()
    assert tuple(pad.labels) == batch.labels[:6]
    sent = [pad.digit(cell, digits) for cell in range(6)]
    drawings = kept.saved(batch, 6)  # it saved itself
    assert [drawing.position for drawing in drawings] == [0, 1, 2, 3, 4, 5]
    assert tuple(drawing.label for drawing in drawings) == batch.labels[:6]
    for drawing, strokes in zip(drawings, sent, strict=True):
        assert len(drawing.strokes) == len(strokes)
        assert all(map(same_path, drawing.strokes, strokes))
    rows = read_drawing_rows(store, [batch.id])
    assert all(row.draw_seconds > 0 and row.think_seconds > 0 for row in rows)
    pad.expect_blank(batch.labels[6:12])
    expect(pad.page.get_by_text("6 of 20", exact=True)).to_be_visible()


@pytest.mark.slow
def test_the_second_stroke_of_the_last_digit_is_not_cut_off(sheet_of, kept):
    """A sheet that saved itself with the first stroke of its last cell would keep half a four."""
    pad, batch = sheet_of("last", cells=1)
    pad.mouse(0, TWO_STROKES[0])
    pad.mouse(0, TWO_STROKES[1])
    (drawing,) = kept.saved(batch, 1)
    assert len(drawing.strokes) == 2


@pytest.mark.slow
def test_without_automatic_saving_a_full_sheet_waits(sheet_of, kept):
    pad, batch = sheet_of("patient", cells=2)
    pad.open_settings()
    pad.page.get_by_text("Save when the last cell is filled").click()
    expect(pad.page.get_by_text("Saves itself")).to_have_count(0)
    pad.show()
    for cell in range(2):
        pad.mouse(cell, *TWO_STROKES)
    kept.drafts(batch, 4)
    pad.page.wait_for_timeout(1000)  # it would have saved itself after 0.8 s
    assert pad.done == [0, 1]
    pad.save_button.click()
    kept.saved(batch, 2)


def test_enter_saves_what_is_there_and_the_rest_comes_again(sheet_of, kept):
    pad, batch = sheet_of("enter")
    pad.mouse(1, *TWO_STROKES)
    pad.mouse(4, *TWO_STROKES)
    pad.press("Enter")
    assert [drawing.position for drawing in kept.saved(batch, 2)] == [1, 4]
    pad.expect_blank([batch.labels[position] for position in (0, 2, 3, 5, 6, 7)])


@pytest.mark.slow
def test_enter_in_the_same_moment_as_the_last_stroke(sheet_of, kept):
    pad, batch = sheet_of("hasty")
    for number in range(3):
        pad.mouse(0, *TWO_STROKES)
        pad.press("Enter")
        drawings = kept.saved(batch, number + 1)
        assert len(drawings[-1].strokes) == 2
        pad.expect_done()


@pytest.mark.slow
def test_a_blank_sheet_is_not_saved(sheet_of, kept):
    pad, batch = sheet_of("blank")
    pad.press("Enter")
    expect(pad.save_button).to_be_disabled()
    idle(pad.page)
    assert tuple(pad.labels) == batch.labels[:6]
    assert kept.events(batch) == []


@pytest.mark.slow
def test_enter_that_is_meant_for_something_else_saves_nothing(sheet_of, store, kept):
    pad, batch = sheet_of("elsewhere")
    pad.mouse(0, *TWO_STROKES)
    pad.open_settings()
    pad.page.get_by_role("slider").last.press("Enter")
    pad.page.locator("summary").first.press("Enter")
    menu_link(pad.page, "Dense network").focus()
    pad.page.get_by_label("Who is drawing?").press("Control+z")
    kept.drafts(batch, 2)
    idle(pad.page)
    assert read_drawings(store, [batch.id]) == []


def test_undo(sheet_of, kept):
    pad, batch = sheet_of("undo")
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(1, TWO_STROKES[0])
    first = kept.drafts(batch, 3)
    pad.press("Control+z")
    assert kept.drafts(batch, 2) == first[:2]
    pad.expect_done(0)
    pad.undo_button.click()
    assert kept.drafts(batch, 1) == first[:1]
    pad.undo_button.click()
    kept.drafts(batch, 0)
    pad.expect_done()
    expect(pad.undo_button).to_be_disabled()


def test_clearing_a_cell_by_mouse(sheet_of, kept):
    pad, batch = sheet_of("clear")
    for cell in range(3):
        pad.mouse(cell, *TWO_STROKES)
    kept.drafts(batch, 6)
    pad.clear_button(1).click()
    assert {stroke.cell for stroke in kept.drafts(batch, 4)} == {0, 2}
    pad.expect_done(0, 2)


@pytest.mark.slow
def test_clearing_a_cell_by_keyboard_does_not_save(sheet_of, store, kept):
    pad, batch = sheet_of("keyboard")
    for cell in range(3):
        pad.mouse(cell, *TWO_STROKES)
    kept.drafts(batch, 6)
    button = pad.clear_button(0)
    button.focus()
    pad.press("Tab")
    expect(pad.clear_button(1)).to_be_focused()
    pad.page.keyboard.down("Enter")
    pad.page.keyboard.down("Enter")  # held: it repeats
    pad.page.keyboard.up("Enter")
    assert {stroke.cell for stroke in kept.drafts(batch, 4)} == {0, 2}
    expect(pad.clear_button(1)).to_be_focused()
    pad.press("Enter")  # the cell is blank now; the sheet is still not saved
    idle(pad.page)
    pad.expect_done(0, 2)
    assert read_drawings(store, [batch.id]) == []


@pytest.mark.slow
def test_a_stroke_belongs_to_the_cell_where_it_began(sheet_of, kept):
    pad, batch = sheet_of("across")
    start, end = pad.place(0, 0.5, 0.5), pad.place(2, 0.5, 0.5)
    pad.page.mouse.move(*start)
    pad.page.mouse.down()
    pad.page.mouse.move(*end, steps=20)
    pad.page.mouse.up()
    (stroke,) = kept.drafts(batch, 1)
    cells = pad.cells
    assert stroke.cell == 0
    assert stroke.points[-1][0] == pytest.approx(cells[2]["x"] - cells[0]["x"] + cells[0]["w"] / 2, abs=1)
    pad.expect_done(0)
    pad.press("Enter")
    kept.saved(batch, 1)
    expect(pad.page.get_by_text("leaves its cell")).to_be_visible()


@pytest.mark.slow
def test_the_right_button_does_not_write(sheet_of, kept):
    pad, batch = sheet_of("right")
    pad.page.mouse.move(*pad.place(0, 0.2, 0.2))
    pad.page.mouse.down(button="right")
    pad.page.mouse.move(*pad.place(0, 0.8, 0.8), steps=4)
    pad.page.mouse.up(button="right")
    pad.mouse(1, TWO_STROKES[0])
    assert [stroke.cell for stroke in kept.drafts(batch, 1)] == [1]


@pytest.mark.slow
def test_on_to_the_next_sheet_without_a_breath(sheet_of, kept):
    """Sheets of two, each begun as soon as its cells are blank; not the last, or the server would begin to train."""
    pad, batch = sheet_of("quick", cells=2)
    for number in range(9):
        pad.expect_blank(batch.labels[2 * number : 2 * number + 2])
        pad.mouse(0, *TWO_STROKES)
        pad.mouse(1, TWO_STROKES[0])
        pad.press("Enter")
    drawings = kept.saved(batch, 18)
    assert tuple(drawing.label for drawing in drawings) == batch.labels[:18]
    assert [len(drawing.strokes) for drawing in drawings] == 9 * [2, 1]
    pad.expect_blank(batch.labels[18:])


@pytest.mark.slow
def test_the_last_sheet_is_smaller_than_asked_for_and_stays(sheet_of, kept):
    pad, batch = sheet_of("rest", cells=15)
    for cell in range(8):
        pad.mouse(cell, *TWO_STROKES)
    pad.press("Enter")
    pad.expect_blank([batch.labels[position] for position in range(8, 20)])
    sheet = kept.in_hand(batch)
    idle(pad.page, 500)
    assert kept.in_hand(batch).id == sheet.id  # not put back again and again
    pad.mouse(0, *TWO_STROKES)
    kept.drafts(batch, 2)


@pytest.mark.slow
def test_another_number_of_cells(sheet_of, kept):
    pad, batch = sheet_of("cells", cells=6)
    pad.open_settings()
    pad.page.get_by_role("slider", name="Cells on a sheet").press("ArrowRight")
    pad.expect_blank(batch.labels[:7])
    pad.show()
    pad.mouse(6, *TWO_STROKES)
    kept.drafts(batch, 2)
    expect(pad.page.get_by_test_id("stAlert")).to_have_count(0)
