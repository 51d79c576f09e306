"""The first three minutes of somebody new, with the hands of real writers: what they wait for, and how long.

    python tests/benchmarks/first_minutes.py --data WRITERS.ndjson.gz [--people 3] [--think 2] [--json OUT]

Real Chromium and, for each person, a server of their own with an empty database, whose worker is cold. The person opens
the app, writes a 3 on Home, goes to Draw one, writes ten digits (strokes of the file: --data or DIGITLAB_WRITERS;
10 ms between samples, --think seconds before each digit), gets the answer, and writes a 4 for the own network. Then ten
new ones, for which the worker is warm. All by the browser's own clock, in seconds since the app was opened if nothing
else is said:

home             its title is there
pad              the pad of Home can be written on
first reading    a digit of the person's own is read on Home
move to bars     from a move of the pen on Home to the ten bars, ms
sentence         from the click that saves the tenth digit to the sentence
sentence, warm   the same for the ten new ones
own reading      the own network reads a digit
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from tests.benchmarks.sheet_pad import read_writers
from tests.browser.conftest import FLAGS
from tests.browser.page_objects import Canvas, DrawingDesk
from tests.browser.server import end_server, start_server
from tests.browser.waiting import still

SAMPLE = 0.010  # seconds
WAIT = 300_000  # ms; a cold worker on a busy machine
TARGETS = {
    "home, s": 2,
    "pad, s": 3,
    "first reading, s": 10,
    "move to bars, median, ms": 30,
    "sentence, s": None,
    "sentence, warm, s": 3,
    "own reading, s": 90,
}
# When what is waited for was first there, frame by frame; a click on Save begins a new wait for the sentence.
WATCH = """
window.moments = {};
window.moves = [];
const inside = selector => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
  .map(host => host.shadowRoot?.querySelector(selector)).find(Boolean);
const note = (name, there) => { if (there && !(name in moments)) moments[name] = performance.now(); };
addEventListener("click", event => {
  if (event.target.closest?.("button")?.innerText.startsWith("Save")) {
    moments.save = performance.now();
    delete moments.sentence;
  }
}, true);
let last = null;
const look = () => {
  const live = inside(".live"), own = live?.dataset.state === "own";
  const answered = [...document.querySelectorAll("h2")].some(each => each.innerText.includes("of drawing"));
  note("home", document.querySelector("h1")?.innerText);
  note("pad", live?.dataset.state);
  note("reading", own && live.dataset.reading);
  note("sentence", answered);
  note("own", answered && own && live.dataset.reading);
  if (live && live.dataset.ms !== last) { last = live.dataset.ms; if (!answered) moves.push(Number(last)); }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--think", type=float, default=2.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    writers = read_writers(options.data, parser)
    names = sorted(writers)
    chosen = [names[place * len(names) // options.people] for place in range(options.people)]
    walks = {name: walk(writers[name], options.think) for name in chosen}
    for what, target in TARGETS.items():
        values = [figures[what] for figures in walks.values()]
        aim = "" if target is None else f"target {target}"
        print(f"{what:28} median {median(values):7.2f}   worst {max(values):7.2f}   {aim}")
    for name, figures in walks.items():
        print(f"person {name}: {figures['answer']}")
    if options.json:
        options.json.write_text(json.dumps({"first_minutes": walks}) + "\n")


def walk(hand, think):
    """Walk the three minutes as one person; return what they waited for."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server("app.py", Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(WAIT)
            page.add_init_script(WATCH)
            return visit(page, server.url, hand, think)
        finally:
            browser.close()
            end_server(server)


def visit(page, url, hand, think):
    page.goto(url, wait_until="commit")
    wait_for(page, "pad")
    on_live_pad(page, hand[3][0])
    wait_for(page, "reading")
    page.get_by_role("button", name="Draw your ten digits").click()
    draw_ten(page, hand, 0, think)
    wait_for(page, "sentence")
    answer = page.get_by_role("heading", name="of drawing").inner_text()
    first = moments(page)
    page.get_by_role("button", name="Draw five of each").wait_for()
    on_live_pad(page, hand[4][1])
    wait_for(page, "own")
    own = moments(page)["own"]
    moves = page.evaluate("moves")
    page.get_by_role("button", name="Draw ten new ones").click()
    draw_ten(page, hand, 1, think)
    wait_for(page, "sentence")
    again = moments(page)
    return {
        "home, s": first["home"] / 1000,
        "pad, s": first["pad"] / 1000,
        "first reading, s": first["reading"] / 1000,
        "move to bars, median, ms": median(moves),
        "sentence, s": (first["sentence"] - first["save"]) / 1000,
        "sentence, warm, s": (again["sentence"] - again["save"]) / 1000,
        "own reading, s": own / 1000,
        "answer": answer,
    }


def draw_ten(page, hand, nth, think):
    desk = DrawingDesk(page)
    for label in range(10):
        desk.expect_prompt(label)
        time.sleep(think)
        box = Canvas(page).box
        for stroke in hand[label][nth]:
            write(page, [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke])
        desk.save()


def on_live_pad(page, strokes):
    pad = page.get_by_test_id("live-pad")
    still(pad)
    box = pad.bounding_box()
    for stroke in strokes:
        write(page, [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke])


def write(page, points):
    """One stroke of the mouse, a sample every 10 ms."""
    page.mouse.move(*points[0])
    page.mouse.down()
    began = time.monotonic()
    for number, point in enumerate(points[1:], start=1):
        time.sleep(max(0, began + number * SAMPLE - time.monotonic()))
        page.mouse.move(*point)
    page.mouse.up()


def wait_for(page, name):
    page.wait_for_function("name => name in window.moments", arg=name)


def moments(page):
    return page.evaluate("moments")


if __name__ == "__main__":
    main()
