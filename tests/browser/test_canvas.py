"""digitlab/ui/drawing/canvas.py in a real browser: both what the browser shows and what Python got."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.ui.drawing import canvas
from digitlab.ui.drawing.canvas import CANVAS_SIZE
from tests.browser.drawing import passes, quick_digits, same_strokes
from tests.browser.page_objects import Canvas
from tests.browser.waiting import idle, next_frame

pytestmark = pytest.mark.slow  # a server of its own; what it is used for is tried in test_drawing_desk

LINE = [[60, 60], [100, 80], [140, 120], [180, 200]]
BAR = [[200, 60], [150, 70], [90, 75], [60, 80]]
CORNER = [[275, 3], [240, 40], [200, 90], [150, 150]]

# Two canvases and their button as Streamlit lays them out, and the companion told by `window.tell(data)`.
HOST = '<div data-testid="stBidiComponentIsolated"><template shadowrootmode="open"></template></div>'
CANVASES = f"""
<div class="st-key-one-canvas-1">{HOST}</div>
<div class="st-key-one-canvas-2">{HOST}</div>
<div class="st-key-one-button-save"><button>Save</button></div>
<div data-testid="stElementContainer"><div id="companion"></div></div>
"""
COMPANION = Path(canvas.__file__).with_suffix(".js").read_text().replace("export default", "const run =")
COMPANION += "window.tell = (data) => run({ data, parentElement: document.getElementById('companion') });"


class ReportingCanvas(Canvas):
    """The canvas of canvas_app.py, which tells what Python has."""

    def reported(self):
        """Python's view: the strokes on the canvas and the saved ones."""
        return json.loads(self.page.get_by_test_id("stText").filter(has_text='{"strokes"').inner_text())

    def expect_counts(self, strokes, saved=0):
        expect(self.page.get_by_text(f"{strokes} strokes, {saved} saved", exact=True)).to_be_visible()

    def expect_agreement(self, strokes):
        """The browser shows what Python has: so many strokes, and the same ink."""
        idle(self.page)
        on_canvas = self.reported()["strokes"]
        assert len(on_canvas) == strokes
        self.expect_ink(*on_canvas)


@pytest.fixture(scope="session")
def url(serve):
    return serve("tests/browser/canvas_app.py")


@pytest.fixture
def pad(visit, url):
    pad = ReportingCanvas(visit(url))
    assert pad.layer
    return pad


def test_a_stroke_arrives_with_the_pointer_s_own_positions(pad):
    pad.draw(LINE)
    pad.expect_counts(1)
    (stroke,) = pad.reported()["strokes"]
    assert passes(stroke, LINE)
    assert len(stroke) <= len(LINE)
    pad.expect_agreement(1)


def test_the_first_view_has_a_name_and_a_click_is_a_dot(pad):
    expect(pad.page.get_by_role("img", name="Canvas: draw one digit")).to_be_visible()
    below = pad.box["y"] + CANVAS_SIZE
    assert pad.button("Save").bounding_box()["y"] - below < 24, "the companion takes no space"
    pad.draw([[140, 140]])
    pad.expect_counts(1)
    (stroke,) = pad.reported()["strokes"]
    assert len(stroke) <= 2
    assert np.allclose(stroke, [140, 140], atol=1)
    assert 100 < pad.ink() < 400


@pytest.mark.parametrize("how", ["click", "shortcut"])
def test_ten_digits_saved_at_once_after_the_last_stroke(pad, how):
    digits = quick_digits()
    button = pad.button("Save").bounding_box()
    for label in range(10):
        expect(pad.page.get_by_text(f"Digit {label}", exact=True)).to_be_visible()
        pad.draw(*digits[label])
        if how == "click":
            pad.page.mouse.click(button["x"] + 10, button["y"] + 10)
        else:
            pad.save(how)
    pad.expect_counts(0, saved=10)
    saved = pad.reported()["saved"]
    assert all(same_strokes(saved[label], strokes) for label, strokes in digits.items())
    pad.expect_agreement(0)


