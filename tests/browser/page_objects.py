"""The parts of the pages as a person at a browser sees and uses them."""

import json
import re

import numpy as np
from playwright.sync_api import expect

from digitlab.digits import with_article
from tests.browser.drawing import raster
from tests.browser.waiting import idle, marks, menu_link, press_and_move, still, touch, until

TRAINING = 120_000  # milliseconds; the first training waits until the worker has loaded TensorFlow
_PIXELS = """upper => {
  const canvas = upper.parentElement.querySelector(".lower-canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let bits = "";
  for (let i = 0; i < data.length; i += 4) bits += data[i] > 127 ? "1" : "0";
  return [canvas.width, bits];
}"""


class Canvas:
    """The canvas for one digit, 280 x 280 pixels; strokes are [(x, y), ...] in its pixels."""

    def __init__(self, page):
        self.page = page

    @property
    def layer(self):
        """What the pointer draws on, once it takes it: it is inert from a click on Save to the next canvas."""
        layer = self.page.locator("[data-testid=stBidiComponentIsolated]:not([inert]) canvas.upper-canvas").first
        layer.wait_for()
        return layer

    @property
    def box(self):
        return self.layer.bounding_box()

    def points(self, stroke):
        """A stroke in pixels of the page; the pointer knows whole ones only, also where the canvas lies between two."""
        box = self.box
        return [(round(box["x"]) + x, round(box["y"]) + y) for x, y in stroke]

    def draw(self, *strokes):
        self.layer.scroll_into_view_if_needed()
        for stroke in strokes:
            press_and_move(self.page, self.points(stroke))

    def touch(self, *strokes):
        """Draw with a finger; needs a context with `has_touch`."""
        self.layer.scroll_into_view_if_needed()
        for stroke in strokes:
            touch(self.page, self.points(stroke))

    def begin(self, stroke):
        """Draw a stroke without letting go."""
        first, *rest = self.points(stroke)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for point in rest:
            self.page.mouse.move(*point)

    def end(self, stroke):
        """Go on with what was begun, and let go."""
        for point in self.points(stroke):
            self.page.mouse.move(*point)
        self.page.mouse.up()

    def button(self, name):
        return self.page.get_by_role("button", name=name)

    def save(self, how="click"):
        if how == "click":
            self.button("Save").click()
        else:
            self.page.keyboard.press("s")

    def undo(self):
        self.button("Undo").click()

    def clear(self):
        self.button("Clear").click()

    def pixels(self):
        """What the browser shows: bool, (height, width), True where there is ink."""
        width, bits = self.page.locator("canvas.upper-canvas").first.evaluate(_PIXELS)
        return (np.frombuffer(bits.encode(), np.uint8) == ord("1")).reshape(-1, width)

    def ink(self):
        """Number of inked pixels the browser shows."""
        return int(self.pixels().sum())

    def expect_ink(self, *strokes):
        """The browser shows these strokes, and no others."""
        idle(self.page)
        assert self.layer
        expected = raster(strokes)

        def agree():
            shown = self.pixels()
            return (shown & expected).sum() >= 0.9 * (shown | expected).sum()

        until(agree, lambda: f"{self.ink()} pixels of ink instead of {expected.sum()}")

    def settle(self):
        """Wait until it rests at its place: what is above it may still grow."""
        still(self.layer, 400)


class DrawingDesk(Canvas):
    """The page that asks for one digit after the other."""

    def expect_prompt(self, label):
        expect(self.page.get_by_role("heading", name=f"Draw {with_article(label)}", exact=True)).to_be_visible()

    def expect_drawn(self, count):
        expect(self.page.get_by_text(f"{count} of 10 drawn")).to_be_visible()

    def answer(self, label, *strokes, how="click"):
        """Draw the digit it asks for, and save it at once."""
        self.expect_prompt(label)
        self.draw(*strokes)
        self.save(how)


