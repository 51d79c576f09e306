"""The sheet pad in a real browser: what is written with mouse, finger and pen is in the database, whatever happens."""

import contextlib
import json
import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage import schema
from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.drawings import read_drawing_rows, read_drawings
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.drawing import human_digits, idle
from tests.browser.server import check_log, end_server, start_server

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SECONDS = 20
TWO_STROKES = [[(0.2, 0.2), (0.25, 0.5), (0.7, 0.5)], [(0.6, 0.2), (0.6, 0.45), (0.6, 0.9)]]
# Where the page stands: the part that scrolls is not the document.
SCROLLED = (
    "[...document.querySelectorAll('*')].map(node => node.scrollTop).reduce((most, top) => Math.max(most, top), 0)"
)


@pytest.fixture
def batch_of(store):
    """Start a batch: `batch_of("Ana")`."""

    def start(writer, per_digit=2, kind="full"):
        batch_id = start_batch(store, add_writer(store, writer), kind, balanced_labels(per_digit, 1), 1)
        return next(batch for batch in read_batches(store) if batch.id == batch_id)

    return start


@pytest.fixture
def sheet_of(visit, batch_of, app_url):
    """Open a sheet for a new writer: `pad, batch = sheet_of("Ana", cells=6)`."""

    def open_it(writer, *, cells=6, per_digit=2, kind="full"):
        batch = batch_of(writer, per_digit, kind)
        page = visit(f"{app_url}/draw_batch?writer={writer}&batch_cells={cells}")
        return Pad(page), batch

    return open_it


@pytest.fixture
def phone(browser, batch_of, app_url):
    """Open a sheet on a phone: `pad, batch = phone("Ana", cells=6, device_scale_factor=2)`."""
    contexts, problems = [], []

    def open_it(writer, *, cells=6, **more):
        batch = batch_of(writer)
        contexts.append(browser.new_context(**{**PHONE, **more}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{app_url}/draw_batch?writer={writer}&batch_cells={cells}")
        idle(page, 500)
        return Pad(page), batch

    yield open_it
    for context in contexts:
        context.close()
    assert not problems


class Pad:
    """A sheet on a page, written on with real events; points are shares of the cell's side."""

    def __init__(self, page):
        self.page = page
        self.surface = page.get_by_test_id("sheet-pad")
        self.surface.wait_for()
        self.show()

    def show(self):
        """Scroll so that the sheet is in view, and wait until the page rests."""
        self.page.wait_for_timeout(300)
        self.surface.evaluate("node => node.scrollIntoView({ block: 'center' })")
        idle(self.page, 300)

    @property
    def cells(self):
        return json.loads(self.surface.get_attribute("data-cells"))

    @property
    def labels(self):
        return [cell["label"] for cell in self.cells]

    @property
    def done(self):
        return [number for number, cell in enumerate(self.cells) if cell["done"]]

    def place(self, cell, x, y):
        """A place in a cell, in pixels of the page."""
        box, inner = self.surface.bounding_box(), self.cells[cell]
        return box["x"] + inner["x"] + x * inner["w"], box["y"] + inner["y"] + y * inner["h"]

    def mouse(self, cell, *strokes):
        for stroke in strokes:
            points = [self.place(cell, *point) for point in stroke]
            self.page.mouse.move(*points[0])
            self.page.mouse.down()
            for point in points[1:]:
                self.page.mouse.move(*point, steps=4)
            self.page.mouse.up()

    def digit(self, cell, digits):
        """A person's digit of the cell's label."""
        strokes = [np.array(stroke) / 280 for stroke in digits[self.cells[cell]["label"]]]
        for stroke in strokes:
            points = [self.place(cell, *point) for point in stroke]
            self.page.mouse.move(*points[0])
            self.page.mouse.down()
            for point in points[1:]:
                self.page.mouse.move(*point)
            self.page.mouse.up()
        return [stroke * self.cells[cell]["w"] for stroke in strokes]

    def finger(self, *paths):
        """Fingers that go down one after the other and move together; each path in pixels of the page."""
        device = self.page.context.new_cdp_session(self.page)

        def tell(kind, step, fingers):
            touching = [
                {"x": path[min(step, len(path) - 1)][0], "y": path[min(step, len(path) - 1)][1], "id": number}
                for number, path in enumerate(paths[:fingers])
            ]
            device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})

        for number in range(len(paths)):
            tell("touchStart", 0, number + 1)
        for step in range(1, max(map(len, paths))):
            tell("touchMove", step, len(paths))
        tell("touchEnd", 0, 0)
        device.detach()

    def pen(self, cell, stroke, force=0.7):
        device = self.page.context.new_cdp_session(self.page)
        points = [self.place(cell, *point) for point in stroke]

        def tell(kind, point, buttons):
            event = {"type": kind, "x": point[0], "y": point[1], "button": "left", "buttons": buttons}
            device.send("Input.dispatchMouseEvent", {**event, "pointerType": "pen", "force": force, "clickCount": 1})

        tell("mouseMoved", points[0], 0)
        tell("mousePressed", points[0], 1)
        for point in points[1:]:
            tell("mouseMoved", point, 1)
        tell("mouseReleased", points[-1], 0)
        device.detach()

    def expect_done(self, *cells):
        until(lambda: self.done == list(cells), lambda: self.done)

    def expect_blank(self, labels):
        """Another sheet is shown, and it can be written on."""
        until(lambda: self.labels == list(labels) and not self.done, lambda: (self.labels, self.done))
        expect(self.page.locator(".pad.saving")).to_have_count(0)


