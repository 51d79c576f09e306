"""Drawing with real pointer events in a browser, and looking at what came of it."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from digitlab.ui.drawing.canvas import CANVAS_SIZE, STROKE_WIDTH

ROOT = Path(__file__).parents[2]
IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
PIXELS = """upper => {
  const canvas = upper.parentElement.querySelector(".lower-canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let bits = "";
  for (let i = 0; i < data.length; i += 4) bits += data[i] > 127 ? "1" : "0";
  return [canvas.width, bits];
}"""


def idle(page, delay=160):
    """Wait until the page's script rests; ``delay`` ms first, because a widget may wait before it sends."""
    page.wait_for_timeout(delay)
    page.locator(IDLE).wait_for(state="attached", timeout=20_000)


def canvas(page, nth=0):
    """The nth canvas, once it takes the pointer: it is inert from a click on Save to the next canvas."""
    upper = page.locator("[data-testid=stBidiComponentIsolated]:not([inert]) canvas.upper-canvas").nth(nth)
    upper.wait_for()
    return upper


def draw(page, strokes, *, nth=0, scale=1.0):
    """Draw strokes [(x, y), ...] in canvas pixels with the mouse; ends the moment the button goes up."""
    upper = canvas(page, nth)
    upper.scroll_into_view_if_needed()
    box = upper.bounding_box()
    for stroke in strokes:
        points = [(box["x"] + scale * x, box["y"] + scale * y) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def draw_prompt(page, label, strokes, *, how="click"):
    """Draw the digit a desk asks for, and save it at once by a click or by its shortcut."""
    expect(page.get_by_role("heading", name=f"Draw a {label}", exact=True)).to_be_visible()
    draw(page, strokes)
    if how == "click":
        page.get_by_role("button", name="Save and next").click()
    else:
        page.keyboard.press("s")


def touch(page, strokes, *, nth=0):
    """Draw strokes with a finger; needs a context with has_touch."""
    upper = canvas(page, nth)
    upper.scroll_into_view_if_needed()
    box = upper.bounding_box()
    device = page.context.new_cdp_session(page)
    for stroke in strokes:
        for number, (x, y) in enumerate(stroke):
            point = {"x": box["x"] + x, "y": box["y"] + y}
            kind = "touchMove" if number else "touchStart"
            device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    device.detach()


def pixels(page, nth=0):
    """What the browser shows on the canvas: bool, (height, width), True where there is ink."""
    width, bits = page.locator("canvas.upper-canvas").nth(nth).evaluate(PIXELS)
    return (np.frombuffer(bits.encode(), np.uint8) == ord("1")).reshape(-1, width)


def write_sheet(page, digits, labels):
    """Write these labels into the cells of the sheet that is shown, in their order, with the mouse.

    ``digits`` holds strokes by label on a 280 x 280 canvas; returns them by label in the pixels of their cell.
    """
    pad = page.get_by_test_id("sheet-pad")
    pad.scroll_into_view_if_needed()
    cells = json.loads(pad.get_attribute("data-cells"))
    assert [cell["label"] for cell in cells] == list(labels)
    written = {}
    for cell in cells:
        scale = cell["w"] / 280
        written[cell["label"]] = [[(x * scale, y * scale) for x, y in stroke] for stroke in digits[cell["label"]]]
        for stroke in written[cell["label"]]:
            box = pad.bounding_box()  # a page that is still loading moves it
            points = [(box["x"] + cell["x"] + x, box["y"] + cell["y"] + y) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point)
            page.mouse.up()
    return written


def ink(page, nth=0):
    """Number of inked pixels the browser shows."""
    return int(pixels(page, nth).sum())


def raster(strokes):
    """Strokes drawn without a browser, to compare with its pixels."""
    image = Image.new("1", (CANVAS_SIZE, CANVAS_SIZE))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        pen.line([tuple(point) for point in stroke], fill=1, width=STROKE_WIDTH, joint="curve")
        for x, y in stroke:
            pen.circle((x, y), STROKE_WIDTH / 2, fill=1)
    return np.asarray(image)


def human_digits(writer=1, nth=0):
    """Strokes of one person by label, ``{0: [[(x, y), ...], ...], ..., 9: ...}``, to draw on a 280 x 280 canvas.

    They come from DIGITLAB_WRITERS or ../shared/pendigits; where neither is there, from ``tests/browser/digits.json``.
    ``nth`` counts the person's digits of the same label.
    """
    path = Path(os.environ.get("DIGITLAB_WRITERS") or ROOT.parent / "shared/pendigits/writers.ndjson.gz")
    if not path.exists():
        digits = json.loads((Path(__file__).parent / "digits.json").read_text())
        return {int(label): strokes for label, strokes in digits.items()}
    with gzip.open(path, "rt") as lines:
        drawings = [drawing for drawing in map(json.loads, lines) if drawing["writer"] == writer]
    drawings.sort(key=lambda drawing: drawing["order"])
    digits = {}
    for label in range(10):
        drawing = [drawing for drawing in drawings if drawing["label"] == label][nth]
        digits[label] = _fitted([np.array(stroke, float).T for stroke in drawing["strokes"]])
    return digits


def passes(stroke, points, tolerance=1):
    """Whether a stroke as Python got it begins and ends where it was drawn, and goes through the points between."""
    stroke, points = np.array(stroke)[:, :2], np.array(points, float)
    distance = np.abs(stroke[:, None] - points[None]).max(-1).min(0)
    distance[-2] = 0  # Fabric leaves the last but one position out
    return bool((distance < tolerance).all())


def _fitted(strokes, size=280, digit=180):
    """Strokes moved to the middle of the canvas, the longer side of their box ``digit`` pixels long."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = digit / max(high - low)
    return [np.round((stroke - (low + high) / 2) * scale + size / 2).tolist() for stroke in strokes]
