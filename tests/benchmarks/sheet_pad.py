"""How fast and how faithful the sheet pad is, with the hands of real writers.

    python tests/benchmarks/sheet_pad.py [--data writers.ndjson.gz] [--sheets 5] [--json OUT]

Real Chromium, real pointer events of a pen, strokes of people (--data or DIGITLAB_WRITERS), 10 ms
between samples, no thinking time. Two writers, one alone and then both at once in two browsers, fill five sheets of
20 cells each. The sheets save themselves. What is printed, each for one writer:

stored           digits in the database of those written, and how many have the right label
stroke error     largest distance between a point sent and the point stored, px
next sheet       from the last pen-up of a sheet until the next one can be drawn on, seconds; a part of it is the wait
                 for a further stroke of the last digit
digits a minute  sustained over all sheets including the saves; the peer is the same hand with no app at all: a sample
                 every 10 ms and nothing else
sent             bytes the browser sends for a stroke over the WebSocket
clock            the app's active seconds against those the driver knows, % off
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from playwright.sync_api import sync_playwright

from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.drawings import read_drawing_rows, read_drawings
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks.pen_strokes import read_people
from tests.browser.conftest import FLAGS
from tests.browser.server import end_server, start_server

CELLS = 20
SAMPLE = 0.010  # seconds
# When Python has shown another sheet, by the browser's own clock.
WATCH = """
const surface = document.querySelector("[data-testid=stBidiComponentIsolated], [data-testid=stBidiComponentRegular]")
  ?.shadowRoot?.querySelector("[data-testid=sheet-pad]") ?? document.querySelector("[data-testid=sheet-pad]");
window.blanks = [];
window.saves = [];
let blank = true;
new MutationObserver(() => {
  const cells = JSON.parse(surface.dataset.cells);
  const now = cells.every(cell => !cell.done);
  if (now && !blank) window.blanks.push(Date.now());
  blank = now;
}).observe(surface, { attributes: true, attributeFilter: ["data-cells"] });
const pad = surface.closest(".pad");
new MutationObserver(() => {
  if (pad.classList.contains("saving")) window.saves.push(Date.now());
}).observe(pad, { attributes: true, attributeFilter: ["class"] });
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--sheets", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    writers = read_writers(options.data, parser)
    first, second = sorted(writers)[:2]
    with tempfile.TemporaryDirectory() as folder:
        server = start_server("app.py", Path(folder))
        try:
            result = {"alone": write(server, {"alone": writers[first]}, options.sheets)["alone"]}
            pair = {"with another, 1": writers[first], "with another, 2": writers[second]}
            result |= write(server, pair, options.sheets)
        finally:
            end_server(server)
    for name, figures in result.items():
        print(f"\n{name}")
        for what, value in figures.items():
            print(f"  {what:42} {value}")
    mixed = sum(figures["points that nobody sent"] for name, figures in result.items() if name != "alone")
    print(f"\ntwo at once: {'nothing mixed up' if not mixed else f'{mixed} points of somebody else'}")
    if options.json:
        options.json.write_text(json.dumps({"sheet_pad": result}) + "\n")


def read_writers(path, parser=None):
    """`{writer: {label: [strokes in a unit box, ...]}}`, each writer's digits in the order of writing."""
    writers = {}
    for writer, drawings in read_people(path, parser).items():
        for drawing in drawings:
            points = np.concatenate(drawing.strokes)
            low, high = points.min(0), points.max(0)
            fitted = [(stroke - (low + high) / 2) / max(*(high - low), 1) * 0.7 + 0.5 for stroke in drawing.strokes]
            writers.setdefault(writer, {}).setdefault(drawing.label, []).append(fitted)
    return writers


def write(server, hands, sheets):
    """Let all write at once, each in a browser of its own."""
    result, problems = {}, []

    def one(name, hand):
        try:
            result[name] = fill_sheets(server, name, hand, sheets)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=one, args=hand) for hand in hands.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return {name: result[name] for name in hands}


def fill_sheets(server, name, hand, sheets):
    store = Store(server.database)
    labels = balanced_labels(sheets * CELLS // 10, 0)
    batch_id = start_batch(store, add_writer(store, name), "full", labels, 0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        frames = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(len(frame))))
        page.goto(f"{server.url}/draw_batch?writer={name}&batch_cells={CELLS}")
        pad = page.get_by_test_id("sheet-pad")
        pad.wait_for()
        pad.scroll_into_view_if_needed()
        page.wait_for_timeout(2000)  # the very first paint; the clock below knows of it
        page.evaluate(WATCH)
        device = page.context.new_cdp_session(page)
        frames.clear()
        sent, log = [], []
        for number in range(sheets):
            fill_sheet(pad, device, hand, sent, log)
            if number < sheets - 1:
                page.wait_for_function("count => window.blanks.length > count", arg=number)
        page.get_by_text("All drawn.").wait_for()
        page.wait_for_timeout(500)
        blanks, saves = page.evaluate("[window.blanks, window.saves]")
        browser.close()
    figures = compare(store, batch_id, labels, sent)
    figures |= timing(store, batch_id, log, blanks, saves)
    strokes, samples = sum(map(len, sent)), sum(len(stroke) for digit in sent for stroke in digit)
    figures["digits a minute of the hand alone (peer)"] = round(60 * len(sent) / (samples * SAMPLE), 1)
    figures["sent for a stroke, median, bytes"] = round(median(frames))
    figures["sent for a stroke, largest message, bytes"] = max(frames)
    figures["sent in all / strokes, bytes"] = round(sum(frames) / strokes)
    store.close()
    return figures