class SheetPad:
    """A sheet of cells, written on with real events; points are shares of the cell's side."""

    def __init__(self, page):
        self.page = page
        self.surface = page.get_by_test_id("sheet-pad")
        self.surface.wait_for()
        idle(page)
        self.show()

    def show(self):
        """Scroll so that the sheet is in view, and wait until it rests there."""
        still(self.surface)

    @property
    def cells(self):
        return json.loads(self.surface.get_attribute("data-cells") or "[]")

    @property
    def labels(self):
        return [cell["label"] for cell in self.cells]

    @property
    def done(self):
        return [number for number, cell in enumerate(self.cells) if cell["done"]]

    def place(self, cell, x, y):
        """A place in a cell, in pixels of the page."""
        (place,) = self.places(cell, [(x, y)])
        return place

    def places(self, cell, stroke):
        box, inner = self.surface.bounding_box(), self.cells[cell]
        left, top = box["x"] + inner["x"], box["y"] + inner["y"]
        return [(left + x * inner["w"], top + y * inner["h"]) for x, y in stroke]

    def mouse(self, cell, *strokes):
        """Write with the mouse; returns the strokes in pixels of the cell."""
        for stroke in strokes:
            press_and_move(self.page, self.places(cell, stroke))
        return [np.array(stroke) * self.cells[cell]["w"] for stroke in strokes]

    def digit(self, cell, digits):
        """Write a person's digit of the cell's label; `digits` holds strokes by label on a 280 x 280 canvas."""
        return self.mouse(cell, *(np.array(stroke) / 280 for stroke in digits[self.labels[cell]]))

    def finger(self, *paths):
        touch(self.page, *paths)

    def pen(self, cell, stroke, force=0.7):
        device = self.page.context.new_cdp_session(self.page)
        points = self.places(cell, stroke)

        def tell(kind, point, buttons):
            event = {"type": kind, "x": point[0], "y": point[1], "button": "left", "buttons": buttons}
            device.send("Input.dispatchMouseEvent", {**event, "pointerType": "pen", "force": force, "clickCount": 1})

        tell("mouseMoved", points[0], 0)
        tell("mousePressed", points[0], 1)
        for point in points[1:]:
            tell("mouseMoved", point, 1)
        tell("mouseReleased", points[-1], 0)
        device.detach()

    def press(self, key):
        self.page.keyboard.press(key)

    @property
    def save_button(self):
        return self.page.get_by_role("button", name="Save and next sheet")

    @property
    def undo_button(self):
        return self.page.get_by_role("button", name="Undo")

    def clear_button(self, cell):
        return self.page.get_by_role("button", name=f"Clear cell {cell + 1},")

    def open_settings(self):
        self.page.get_by_text("Sheet and clock").click()

    def expect_done(self, *cells):
        until(lambda: self.done == list(cells), lambda: self.done)

    def expect_blank(self, labels):
        """Another sheet is shown, and it can be written on."""
        until(lambda: self.labels == list(labels) and not self.done, lambda: (self.labels, self.done))
        expect(self.page.locator(".pad.saving")).to_have_count(0)


class JobProgress:
    """A training on a page: its button, its progress and its live curves."""

    def __init__(self, page):
        self.page = page
        self.start_button = page.get_by_role("button", name="Train", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop")

    def start(self):
        self.start_button.click()

    def stop(self):
        self.stop_button.click()

    def expect_running(self):
        expect(self.stop_button).to_be_visible()

    def expect_result(self, name):
        expect(self.page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=TRAINING)
        expect(self.page.get_by_text("Most confident mistakes")).to_be_visible()
        expect(self.stop_button).to_have_count(0)
        idle(self.page)

    @property
    def epochs(self):
        """The last epoch of the live curves."""
        return max((int(mark["epoch"]) for mark in marks(self.page, "point")), default=0)

    def expect_epochs(self, more_than=0):
        point = f"[aria-roledescription=point][aria-label*='epoch: {more_than + 1};']"
        expect(self.page.locator(point).first).to_be_attached(timeout=TRAINING)


class ComparePage:
    """The comparison of all methods."""

    def __init__(self, page):
        self.page = page

    def open(self):
        menu_link(self.page, "Compare").click()
        expect(self.page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()

    def tab(self, name, choice=None):
        """Open a tab; of one that offers a choice, choose."""
        self.page.get_by_role("tab", name=name).click()
        if choice:
            idle(self.page)
            self.page.get_by_test_id("stButtonGroup").get_by_text(choice, exact=True).click()

    def answer(self, pattern):
        """The sentence that answers the question, once it reads like this."""
        answer = self.page.locator("p").filter(has_text=re.compile(pattern))
        expect(answer).to_be_visible()
        return answer

    def choose(self, label, option):
        chosen = self.page.get_by_role("option", name=option)
        self.page.get_by_label(label).wait_for()

        def is_open():  # a rerun of the page closes the list again
            idle(self.page)
            if not chosen.is_visible():
                self.page.get_by_label(label).click()
            return chosen.is_visible()

        until(is_open)
        chosen.click()
        idle(self.page)

    def bars(self, count):
        """What the bars say, once there are so many."""
        expect(self.page.locator("path[aria-roledescription=bar]")).to_have_count(count)
        return marks(self.page, "bar")

    def download(self, key):
        """Click on a download and return the file's name and its bytes."""
        idle(self.page)  # a button that is drawn anew in the middle of a click asks for nothing
        with self.page.expect_download(timeout=TRAINING) as started:
            self.page.locator(f".st-key-{key} button").click()
        return started.value.suggested_filename, started.value.path().read_bytes()


class Tour:
    """The card that says what to do next."""

    def __init__(self, page):
        self.page = page
        self.card = page.locator(".st-key-tour_card")

    def expect(self, number, title):
        """The card of a step that is still to be done."""
        expect(self.card).to_contain_text(f"Tour, {number} of 12: {title}")

    def go_on(self):
        """Go on from a card that is done."""
        expect(self.card).to_contain_text("Done, ", timeout=TRAINING)
        self.card.get_by_role("button", name="Next").click()
        idle(self.page)

    def skip(self):
        self.card.get_by_role("button", name="Skip").click()
        idle(self.page)