def test_save_in_the_same_instant_as_the_pointer_goes_up(pad):
    pad.draw(LINE)
    pad.expect_counts(1)
    pad.begin([(60, 200), (200, 220)])
    pad.page.evaluate("""() => {
      const save = [...document.querySelectorAll("button")].find(button => button.innerText.startsWith("Save"));
      window.addEventListener("mouseup", () => queueMicrotask(() => save.click()), { once: true });
    }""")
    pad.end([])
    pad.expect_counts(0, saved=1)
    assert len(pad.reported()["saved"][0]) == 2


def test_the_answer_to_an_earlier_click_does_not_let_the_pointer_on_a_canvas_that_was_saved(page):
    """A stroke on it would be lost, because it is about to be replaced; on a busy machine answers come late."""
    page.set_content(CANVASES)
    page.add_script_tag(content=COMPANION, type="module")
    tell = "([canvas, clicks]) => window.tell({ key: 'one', canvas, clicks, label: '', size: 280 })"
    taken = page.locator("[data-testid=stBidiComponentIsolated]:not([inert])")
    page.evaluate(tell, ["one-canvas-1", 4])
    page.get_by_role("button").click()  # the second canvas is there, but the companion has not heard of it
    expect(taken).to_have_count(0)
    page.evaluate(tell, ["one-canvas-2", 5])
    expect(taken).to_have_count(0)
    page.evaluate(tell, ["one-canvas-2", 6])  # nothing was on it: it stays
    expect(taken).to_have_count(1)


def test_a_double_click_saves_once(pad):
    pad.draw(LINE)
    pad.button("Save").dblclick()
    pad.expect_counts(0, saved=1)
    pad.expect_agreement(0)
    pad.draw(BAR)
    pad.expect_counts(1, saved=1)
    pad.expect_agreement(1)


def test_save_on_a_blank_canvas_does_nothing_and_drawing_goes_on(pad):
    pad.save()
    expect(pad.page.locator("[inert] canvas")).to_have_count(0)
    pad.draw(LINE)
    pad.expect_counts(1)
    pad.expect_agreement(1)


def test_a_shortcut_does_not_cut_a_stroke_off(pad):
    pad.draw(BAR)
    pad.expect_counts(1)
    pad.begin([(60, 60), (100, 100)])
    pad.save("shortcut")
    idle(pad.page)
    pad.expect_counts(1, saved=0)
    pad.end([(200, 180)])
    pad.expect_counts(2)
    pad.expect_agreement(2)
    pad.save("shortcut")
    pad.expect_counts(0, saved=1)


@pytest.mark.parametrize("how", ["dblclick", "shortcut"])
def test_while_a_save_is_under_way_the_canvas_takes_no_stroke(visit, url, how):
    pad = ReportingCanvas(visit(f"{url}?seconds=0.7"))
    pad.draw(LINE)
    pad.expect_counts(1)
    box, before = pad.box, pad.ink()
    if how == "dblclick":
        pad.button("Save").dblclick()
    else:
        pad.save(how)
    pad.page.mouse.move(box["x"] + 200, box["y"] + 60)
    pad.page.mouse.down()
    pad.page.mouse.move(box["x"] + 60, box["y"] + 80)
    pad.page.mouse.up()
    next_frame(pad.page)
    assert pad.ink() in (before, 0)  # 0: the next canvas is there already
    pad.expect_counts(0, saved=1)
    assert len(pad.reported()["saved"][0]) == 1
    pad.expect_agreement(0)
    pad.draw(BAR)
    pad.expect_counts(1, saved=1)
    pad.expect_agreement(1)


def test_ten_digits_on_a_slow_page(visit, url):
    pad = ReportingCanvas(visit(f"{url}?seconds=0.2"))
    digits = quick_digits(writer=2)
    for strokes in digits.values():
        pad.draw(*strokes)
        pad.save("shortcut")
    pad.expect_counts(0, saved=10)
    saved = pad.reported()["saved"]
    assert all(same_strokes(saved[label], strokes) for label, strokes in digits.items())


