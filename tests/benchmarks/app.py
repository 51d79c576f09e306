"""How fast the app answers and how much memory it takes: real server, real Chromium, a database with ten drawings.

    python tests/benchmarks/app.py [--short] [--json OUT]

Measured:

first page       from opening the address to its last element, seconds by the browser's clock; the median of 7 new
                 visitors, whose browsers have nothing in their caches, and the very first of all; in turn with them an
                 empty page of Streamlit, a title alone on a server of its own
MNIST            loading all its digits, seconds; in a process of its own
server memory    resident MB of the Streamlit process: started; all pages visited; one network trained
tensorflow       whether the Streamlit process has loaded it, at the end
worker memory    resident MB of the process that trains, at the end
train            from the click on Train to the first progress, seconds; with the worker warm
retrain          from the click on Train on the page Train on yours, with ten drawings, until the new result is seen,
                 seconds; the median of 5, with the worker warm
stroke           from pointer up to the new prediction on the dense page, seconds; of 20 strokes
while training   the same on another page, while the worker trains; then with ten visitors who open a page every three
                 seconds: what each page takes the server, and opening the first page in Chromium; not with --short
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
from playwright.sync_api import expect, sync_playwright

from digitlab.storage.store import Store
from tests.benchmarks.compare import draw
from tests.benchmarks.visitors import PAGES, browsing
from tests.browser.conftest import FLAGS
from tests.browser.drawing import ROOT
from tests.browser.page_objects import Canvas
from tests.browser.server import database_in, end_server, start_server
from tests.browser.waiting import pause

VISITORS = 7
RETRAININGS = 5
VISITORS_AT_ONCE = 10
BROWSING = 30  # seconds
STROKES = 20
LOAD_MNIST = """
import time
from digitlab import mnist
started = time.perf_counter()
mnist.load_train(), mnist.load_test()
print(time.perf_counter() - started)
"""
# The moments, by the browser's clock, at which a pointer went up and at which the page changed.
WATCH = """
window.digitlab = { up: 0, shown: [] };
window.addEventListener("mouseup", () => { digitlab.up = performance.now(); digitlab.shown = []; }, true);
new MutationObserver(() => {
  const chart = document.querySelector('[aria-label="Probability of each digit"]');
  const text = [...document.querySelectorAll("h3")].map(heading => heading.innerText).join() + (chart?.innerHTML ?? "");
  if (text !== digitlab.text) digitlab.shown.push(performance.now());
  digitlab.text = text;
}).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
"""
# The seconds since the address was opened, as soon as an element with this text is shown. The page itself looks:
# Playwright's own waiting looks every half second only, after the first few times.
SHOWN = """([tag, text]) => {
  const found = [...document.querySelectorAll(tag)].filter(element => element.textContent.includes(text));
  return found.some(element => element.checkVisibility()) && performance.now() / 1000;
}"""
LOOK_EVERY = 10  # ms
# Whether the button Train has rested and no longer does, and the result is of this page's own training. It is asked in
# each frame of the browser: not for `innerText`, for which the page would be laid out anew each time.
RETRAINED = """() => {
  const button = [...document.querySelectorAll("button")].find(each => each.textContent.trim() === "Train");
  if (button?.disabled) window.digitlabBusy = true;
  const captions = [...document.querySelectorAll("[data-testid=stCaptionContainer]")];
  const old = captions.some(each => each.textContent.includes("The newest run that is kept here"));
  return window.digitlabBusy && !button?.disabled && !old && document.querySelector("[data-testid=stMetric]");
}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    expect.set_options(timeout=120_000)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        store = Store(database_in(Path(folder)))
        draw(store, "one", 1)
        store.close()
        server = start_server("app.py", Path(folder))
        try:
            result = measure(browser, server, short=options.short)
        finally:
            end_server(server)
            browser.close()
    for name, value in result.items():
        print(f"{name:55} {value}")
    if options.json:
        options.json.write_text(json.dumps({"app": result}) + "\n")


