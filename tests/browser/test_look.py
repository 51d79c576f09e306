"""Every page, filled by the demo: nothing is cut or scrolls sideways at any size, and axe finds nothing serious."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from digitlab.storage import demo
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.tools.screenshots import SIZES
from tests.browser.conftest import DARK
from tests.browser.drawing import ROOT, quick_digits
from tests.browser.page_objects import DrawingDesk
from tests.browser.waiting import idle, still, until
from tests.helpers import a_run, add_run, put_model, reference_files

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
PAGES = ["", "baseline", "dense", "draw_one", "draw_batch", "my_digits", "retrain", "piles", "compare", "inside"]


@pytest.fixture(scope="module")
def filled(store):
    """The demo with runs of each kind, as if they were trained."""
    one, full, test = demo.add_demo(store)
    runs = [
        a_run("dense-demo", "dense", right=0.987, own=1.0),
        a_run("one-demo", "one", right=0.92, own=0.9, drawings=10, minutes=0.3, batch_ids=(one.id,)),
        a_run("full-demo", "full", right=0.93, own=0.9, drawings=20, minutes=0.6, batch_ids=(one.id, full.id)),
    ]
    for run in runs:
        add_run(store, replace(run, owner_id=one.writer_id))
        put_model(store, run.id, reference_files())
    return store


def test_no_page_is_left_out():
    """That of the class is the teacher's alone."""
    assert {page.stem for page in (ROOT / "pages").glob("*.py")} - {"home", "class"} == set(PAGES) - {""}


def settle(page):
    idle(page)
    still(page.get_by_test_id("stMainBlockContainer"), 300)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_overlaps_or_scrolls_sideways(app_url, filled, visit, path):
    page = visit(f"{app_url}/{path}")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        assert page.evaluate(LAYOUT) == [], (path, width)


def test_the_layout_check_sees_what_it_looks_for(app_url, filled, visit):
    page = visit(f"{app_url}/draw_batch")
    page.evaluate(
        """() => document.querySelector("[data-testid=stMainBlockContainer]").insertAdjacentHTML("beforeend", `
          <div style="width: 3000px">wide</div>
          <div style="width: 40px; overflow: hidden; white-space: nowrap">cut off here</div>
          <button style="width: 90px">A</button>
          <button style="width: 90px; margin-left: -40px">B</button>`)"""
    )
    found = " ".join(page.evaluate(LAYOUT))
    for problem in ("scrolls sideways", "cut: cut off", "overlap: A and B", "outside: wide"):
        assert problem in found, found


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(app_url, filled, open_page, path, theme):
    page = open_page(**(DARK if theme == "dark" else {}))
    page.goto(f"{app_url}/{path}")
    settle(page)
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []


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
