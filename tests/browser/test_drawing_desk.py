"""The page that asks for one digit after the other, in a real browser: what only a browser can show."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from tests.browser.conftest import DARK
from tests.browser.drawing import quick_digits, same_strokes
from tests.browser.page_objects import ComparePage, DrawingDesk
from tests.browser.waiting import expect_no_message, idle, menu_link

LINE, BAR, CORNER = (
    np.linspace(*ends, 6).tolist() for ends in ([(60, 60), (180, 200)], [(200, 60), (60, 80)], [(275, 3), (150, 150)])
)
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


@pytest.fixture
def desk_of(visit, app_url):
    """Open the page for a new writer: `desk = desk_of("Ana")`."""
    return lambda writer: DrawingDesk(visit(f"{app_url}/draw_one?writer={writer}"))


def batch_of_writer(store, writer):
    """The writer's only batch."""
    (batch,) = [batch for batch in read_batches(store) if batch.writer == writer]
    return batch


def drawn(store, writer):
    """All stored drawings of a writer."""
    return read_drawings(store, [batch.id for batch in read_batches(store) if batch.writer == writer])


def test_the_menu_is_ours_also_when_a_page_is_opened_first_by_its_link(visit, serve):
    page = visit(f"{serve('app.py')}/draw_one")
    expect(menu_link(page, "Dense network")).to_be_visible()
    expect_no_message(page)


@pytest.mark.parametrize("how", ["click", "shortcut"])
def test_ten_digits_saved_at_once_after_the_last_stroke(desk_of, store, how):
    desk, digits = desk_of(how), quick_digits()
    for label, strokes in digits.items():
        desk.answer(label, *strokes, how=how)
    expect(desk.page.get_by_role("heading", name="Your ten digits")).to_be_visible()
    drawings = drawn(store, how)
    assert [drawing.label for drawing in drawings] == list(digits)
    assert all(same_strokes(drawing.strokes, digits[drawing.label]) for drawing in drawings)


def test_a_stroke_may_begin_in_the_top_right_corner(desk_of, store):
    desk = desk_of("corner")
    desk.answer(0, CORNER)
    desk.answer(1, CORNER, LINE)
    desk.expect_prompt(2)
    first, second = drawn(store, "corner")
    assert same_strokes(first.strokes, [CORNER])
    assert same_strokes(second.strokes, [CORNER, LINE])


def test_the_drawing_is_still_there_after_a_visit_to_another_page(desk_of, store):
    desk = desk_of("wanderer")
    desk.draw(LINE, BAR)
    ComparePage(desk.page).open()
    desk.page.get_by_role("link", name="Draw one", exact=True).click()
    desk.expect_prompt(0)
    desk.expect_ink(LINE, BAR)
    assert drawn(store, "wanderer") == []
    desk.answer(0, CORNER)
    desk.expect_prompt(1)
    (drawing,) = drawn(store, "wanderer")
    assert same_strokes(drawing.strokes, [LINE, BAR, CORNER])


def test_a_refused_dot_leaves_the_canvas_where_it_is(desk_of, store):
    desk = desk_of("dot")
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
    assert drawn(store, "dot") == []
    desk.save("shortcut")
    desk.expect_prompt(1)
    assert same_strokes(drawn(store, "dot")[0].strokes, [LINE, BAR])


def test_from_one_canvas_to_the_next_nothing_moves(desk_of):
    desk = desk_of("still")
    assert desk.layer
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
    assert [drawing.label for drawing in drawn(store, "reader")] == [0, 1, 2, 3]  # no second batch


def test_undo(desk_of, store):
    desk = desk_of("undo")
    desk.draw(LINE, BAR)
    desk.undo()
    desk.expect_ink(LINE)
    desk.answer(0, CORNER)
    desk.expect_prompt(1)
    assert same_strokes(drawn(store, "undo")[0].strokes, [LINE, CORNER])


def test_a_digit_is_drawn_again(desk_of, store):
    desk = desk_of("again")
    desk.answer(0, LINE)
    desk.answer(1, LINE)
    desk.expect_prompt(2)
    first, second = drawn(store, "again")
    desk.draw(CORNER)  # begun for the 2: not to be saved for the 0
    idle(desk.page)
    desk.page.locator(".st-key-one_again_0 button:visible").click()
    expect(desk.page.get_by_text("Save or clear this 2 first, then draw the 0 again.")).to_be_visible()
    desk.expect_ink(CORNER)
    desk.clear()
    desk.answer(0, BAR)
    desk.expect_prompt(2)
    kept, replaced = drawn(store, "again")
    assert kept.id == second.id
    assert (replaced.label, replaced.position) == (0, 0)
    assert same_strokes(replaced.strokes, [BAR])
    seconds = batch_of_writer(store, "again").seconds
    assert seconds == pytest.approx(first.seconds + kept.seconds + replaced.seconds)


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
    (drawing,) = drawn(store, "clock")
    assert same_strokes(drawing.strokes, [[[60, 60], [100, 150], [180, 200]]])
    assert drawing.seconds >= seconds[-1]


def test_two_visitors_at_once_are_not_mixed_up(desk_of, open_page, app_url, store):
    digits = quick_digits()
    others = {label: [(np.array(stroke) + 17).tolist() for stroke in strokes] for label, strokes in digits.items()}
    desk = desk_of("left")
    page = open_page(**DARK)  # another window
    page.goto(f"{app_url}/draw_one?writer=right")
    other = DrawingDesk(page)
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
        drawings = drawn(store, writer)
        assert [drawing.label for drawing in drawings] == [0, 1, 2, 3]
        assert all(same_strokes(drawing.strokes, expected[drawing.label]) for drawing in drawings)