def measure(browser, server, *, short):
    result = {"MNIST loaded, s": round(load_mnist(), 2)}
    result["server memory, started, MB"] = megabytes(server.process.pid)
    seconds, empty = open_beside_an_empty_page(browser, server.url)
    result["first page visible, very first visitor, s"] = round(seconds[0], 2)
    result[f"first page visible, median of {VISITORS}, s"] = round(median(seconds[1:]), 2)
    result[f"an empty page of Streamlit visible, median of {VISITORS}, s"] = round(median(empty[1:]), 2)
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        pause(page, 500)
    result["server memory, all pages visited, MB"] = megabytes(server.process.pid)
    train(page, server.url)  # the worker is warm after this
    result["server memory, one network trained, MB"] = megabytes(server.process.pid)
    result["train, click to first progress, s"] = round(train(page, server.url), 2)
    seconds = [retrain(page, server.url) for _ in range(1 + RETRAININGS)][1:]
    result[f"retrain on ten drawings, click to result seen, median of {RETRAININGS}, s"] = round(median(seconds), 2)
    strokes = try_strokes(page, server.url)
    result[f"stroke to prediction, median of {STROKES}, s"] = round(median(strokes), 3)
    result[f"stroke to prediction, longest of {STROKES}, s"] = round(max(strokes), 3)
    if not short:
        result |= measure_while_training(browser, server, page)
    result["server memory, at the end, MB"] = megabytes(server.process.pid)
    result["tensorflow in the server"] = "tensorflow" in Path(f"/proc/{server.process.pid}/maps").read_text()
    children = psutil.Process(server.process.pid).children(recursive=True)
    result["worker memory, at the end, MB"] = max(megabytes(child.pid) for child in children)
    return result


def measure_while_training(browser, server, page):
    result = {}
    training = browser.new_page(viewport={"width": 1280, "height": 1600})
    start_long_training(training, server.url)
    strokes = try_strokes(page, server.url, "retrain")  # which does not follow the training
    result["while training, stroke to prediction, median, s"] = round(median(strokes), 3)
    with browsing(server.url, VISITORS_AT_ONCE) as seconds:
        time.sleep(BROWSING)
    pages = f"{len(seconds)} pages of {VISITORS_AT_ONCE} visitors"
    result[f"while training, {pages}, median, s"] = round(median(seconds), 2)
    result["while training, 95 % of them within, s"] = round(quantiles(seconds, n=20)[-1], 2)
    with browsing(server.url, VISITORS_AT_ONCE):
        seconds = [open_first_page(browser, server.url) for _ in range(VISITORS)]
    result["while training and they browse, first page, median, s"] = round(median(seconds), 2)
    training.get_by_role("button", name="Stop").click()
    return result


def load_mnist():
    output = subprocess.run([sys.executable, "-c", LOAD_MNIST], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(output.stdout)


def open_beside_an_empty_page(browser, url):
    """Open the first page and, in turn with it, an empty one; return the seconds of each, the very first ones first."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text('import streamlit as st\n\nst.title("x")\n')
        server = start_server(script, Path(folder))
        try:
            opened = [
                (open_first_page(browser, url), open_first_page(browser, server.url, ("h1", "x")))
                for _ in range(1 + VISITORS)
            ]
        finally:
            end_server(server)
    return tuple(zip(*opened, strict=True))


def open_first_page(browser, url, last=("button", "Next:")):
    """Seconds until the page's last element is there: its tag and what its text has."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url, wait_until="commit")
    seconds = page.wait_for_function(SHOWN, arg=last, polling=LOOK_EVERY).json_value()
    context.close()
    return seconds


def train(page, url):
    """Train the network with its default settings; return the seconds from the click to the first progress."""
    page.goto(f"{url}/dense")
    pause(page, 500)
    started = time.perf_counter()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("s left").wait_for(timeout=120_000)
    seconds = time.perf_counter() - started
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_text("Most confident mistakes").wait_for()
    pause(page, 1000)
    return seconds


def retrain(page, url):
    page.goto(f"{url}/retrain")
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled()
    pause(page, 1500)
    page.evaluate("window.digitlabBusy = false")
    started = time.perf_counter()
    button.click()
    page.wait_for_function(RETRAINED)
    return time.perf_counter() - started


def start_long_training(page, url):
    page.goto(f"{url}/dense?dense_epochs=100&dense_units_1=1024")
    pause(page, 500)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("s left").wait_for(timeout=120_000)


def try_strokes(page, url, name="dense"):
    """Draw strokes one after the other; return for each the seconds until the page shows its prediction."""
    page.goto(f"{url}/{name}")
    pause(page, 2000)
    Canvas(page).layer.evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
    page.evaluate(WATCH)
    seconds = []
    for number in range(STROKES):
        if number % 5 == 0 and number:
            page.get_by_role("button", name="Clear").click()
            page.get_by_role("heading", name="This is a").wait_for(state="detached")
            pause(page, 500)
        x = 60 + 30 * (number % 5)
        Canvas(page).draw([(x + step, 50 + 15 * step) for step in range(12)])
        page.wait_for_function("digitlab.shown.length > 0")
        seconds.append(page.evaluate("(digitlab.shown[0] - digitlab.up) / 1000"))
        pause(page, 500)
    return seconds


def megabytes(pid):
    return round(psutil.Process(pid).memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
