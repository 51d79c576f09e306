"""What the pen did is what is kept, on the canvas for one digit in a real browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from tests.browser.drawing import quick_digits, same_strokes
from tests.browser.page_objects import DrawingDesk
from tests.browser.waiting import idle

LINE, BAR = (np.linspace(*ends, 6).tolist() for ends in ([(60, 60), (180, 200)], [(200, 60), (60, 80)]))


@pytest.fixture
def desk_of(open_page, app_url):
    """Open the page for a new writer, with a finger too: `desk = desk_of("Ana")`."""

    def open_it(writer):
        page = open_page(has_touch=True)
        page.goto(f"{app_url}/draw_one?writer={writer}")
        desk = DrawingDesk(page)
        idle(page)
        desk.layer.scroll_into_view_if_needed()
        return desk

    return open_it


@pytest.fixture
def saved(store):
    """Save what is on the canvas, and return the strokes that are stored: `saved(desk, "Ana", 0)`."""

    def save(desk, writer, label):
        desk.expect_prompt(label)
        desk.save()
        desk.expect_prompt(label + 1)
        (batch,) = [batch for batch in read_batches(store) if batch.writer == writer]
        return read_drawings(store, [batch.id])[-1].strokes

    return save


def fingers(desk, *events, number=0):
    """Touch events, `("touchMove", (x, y))`, of a finger with a number of its own."""
    device = desk.page.context.new_cdp_session(desk.page)
    for kind, *points in events:
        touching = [{"x": x, "y": y, "id": number} for x, y in desk.points(points)]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})
    device.detach()


def test_undo_brings_back_what_clear_took(desk_of, saved):
    desk = desk_of("cleared-one")
    desk.draw(LINE, BAR)
    desk.clear()
    desk.expect_ink()
    desk.undo()
    desk.expect_ink(LINE, BAR)
    desk.page.keyboard.press("Control+z")
    desk.expect_ink(LINE)
    desk.page.keyboard.press("Control+Shift+z")
    desk.expect_ink(LINE, BAR)
    desk.page.keyboard.press("y")
    desk.expect_ink()
    desk.page.keyboard.press("z")
    desk.expect_ink(LINE, BAR)
    desk.draw([[40, 240], [240, 250]])
    assert len(saved(desk, "cleared-one", 0)) == 3


def test_what_was_saved_does_not_come_back_for_the_next_prompt(desk_of, saved):
    desk = desk_of("saved-one")
    desk.draw(LINE)
    desk.clear()
    desk.expect_ink()
    desk.draw(BAR)
    saved(desk, "saved-one", 0)
    desk.undo()
    desk.expect_ink()


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_cancelled_finger_leaves_nothing_and_the_next_stroke_is_drawn(desk_of, saved, earlier):
    writer = f"palm-{earlier}"
    desk = desk_of(writer)
    before = [BAR][:earlier]
    for stroke in before:
        fingers(desk, ("touchStart", stroke[0]), *(("touchMove", point) for point in stroke[1:]), ("touchEnd",))
        idle(desk.page)
    smear = [(100, 200), (120, 210), (150, 215), (190, 220)]
    fingers(desk, ("touchStart", smear[0]), *(("touchMove", point) for point in smear[1:]), ("touchCancel",), number=3)
    desk.expect_ink(*before)
    fingers(desk, ("touchStart", LINE[0]), *(("touchMove", point) for point in LINE[1:]), ("touchEnd",), number=4)
    desk.expect_ink(*before, LINE)
    assert same_strokes(saved(desk, writer, 0), [*before, LINE])


def test_a_cancelled_pen_stroke_is_kept(desk_of, saved):
    """The system takes the stroke of a pen that is a touch to it too, as on a tablet."""
    desk = desk_of("pen-one")
    desk.page.evaluate("Object.defineProperty(PointerEvent.prototype, 'pointerType', { get: () => 'pen' })")
    fingers(desk, ("touchStart", LINE[0]), *(("touchMove", point) for point in LINE[1:]), ("touchCancel",), number=2)
    idle(desk.page)
    fingers(desk, ("touchStart", BAR[0]), *(("touchMove", point) for point in BAR[1:]), ("touchEnd",), number=5)
    desk.expect_ink(LINE, BAR)


def test_a_button_that_goes_up_outside_the_window(desk_of, saved):
    desk = desk_of("outside-one")
    device = desk.page.context.new_cdp_session(desk.page)

    def tell(kind, point, buttons, button="left"):
        (place,) = desk.points([point])
        event = {"type": kind, "x": place[0], "y": place[1], "button": button, "buttons": buttons, "clickCount": 1}
        device.send("Input.dispatchMouseEvent", event)

    tell("mouseMoved", LINE[0], 0, "none")
    tell("mousePressed", LINE[0], 1)
    for point in LINE[1:]:
        tell("mouseMoved", point, 1)
    for point in ((200, 40), (40, 240)):
        tell("mouseMoved", point, 0, "none")
    device.detach()
    desk.expect_ink(LINE)
    desk.draw(BAR)
    desk.expect_ink(LINE, BAR)
    assert same_strokes(saved(desk, "outside-one", 0), [LINE, BAR])


def test_what_is_outside_the_canvas_is_neither_seen_nor_stored(desk_of, saved):
    desk = desk_of("ring")
    turns = np.linspace(np.pi, 3 * np.pi, 40)
    desk.draw([(280 + 80 * np.cos(turn), 140 + 100 * np.sin(turn)) for turn in turns])
    idle(desk.page)
    strokes = saved(desk, "ring", 0)
    assert len(strokes) == 2  # it left at the top and came back at the bottom
    for stroke in strokes:
        assert stroke[:, 0].max() <= 280
        assert stroke[:, 0].min() == pytest.approx(200, abs=2)


@pytest.mark.parametrize("tap", [[(268, 268), (270, 269)], [(12, 12)]])
def test_a_stray_tap_is_not_stored(desk_of, saved, tap):
    writer = f"tap-{tap[0][0]}"
    desk = desk_of(writer)
    digits = quick_digits()
    desk.draw(*digits[0], tap)
    idle(desk.page)
    assert same_strokes(saved(desk, writer, 0), digits[0])


def test_try_it_reads_what_is_seen(open_page, app_url, store):
    page = open_page()
    page.goto(f"{app_url}/dense")
    desk = DrawingDesk(page)
    idle(page)
    desk.settle()
    desk.draw([(140, 50), (140, 140), (140, 230)], [(12, 12), (14, 13)])
    expect(page.get_by_role("heading", name="This is a 1")).to_be_visible()