def fill_sheet(pad, device, hand, sent, log):
    box = pad.bounding_box()
    cells = json.loads(pad.get_attribute("data-cells"))
    downs = []
    for cell in cells:
        strokes = hand[cell["label"]][sum(1 for each in sent if each.label == cell["label"]) % len(hand[cell["label"]])]
        strokes = [np.round(stroke * [cell["w"], cell["h"]], 2) for stroke in strokes]
        corner = np.array([box["x"] + cell["x"], box["y"] + cell["y"]])
        for stroke in strokes:
            downs.append(draw(device, corner + stroke))
        sent.append(Digit(cell["label"], strokes))
    log.append(downs)


class Digit(list):
    """The strokes of one digit as they were sent, in pixels of the cell."""

    def __init__(self, label, strokes):
        super().__init__(strokes)
        self.label = label


def draw(device, points):
    """One stroke of a pen, a sample every 10 ms; return when it was down, in ms since 1970."""

    def pen(kind, point, **more):
        device.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": float(point[0]), "y": float(point[1]), "pointerType": "pen", "button": "left", **more},
        )

    pen("mouseMoved", points[0], buttons=0)
    began = time.time()
    pen("mousePressed", points[0], buttons=1, clickCount=1, force=0.5)
    for number, point in enumerate(points[1:], start=1):
        time.sleep(max(0, began + number * SAMPLE - time.time()))
        pen("mouseMoved", point, buttons=1, force=0.5)
    ended = time.time()
    pen("mouseReleased", points[-1], buttons=0, clickCount=1)
    return 1000 * began, 1000 * ended


def compare(store, batch_id, labels, sent):
    drawings = sorted(read_drawings(store, [batch_id]), key=lambda drawing: drawing.position)
    right = errors = strange = 0
    for drawing in drawings:
        digit = sent[drawing.position]
        right += drawing.label == labels[drawing.position] == digit.label
        if len(drawing.strokes) != len(digit):
            strange += sum(map(len, drawing.strokes))
            continue
        for stored, stroke in zip(drawing.strokes, digit, strict=True):
            distance = np.abs(stored[:, None, :2] - stroke[None]).max(-1)
            strange += int((distance.min(1) > 1).sum())
            errors = max(errors, distance.min(0).max(), distance.min(1).max())
    return {
        "stored": f"{len(drawings)} of {len(sent)}",
        "labels right": f"{right} of {len(drawings)}",
        "largest stroke error, px": round(float(errors), 3),
        "points that nobody sent": strange,
    }


def timing(store, batch_id, log, blanks, saves):
    ways = [(shown - downs[-1][1]) / 1000 for downs, shown in zip(log, blanks, strict=False)]
    seconds = (log[-1][-1][1] - log[0][0][0]) / 1000
    digits = len(log) * CELLS
    # The driver's truth: on each sheet from when it was shown (of the first: from the first pen-down) to the pen-up.
    rows = read_drawing_rows(store, [batch_id])
    (app,) = [batch.seconds for batch in read_batches(store) if batch.id == batch_id]
    truth = 0.0
    for number, downs in enumerate(log):
        shown = blanks[number - 1] if number else None
        moments = [*([(shown, shown)] if shown else []), *downs]
        truth += (moments[-1][1] - moments[0][0]) / 1000
    first = next(row for row in rows if row.position == 0)
    app -= first.think_seconds  # of the first sheet's first digit
    waits = [(saved - downs[-1][1]) / 1000 for downs, saved in zip(log, saves, strict=False)]
    return {
        "next sheet drawable, median, s": round(median(ways), 3),
        "next sheet drawable, longest, s": round(max(ways), 3),
        "of it waiting for a further stroke, median, s": round(median(waits), 3),
        "digits a minute with saves": round(60 * digits / seconds, 1),
        "clock, app against driver, s": f"{app:.2f} / {truth:.2f}",
        "clock error, %": round(100 * abs(app - truth) / truth, 2),
    }


if __name__ == "__main__":
    main()
