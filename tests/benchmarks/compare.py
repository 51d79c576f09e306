"""How fast the compare page opens with 200 runs, and what it costs the server: real server, real Chromium.

    python tests/benchmarks/compare.py [--runs 200] [--json OUT]

Measured:

open            from the click in the menu until the charts of the page are drawn, seconds: the very first time, and the
                median of 9 times after it
tabs            from the click on what a tab shows until its chart is drawn, seconds, each once
report          from the click until the file has arrived, seconds
server memory   resident MB of the Streamlit process: after the first visit, at the end

The runs share five models and differ in their settings and results; 100 drawings of one person, among them 40 to test
with, are those of tests/browser/digits.json again and again, each varied.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import psutil
from playwright.sync_api import sync_playwright

from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.conftest import FLAGS
from tests.browser.server import database_in, end_server, start_server
from tests.browser.waiting import pause
from tests.helpers import NO_NETWORK, a_run, add_run, human_strokes, reference_files

TIMES = 9
# What is shown in the tabs, by its name in their choice, if they have one.
VIEWS = {
    "All networks": "Who reads whom",
    "Two runs": "Who reads whom",
    "Each digit": "Methods",
    "Cost": "Methods",
    "Training": "Methods",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        fill(Path(folder), options.runs)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        server = start_server("app.py", Path(folder))
        try:
            result = measure(browser, server)
        finally:
            end_server(server)
            browser.close()
    for name, value in {"runs": options.runs, **result}.items():
        print(f"{name:45} {value}")
    if options.json:
        options.json.write_text(json.dumps({"compare": {"runs": options.runs, **result}}) + "\n")


def fill(folder, runs):
    """Store drawings, models and runs as if a person had worked here for weeks."""
    store = Store(database_in(folder))
    batches = {kind: draw(store, kind, per_digit) for kind, per_digit in (("one", 1), ("full", 5), ("test", 4))}
    model = reference_files()
    rng = np.random.default_rng(0)
    for number in range(runs):
        method = ("dense", "one", "full")[number % 3]
        drawn = {"one": (10, 0.5), "full": (50, 2.5), "dense": (0, 0.0)}[method]
        run = a_run(
            f"{method}-{number}",
            method,
            name=f"Run {number}",
            right=rng.uniform(0.5, 0.97),
            own=None if method == "dense" else rng.uniform(0.8, 1),
            minutes=drawn[1],
            drawings=drawn[0],
            epochs=20 + number,
            batch_ids=[batches[method]] if drawn[0] else (),
        )
        add_run(store, run, model if number >= runs - 5 else NO_NETWORK)
    store.close()


def draw(store, kind, per_digit):
    rng = np.random.default_rng(per_digit)
    batch_id = start_batch(store, add_writer(store, "ana"), kind, list(range(10)) * per_digit, 0)
    for position in range(10 * per_digit):
        strokes = vary_strokes([np.array(stroke, float) for stroke in human_strokes()[position % 10]], 0.5, rng)
        save_drawing(store, (batch_id, position), strokes, strokes_to_digit(strokes), 2.5)
    return batch_id


def measure(browser, server):
    page = browser.new_page(viewport={"width": 1280, "height": 1600}, accept_downloads=True)
    page.goto(server.url)
    pause(page, 1500)
    result = {"open, the very first time, s": round(open_from_menu(page), 2)}
    result["server memory, after that, MB"] = megabytes(server)
    seconds = [open_from_menu(page) for _ in range(TIMES)]
    result[f"open, median of {TIMES}, s"] = round(median(seconds), 2)
    result[f"open, longest of {TIMES}, s"] = round(max(seconds), 2)
    for name, tab in VIEWS.items():
        result[f"{tab}: {name}, s"] = round(open_view(page, tab, name), 2)
    page.get_by_role("tab", name="Report").click()
    started = time.perf_counter()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name="Write the report").click()
    size = download.value.path().stat().st_size
    result["report, s"] = round(time.perf_counter() - started, 2)
    result["report, MB"] = round(size / 1e6, 1)
    result["server memory, at the end, MB"] = megabytes(server)
    return result


def open_from_menu(page):
    """Go to the home page and back; return the seconds from the click until both charts are drawn."""
    page.get_by_role("link", name="Home").click()
    page.get_by_role("button", name="Next:").wait_for()
    pause(page, 500)
    started = time.perf_counter()
    page.get_by_role("link", name="Compare", exact=True).click()
    for kind in ("point", "bar"):
        page.locator(f"[aria-roledescription='{kind}']").first.wait_for(state="attached", timeout=60_000)
    seconds = time.perf_counter() - started
    pause(page, 500)
    return seconds


def open_view(page, tab, name):
    started = time.perf_counter()
    page.get_by_role("tab", name=tab).click()
    if name != "All networks":  # which its tab shows at once
        choice = page.get_by_role("tabpanel").get_by_test_id("stButtonGroup").get_by_text(name, exact=True)
        choice.wait_for()
        pause(page, 1500)
        started = time.perf_counter()
        choice.click()
    page.get_by_role("tabpanel").locator("svg.marks").first.wait_for(state="attached", timeout=60_000)
    seconds = time.perf_counter() - started
    pause(page, 500)
    return seconds


def megabytes(server):
    return round(psutil.Process(server.process.pid).memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