def until(condition, received=lambda: None, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, received()
        time.sleep(0.05)


def in_hand(store, batch):
    return open_sheet(store, batch, 6, 10.0)


def drafts(store, batch, strokes):
    """The strokes of the sheet in hand that are on disk, once there are so many of them."""
    until(lambda: len(in_hand(store, batch).strokes) == strokes, lambda: in_hand(store, batch))
    return in_hand(store, batch).strokes


def saved(store, batch, count):
    """The drawings of a batch in the order of their prompts, once there are so many."""
    until(lambda: len(read_drawings(store, [batch.id])) == count, lambda: len(read_drawings(store, [batch.id])))
    return sorted(read_drawings(store, [batch.id]), key=lambda drawing: drawing.position)


def events(store, batch):
    query = schema.pen_events.select().where(schema.pen_events.c.sheet_id == in_hand(store, batch).id)
    with store.read() as connection:
        return [row.event for row in connection.execute(query.order_by(schema.pen_events.c.id))]


def same(stored, sent, tolerance=1.0):
    """Whether stored points are on the way that was sent, from its beginning to its end, in pixels."""
    stored, sent = np.asarray(stored)[:, :2], np.asarray(sent)
    nearest = np.abs(stored[:, None] - sent[None]).max(-1)
    return bool(nearest.min(0).max() <= tolerance and nearest.min(1).max() <= tolerance)


# Writing


def test_a_sheet_by_mouse(sheet_of, store):
    pad, batch = sheet_of("mouse")
    digits = human_digits()
    assert tuple(pad.labels) == batch.labels[:6]
    sent = [pad.digit(cell, digits) for cell in range(6)]
    drawings = saved(store, batch, 6)  # it saved itself
    assert [drawing.position for drawing in drawings] == [0, 1, 2, 3, 4, 5]
    assert tuple(drawing.label for drawing in drawings) == batch.labels[:6]
    for drawing, strokes in zip(drawings, sent, strict=True):
        assert len(drawing.strokes) == len(strokes)
        assert all(map(same, drawing.strokes, strokes))
    rows = read_drawing_rows(store, [batch.id])
    assert all(row.draw_seconds > 0 and row.think_seconds > 0 for row in rows)
    pad.expect_blank(batch.labels[6:12])
    expect(pad.page.get_by_text("6 of 20", exact=True)).to_be_visible()


def test_the_second_stroke_of_the_last_digit_is_not_cut_off(sheet_of, store):
    """A sheet that saved itself with the first stroke of its last cell would keep half a four."""
    pad, batch = sheet_of("last", cells=1)
    pad.mouse(0, TWO_STROKES[0])
    pad.page.wait_for_timeout(400)
    pad.mouse(0, TWO_STROKES[1])
    (drawing,) = saved(store, batch, 1)
    assert len(drawing.strokes) == 2


def test_without_automatic_saving_a_full_sheet_waits(sheet_of, store):
    pad, batch = sheet_of("patient", cells=2)
    pad.page.get_by_text("Sheet and clock").click()
    pad.page.get_by_text("Save when the last cell is filled").click()
    expect(pad.page.get_by_text("Saves itself")).to_have_count(0)
    pad.show()
    for cell in range(2):
        pad.mouse(cell, *TWO_STROKES)
    drafts(store, batch, 4)
    pad.page.wait_for_timeout(2000)
    assert pad.done == [0, 1]
    pad.page.get_by_role("button", name="Save and next sheet").click()
    saved(store, batch, 2)


def test_enter_saves_what_is_there_and_the_rest_comes_again(sheet_of, store):
    pad, batch = sheet_of("enter")
    pad.mouse(1, *TWO_STROKES)
    pad.mouse(4, *TWO_STROKES)
    pad.page.keyboard.press("Enter")
    assert [drawing.position for drawing in saved(store, batch, 2)] == [1, 4]
    pad.expect_blank([batch.labels[position] for position in (0, 2, 3, 5, 6, 7)])


def test_enter_in_the_same_moment_as_the_last_stroke(sheet_of, store):
    pad, batch = sheet_of("hasty")
    for number in range(3):
        pad.mouse(0, *TWO_STROKES)
        pad.page.keyboard.press("Enter")
        drawings = saved(store, batch, number + 1)
        assert len(drawings[-1].strokes) == 2
        until(lambda: not pad.done)


def test_a_blank_sheet_is_not_saved(sheet_of, store):
    pad, batch = sheet_of("blank")
    pad.page.keyboard.press("Enter")
    expect(pad.page.get_by_role("button", name="Save and next sheet")).to_be_disabled()
    pad.page.wait_for_timeout(500)
    assert tuple(pad.labels) == batch.labels[:6]
    assert [event["type"] for event in events(store, batch)] == ["shown"]


def test_enter_that_is_meant_for_something_else_saves_nothing(sheet_of, store):
    pad, batch = sheet_of("elsewhere")
    pad.mouse(0, *TWO_STROKES)
    pad.page.get_by_text("Sheet and clock").click()
    pad.page.get_by_role("slider").last.press("Enter")
    pad.page.locator("summary").first.press("Enter")
    pad.page.get_by_role("link", name="Dense network").focus()
    pad.page.get_by_label("Who is drawing?").press("Control+z")
    pad.page.wait_for_timeout(600)
    drafts(store, batch, 2)
    assert read_drawings(store, [batch.id]) == []


def test_undo(sheet_of, store):
    pad, batch = sheet_of("undo")
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(1, TWO_STROKES[0])
    first = drafts(store, batch, 3)
    pad.page.keyboard.press("Control+z")
    assert drafts(store, batch, 2) == first[:2]
    pad.expect_done(0)
    pad.page.get_by_role("button", name="Undo").click()
    assert drafts(store, batch, 1) == first[:1]
    pad.page.get_by_role("button", name="Undo").click()
    drafts(store, batch, 0)
    pad.expect_done()
    expect(pad.page.get_by_role("button", name="Undo")).to_be_disabled()


def test_clearing_a_cell_by_mouse(sheet_of, store):
    pad, batch = sheet_of("clear")
    for cell in range(3):
        pad.mouse(cell, *TWO_STROKES)
    drafts(store, batch, 6)
    pad.page.get_by_role("button", name="Clear cell 2,").click()
    assert {stroke.cell for stroke in drafts(store, batch, 4)} == {0, 2}
    pad.expect_done(0, 2)


def test_clearing_a_cell_by_keyboard_does_not_save(sheet_of, store):
    pad, batch = sheet_of("keyboard")
    for cell in range(3):
        pad.mouse(cell, *TWO_STROKES)
    drafts(store, batch, 6)
    button = pad.page.get_by_role("button", name="Clear cell 1,")
    button.focus()
    pad.page.keyboard.press("Tab")
    expect(pad.page.get_by_role("button", name="Clear cell 2,")).to_be_focused()
    pad.page.keyboard.down("Enter")
    pad.page.keyboard.down("Enter")  # held: it repeats
    pad.page.keyboard.up("Enter")
    assert {stroke.cell for stroke in drafts(store, batch, 4)} == {0, 2}
    expect(pad.page.get_by_role("button", name="Clear cell 2,")).to_be_focused()
    pad.page.keyboard.press("Enter")  # the cell is blank now; the sheet is still not saved
    pad.page.wait_for_timeout(500)
    pad.expect_done(0, 2)
    assert read_drawings(store, [batch.id]) == []


def test_a_stroke_belongs_to_the_cell_where_it_began(sheet_of, store):
    pad, batch = sheet_of("across")
    start, end = pad.place(0, 0.5, 0.5), pad.place(2, 0.5, 0.5)
    pad.page.mouse.move(*start)
    pad.page.mouse.down()
    pad.page.mouse.move(*end, steps=20)
    pad.page.mouse.up()
    (stroke,) = drafts(store, batch, 1)
    cells = pad.cells
    assert stroke.cell == 0
    assert stroke.points[-1][0] == pytest.approx(cells[2]["x"] - cells[0]["x"] + cells[0]["w"] / 2, abs=1)
    pad.expect_done(0)
    pad.page.keyboard.press("Enter")
    saved(store, batch, 1)
    expect(pad.page.get_by_text("leaves its cell")).to_be_visible()


def test_the_right_button_does_not_write(sheet_of, store):
    pad, batch = sheet_of("right")
    pad.page.mouse.move(*pad.place(0, 0.2, 0.2))
    pad.page.mouse.down(button="right")
    pad.page.mouse.move(*pad.place(0, 0.8, 0.8), steps=4)
    pad.page.mouse.up(button="right")
    pad.mouse(1, TWO_STROKES[0])
    assert [stroke.cell for stroke in drafts(store, batch, 1)] == [1]


def test_on_to_the_next_sheet_without_a_breath(sheet_of, store):
    """Ten sheets of two, each begun as soon as its cells are blank."""
    pad, batch = sheet_of("quick", cells=2)
    for number in range(10):
        until(lambda number=number: tuple(pad.labels) == batch.labels[2 * number : 2 * number + 2] and not pad.done)
        for cell in range(2):
            pad.mouse(cell, *TWO_STROKES)
        pad.page.keyboard.press("Enter")
    drawings = saved(store, batch, 20)
    assert tuple(drawing.label for drawing in drawings) == batch.labels
    assert all(len(drawing.strokes) == 2 for drawing in drawings)
    expect(pad.page.get_by_text("All drawn.")).to_be_visible()


def test_the_last_sheet_is_smaller_than_asked_for_and_stays(sheet_of, store):
    pad, batch = sheet_of("rest", cells=15)
    for cell in range(8):
        pad.mouse(cell, *TWO_STROKES)
    pad.page.keyboard.press("Enter")
    pad.expect_blank([batch.labels[position] for position in range(8, 20)])
    sheet = in_hand(store, batch)
    pad.page.wait_for_timeout(1500)
    assert in_hand(store, batch).id == sheet.id  # not put back again and again
    pad.mouse(0, *TWO_STROKES)
    drafts(store, batch, 2)


def test_another_number_of_cells(sheet_of, store):
    pad, batch = sheet_of("cells", cells=6)
    pad.page.get_by_text("Sheet and clock").click()
    pad.page.get_by_role("slider", name="Cells on a sheet").press("ArrowRight")
    pad.expect_blank(batch.labels[:7])
    pad.show()
    pad.mouse(6, *TWO_STROKES)
    drafts(store, batch, 2)
    expect(pad.page.get_by_test_id("stAlert")).to_have_count(0)


# Fingers, pens and screens


@pytest.mark.parametrize("scale", [1, 2])
def test_a_finger_on_a_phone_from_each_corner(phone, store, scale):
    pad, batch = phone(f"finger{scale}", device_scale_factor=scale)
    page = pad.page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert pad.surface.bounding_box()["width"] <= 360
    before = page.evaluate(SCROLLED)
    last = len(pad.cells) - 1
    columns = sum(cell["y"] == pad.cells[0]["y"] for cell in pad.cells)
    corners = {0: (0.02, 0.02), columns - 1: (0.98, 0.02), last - last % columns: (0.02, 0.98), last: (0.98, 0.98)}
    paths = {}
    for cell, (x, y) in corners.items():
        paths[cell] = [pad.place(cell, x + share * (0.5 - x), y + share * (0.3 - y)) for share in np.linspace(0, 1, 12)]
        pad.finger(paths[cell])
    strokes = drafts(store, batch, len(corners))
    for stroke in strokes:
        corner = pad.place(stroke.cell, 0, 0)
        assert stroke.pointer == "touch"
        assert same(np.array(stroke.points)[:, :2], np.array(paths[stroke.cell]) - corner)
    assert page.evaluate(SCROLLED) == before
    canvas = pad.surface.locator("canvas")
    assert canvas.evaluate("canvas => canvas.width / canvas.clientWidth") == pytest.approx(scale, abs=0.01)


def test_a_finger_down_the_whole_sheet_does_not_scroll_the_page(phone, store):
    pad, batch = phone("scroll", cells=20)
    before = pad.page.evaluate(SCROLLED)
    start, end = pad.place(0, 0.5, 0.5), pad.place(16, 0.5, 0.5)
    pad.finger([(start[0], y) for y in np.linspace(end[1], start[1], 20)])
    drafts(store, batch, 1)
    assert pad.page.evaluate(SCROLLED) == before


def test_a_second_finger_does_not_write_and_does_not_disturb(phone, store):
    pad, batch = phone("two")
    first = [pad.place(0, share, 0.5) for share in np.linspace(0.1, 0.9, 10)]
    second = [pad.place(3, share, 0.5) for share in np.linspace(0.9, 0.1, 10)]
    pad.finger(first, second)
    (stroke,) = drafts(store, batch, 1)
    assert stroke.cell == 0
    assert same(stroke.points, np.array(first) - pad.place(0, 0, 0))
    pad.finger(second)
    assert [stroke.cell for stroke in drafts(store, batch, 2)] == [0, 3]


@pytest.mark.parametrize("pointer", ["mouse", "touch", "pen"])
def test_the_pointer_is_stored(phone, store, pointer):
    pad, batch = phone(f"pointer-{pointer}")
    if pointer == "mouse":
        pad.mouse(0, TWO_STROKES[0])
    elif pointer == "pen":
        pad.pen(0, TWO_STROKES[0])
    else:
        pad.finger([pad.place(0, *point) for point in TWO_STROKES[0]])
    (stroke,) = drafts(store, batch, 1)
    assert stroke.pointer == pointer
    times, pressures = np.array(stroke.points)[:, 2:].T
    assert (np.diff(times) >= 0).all()
    assert stroke.ended - stroke.began >= times[-1]
    if pointer == "pen":
        assert pressures[:-1] == pytest.approx(0.7, abs=0.01)
    pad.page.get_by_role("button", name="Save and next sheet").click()
    saved(store, batch, 1)
    with store.read() as connection:
        query = schema.drawings.select().where(schema.drawings.c.batch_id == batch.id)
        assert connection.execute(query).one().pointer == pointer


def test_a_phone_that_is_turned_in_mid_sheet(phone, store):
    pad, batch = phone("turned", cells=4)
    pad.mouse(0, TWO_STROKES[0])
    drafts(store, batch, 1)
    pad.page.set_viewport_size({"width": 740, "height": 360})
    pad.show()
    pad.mouse(0, TWO_STROKES[1])
    first, second = drafts(store, batch, 2)
    assert second.size > first.size
    pad.page.get_by_role("button", name="Save and next sheet").click()
    (drawing,) = saved(store, batch, 1)
    for stroke, points in zip(drawing.strokes, TWO_STROKES, strict=True):
        assert stroke[-1, :2] / first.size == pytest.approx(points[-1], abs=0.02)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_prompts_can_be_read_in_both_themes(browser, batch_of, app_url, scheme):
    batch_of(scheme)
    with contextlib.closing(browser.new_context(color_scheme=scheme)) as context:
        page = context.new_page()
        page.goto(f"{app_url}/draw_batch?writer={scheme}")
        idle(page, 500)
        colours = (
            Pad(page)
            .surface.locator(".prompt")
            .first.evaluate(
                "node => [getComputedStyle(node).color,"
                " getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor]"
            )
        )
        text, ground = ([int(part) for part in re.findall(r"\d+", colour)[:3]] for colour in colours)
        assert abs(sum(text) - sum(ground)) > 400, colours


# Nothing is lost


def test_a_reload_in_mid_sheet(sheet_of, store, visit):
    pad, batch = sheet_of("reload")
    pad.mouse(0, *TWO_STROKES)
    pad.mouse(2, *TWO_STROKES)
    before = drafts(store, batch, 4)
    seconds = in_hand(store, batch).time.wall
    pad.page.wait_for_timeout(1000)
    pad.page.reload()
    pad = Pad(pad.page)
    pad.expect_done(0, 2)
    assert in_hand(store, batch).strokes == before
    pad.page.keyboard.press("Control+z")
    pad.mouse(1, *TWO_STROKES)
    strokes = drafts(store, batch, 5)
    assert in_hand(store, batch).time.wall > seconds + 1
    assert [stroke.cell for stroke in strokes] == [0, 0, 2, 1, 1]
    pad.page.keyboard.press("Enter")
    assert [len(drawing.strokes) for drawing in saved(store, batch, 3)] == [2, 2, 1]


def test_a_reload_in_the_moment_of_a_stroke(sheet_of, store):
    """The browser keeps what it could not hand over, and hands it over when it is back."""
    pad, batch = sheet_of("moment")
    pad.mouse(0, TWO_STROKES[0])
    drafts(store, batch, 1)
    for number in range(3):
        pad.mouse(1 + number, TWO_STROKES[0])
        pad.page.reload()
        pad = Pad(pad.page)
        drafts(store, batch, 2 + number)
    pad.expect_done(0, 1, 2, 3)


def test_a_closed_tab(sheet_of, store, app_url):
    pad, batch = sheet_of("closed")
    pad.mouse(3, *TWO_STROKES)
    drafts(store, batch, 2)
    context = pad.page.context
    page = context.new_page()
    page.goto(f"{app_url}/draw_batch?writer=closed&batch_cells=6")
    idle(page, 500)
    Pad(page).expect_done(3)
    page.close()


def test_leaving_the_page_and_coming_back(sheet_of, store):
    pad, batch = sheet_of("leaving")
    pad.mouse(0, *TWO_STROKES)
    drafts(store, batch, 2)
    pad.page.get_by_role("link", name="Guess").click()
    expect(pad.page.get_by_test_id("sheet-pad")).to_have_count(0)
    pad.page.get_by_role("link", name="Draw a batch").click()
    pad = Pad(pad.page)
    pad.expect_done(0)
    pad.mouse(1, *TWO_STROKES)
    drafts(store, batch, 4)


def test_a_duplicated_tab_counts_for_itself(sheet_of, store, app_url):
    """A browser copies what a tab has stored: the copy must not go on under the same name."""
    pad, batch = sheet_of("twin")
    pad.mouse(0, TWO_STROKES[0])
    drafts(store, batch, 1)
    with pad.page.context.expect_page() as opened:
        pad.page.evaluate("window.open(location.href)")
    twin = Pad(opened.value)
    twin.mouse(1, TWO_STROKES[0])
    drafts(store, batch, 2)
    pad.page.bring_to_front()
    pad.mouse(2, TWO_STROKES[0])
    assert [stroke.cell for stroke in drafts(store, batch, 3)] == [0, 1, 2]
    pad.page.keyboard.press("Enter")
    saved(store, batch, 3)
    twin.page.bring_to_front()
    twin.mouse(4, TWO_STROKES[0])  # of a sheet that is no longer in hand
    expect(twin.page.get_by_text("was saved meanwhile")).to_be_visible()
    twin.expect_blank(batch.labels[3:9])
    twin.page.close()


def test_kill_9_of_the_server_in_mid_sheet(page, tmp_path):
    """The page that is open goes on with the new server: nothing is lost, and nothing is there twice."""
    server = start_server("app.py", tmp_path)
    store = Store(server.database)
    batch_id = start_batch(store, add_writer(store, "me"), "full", balanced_labels(1, 1), 1)
    (batch,) = [batch for batch in read_batches(store) if batch.id == batch_id]
    page.goto(f"{server.url}/draw_batch?batch_cells=6")
    idle(page, 500)
    pad = Pad(page)
    pad.mouse(0, *TWO_STROKES)
    drafts(store, batch, 2)
    server.process.kill()
    server.process.wait()
    pad.mouse(1, *TWO_STROKES)  # nobody is there to take these
    pad.mouse(2, *TWO_STROKES)
    pad.page.keyboard.press("Control+z")
    page.wait_for_timeout(500)
    assert len(in_hand(store, batch).strokes) == 2
    assert pad.done == [0, 1, 2]
    port = int(server.url.rsplit(":", 1)[1])
    server = start_server("app.py", tmp_path, port=port)
    try:
        until(lambda: len(in_hand(store, batch).strokes) == 5, lambda: in_hand(store, batch), seconds=60)
        idle(page, 500)
        pad.expect_done(0, 1, 2)
        pad.show()
        pad.mouse(2, TWO_STROKES[1])
        assert [stroke.cell for stroke in drafts(store, batch, 6)] == [0, 0, 1, 1, 2, 2]
        assert sum(event["type"] == "stroke" for event in events(store, batch)) == 7  # one was undone
        page.keyboard.press("Enter")
        drawings = saved(store, batch, 3)
        assert [len(drawing.strokes) for drawing in drawings] == [2, 2, 2]
        assert tuple(drawing.label for drawing in drawings) == batch.labels[:3]
    finally:
        store.close()
        end_server(server)
    check_log(server)


def test_two_writers_at_once(browser, batch_of, app_url, store):
    """Stroke by stroke in turn, in two browsers, each on a sheet of the same size."""
    names = ("left", "right")
    batches = {name: batch_of(name) for name in names}
    digits = {"left": human_digits(1), "right": human_digits(2)}
    contexts = {name: browser.new_context() for name in names}
    pads, sent = {}, {name: [] for name in names}
    for name in names:
        page = contexts[name].new_page()
        page.goto(f"{app_url}/draw_batch?writer={name}&batch_cells=5")
        idle(page, 500)
        pads[name] = Pad(page)
    for sheet in range(2):
        for cell in range(5):
            for name in names:
                sent[name].append(pads[name].digit(cell, digits[name]))
        for name in names:
            saved(store, batches[name], 5 * (sheet + 1))
            pads[name].expect_blank(batches[name].labels[5 * (sheet + 1) : 5 * (sheet + 2)])
    for name in names:
        drawings = saved(store, batches[name], 10)
        assert tuple(drawing.label for drawing in drawings) == batches[name].labels[:10]
        for drawing, strokes in zip(drawings, sent[name], strict=True):
            assert len(drawing.strokes) == len(strokes)
            assert all(map(same, drawing.strokes, strokes))
        contexts[name].close()


# What the gates ask


@pytest.fixture
def asked(sheet_of, store):
    """A sheet with three tiny digits on it, saved: `pad, batch`."""

    def tiny(writer):
        pad, batch = sheet_of(writer)
        for cell in range(3):
            pad.mouse(cell, [(0.5, 0.5), (0.55, 0.52 + 0.01 * cell), (0.5, 0.58)])
        pad.page.keyboard.press("Enter")
        saved(store, batch, 3)
        expect(pad.page.get_by_text("Please look at 3:")).to_be_visible()
        return pad, batch

    return tiny


def marks(store, batch):
    return {row.position: row.marks for row in read_drawing_rows(store, [batch.id]) if not row.deleted}


def test_what_is_marked_can_be_kept_relabelled_or_drawn_again(asked, store):
    pad, batch = asked("marks")
    page = pad.page
    assert all("tiny" in found for found in marks(store, batch).values())
    page.get_by_role("button", name="Keep").first.click()
    expect(page.get_by_text("Please look at 2:")).to_be_visible()
    idle(page)  # the buttons of the one that was kept are gone
    assert marks(store, batch)[0] == []
    page.get_by_role("button", name="Redraw").first.click()
    expect(page.get_by_text("Please look at 1:")).to_be_visible()
    idle(page)
    assert [drawing.position for drawing in saved(store, batch, 2)] == [0, 2]
    expect(page.get_by_role("combobox", name="It is a")).to_have_count(1)
    page.get_by_role("combobox", name="It is a").click()
    page.get_by_role("option", name="7", exact=True).click()
    expect(page.get_by_text("Please look at")).to_have_count(0)
    assert [drawing.label for drawing in saved(store, batch, 2)] == [batch.labels[0], 7]
    pad = Pad(page)
    pad.mouse(0, *TWO_STROKES)
    page.keyboard.press("Enter")
    saved(store, batch, 3)
    assert in_hand(store, batch).positions[0] == 1  # what was to be drawn again


def test_a_prompt_that_is_drawn_again_comes_on_a_later_sheet(asked, store):
    pad, batch = asked("later")
    pad.mouse(0, *TWO_STROKES)  # the next sheet is begun
    drafts(store, batch, 2)
    pad.page.get_by_role("button", name="Redraw").first.click()
    expect(pad.page.get_by_text("Please look at 2:")).to_be_visible()
    pad.show()
    pad.expect_done(0)
    pad.page.keyboard.press("Enter")
    saved(store, batch, 3)
    assert in_hand(store, batch).positions[0] == 0
