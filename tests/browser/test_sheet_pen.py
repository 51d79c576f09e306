"""What the pen did is what is kept, on the sheet in a real browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.devices import events_of, press_and_move
from tests.browser.drawing import TWO_STROKES, quick_digits, same_path
from tests.browser.page_objects import SheetPad
from tests.browser.waiting import SOCKETS, idle, once, until

pytestmark = pytest.mark.slow  # what seldom happens to a pen; test_sheet_writing has what happens each time

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
"""


@pytest.fixture
def sheet_with(open_page, batch_of, app_url):
    """Open a sheet in a page that has run a script first: `pad, batch = sheet_with("Ana", SOCKETS)`."""

    def open_it(writer, script, cells=6):
        batch = batch_of(writer)
        page = open_page(script=script)
        page.goto(f"{app_url}/draw_batch?writer={writer}&batch_cells={cells}")
        return SheetPad(page), batch

    return open_it


# Undo and redo


def test_undo_brings_back_the_cell_that_was_cleared(sheet_of, kept):
    pad, batch = sheet_of("cleared")
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(1, TWO_STROKES[0])
    before = kept.drafts(batch, 3)
    pad.clear_button(1).click()
    kept.drafts(batch, 2)
    pad.press("Control+z")
    assert kept.drafts(batch, 3) == before
    pad.expect_done(0, 1)
    pad.press("Control+y")
    assert kept.drafts(batch, 2) == before[:2]
    pad.undo_button.click()
    pad.undo_button.click()
    assert kept.drafts(batch, 2) == (before[0], before[1])
    redo = pad.page.get_by_role("button", name="Redo")
    redo.click()
    kept.drafts(batch, 3)
    pad.press("Control+Shift+z")
    kept.drafts(batch, 2)
    expect(redo).to_be_disabled()


def test_a_clear_before_a_reload_can_be_taken_back_after_it(sheet_of, kept):
    pad, batch = sheet_of("cleared-reload")
    pad.mouse(0, *TWO_STROKES)
    pad.clear_button(0).click()
    kept.drafts(batch, 0)
    pad.page.reload()
    pad = SheetPad(pad.page)
    pad.expect_done()
    pad.press("Control+z")
    kept.drafts(batch, 2)
    pad.expect_done(0)


def test_ctrl_z_on_other_keyboards(sheet_of, kept):
    pad, batch = sheet_of("layouts")
    for cell, (key, code) in enumerate([("я", "KeyZ"), ("z", "KeyY"), ("ζ", "KeyZ")]):  # Russian, German, Greek
        pad.mouse(cell, *TWO_STROKES)
        kept.drafts(batch, cell + 2)
        with events_of(pad.page) as send:
            send.key(key, code, ctrl=True)
        assert [stroke.cell for stroke in kept.drafts(batch, cell + 1)] == list(range(cell + 1))


# A slow second stroke


@pytest.mark.parametrize(("label", "pause", "size"), [(4, 500, 3), (5, 1200, 3), (7, 2000, 6), (4, 1500, 1)])
def test_a_digit_whose_second_stroke_is_slow_is_one_digit(sheet_of, kept, label, pause, size):
    pad, batch = sheet_of(f"slow-{pause}-{size}", cells=size)
    for cell in range(size - 1):
        pad.mouse(cell, *TWO_STROKES)
    first, second = (pad.places(size - 1, np.array(stroke) / 280) for stroke in quick_digits()[label])
    press_and_move(pad.page, first)
    pad.page.wait_for_timeout(pause)
    press_and_move(pad.page, second)
    once(lambda: [len(each.strokes) for each in kept.saved(batch, size)], lambda strokes: strokes == [2] * size)
    pad.expect_blank(batch.labels[size : 2 * size])
    assert kept.in_hand(batch).strokes == ()


def test_after_many_quick_digits_a_pause_of_half_a_second_is_none_too_long(sheet_of, kept):
    """The wait has shrunk: the next sheet is there when the second stroke begins."""
    pad, batch = sheet_of("quick-then-slow", cells=4)
    for number in range(1, 4):
        places = [pad.places(cell, [(0.5, 0.2), (0.5, 0.8)]) for cell in range(4)]
        for place in places:
            press_and_move(pad.page, place)
        kept.saved(batch, 4 * number)
        if number < 3:
            pad.expect_blank(batch.labels[4 * number : 4 * number + 4])
    pad.page.wait_for_timeout(300)
    bar = [(x + 12, y) for x, y in places[-1]]
    press_and_move(pad.page, bar)
    once(lambda: [len(each.strokes) for each in kept.saved(batch, 12)], lambda strokes: strokes == [1] * 11 + [2])
    pad.expect_done()
    pad.mouse(0, TWO_STROKES[0])
    assert [stroke.cell for stroke in kept.drafts(batch, 1)] == [0]


