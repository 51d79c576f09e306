"""Every page, filled by the demo: nothing is cut or scrolls sideways at any size, and axe finds nothing serious."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DARK, PHONE
from tests.browser.controls import tab_to
from tests.browser.devices import events_of
from tests.browser.drawing import LINE, ROOT, quick_digits, same_strokes
from tests.browser.looks import LAYOUT, expect_good_layout, found_by_axe, settle
from tests.browser.page_objects import DrawingDesk
from tests.browser.stored import drawings_of
from tests.browser.waiting import idle, until
from tests.drawn import draw_batch

TRANSLATE = """() => setInterval(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parent = text.parentElement;
    const kept = "[translate=no], .notranslate, script, style, textarea, font font";
    if (!text.data.trim() || parent.closest(kept)) continue;
    const font = document.createElement("font");
    text.replaceWith(font);
    font.append(text);
  }
}, 60)"""
PHONES = [(390, 844), (360, 740)]
# That of the class is the teacher's alone: `test_class` looks at it.
PAGES = {""} | {page.stem for page in (ROOT / "pages").glob("*.py")} - {"home", "class"}
QUICK = {"", "compare", "dense", "draw_one", "my_digits"}  # one of each kind: a pad, charts, settings, a canvas, tables


@pytest.mark.parametrize(
    "path", [*sorted(QUICK), *(pytest.param(page, marks=pytest.mark.slow) for page in sorted(PAGES - QUICK))]
)
def test_every_page_looks_right_and_axe_finds_nothing_serious(app_url, filled, visit, path):
    page = visit(f"{app_url}/{path}")
    settle(page)
    expect_good_layout(page)
    assert found_by_axe(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(PAGES))
def test_in_the_dark_it_looks_right_and_axe_finds_nothing_serious(app_url, filled, open_page, path):
    """Where things stand is as in the light, which is looked at in more sizes."""
    page = open_page(**DARK)
    page.goto(f"{app_url}/{path}")
    settle(page)
    assert page.evaluate(LAYOUT) == [], page.url
    assert found_by_axe(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "draw_one", "inside"])
def test_the_card_of_the_tour_looks_right(app_url, filled, visit, path):
    step = {"": "guess", "draw_one": "ten", "inside": "dense"}[path]  # that of the last is on another page
    page = visit(f"{app_url}/{path}?tour={step}")
    expect(page.get_by_text("of 12")).to_be_visible()
    settle(page)
    expect_good_layout(page)
    assert found_by_axe(page) == []


@pytest.mark.slow
def test_the_layout_check_sees_what_it_looks_for(app_url, filled, visit):
    page = visit(f"{app_url}/draw_batch")
    page.evaluate(
        """() => document.querySelector("[data-testid=stMainBlockContainer]").insertAdjacentHTML("beforeend", `
          <div style="width: 3000px">wide</div>
          <div style="width: 40px; overflow: hidden; white-space: nowrap">cut off here</div>
          <label style="display: block; width: 40px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap">
            <b>ends in dots</b></label>
          <svg class="marks" width="60" height="20"><text x="30" y="15">right of its chart</text></svg>
          <div data-testid="stColumn" style="width: 50px; min-width: 0"><canvas aria-label="wide" width="90" /></div>
          <button style="width: 90px">A</button>
          <button style="width: 90px; margin-left: -40px">B</button>`)"""
    )
    found = " ".join(page.evaluate(LAYOUT))
    problems = ("scrolls sideways", "cut: cut off", "overlap: A and B", "outside: wide", "cut: ends in dots")
    for problem in (*problems, "cut in a chart: right of", "wider than its place: wide"):
        assert problem in found, found


@pytest.mark.slow
def test_axe_sees_what_it_looks_for(app_url, visit):
    page = visit(f"{app_url}/baseline")
    page.evaluate("""() => document.body.insertAdjacentHTML("beforeend", "<img src='x.png'>")""")
    assert "image-alt" in " ".join(found_by_axe(page))


def test_canvas_and_save_fit_on_one_phone_screen(desk_of):
    desk = desk_of("phone", **PHONE)
    for width, height in PHONES:
        desk.page.set_viewport_size({"width": width, "height": height})
        settle(desk.page)
        top, bottom = desk.box, desk.button("Save").bounding_box()
        assert bottom["y"] + bottom["height"] - top["y"] < height - 60, "below the strip at the top"


@pytest.mark.slow
def test_a_browser_that_translates_breaks_nothing(desk_of, store):
    """Such as Chrome's: it wraps each text in <font>, again and again; React may then miss the nodes it knew."""
    desk, digits = desk_of("translated"), quick_digits()
    page = desk.page
    page.evaluate(TRANSLATE)
    until(lambda: page.locator("font").count() > 5)
    for label in range(2):
        desk.draw(*digits[label])
        desk.save()
        drawings_of(store, "translated", label + 1)
        idle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.slow
def test_what_scripts_write_is_not_translated(sheet_of, page, app_url, visit):
    sheet_of("untranslated")
    expect(page.locator("[translate=no] [data-testid=sheet-pad]")).to_have_count(1)
    visit(app_url)
    expect(page.locator("[translate=no] [data-testid=live-pad]")).to_have_count(1)
    visit(f"{app_url}/draw_one")
    DrawingDesk(page).settle()
    expect(page.locator("[data-testid=stBidiComponentIsolated][translate=no][role=img]")).to_have_count(1)


@pytest.mark.slow
def test_shortcuts_work_on_other_layouts_and_never_while_typing(desk_of, store):
    draw_batch(store, "one", "Somebody else", rounds=1)  # then there is a list to type in
    desk = desk_of("layouts")
    russian_s = ("\N{CYRILLIC SMALL LETTER YERU}", "KeyS")  # the key S on a Russian keyboard
    with events_of(desk.page) as send:
        desk.draw(LINE)
        send.key(*russian_s)
        desk.expect_prompt(1)
        desk.settle()
        desk.draw(LINE)
        send.key("z", "KeyW")  # the key Z on a French keyboard
        desk.expect_ink()
        desk.draw(LINE)
        desk.expect_ink(LINE)
        desk.page.get_by_role("combobox", name="Somebody else?").focus()
        send.key("s", "KeyS")
        send.key(*russian_s)
    desk.page.keyboard.press("Escape")
    desk.expect_ink(LINE)
    desk.expect_prompt(1)
    (drawing,) = drawings_of(store, "layouts", 1)
    assert same_strokes(drawing.strokes, [LINE])


def test_home_is_walked_by_keyboard_alone(app_url, store, visit):
    page = visit(app_url)
    reached = tab_to(page, "Next: Draw your ten digits")
    assert any("Clear" in each for each in reached)
    assert any("Show an example" in each for each in reached)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Draw one of each")).to_be_visible()
