"""The parts of the pages as a person at a browser sees and uses them."""

import json
import re

import numpy as np
from playwright.sync_api import expect

from digitlab.digits import with_article
from tests.browser.controls import TRAINING, choose, menu_link
from tests.browser.devices import events_of, press_and_move, touch
from tests.browser.drawing import raster
from tests.browser.waiting import idle, marks, once, still, until

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
        place, side = self.corner(cell)
        return [tuple(point) for point in (place + side * np.array(stroke)).tolist()]

    def corner(self, cell):
        """A cell's top left corner in pixels of the page, and its side."""
        box, inner = self.surface.bounding_box(), self.cells[cell]
        return np.array([box["x"] + inner["x"], box["y"] + inner["y"]]), inner["w"]

    def mouse(self, cell, *strokes):
        """Write with the mouse; returns the strokes in pixels of the cell."""
        place, side = self.corner(cell)  # of the cell as it is now: the sheet may save itself after the last stroke
        written = [side * np.array(stroke) for stroke in strokes]
        for stroke in written:
            press_and_move(self.page, (place + stroke).tolist())
        return written

    def digit(self, cell, digits):
        """Write a person's digit of the cell's label; `digits` holds strokes by label on a 280 x 280 canvas."""
        return self.mouse(cell, *(np.array(stroke) / 280 for stroke in digits[self.labels[cell]]))

    def finger(self, *paths):
        touch(self.page, *paths)

    def pen(self, cell, stroke, force=0.7):
        points = self.places(cell, stroke)
        with events_of(self.page) as send:
            send.mouse("Moved", points[0], pressed=False, pointerType="pen")
            send.mouse("Pressed", points[0], pointerType="pen", force=force)
            for point in points[1:]:
                send.mouse("Moved", point, pointerType="pen", force=force)
            send.mouse("Released", points[-1], pressed=False, pointerType="pen")

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
        once(lambda: self.done, lambda done: done == list(cells))

    def expect_blank(self, labels):
        """Another sheet is shown, and it can be written on."""
        blank = [(label, False) for label in labels]
        once(lambda: [(cell["label"], cell["done"]) for cell in self.cells], lambda cells: cells == blank)
        expect(self.page.locator(".pad.saving")).to_have_count(0)


class LivePad:
    """The pad of the first page."""

    def __init__(self, page):
        self.page = page
        self.live = page.locator(".live")
        self.pad = page.get_by_test_id("live-pad")
        self.reading = self.live.locator(".reading")
        still(self.pad)

    def expect_shown(self):
        """The example is written to its end."""
        expect(self.live).to_have_attribute("data-state", "shown")

    def expect_reading(self, label):
        expect(self.live).to_have_attribute("data-reading", str(label))

    def place(self, strokes):
        """Strokes of a 280 x 280 canvas where they lie on the screen."""
        box = self.pad.bounding_box()
        scale = box["width"] / 280
        return [[(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke] for stroke in strokes]

    def draw(self, strokes):
        for stroke in self.place(strokes):
            press_and_move(self.page, stroke)

    def bars(self):
        """What stands above the bars, in percent."""
        return [int(text.removesuffix("%")) for text in self.live.locator(".percent").all_text_contents()]

    def ink(self):
        """How much of the pad is inked, 0-1."""
        return self.pad.evaluate(
            """pad => {
              const { data } = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
              let ink = 0;
              for (let at = 3; at < data.length; at += 4) ink += data[at] / 255;
              return ink / pad.width / pad.height;
            }"""
        )


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
        choose(self.page, self.page.get_by_label(label), option)

    def bars(self, count):
        """What the bars say, once there are so many."""
        expect(self.page.locator("path[aria-roledescription=bar]")).to_have_count(count)
        return marks(self.page, "bar")


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
