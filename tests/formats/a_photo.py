"""Photos of written digits, as a camera would take them: rendered human strokes under light, on paper, with noise."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.helpers import human_strokes


def written(labels, *, columns=5, cell=150, pen=7, seed=0):
    """Digits of a person on white paper: float (h, w), 0 ink to 1 paper."""
    return on_paper([human_strokes()[label] for label in labels], columns=columns, cell=cell, pen=pen, seed=seed)


def on_paper(drawings, *, columns=5, cell=150, pen=7, seed=0):
    """Drawings on white paper, one in each cell, row by row: float (h, w), 0 ink to 1 paper."""
    rng = np.random.default_rng(seed)
    rows = -(-len(drawings) // columns)
    scale = 3
    image = Image.new("L", (columns * cell * scale, rows * cell * scale), 255)
    draw = ImageDraw.Draw(image)
    for place, drawing in enumerate(drawings):
        strokes = [np.array(stroke, float)[:, :2] for stroke in drawing]
        points = np.concatenate(strokes)
        size = rng.uniform(0.5, 0.7) * cell / np.ptp(points, axis=0).max()
        corner = np.array([place % columns, place // columns]) * cell + cell / 2 + rng.uniform(-8, 8, 2)
        for stroke in strokes:
            line = (((stroke - (points.min(axis=0) + points.max(axis=0)) / 2) * size + corner) * scale).tolist()
            flat = [tuple(point) for point in line]
            draw.line(flat, 0, round(pen * scale), joint="curve")
            for x, y in (flat[0], flat[-1]):
                half = pen * scale / 2
                draw.ellipse((x - half, y - half, x + half, y + half), 0)
    return np.asarray(image.reduce(scale), float) / 255


def squared(paper, *, every=38, ink=0.25):
    """The same on squared paper, whose lines are fainter than the pen."""
    lined = paper.copy()
    for start in range(every // 2, max(paper.shape), every):
        lined[start : start + 2] = np.minimum(lined[start : start + 2], 1 - ink)
        lined[:, start : start + 2] = np.minimum(lined[:, start : start + 2], 1 - ink)
    return lined


def photographed(paper, *, light="even", noise=0.02, dark=0.15, seed=0):
    """What a camera makes of it: uint8 (h, w)."""
    rng = np.random.default_rng(seed)
    height, width = paper.shape
    y, x = np.mgrid[:height, :width]
    shades = {
        "even": np.full(paper.shape, 0.85),
        "slope": 0.3 + 0.6 * x / width,
        "shadow": np.where(x + 0.5 * y > 0.7 * width, 0.45, 0.9),
        "vignette": 0.95 - 0.6 * np.hypot((x - width / 2) / width, (y - height / 2) / height),
    }
    seen = (dark + (1 - dark) * paper) * shades[light] + rng.normal(0, noise, paper.shape)
    soft = Image.fromarray((255 * np.clip(seen, 0, 1)).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    return np.asarray(soft)


def as_file(picture, kind="PNG", **options):
    """The content of an image file; a PNG is not packed, which would take longer than to read it."""
    buffer = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(buffer, kind, compress_level=0, **options)
    return buffer.getvalue()
