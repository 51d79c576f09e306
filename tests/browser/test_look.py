"""Every page, filled by the demo: nothing is cut or scrolls sideways at any size, and axe finds nothing serious."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.tools.screenshots import SIZES
from tests.browser.conftest import DARK
from tests.browser.drawing import ROOT, quick_digits
from tests.browser.page_objects import DrawingDesk
from tests.browser.waiting import idle, still, until

HERE = Path(__file__).parent
LAYOUT = (HERE / "layout.js").read_text().partition("\n")[2]  # without its comment
AXE = gzip.decompress((HERE / "axe" / "axe.min.js.gz").read_bytes()).decode()
RUN_AXE = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => `${id}: ${nodes.length}, such as ${nodes[0].html.slice(0, 200)}`)"""
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
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at.matches("button, a, [role=slider]") ? (at.innerText || at.getAttribute("aria-label") || "").trim() : "";
}"""
# That of the class is the teacher's alone: `test_class` looks at it.
PAGES = ["", *sorted({page.stem for page in (ROOT / "pages").glob("*.py")} - {"home", "class"})]


def settle(page):
    idle(page)
    still(page.get_by_test_id("stMainBlockContainer"), 300)


def expect_good_look(page):
    """Nothing is cut, overlaps or scrolls sideways at any size, and axe finds nothing serious."""
    for width, height in SIZES[::-1]:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        assert page.evaluate(LAYOUT) == [], (page.url, width)
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == [], page.url


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_looks_right_and_axe_finds_nothing_serious(app_url, filled, open_page, path, theme):
    page = open_page(**(DARK if theme == "dark" else {}))
    page.goto(f"{app_url}/{path}")
    settle(page)
    expect_good_look(page)


@pytest.mark.parametrize("path", ["", "draw_one", "inside"])
def test_the_card_of_the_tour_looks_right(app_url, filled, visit, path):
    step = {"": "guess", "draw_one": "ten", "inside": "dense"}[path]  # that of the last is on another page
    page = visit(f"{app_url}/{path}?tour={step}")
    expect(page.get_by_text("of 12")).to_be_visible()
    expect_good_look(page)


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


def test_axe_sees_what_it_looks_for(app_url, visit):
    page = visit(f"{app_url}/baseline")
    page.evaluate("""() => document.body.insertAdjacentHTML("beforeend", "<img src='x.png'>")""")
    page.evaluate(AXE)
    assert "image-alt" in " ".join(page.evaluate(RUN_AXE))


@pytest.mark.parametrize("size", [(390, 844), (360, 740)])
def test_canvas_and_save_fit_on_one_phone_screen(app_url, store, open_page, size):
    page = open_page(viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    page.goto(f"{app_url}/draw_one?writer=phone")
    settle(page)
    desk = DrawingDesk(page)
    top, bottom = desk.layer.bounding_box(), page.get_by_role("button", name="Save").bounding_box()
    assert bottom["y"] + bottom["height"] - top["y"] < size[1] - 60, "below the strip at the top"


def test_a_browser_that_translates_breaks_nothing(app_url, store, visit):
    """Such as Chrome's: it wraps each text in <font>, again and again; React may then miss the nodes it knew."""
    page = visit(f"{app_url}/draw_one?writer=translated")
    page.evaluate(TRANSLATE)
    desk, digits = DrawingDesk(page), quick_digits()
    until(lambda: page.locator("font").count() > 5)
    for label in range(2):
        desk.draw(*digits[label])
        desk.save()
        until(lambda: batches_drawn(store) == label + 1)  # noqa: B023 - it is over before the next
        idle(page)
    assert page.get_by_test_id("stException").count() == 0


def batches_drawn(store):
    return sum(batch.drawn for batch in read_batches(store) if batch.writer == "translated")


def test_what_scripts_write_is_not_translated(sheet_of, page, app_url, visit):
    sheet_of("untranslated")
    expect(page.locator("[translate=no] [data-testid=sheet-pad]")).to_have_count(1)
    visit(app_url)
    expect(page.locator("[translate=no] [data-testid=live-pad]")).to_have_count(1)
    visit(f"{app_url}/draw_one")
    DrawingDesk(page).settle()
    expect(page.locator("[data-testid=stBidiComponentIsolated][translate=no][role=img]")).to_have_count(1)


def press(page, key, code):
    """Press a key of another layout: what is printed on it, and where it is."""
    keyboard = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        text = {"text": key} if kind == "keyDown" else {}
        keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": code, **text})
    keyboard.detach()


def test_shortcuts_work_on_other_layouts_and_never_while_typing(app_url, store, visit):
    page = visit(f"{app_url}/draw_one?writer=layouts")
    desk, digits = DrawingDesk(page), quick_digits()

    def drawn():
        batches = [batch.id for batch in read_batches(store) if batch.writer == "layouts"]
        return len(read_drawings(store, batches))

    desk.draw(*digits[0])
    press(page, "\N{CYRILLIC SMALL LETTER YERU}", "KeyS")  # the key S on a Russian keyboard
    until(lambda: drawn() == 1, drawn)
    idle(page)
    desk.settle()
    desk.draw(*digits[1])
    press(page, "z", "KeyW")  # the key Z on a French keyboard
    desk.expect_ink(*digits[1][:-1])
    name = page.get_by_role("textbox").first
    if name.count():
        desk.draw(*digits[1])
        name.click()
        press(page, "s", "KeyS")
        press(page, "\N{CYRILLIC SMALL LETTER YERU}", "KeyS")
        idle(page)
        assert drawn() == 1


def test_home_is_walked_by_keyboard_alone(app_url, store, visit):
    page = visit(app_url)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        if "Draw your ten digits" in reached[-1]:
            break
    else:
        pytest.fail(f"the button is not reached by Tab: {reached}")
    assert any("Clear" in each for each in reached)
    assert any("Show an example" in each for each in reached)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Draw one of each")).to_be_visible()
