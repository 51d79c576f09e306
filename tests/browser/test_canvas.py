"""digitlab/ui/canvas.py in a real browser: both what the browser shows and what Python got."""

import json
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.ui.drawing.canvas import CANVAS_SIZE
from tests.browser.drawing import canvas, draw, human_digits, idle, ink, passes, pixels, raster, touch

LINE = [[60, 60], [100, 80], [140, 120], [180, 200]]
BAR = [[200, 60], [150, 70], [90, 75], [60, 80]]
CORNER = [[275, 3], [240, 40], [200, 90], [150, 150]]


@pytest.fixture(scope="module")
def url(serve):
    return serve("tests/browser/canvas_app.py")


@pytest.fixture
def pad(visit, url):
    page = visit(url)
    canvas(page)
    return page


def report(page):
    """Python's view: the strokes on the canvas and the saved ones."""
    return json.loads(page.get_by_test_id("stText").filter(has_text='{"strokes"').inner_text())


def expect_counts(page, strokes, saved=0):
    expect(page.get_by_text(f"{strokes} strokes, {saved} saved", exact=True)).to_be_visible()


def expect_agreement(page, strokes):
    """The browser shows what Python has: so many strokes, and the same ink."""
    idle(page)
    on_canvas = report(page)["strokes"]
    assert len(on_canvas) == strokes
    shown, expected = pixels(page), raster(on_canvas)
    if strokes:
        assert (shown & expected).sum() > 0.9 * (shown | expected).sum()
    else:
        assert not shown.any()


def test_a_stroke_arrives_with_the_pointer_s_own_positions(pad):
    draw(pad, [LINE])
    expect_counts(pad, 1)
    (stroke,) = report(pad)["strokes"]
    assert passes(stroke, LINE)
    assert len(stroke) <= len(LINE)
    expect_agreement(pad, 1)


def test_a_click_is_a_dot(pad):
    draw(pad, [[[140, 140]]])
    expect_counts(pad, 1)
    (stroke,) = report(pad)["strokes"]
    assert len(stroke) <= 2
    assert np.allclose(stroke, [140, 140], atol=1)
    assert 100 < ink(pad) < 400


def test_the_canvas_has_a_name_for_screen_readers(pad):
    expect(pad.get_by_role("img", name="Canvas: draw one digit")).to_be_visible()


def test_the_companion_takes_no_space(pad):
    below = canvas(pad).bounding_box()["y"] + CANVAS_SIZE
    assert pad.get_by_role("button", name="Save").bounding_box()["y"] - below < 24


@pytest.mark.parametrize("how", ["click", "shortcut"])
def test_ten_digits_saved_at_once_after_the_last_stroke(pad, how):
    digits = human_digits()
    button = pad.get_by_role("button", name="Save").bounding_box()
    for label in range(10):
        expect(pad.get_by_text(f"Digit {label}", exact=True)).to_be_visible()
        draw(pad, digits[label])
        if how == "click":
            pad.mouse.click(button["x"] + 10, button["y"] + 10)
        else:
            pad.keyboard.press("s")
    expect_counts(pad, 0, saved=10)
    saved = report(pad)["saved"]
    for label, strokes in digits.items():
        assert len(saved[label]) == len(strokes)
        assert all(passes(got, drawn) for got, drawn in zip(saved[label], strokes, strict=True))
    expect_agreement(pad, 0)


def test_save_in_the_same_instant_as_the_pointer_goes_up(pad):
    draw(pad, [LINE])
    expect_counts(pad, 1)
    box = canvas(pad).bounding_box()
    pad.mouse.move(box["x"] + 60, box["y"] + 200)
    pad.mouse.down()
    pad.mouse.move(box["x"] + 200, box["y"] + 220)
    pad.evaluate("""() => {
      const save = [...document.querySelectorAll("button")].find(button => button.innerText.startsWith("Save"));
      window.addEventListener("mouseup", () => queueMicrotask(() => save.click()), { once: true });
    }""")
    pad.mouse.up()
    expect_counts(pad, 0, saved=1)
    assert len(report(pad)["saved"][0]) == 2


def test_a_double_click_saves_once(pad):
    draw(pad, [LINE])
    pad.get_by_role("button", name="Save").dblclick()
    expect_counts(pad, 0, saved=1)
    expect_agreement(pad, 0)
    draw(pad, [BAR])
    expect_counts(pad, 1, saved=1)
    expect_agreement(pad, 1)


def test_save_on_a_blank_canvas_does_nothing_and_drawing_goes_on(pad):
    pad.get_by_role("button", name="Save").click()
    idle(pad)
    assert pad.locator("[inert] canvas").count() == 0
    draw(pad, [LINE])
    expect_counts(pad, 1)
    expect_agreement(pad, 1)


def test_a_shortcut_does_not_cut_a_stroke_off(pad):
    draw(pad, [BAR])
    expect_counts(pad, 1)
    box = canvas(pad).bounding_box()
    pad.mouse.move(box["x"] + 60, box["y"] + 60)
    pad.mouse.down()
    pad.mouse.move(box["x"] + 100, box["y"] + 100)
    pad.keyboard.press("s")
    pad.wait_for_timeout(300)
    pad.mouse.move(box["x"] + 200, box["y"] + 180)
    pad.mouse.up()
    expect_counts(pad, 2)
    expect_agreement(pad, 2)
    pad.keyboard.press("s")
    expect_counts(pad, 0, saved=1)


