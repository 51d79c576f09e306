"""The page that asks for one digit after the other, in a real browser: what only a browser can show."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DARK
from tests.browser.controls import go
from tests.browser.drawing import BAR, CORNER, LINE, quick_digits, same_strokes
from tests.browser.page_objects import ComparePage
from tests.browser.stored import batch_of_writer, drawings_of
from tests.browser.waiting import idle, once

DOT = [[140, 140]]


# The places, frame by frame, of the layer that takes the strokes and of the button below it.
PLACES = """() => {
  window.places = new Set();
  const look = () => {
    const canvases = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
    const layers = canvases.map(canvas => canvas.shadowRoot?.querySelector(".upper-canvas")).filter(Boolean);
    const shown = layers.map(layer => layer.getBoundingClientRect()).filter(box => box.height);
    const save = [...document.querySelectorAll("button")].find(button => button.innerText.startsWith("Save"));
    for (const box of shown) places.add(`${box.y} ${save.getBoundingClientRect().y}`);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.mark.slow
def test_ten_digits_saved_at_once_after_the_last_stroke(desk_of, store):
    desk, digits = desk_of("quick"), quick_digits()
    for label, strokes in digits.items():
        desk.answer(label, *strokes, how="shortcut" if label % 3 else "click")
    expect(desk.page.get_by_role("heading", name="Your ten digits")).to_be_visible()
    drawings = drawings_of(store, "quick", 10)
    assert [drawing.label for drawing in drawings] == list(digits)
    assert all(same_strokes(drawing.strokes, digits[drawing.label]) for drawing in drawings)


@pytest.mark.slow
def test_a_stroke_may_begin_in_the_top_right_corner(desk_of, store):
    desk = desk_of("corner")
    desk.answer(0, CORNER)
    desk.answer(1, CORNER, LINE)
    desk.expect_prompt(2)
    first, second = drawings_of(store, "corner", 2)
    assert same_strokes(first.strokes, [CORNER])
    assert same_strokes(second.strokes, [CORNER, LINE])


@pytest.mark.slow
def test_the_drawing_is_still_there_after_a_visit_to_another_page(desk_of, store):
    desk = desk_of("wanderer")
    desk.draw(LINE, BAR)
    ComparePage(desk.page).open()
    go(desk.page, "Draw one")
    desk.expect_prompt(0)
    desk.expect_ink(LINE, BAR)
    assert drawings_of(store, "wanderer", 0) == []
    desk.answer(0, CORNER)
    desk.expect_prompt(1)
    (drawing,) = drawings_of(store, "wanderer", 1)
    assert same_strokes(drawing.strokes, [LINE, BAR, CORNER])


@pytest.mark.slow
def test_a_refused_dot_leaves_the_canvas_where_it_is(desk_of, store):
    desk = desk_of("dot")
    desk.settle()
    place, refusal = desk.box, desk.page.get_by_test_id("stAlert")
    desk.answer(0, DOT)
    expect(refusal.filter(has_text="dot")).to_be_visible()
    assert desk.box == place
    desk.draw(LINE)
    expect(refusal).to_be_visible()  # until it is read, or a drawing is saved
    assert desk.box == place
    desk.page.get_by_role("button", name="I have read it").click()
    expect(refusal).to_have_count(0)
    assert desk.box == place
    desk.expect_ink(LINE)
    desk.draw(BAR)
    desk.expect_ink(LINE, BAR)
    drawings_of(store, "dot", 0)
    desk.save("shortcut")
    desk.expect_prompt(1)
    assert same_strokes(drawings_of(store, "dot", 1)[0].strokes, [LINE, BAR])


@pytest.mark.slow
def test_from_one_canvas_to_the_next_nothing_moves(desk_of):
    desk = desk_of("still")
    desk.settle()
    desk.page.evaluate(PLACES)
    desk.answer(0, LINE)
    desk.answer(1, DOT)
    desk.answer(1, LINE, how="shortcut")
    desk.expect_prompt(2)
    assert desk.layer
    idle(desk.page)
    (place,) = desk.page.evaluate("[...places]")
    assert place == f"{desk.box['y']} {desk.button('Save').bounding_box()['y']}"


def test_an_unfinished_batch_goes_on_after_a_reload(desk_of, store):
    desk, digits = desk_of("reader"), quick_digits()
    for label in range(3):
        desk.answer(label, *digits[label])
    desk.expect_prompt(3)
    desk.page.reload()
    desk.expect_drawn(3)
    expect(desk.page.get_by_test_id("stImage")).to_have_count(3)
    desk.answer(3, *digits[3])
    desk.expect_drawn(4)
    assert [drawing.label for drawing in drawings_of(store, "reader", 4)] == [0, 1, 2, 3]  # no second batch


def test_undo(desk_of, store):
    desk = desk_of("undo")
    desk.draw(LINE, BAR)
    desk.undo()
    desk.expect_ink(LINE)
    desk.answer(0, CORNER)
    desk.expect_prompt(1)
    assert same_strokes(drawings_of(store, "undo", 1)[0].strokes, [LINE, CORNER])


def test_a_digit_is_drawn_again(desk_of, store):
    desk = desk_of("again")
    desk.answer(0, LINE)
    desk.answer(1, LINE)
    desk.expect_prompt(2)
    first, second = drawings_of(store, "again", 2)
    desk.draw(CORNER)  # begun for the 2: not to be saved for the 0
    idle(desk.page)
    desk.page.locator(".st-key-one_again_0 button:visible").click()
    expect(desk.page.get_by_text("Save or clear this 2 first, then draw the 0 again.")).to_be_visible()
    desk.expect_ink(CORNER)
    desk.clear()
    desk.answer(0, BAR)
    desk.expect_prompt(2)
    once(lambda: [each.id for each in drawings_of(store, "again", 2)], lambda ids: first.id not in ids)
    kept, replaced = drawings_of(store, "again", 2)
    assert kept.id == second.id
    assert (replaced.label, replaced.position) == (0, 0)
    assert same_strokes(replaced.strokes, [BAR])
    seconds = batch_of_writer(store, "again").seconds
    assert seconds == pytest.approx(first.seconds + kept.seconds + replaced.seconds)


@pytest.mark.slow
def test_the_clock_grows_and_does_not_disturb_a_stroke(desk_of, store):
    desk = desk_of("clock")
    clock = desk.page.get_by_test_id("stMetric").filter(has_text="Your time").get_by_test_id("stMetricValue")
    desk.begin([(60, 60), (100, 150)])
    shown = [clock.inner_text()]
    for _ in range(2):
        expect(clock).not_to_have_text(shown[-1])
        shown.append(clock.inner_text())
    desk.end([(180, 200)])
    desk.save("shortcut")
    desk.expect_prompt(1)
    seconds = [float(re.fullmatch(r"([\d.]+) s", text)[1]) for text in shown]
    assert seconds == sorted(set(seconds))
    (drawing,) = drawings_of(store, "clock", 1)
    assert same_strokes(drawing.strokes, [[[60, 60], [100, 150], [180, 200]]])
    assert drawing.seconds >= seconds[-1]


@pytest.mark.slow
def test_two_visitors_at_once_are_not_mixed_up(desk_of, store):
    digits = quick_digits()
    others = {label: [(np.array(stroke) + 17).tolist() for stroke in strokes] for label, strokes in digits.items()}
    desk, other = desk_of("left"), desk_of("right", **DARK)  # another window
    for label in range(4):
        desk.expect_prompt(label)
        other.expect_prompt(label)
        desk.draw(*digits[label])
        other.draw(*others[label])
        desk.save("shortcut")
        other.save("shortcut")
    desk.expect_prompt(4)
    other.expect_prompt(4)
    for writer, expected in (("left", digits), ("right", others)):
        drawings = drawings_of(store, writer, 4)
        assert [drawing.label for drawing in drawings] == [0, 1, 2, 3]
        assert all(same_strokes(drawing.strokes, expected[drawing.label]) for drawing in drawings)
