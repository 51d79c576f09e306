"""What the pen did is what is kept, on the canvas for one digit in a real browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.drawings import read_drawings
from tests.browser.devices import events_of
from tests.browser.drawing import BAR, LINE, quick_digits, same_strokes
from tests.browser.page_objects import Canvas
from tests.browser.stored import batch_of_writer
from tests.browser.waiting import idle

pytestmark = pytest.mark.slow  # what seldom happens to a pen; test_drawing_desk has what happens each time


@pytest.fixture
def desk_of(desk_of):
    """Open the page for a new writer, with a finger too: `desk = desk_of("Ana")`."""

    def open_it(writer):
        desk = desk_of(writer, has_touch=True)
        desk.settle()
        return desk

    return open_it


@pytest.fixture
def saved(store):
    """Save what is on the canvas, and return the strokes that are stored: `saved(desk, "Ana", 0)`."""

    def save(desk, writer, label):
        desk.expect_prompt(label)
        desk.save()
        desk.expect_prompt(label + 1)
        return read_drawings(store, [batch_of_writer(store, writer).id])[-1].strokes

    return save


def finger(desk, stroke, number=0, *, end="End"):
    """A stroke of the finger with this number, to its end or until it is cancelled."""
    with events_of(desk.page) as send:
        for kind, point in zip(["Start", *["Move"] * (len(stroke) - 1)], desk.points(stroke), strict=True):
            send.touch(kind, point, first=number)
        send.touch(end)


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
        finger(desk, stroke)
        idle(desk.page)
    smear = [(100, 200), (120, 210), (150, 215), (190, 220)]
    finger(desk, smear, 3, end="Cancel")
    desk.expect_ink(*before)
    finger(desk, LINE, 4)
    desk.expect_ink(*before, LINE)
    assert same_strokes(saved(desk, writer, 0), [*before, LINE])


def test_a_cancelled_pen_stroke_is_kept(desk_of):
    """The system takes the stroke of a pen that is a touch to it too, as on a tablet."""
    desk = desk_of("pen-one")
    desk.page.evaluate("Object.defineProperty(PointerEvent.prototype, 'pointerType', { get: () => 'pen' })")
    finger(desk, LINE, 2, end="Cancel")
    idle(desk.page)
    finger(desk, BAR, 5)
    desk.expect_ink(LINE, BAR)


def test_a_button_that_goes_up_outside_the_window(desk_of, saved):
    desk = desk_of("outside-one")
    line = desk.points(LINE)
    with events_of(desk.page) as send:
        send.mouse("Moved", line[0], pressed=False)
        send.mouse("Pressed", line[0])
        for point in line[1:]:
            send.mouse("Moved", point)
        for point in desk.points([(200, 40), (40, 240)]):
            send.mouse("Moved", point, pressed=False)
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


def test_a_stray_tap_is_not_stored(desk_of, saved):
    desk, digits = desk_of("tap"), quick_digits()
    for label, tap in enumerate([[(268, 268), (270, 269)], [(12, 12)]]):
        desk.expect_prompt(label)
        desk.draw(*digits[label], tap)
        idle(desk.page)
        assert same_strokes(saved(desk, "tap", label), digits[label])


def test_try_it_reads_what_is_seen(visit, app_url, store):
    page = visit(f"{app_url}/dense")
    canvas = Canvas(page)
    canvas.settle()
    canvas.draw([(140, 50), (140, 140), (140, 230)], [(12, 12), (14, 13)])
    expect(page.get_by_role("heading", name="This is a 1")).to_be_visible()
