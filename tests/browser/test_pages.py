"""The pages in a real browser: what only a browser can show."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.storage.runs import delete_runs, read_runs
from tests.browser.drawing import canvas, draw, draw_prompt, human_digits, idle, passes, pixels, raster

LINE, BAR, CORNER = (
    np.linspace(*ends, 10).tolist() for ends in ([(60, 60), (180, 200)], [(200, 60), (60, 80)], [(275, 3), (150, 150)])
)
DOT = [[140, 140]]
WARM = 90_000  # milliseconds until the worker has loaded TensorFlow


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


def save_button(page):
    return page.get_by_role("button", name="Save and next")


def drawn(store, writer):
    """The stored drawings of a writer's only batch."""
    (batch,) = [batch for batch in read_batches(store) if batch.writer == writer]
    return read_drawings(store, [batch.id])


def same(drawing, strokes):
    return len(drawing.strokes) == len(strokes) and all(map(passes, drawing.strokes, strokes))


def expect_prompt(page, label):
    expect(page.get_by_role("heading", name=f"Draw a {label}", exact=True)).to_be_visible()


def expect_ink(page, strokes):
    """The browser shows these strokes on the canvas, and nothing else."""
    idle(page)
    canvas(page)
    expected = raster(strokes)
    for _ in range(50):
        shown = pixels(page)
        if (shown & expected).sum() >= 0.9 * (shown | expected).sum():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{shown.sum()} pixels of ink instead of {expected.sum()}")


# Drawing pages


def test_the_menu_is_ours_also_when_a_page_is_opened_first_by_its_link(visit, serve):
    page = visit(f"{serve('app.py')}/draw_one")
    expect(page.get_by_role("link", name="Dense network")).to_be_visible()


@pytest.mark.parametrize("how", ["click", "shortcut"])
def test_ten_digits_saved_at_once_after_the_last_stroke(visit, app_url, store, how):
    page = visit(f"{app_url}/draw_one?writer={how}")
    digits = human_digits()
    for label, strokes in digits.items():
        draw_prompt(page, label, strokes, how=how)
    expect(page.get_by_text("All drawn.")).to_be_visible()
    drawings = drawn(store, how)
    assert [drawing.label for drawing in drawings] == list(digits)
    assert all(same(drawing, digits[drawing.label]) for drawing in drawings)