def test_what_comes_later_or_elsewhere_belongs_to_the_next_sheet(sheet_of, kept):
    pad, batch = sheet_of("next", cells=3)
    for label, wait in (([2], 2700), ([0], 0)):
        for cell in range(3):
            pad.mouse(cell, *TWO_STROKES)
        first = len(kept.saved(batch, 3 if wait else 6))
        pad.expect_blank(batch.labels[first : first + 3])
        pad.page.wait_for_timeout(wait)
        pad.mouse(label[0], TWO_STROKES[0])
        assert [stroke.cell for stroke in kept.drafts(batch, 1)] == label
        assert all(len(drawing.strokes) == 2 for drawing in kept.saved(batch, first))
        pad.press("Control+z")
        kept.drafts(batch, 0)


def test_a_tap_does_not_fill_the_last_cell(sheet_of, kept):
    pad, batch = sheet_of("tap", cells=2)
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(1, [(0.5, 0.5), (0.51, 0.51)])
    kept.drafts(batch, 3)
    pad.page.wait_for_timeout(1500)
    assert pad.done == [0, 1]
    pad.mouse(1, *TWO_STROKES)
    kept.saved(batch, 2)


# Pointers that are taken away or get lost


def test_a_cancelled_finger_leaves_nothing(phone, kept):
    pad, batch = phone("palm", cells=2)
    pad.mouse(0, *TWO_STROKES)
    path = [pad.place(1, share, 0.5) for share in (0.2, 0.4, 0.6, 0.8)]
    with events_of(pad.page) as send:
        for kind, point in zip(["Start", "Move", "Move", "Move"], path, strict=True):
            send.touch(kind, point)
        send.touch("Cancel")
    pad.page.wait_for_timeout(1200)
    assert pad.done == [0]
    kept.drafts(batch, 2)
    pad.finger(path)
    assert [stroke.cell for stroke in kept.drafts(batch, 3)] == [0, 0, 1]


def test_a_cancelled_pen_stroke_is_kept(phone, kept):
    pad, batch = phone("pen-cancelled")
    points, pen = pad.places(0, TWO_STROKES[0]), {"pointerType": "pen", "force": 0.6}
    with events_of(pad.page) as send:
        send.mouse("Moved", points[0], pressed=False, **pen)
        send.mouse("Pressed", points[0], **pen)
        for point in points[1:]:
            send.mouse("Moved", point, **pen)
        pad.surface.locator("canvas").evaluate(
            """canvas => canvas.addEventListener("pointermove", ({ pointerId }) => canvas.dispatchEvent(
                 new PointerEvent("pointercancel", { pointerId, pointerType: "pen", bubbles: true })), {once: true})"""
        )
        send.mouse("Moved", points[-1], **pen)
        (stroke,) = kept.drafts(batch, 1)
        assert stroke.pointer == "pen"
        send.mouse("Released", points[-1], pressed=False, **pen)
    pad.mouse(1, TWO_STROKES[0])
    assert [stroke.cell for stroke in kept.drafts(batch, 2)] == [0, 1]


def test_a_button_that_goes_up_outside_the_window(sheet_of, kept):
    pad, batch = sheet_of("outside")
    points = pad.places(0, [(0.2, 0.2), (0.5, 0.5), (0.8, 0.8)])
    with events_of(pad.page) as send:
        send.mouse("Moved", points[0], pressed=False)
        send.mouse("Pressed", points[0])
        for point in points[1:]:
            send.mouse("Moved", point)
        send.mouse("Moved", pad.place(2, 0.5, 0.5), pressed=False)
    (stroke,) = kept.drafts(batch, 1)
    assert same_path(stroke.points, np.array(points) - pad.place(0, 0, 0))
    pad.page.mouse.up()
    pad.mouse(1, TWO_STROKES[0])
    assert [stroke.cell for stroke in kept.drafts(batch, 2)] == [0, 1]


def test_leaving_in_mid_stroke_keeps_it(sheet_of, kept):
    pad, batch = sheet_of("midway")
    page = pad.page
    points = pad.places(3, TWO_STROKES[0])
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1])
    page.reload()
    pad = SheetPad(page)
    assert [stroke.cell for stroke in kept.drafts(batch, 1)] == [3]
    pad.expect_done(3)
    page.mouse.up()


def test_a_mouse_does_not_press(sheet_of, kept):
    pad, batch = sheet_of("mouse-pressure", cells=2)
    for cell in range(2):
        pad.mouse(cell, [(0.2, 0.2), (0.5, 0.5), (0.8, 0.8 + 0.05 * cell)])
    drawings = kept.saved(batch, 2)
    assert all(stroke.shape[1] == 3 for drawing in drawings for stroke in drawing.strokes)


def test_a_pen_that_is_lifted_keeps_its_pressure(phone, kept):
    pad, batch = phone("lifted")
    points = [(0.2, 0.2), (0.5, 0.5), (0.8, 0.8)]
    pad.pen(0, points, force=0.4)
    (stroke,) = kept.drafts(batch, 1)
    assert np.array(stroke.points)[:, 3] == pytest.approx(0.4, abs=0.01)


# Screens