@pytest.mark.parametrize("earlier", [0, 2])
def test_a_stroke_may_begin_in_the_top_right_corner(pad, earlier):
    for number in range(earlier):
        pad.draw(LINE)
        pad.save("shortcut")
        pad.expect_counts(0, saved=number + 1)
    pad.draw(CORNER)
    pad.expect_counts(1, saved=earlier)
    assert passes(pad.reported()["strokes"][0], CORNER)
    pad.expect_agreement(1)


@pytest.mark.parametrize("earlier", [0, 2])
def test_a_finger_may_begin_in_the_top_right_corner(open_page, url, earlier):
    page = open_page(has_touch=True)
    page.goto(url)
    pad = ReportingCanvas(page)
    idle(page)
    for number in range(earlier):
        pad.touch(LINE)
        pad.button("Save").tap()
        pad.expect_counts(0, saved=number + 1)
    pad.touch(CORNER, [[270, 8]])
    pad.expect_counts(2, saved=earlier)
    assert passes(pad.reported()["strokes"][0], CORNER)
    pad.expect_agreement(2)


def test_a_warning_above_leaves_the_drawing(pad):
    pad.draw(LINE)
    pad.expect_counts(1)
    pad.page.get_by_text("warn", exact=True).click()
    expect(pad.page.get_by_text("Something above the canvas")).to_be_visible()
    pad.expect_agreement(1)
    pad.draw(BAR)
    pad.expect_counts(2)
    pad.expect_agreement(2)


def test_the_drawing_is_there_after_a_visit_to_another_page(pad):
    pad.draw(LINE, BAR)
    pad.expect_counts(2)
    for strokes in (2, 3):
        pad.page.get_by_role("link", name="other").click()
        expect(pad.page.get_by_text("the other page")).to_be_visible()
        pad.page.get_by_role("link", name="pad").click()
        pad.expect_counts(strokes)
        pad.expect_agreement(strokes)
        pad.draw(CORNER)
        pad.expect_counts(strokes + 1)
        pad.expect_agreement(strokes + 1)


def test_undo_takes_the_last_stroke_back(pad):
    pad.draw(LINE, BAR, CORNER)
    pad.expect_counts(3)
    pad.undo()
    pad.expect_counts(2)
    pad.expect_agreement(2)
    assert passes(pad.reported()["strokes"][1], BAR)
    pad.draw([[40, 240], [120, 240], [240, 250]])
    pad.expect_counts(3)
    pad.expect_agreement(3)
    for strokes in (2, 1, 0, 0):
        pad.page.keyboard.press("z")
        pad.expect_counts(strokes)
        pad.expect_agreement(strokes)


def test_undo_at_once_after_a_stroke_takes_that_stroke(pad):
    pad.draw(LINE)
    pad.draw(BAR)
    pad.page.keyboard.press("z")
    pad.expect_counts(1)
    pad.expect_agreement(1)
    assert passes(pad.reported()["strokes"][0], LINE)


def test_clear_gives_an_empty_canvas_also_after_undo(pad):
    pad.draw(LINE, BAR)
    pad.undo()
    pad.expect_counts(1)
    pad.clear()
    pad.expect_counts(0)
    pad.expect_agreement(0)


def test_a_stroke_is_in_python_soon(pad, record_property):
    seconds = []
    for number in range(10):
        pad.draw([[20 + 24 * number, 40], [30 + 24 * number, 200]])
        start = time.perf_counter()
        pad.page.get_by_text(f"{number + 1} strokes, 0 saved", exact=True).wait_for()
        seconds.append(time.perf_counter() - start)
    record_property("pointer_up_to_shown_seconds", seconds)
    print("pointer up to shown, seconds:", np.round(sorted(seconds), 3))
    pad.expect_agreement(10)
