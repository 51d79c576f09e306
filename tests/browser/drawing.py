"""What a person draws, and whether it came through."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from digitlab.ui.drawing.canvas import CANVAS_SIZE, STROKE_WIDTH

ROOT = Path(__file__).parents[2]
TWO_STROKES = [[(0.2, 0.2), (0.25, 0.5), (0.7, 0.5)], [(0.6, 0.2), (0.6, 0.45), (0.6, 0.9)]]  # a four, in shares
# Straight strokes on the canvas.
LINE, BAR, CORNER = (
    np.linspace(*ends, 6).tolist() for ends in ([(60, 60), (180, 200)], [(200, 60), (60, 80)], [(275, 3), (150, 150)])
)


def human_digits(writer=1, nth=0):
    """Strokes of one person by label, ``{0: [[(x, y), ...], ...], ..., 9: ...}``, to draw on a 280 x 280 canvas.

    They come from the file that DIGITLAB_WRITERS names, where ``nth`` counts the person's digits of the same label;
    without it from ``tests/browser/digits.json``.
    """
    path = os.environ.get("DIGITLAB_WRITERS")
    if not path:
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


def quick_digits(writer=1, nth=0):
    """The same with every fourth point and the ends: a browser takes a frame for each."""
    digits = human_digits(writer, nth)
    return {label: [[*stroke[:-1:4], stroke[-1]] for stroke in strokes] for label, strokes in digits.items()}


def raster(strokes):
    """Strokes drawn without a browser, to compare with its pixels."""
    image = Image.new("1", (CANVAS_SIZE, CANVAS_SIZE))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        pen.line([tuple(point) for point in stroke], fill=1, width=STROKE_WIDTH, joint="curve")
        for x, y in stroke:
            pen.circle((x, y), STROKE_WIDTH / 2, fill=1)
    return np.asarray(image)


def passes(stroke, points, tolerance=1):
    """Whether a stroke of the canvas begins and ends where it was drawn, and goes through the points between."""
    stroke, points = np.array(stroke)[:, :2], np.array(points, float)
    distance = np.abs(stroke[:, None] - points[None]).max(-1).min(0)
    distance[-2] = 0  # Fabric leaves the last but one position out
    return bool((distance < tolerance).all())


def same_strokes(strokes, drawn):
    """Whether Python got the strokes of a canvas as they were drawn: none lost, none more."""
    return len(strokes) == len(drawn) and all(map(passes, strokes, drawn))


def same_path(stored, sent, tolerance=1.0):
    """Whether stored points of a sheet are on the way that was sent, from its beginning to its end, in pixels."""
    stored, sent = np.asarray(stored)[:, :2], np.asarray(sent)
    nearest = np.abs(stored[:, None] - sent[None]).max(-1)
    return bool(nearest.min(0).max() <= tolerance and nearest.min(1).max() <= tolerance)


def _fitted(strokes, size=280, digit=180):
    """Strokes moved to the middle of the canvas, the longer side of their box ``digit`` pixels long."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = digit / max(high - low)
    return [np.round((stroke - (low + high) / 2) * scale + size / 2).tolist() for stroke in strokes]