@pytest.mark.parametrize("how", ["click", "shortcut"])
def test_while_a_save_is_under_way_the_canvas_takes_no_stroke(visit, url, how):
    page = visit(f"{url}?seconds=0.7")
    draw(page, [LINE])
    expect_counts(page, 1)
    box, before = canvas(page).bounding_box(), ink(page)
    if how == "click":
        page.get_by_role("button", name="Save").dblclick()
    else:
        page.keyboard.press("s")
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 80)
    page.mouse.up()
    page.wait_for_timeout(100)  # a stroke would show at the next frame
    assert ink(page) == before
    expect_counts(page, 0, saved=1)
    assert len(report(page)["saved"][0]) == 1
    expect_agreement(page, 0)
    draw(page, [BAR])
    expect_counts(page, 1, saved=1)
    expect_agreement(page, 1)


def test_ten_digits_on_a_slow_page(visit, url):
    page = visit(f"{url}?seconds=0.2")
    digits = human_digits(writer=2)
    for strokes in digits.values():
        draw(page, strokes)
        page.keyboard.press("s")
    expect_counts(page, 0, saved=10)
    saved = report(page)["saved"]
    for label, strokes in digits.items():
        assert len(saved[label]) == len(strokes)
        assert all(passes(got, drawn) for got, drawn in zip(saved[label], strokes, strict=True))


@pytest.mark.parametrize("earlier", [0, 2])
def test_a_stroke_may_begin_in_the_top_right_corner(pad, earlier):
    for number in range(earlier):
        draw(pad, [LINE])
        pad.keyboard.press("s")
        expect_counts(pad, 0, saved=number + 1)
    draw(pad, [CORNER])
    expect_counts(pad, 1, saved=earlier)
    assert passes(report(pad)["strokes"][0], CORNER)
    expect_agreement(pad, 1)


@pytest.mark.parametrize("earlier", [0, 2])
def test_a_finger_may_begin_in_the_top_right_corner(browser, browser_context_args, url, earlier):
    context = browser.new_context(**browser_context_args, has_touch=True)
    page = context.new_page()
    page.goto(url)
    idle(page)
    for number in range(earlier):
        touch(page, [LINE])
        page.get_by_role("button", name="Save").tap()
        expect_counts(page, 0, saved=number + 1)
    touch(page, [CORNER, [[270, 8]]])
    expect_counts(page, 2, saved=earlier)
    assert passes(report(page)["strokes"][0], CORNER)
    expect_agreement(page, 2)
    context.close()


def test_a_warning_above_leaves_the_drawing(pad):
    draw(pad, [LINE])
    expect_counts(pad, 1)
    pad.get_by_text("warn", exact=True).click()
    expect(pad.get_by_text("Something above the canvas")).to_be_visible()
    expect_agreement(pad, 1)
    draw(pad, [BAR])
    expect_counts(pad, 2)
    expect_agreement(pad, 2)


def test_the_drawing_is_there_after_a_visit_to_another_page(pad):
    draw(pad, [LINE, BAR])
    expect_counts(pad, 2)
    for strokes in (2, 3):
        pad.get_by_role("link", name="other").click()
        expect(pad.get_by_text("the other page")).to_be_visible()
        pad.get_by_role("link", name="pad").click()
        expect_counts(pad, strokes)
        expect_agreement(pad, strokes)
        draw(pad, [CORNER])
        expect_counts(pad, strokes + 1)
        expect_agreement(pad, strokes + 1)


def test_undo_takes_the_last_stroke_back(pad):
    draw(pad, [LINE, BAR, CORNER])
    expect_counts(pad, 3)
    pad.get_by_role("button", name="Undo").click()
    expect_counts(pad, 2)
    expect_agreement(pad, 2)
    assert passes(report(pad)["strokes"][1], BAR)
    draw(pad, [[[40, 240], [120, 240], [240, 250]]])
    expect_counts(pad, 3)
    expect_agreement(pad, 3)
    for strokes in (2, 1, 0, 0):
        pad.keyboard.press("z")
        expect_counts(pad, strokes)
        expect_agreement(pad, strokes)


def test_undo_at_once_after_a_stroke_takes_that_stroke(pad):
    draw(pad, [LINE])
    draw(pad, [BAR])
    pad.keyboard.press("z")
    expect_counts(pad, 1)
    expect_agreement(pad, 1)
    assert passes(report(pad)["strokes"][0], LINE)


def test_clear_gives_an_empty_canvas_also_after_undo(pad):
    draw(pad, [LINE, BAR])
    pad.get_by_role("button", name="Undo").click()
    expect_counts(pad, 1)
    pad.get_by_role("button", name="Clear").click()
    expect_counts(pad, 0)
    expect_agreement(pad, 0)


def test_a_stroke_is_in_python_soon(pad, record_property):
    seconds = []
    for number in range(10):
        draw(pad, [[[20 + 24 * number, 40], [30 + 24 * number, 200]]])
        start = time.perf_counter()
        pad.get_by_text(f"{number + 1} strokes, 0 saved", exact=True).wait_for()
        seconds.append(time.perf_counter() - start)
    record_property("pointer_up_to_shown_seconds", seconds)
    print("pointer up to shown, seconds:", np.round(sorted(seconds), 3))
    expect_agreement(pad, 10)