@pytest.mark.parametrize("when", ["before", "within"])
def test_another_screen_shows_what_is_stored(sheet_of, kept, when):
    """A window that is moved to a screen of twice as many pixels, before a stroke or in the middle of it."""
    pad, batch = sheet_of(f"screen-{when}")
    page = pad.page
    device = page.context.new_cdp_session(page)
    points = pad.places(0, [(0.2, 0.2), (0.5, 0.5), (0.8, 0.2)])

    def move_to_screen():
        metrics = {"width": 1280, "height": 900, "deviceScaleFactor": 2, "mobile": False}
        device.send("Emulation.setDeviceMetricsOverride", metrics)
        until(lambda: page.evaluate("devicePixelRatio") == 2)

    if when == "before":
        move_to_screen()
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1])
    if when == "within":
        move_to_screen()
    page.mouse.move(*points[2])
    page.mouse.up()
    (stroke,) = kept.drafts(batch, 1)
    assert same_path(stroke.points, np.array(points) - pad.place(0, 0, 0))
    cell = pad.cells[0]
    inked = pad.surface.locator("canvas").evaluate(
        """(canvas, points) => points.map(
             ([x, y]) => canvas.getContext("2d").getImageData(
               x * canvas.width / canvas.clientWidth, y * canvas.height / canvas.clientHeight, 1, 1).data[0])""",
        [
            [cell["x"] + x * cell["w"], cell["y"] + y * cell["h"]]
            for x, y in [(0.2, 0.2), (0.5, 0.5), (0.65, 0.35), (0.2, 0.8)]
        ],
    )
    assert [value > 127 for value in inked] == [True, True, True, False]
    device.send("Emulation.clearDeviceMetricsOverride")
    device.detach()


def test_a_phone_that_is_turned_in_mid_stroke(phone, kept):
    pad, batch = phone("turned-midway", cells=4)
    page = pad.page
    side = pad.cells[0]["w"]
    page.mouse.move(*pad.place(0, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*pad.place(0, 0.5, 0.5))
    page.set_viewport_size({"width": 740, "height": 360})
    until(lambda: pad.cells[0]["w"] > side)
    page.mouse.move(*pad.place(0, 0.8, 0.8))
    page.mouse.up()
    (stroke,) = kept.drafts(batch, 1)
    assert np.array(stroke.points)[-1, :2] / stroke.size == pytest.approx((0.8, 0.8), abs=0.03)


# What waits


def test_what_waits_is_said_and_kept_and_arrives_once(sheet_with, kept):
    pad, batch = sheet_with("cut", SOCKETS)
    page = pad.page
    pad.mouse(0, TWO_STROKES[0])
    kept.drafts(batch, 1)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    places = pad.places(0, TWO_STROKES[1])
    page.mouse.move(*places[0])
    page.mouse.down()
    page.evaluate("cutNow()")  # in mid-stroke
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    pad.mouse(1, *TWO_STROKES)
    expect(page.get_by_text("3 strokes waiting, kept in this browser.")).to_be_visible()
    assert len(kept.in_hand(batch).strokes) == 1
    page.evaluate("window.cut = false")
    assert [stroke.cell for stroke in kept.drafts(batch, 4)] == [0, 0, 1, 1]
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    idle(page)
    pad.expect_done(0, 1)
    unsent = f"Object.keys(localStorage).filter(name => name.startsWith('digitlab {kept.in_hand(batch).id}-'))"
    once(lambda: page.evaluate(unsent), lambda names: names == [])  # the page acknowledges them a moment later


def test_a_tab_that_is_closed_while_nobody_answers(sheet_with, kept, app_url):
    pad, batch = sheet_with("closed-waiting", SOCKETS)
    pad.page.evaluate("cutNow()")
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(1, TWO_STROKES[0])
    pad.press("Control+z")
    pad.expect_done(0)
    context = pad.page.context
    pad.page.close()
    assert kept.in_hand(batch).strokes == ()
    page = context.new_page()
    page.goto(f"{app_url}/draw_batch?writer=closed-waiting&batch_cells=6")
    pad = SheetPad(page)
    assert [stroke.cell for stroke in kept.drafts(batch, 2)] == [0, 0]
    pad.expect_done(0)
    pad.mouse(2, TWO_STROKES[0])
    kept.drafts(batch, 3)
    page.close()


def test_a_browser_that_stores_nothing(sheet_with, kept):
    pad, batch = sheet_with("blocked", SOCKETS + NO_STORAGE, cells=3)
    page = pad.page
    pad.mouse(0, *TWO_STROKES)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.evaluate("cutNow()")
    pad.mouse(1, TWO_STROKES[0])
    expect(page.get_by_text("1 stroke waiting. Keep this page open")).to_be_visible()
    page.evaluate("window.cut = false")
    kept.drafts(batch, 3)
    idle(page)
    pad = SheetPad(page)  # a browser that stores nothing is a new visitor after a cut, and shows the pad anew
    pad.expect_done(0, 1)
    pad.mouse(2, *TWO_STROKES)
    kept.saved(batch, 3)
    pad.expect_blank(batch.labels[3:6])
