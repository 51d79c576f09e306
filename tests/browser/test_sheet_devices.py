"""The sheet pad in a real browser under mouse, finger and pen, on a phone and in both themes."""

import re

import numpy as np
import pytest

from digitlab.storage import schema
from tests.browser.conftest import DARK
from tests.browser.drawing import TWO_STROKES, same_path
from tests.browser.page_objects import SheetPad

# Where the page stands: the part that scrolls is not the document.
SCROLLED = (
    "[...document.querySelectorAll('*')].map(node => node.scrollTop).reduce((most, top) => Math.max(most, top), 0)"
)


@pytest.mark.parametrize("scale", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_finger_on_a_phone_from_each_corner(phone, kept, scale):
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
    strokes = kept.drafts(batch, len(corners))
    for stroke in strokes:
        corner = pad.place(stroke.cell, 0, 0)
        assert stroke.pointer == "touch"
        assert same_path(np.array(stroke.points)[:, :2], np.array(paths[stroke.cell]) - corner)
    assert page.evaluate(SCROLLED) == before
    canvas = pad.surface.locator("canvas")
    assert canvas.evaluate("canvas => canvas.width / canvas.clientWidth") == pytest.approx(scale, abs=0.01)


@pytest.mark.slow
def test_a_finger_down_the_whole_sheet_does_not_scroll_the_page(phone, kept):
    pad, batch = phone("scroll", cells=20)
    before = pad.page.evaluate(SCROLLED)
    start, end = pad.place(0, 0.5, 0.5), pad.place(16, 0.5, 0.5)
    pad.finger([(start[0], y) for y in np.linspace(end[1], start[1], 20)])
    kept.drafts(batch, 1)
    assert pad.page.evaluate(SCROLLED) == before


@pytest.mark.slow
def test_a_second_finger_does_not_write_and_does_not_disturb(phone, kept):
    pad, batch = phone("two")
    first = [pad.place(0, share, 0.5) for share in np.linspace(0.1, 0.9, 10)]
    second = [pad.place(3, share, 0.5) for share in np.linspace(0.9, 0.1, 10)]
    pad.finger(first, second)
    (stroke,) = kept.drafts(batch, 1)
    assert stroke.cell == 0
    assert same_path(stroke.points, np.array(first) - pad.place(0, 0, 0))
    pad.finger(second)
    assert [stroke.cell for stroke in kept.drafts(batch, 2)] == [0, 3]


@pytest.mark.slow
def test_the_pointer_is_stored(phone, store, kept):
    pad, batch = phone("pointer")
    write = {
        "mouse": lambda: pad.mouse(0, TWO_STROKES[0]),
        "touch": lambda: pad.finger(pad.places(0, TWO_STROKES[0])),
        "pen": lambda: pad.pen(0, TWO_STROKES[0]),
    }
    for sheet, pointer in enumerate(write):
        write[pointer]()
        (stroke,) = kept.drafts(batch, 1)
        assert stroke.pointer == pointer
        times, pressures = np.array(stroke.points)[:, 2:].T
        assert (np.diff(times) >= 0).all()
        assert stroke.ended - stroke.began >= times[-1]
        if pointer == "pen":
            assert pressures[:-1] == pytest.approx(0.7, abs=0.01)
        pad.save_button.click()
        kept.saved(batch, sheet + 1)
        pad.expect_blank(batch.labels[sheet + 1 : sheet + 7])
    with store.read() as connection:
        query = schema.drawings.select().where(schema.drawings.c.batch_id == batch.id).order_by(schema.drawings.c.id)
        assert [row.pointer for row in connection.execute(query)] == list(write)


@pytest.mark.slow
def test_a_phone_that_is_turned_in_mid_sheet(phone, kept):
    pad, batch = phone("turned", cells=4)
    pad.mouse(0, TWO_STROKES[0])
    kept.drafts(batch, 1)
    pad.page.set_viewport_size({"width": 740, "height": 360})
    pad.show()
    pad.mouse(0, TWO_STROKES[1])
    first, second = kept.drafts(batch, 2)
    assert second.size > first.size
    pad.save_button.click()
    (drawing,) = kept.saved(batch, 1)
    for stroke, points in zip(drawing.strokes, TWO_STROKES, strict=True):
        assert stroke[-1, :2] / first.size == pytest.approx(points[-1], abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("screen", [{}, DARK], ids=["light", "dark"])
def test_prompts_can_be_read_in_both_themes(open_page, batch_of, app_url, screen):
    batch_of("reader")
    page = open_page(**screen)
    page.goto(f"{app_url}/draw_batch?writer=reader")
    prompt = SheetPad(page).surface.locator(".prompt").first
    colours = prompt.evaluate(
        "node => [getComputedStyle(node).color,"
        " getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor]"
    )
    text, ground = ([int(part) for part in re.findall(r"\d+", colour)[:3]] for colour in colours)
    assert abs(sum(text) - sum(ground)) > 400, colours