def test_a_stroke_may_begin_in_the_top_right_corner(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=corner")
    draw_prompt(page, 0, [CORNER])
    draw_prompt(page, 1, [CORNER, LINE])
    expect_prompt(page, 2)
    first, second = drawn(store, "corner")
    assert same(first, [CORNER])
    assert same(second, [CORNER, LINE])


def test_the_drawing_is_still_there_after_a_visit_to_another_page(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=wanderer")
    draw(page, [LINE, BAR])
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    page.get_by_role("link", name="Draw one", exact=True).click()
    expect_prompt(page, 0)
    expect_ink(page, [LINE, BAR])
    draw_prompt(page, 0, [CORNER])
    expect_prompt(page, 1)
    assert same(drawn(store, "wanderer")[0], [LINE, BAR, CORNER])


def test_a_refused_dot_leaves_the_canvas_where_it_is(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=dot")
    place = canvas(page).bounding_box()
    draw_prompt(page, 0, [DOT])
    expect(page.get_by_test_id("stAlert").filter(has_text="dot")).to_be_visible()
    assert canvas(page).bounding_box() == place
    draw(page, [LINE])
    expect(page.get_by_test_id("stAlert")).to_have_count(0)  # it goes when the page runs again
    assert canvas(page).bounding_box() == place
    expect_ink(page, [LINE])
    draw(page, [BAR])
    expect_ink(page, [LINE, BAR])
    assert drawn(store, "dot") == []
    page.keyboard.press("s")
    expect_prompt(page, 1)
    assert same(drawn(store, "dot")[0], [LINE, BAR])


def test_from_one_canvas_to_the_next_nothing_moves(visit, app_url):
    page = visit(f"{app_url}/draw_one?writer=still")
    canvas(page)
    page.evaluate(PLACES)
    draw_prompt(page, 0, [LINE])
    draw_prompt(page, 1, [DOT])
    draw_prompt(page, 1, [LINE], how="shortcut")
    expect_prompt(page, 2)
    canvas(page)
    idle(page)
    (place,) = page.evaluate("[...places]")
    assert place == f"{canvas(page).bounding_box()['y']} {save_button(page).bounding_box()['y']}"


def test_an_unfinished_batch_goes_on_after_a_reload(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=reader")
    digits = human_digits()
    for label in range(3):
        draw_prompt(page, label, digits[label])
    expect_prompt(page, 3)
    page.reload()
    expect(page.get_by_text("3 of 10 drawn")).to_be_visible()
    expect(page.get_by_test_id("stImage")).to_have_count(3)
    draw_prompt(page, 3, digits[3])
    expect(page.get_by_text("4 of 10 drawn")).to_be_visible()
    assert [drawing.label for drawing in drawn(store, "reader")] == [0, 1, 2, 3]


def test_undo(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=undo")
    draw(page, [LINE, BAR])
    page.get_by_role("button", name="Undo").click()
    expect_ink(page, [LINE])
    draw_prompt(page, 0, [CORNER])
    expect_prompt(page, 1)
    assert same(drawn(store, "undo")[0], [LINE, CORNER])


def test_a_digit_is_drawn_again(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=again")
    draw_prompt(page, 0, [LINE])
    draw_prompt(page, 1, [LINE])
    expect_prompt(page, 2)
    first, second = drawn(store, "again")
    draw(page, [CORNER])  # begun for the 2: not to be saved for the 0
    idle(page)
    page.locator(".st-key-one_again_0 button:visible").click()
    draw_prompt(page, 0, [BAR])
    expect_prompt(page, 2)
    kept, replaced = drawn(store, "again")
    assert kept.id == second.id
    assert (replaced.label, replaced.position) == (0, 0)
    assert same(replaced, [BAR])
    (batch,) = [batch for batch in read_batches(store) if batch.writer == "again"]
    assert batch.seconds == pytest.approx(first.seconds + kept.seconds + replaced.seconds)


def test_the_clock_grows_and_does_not_disturb_a_stroke(visit, app_url, store):
    page = visit(f"{app_url}/draw_one?writer=clock")
    clock = page.get_by_test_id("stMetric").filter(has_text="Your time").get_by_test_id("stMetricValue")
    box = canvas(page).bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 150)
    shown = [clock.inner_text()]
    for _ in range(2):
        expect(clock).not_to_have_text(shown[-1])
        shown.append(clock.inner_text())
    page.mouse.move(box["x"] + 180, box["y"] + 200)
    page.mouse.up()
    page.keyboard.press("s")
    expect_prompt(page, 1)
    seconds = [float(re.fullmatch(r"([\d.]+) s", text)[1]) for text in shown]
    assert seconds == sorted(set(seconds))
    (drawing,) = drawn(store, "clock")
    assert same(drawing, [[[60, 60], [100, 150], [180, 200]]])
    assert drawing.seconds >= seconds[-1]


def test_two_visitors_at_once_are_not_mixed_up(browser, browser_context_args, visit, app_url, store):
    digits = human_digits()
    others = {label: [(np.array(stroke) + 17).tolist() for stroke in strokes] for label, strokes in digits.items()}
    page = visit(f"{app_url}/draw_one?writer=left")
    context = browser.new_context(**browser_context_args)
    other = context.new_page()
    other.goto(f"{app_url}/draw_one?writer=right")
    for label in range(4):
        expect_prompt(page, label)
        expect_prompt(other, label)
        draw(page, digits[label])
        draw(other, others[label])
        page.keyboard.press("s")
        other.keyboard.press("s")
    expect_prompt(page, 4)
    expect_prompt(other, 4)
    context.close()
    for writer, expected in (("left", digits), ("right", others)):
        drawings = drawn(store, writer)
        assert [drawing.label for drawing in drawings] == [0, 1, 2, 3]
        assert all(same(drawing, expected[drawing.label]) for drawing in drawings)


# Dense page


@pytest.fixture
def training(visit, app_url, store):
    """The dense page with a long training on it; no run is stored yet."""
    delete_runs(store, [run.id for run in read_runs(store)])
    page = visit(f"{app_url}/dense?dense_epochs=100")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(stop(page)).to_be_visible()
    yield page
    if stop(page).count():
        stop(page).click()
        expect(stop(page)).to_have_count(0)


def stop(page):
    return page.get_by_role("button", name="Stop")


def epochs_shown(page):
    """The last epoch of the live curves."""
    labels = page.locator("[aria-roledescription=point]").evaluate_all("all => all.map(mark => mark.ariaLabel)")
    return max((int(re.search(r"epoch: (\d+)", label)[1]) for label in labels), default=0)


def expect_epochs(page, more_than=0):
    expect(page.locator(f"[aria-roledescription=point][aria-label*='epoch: {more_than + 1};']").first).to_be_attached(
        timeout=WARM
    )


def expect_result(page):
    expect(page.get_by_role("heading", name="Dense 128 on MNIST", exact=True)).to_be_visible()
    expect(page.get_by_text("Most confident mistakes")).to_be_visible()
    idle(page)


def test_the_curves_are_live_and_stop_keeps_what_was_learnt(training, store):
    expect_epochs(training)
    expect_epochs(training, more_than=epochs_shown(training))
    expect(training.get_by_text("s left")).to_be_visible()
    learnt = epochs_shown(training)
    stop(training).click()
    expect_result(training)
    (run,) = read_runs(store)
    assert run.stopped
    assert learnt <= len(run.history) < 100
    assert run.tests["mnist"].accuracy > 0.8
    expect(training.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def test_a_training_is_followed_after_a_change_of_page_and_after_a_reload(training):
    expect_epochs(training)
    epochs = epochs_shown(training)
    training.get_by_role("link", name="Compare").click()
    expect(training.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    training.get_by_role("link", name="Dense network").click()
    expect_epochs(training, more_than=epochs)
    epochs = epochs_shown(training)
    training.reload()
    expect(stop(training)).to_be_visible()
    expect_epochs(training, more_than=epochs)
    stop(training).click()
    expect_result(training)


def test_the_end_of_a_training_leaves_the_drawing_below(training):
    page = training
    expect_epochs(page)
    settle(page)
    draw(page, [LINE, BAR])
    expect(page.get_by_role("heading", name="This is a")).to_be_visible()
    expect(page.get_by_text("Asked: Reference")).to_be_visible()
    expect_ink(page, [LINE, BAR])
    stop(page).click()
    expect_result(page)
    expect(page.get_by_text("Asked: Dense 128 on MNIST")).to_be_visible()
    expect(page.get_by_role("heading", name="This is a")).to_be_visible()
    expect_ink(page, [LINE, BAR])
    settle(page)
    draw(page, [CORNER])
    expect_ink(page, [LINE, BAR, CORNER])
    page.get_by_role("button", name="Undo").click()  # shows Python's drawing without its last stroke
    expect_ink(page, [LINE, BAR])


def test_while_a_training_runs_clear_takes_the_answer_away(training):
    expect_epochs(training)
    settle(training)
    answer = training.get_by_role("heading", name="This is a")
    for _ in range(4):  # it was left there one time in three
        draw(training, [LINE])
        expect(answer).to_be_visible()
        training.get_by_role("button", name="Clear").click()
        expect(answer).to_have_count(0)


def test_try_it(visit, app_url):
    page = visit(f"{app_url}/dense")
    strokes = next(strokes for strokes in human_digits().values() if len(strokes) > 1)
    settle(page)
    draw(page, strokes[:1])
    expect(page.get_by_role("heading", name="This is a")).to_be_visible()
    expect(page.get_by_text("From ink to digit")).to_be_visible()
    digit = page.get_by_test_id("stImage").locator("img").last
    first = digit.get_attribute("src")
    draw(page, strokes[1:])
    expect(digit).not_to_have_attribute("src", first)
    expect(page.locator("[aria-label='Probability of each digit'] path[aria-roledescription=bar]")).to_have_count(10)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="This is a")).to_have_count(0)
    expect_ink(page, [])


def settle(page):
    """Wait until the canvas rests at its place: what is above it may still grow."""
    places = [None]
    while len(places) < 4 or any(place != places[-1] for place in places[-4:]):
        canvas(page).evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
        page.wait_for_timeout(200)
        places.append(canvas(page).bounding_box())
