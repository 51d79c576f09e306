"""Believable new digits from drawn ones: vary the strokes, or the pixels where there are no strokes, and render many.

One person's digits are few and alike. What is learnt from them reads other hands only if it has seen how digits may
change without becoming another digit: each new digit is the drawing turned, slanted, narrowed, bent, its strokes moved
a little against each other, and drawn with another pen.

Sources: the affine and smooth random distortions are those of P. Simard, D. Steinkraus, J. Platt, "Best practices for
convolutional neural networks applied to visual document analysis" (2003), and D. Ciresan et al., "Deep, big, simple
neural nets for handwritten digit recognition" (2010), applied to the pen's path instead of pixels; moving strokes
against each other and along their path follows B. Lake et al., "Human-level concept learning through probabilistic
program induction" (2015). How far each goes was chosen on pen drawings of 22 writers, each trained on one drawing per
digit and tested on digits of MNIST's *training* set; tests/benchmarks/writers.py shows what it brings.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import ndimage

from digitlab.digits import check_images
from digitlab.preprocess import BOX_SIZE, paste_boxes
from digitlab.strokes import STROKE_WIDTH, check_strokes

MAX_STRENGTH = 2.0

# Standard deviations at strength 1; lengths are shares of the digit's longest side.
_ROTATION = 0.2  # radians
_SLANT = 0.35
_ASPECT = 0.25  # logarithm of the ratio
_KEYSTONE = 0.3  # one end wider than the other, and lines bent into arcs
_BEND = 0.065  # smooth displacement of the plane
_WAVE = 0.03  # smooth displacement along the pen's path
_STROKE_SHIFT = 0.05  # of a stroke as a whole, against the others
_WIDTHS = (-0.3, 0.4)  # uniform: how much wider the pen is
_THICKER = (-0.4, 0.8)  # uniform: share of the way to ink a pixel thinner or thicker, where there are no strokes

_SPACING = 0.7  # pixels of the digit between two points of a path; half of it hardly changes a digit
_POINTS = (32, 800)  # least and most of a path
_OVERSAMPLING = 2  # ink pixels per pixel of the digit
_CHUNK = 128  # digits rendered at once: what fits the processor's cache
_LOOK, _SEEN = 40, 25  # pixels, and ink of a pixel, by which the place of changed pixels is found
_STROKES = 16  # strokes that are moved by themselves; of a drawing of more, some move together


def vary(strokes: Sequence[np.ndarray], strength: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Make a believable new drawing from one.

    Args:
        strokes: List of float arrays of shape (n, 2..4): x, y in pixels, y down; further columns are not used.
        strength: 0 leaves the drawing as it is but for evenly spaced points; 1 is what trains best; up to 2.
        rng: Source of the changes.

    Returns:
        As many strokes, float32 arrays of shape (m, 2), with evenly spaced points; the longest side of the drawing was
        made 1 before it was changed.

    Raises:
        ValueError: If the drawing is blank or not a list of such arrays, or the strength is out of range.
    """
    _check_strength(strength)
    points, numbers = _path(strokes)
    varied = _vary_paths(points[None], numbers[None], strength, rng)[0]
    return [varied[numbers == number] for number in range(numbers[-1] + 1)]


def vary_drawings(
    drawings: Sequence[Sequence[np.ndarray]], copies: int, strength: float, rng: np.random.Generator
) -> np.ndarray:
    """Render varied copies of many drawings: thousands a second.

    Args:
        drawings: For each its strokes, as for `vary`.
        copies: Digits to make of each drawing, at least 1.
        strength: As for `vary`; also of the change of the pen's width. 0 renders each drawing as it is.
        rng: Source of the changes.

    Returns:
        uint8 array of shape (copies * n, 28, 28): all drawings once, then all a second time and so on.

    Raises:
        ValueError: As `vary`.
    """
    _check_strength(strength)
    if not len(drawings):
        return np.empty((0, 28, 28), np.uint8)
    paths = [_path(strokes) for strokes in drawings]
    # Paths of about equal length together: shorter ones are filled up to the longest of a chunk.
    order = np.argsort([len(points) for points, _ in paths], kind="stable").repeat(copies)
    chunks = [order[start : start + _CHUNK] for start in range(0, len(order), _CHUNK)]

    def render_chunk(chunk: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        longest = max(len(paths[index][0]) for index in chunk)
        points = np.stack([np.pad(paths[i][0], ((0, longest - len(paths[i][0])), (0, 0)), "edge") for i in chunk])
        numbers = np.stack([np.pad(paths[i][1], (0, longest - len(paths[i][1])), "edge") for i in chunk])
        widths = STROKE_WIDTH * (1 + strength * rng.uniform(*_WIDTHS, len(chunk)).astype(np.float32))
        boxes = _render_boxes(_vary_paths(points, numbers, strength, rng), widths)
        return paste_boxes(boxes.round().astype(np.uint8))

    with ThreadPoolExecutor(os.cpu_count()) as threads:  # NumPy lets other threads run while it computes
        rendered = np.concatenate(list(threads.map(render_chunk, chunks, rng.spawn(len(chunks)))))
    images = np.empty_like(rendered)
    copy = np.arange(len(order)) % copies  # copies of a drawing follow each other in `order`
    images[copy * len(paths) + order] = rendered
    return images


def vary_images(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Make a believable new digit from each of many, for digits of which no strokes are known.

    Args:
        images: uint8 array of shape (n, 28, 28), 0 blank to 255 full ink.
        strength: 0 leaves them as they are; 1 is what trains best; up to 2.
        rng: Source of the changes.

    Returns:
        uint8 array of shape (n, 28, 28), its ink again 20 pixels long and centred by mass. A blank image stays blank.

    Raises:
        ValueError: If the images have another shape or dtype, or the strength is out of range.
    """
    _check_strength(strength)
    check_images(images)
    if strength == 0 or not len(images):
        return images.copy()
    chunks = [images[start : start + 1000] for start in range(0, len(images), 1000)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        parts = threads.map(lambda chunk, rng: _vary_pixels(chunk, strength, rng), chunks, rng.spawn(len(chunks)))
        return np.concatenate(list(parts))


def _check_strength(strength: float) -> None:
    if not 0 <= strength <= MAX_STRENGTH:
        raise ValueError(f"Expected a strength of variation from 0 to {MAX_STRENGTH}. Received: {strength!r}.")


def _path(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Points at even distances on all strokes, float32 (m, 2), longest side 1, middle at 0; stroke number of each."""
    strokes = [stroke[:, :2] for stroke in check_strokes(strokes)]
    corners = np.concatenate(strokes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    extent = float((high - low).max())
    if extent < 1e-9:
        raise ValueError("Expected a drawn digit. Received: only a dot. Draw the digit's lines.")
    strokes = [(stroke - (low + high) / 2) / extent for stroke in strokes]
    lengths = [np.r_[0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))] for stroke in strokes]
    total = sum(length[-1] for length in lengths)
    spacing = total / np.clip(total * BOX_SIZE / _SPACING, *_POINTS)
    points, numbers = [], []
    for number, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        at = np.linspace(0, length[-1], max(2, int(np.ceil(length[-1] / spacing)) + 1))
        points.append(np.column_stack([np.interp(at, length, stroke[:, axis]) for axis in (0, 1)]))
        numbers.append(np.full(len(at), number))
    return np.concatenate(points).astype(np.float32), np.concatenate(numbers)


def _vary_paths(points: np.ndarray, numbers: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Vary paths as `_path` gives them, (n, m, 2) and (n, m), each by itself."""
    if strength == 0:
        return points
    n, m, _ = points.shape

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(0, strength, (n, *shape)).astype(np.float32)

    points = points + _STROKE_SHIFT * np.take_along_axis(normal(_STROKES, 2), (numbers % _STROKES)[:, :, None], axis=1)
    along = np.linspace(0, 1, m, dtype=np.float32)[None, :, None]
    for waves in (1, 2, 3):
        phase = rng.uniform(0, 2 * np.pi, (n, 1, 2)).astype(np.float32)
        points = points + _WAVE / waves * normal(1, 2) * np.sin(2 * np.pi * waves * along + phase)
    return _random_maps(n, strength, rng)(points)


def _random_maps(n: int, strength: float, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that changes the plane of each of n digits: points (n, m, 2), digits about 1 long around 0."""

    def normal(deviation: float, *shape: int) -> np.ndarray:
        return rng.normal(0, strength * deviation, (n, 1, *shape)).astype(np.float32)

    bends = [
        (to, by, waves, normal(_BEND), rng.uniform(0, 2 * np.pi, (n, 1)).astype(np.float32))
        for to in (0, 1)
        for by in (0, 1)
        for waves in (0.5, 1.0)
    ]
    keystones, arcs = normal(_KEYSTONE, 2), normal(_KEYSTONE, 2)
    angle, slant, stretch = normal(_ROTATION), normal(_SLANT), np.exp(normal(_ASPECT))
    cos, sin = np.cos(angle), np.sin(angle)

    def change(points: np.ndarray) -> np.ndarray:
        bent = points.copy()
        for to, by, waves, size, phase in bends:
            bent[:, :, to] += size * np.sin(2 * np.pi * waves * points[:, :, by] + phase)
        x, y = bent[:, :, 0], bent[:, :, 1]
        x = x * np.exp(2 * keystones[..., 0] * y)
        y = y * np.exp(2 * keystones[..., 1] * x)
        x, y = x + arcs[..., 0] * y**2, y + arcs[..., 1] * x**2
        x, y = x * stretch + slant * y, y / stretch
        return np.stack([cos * x - sin * y, sin * x + cos * y], axis=2)

    return change


def _render_boxes(points: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Draw paths (n, m, 2) with round pens of `widths` pixels: float32 (n, 20, 20), 0 to 255, the longest side full.

    The ink of a pixel is known from its distance to the nearest point of the path, so points must be close.
    """
    n, m, _ = points.shape
    low, high = points.min(axis=1), points.max(axis=1)
    scale = (BOX_SIZE - widths) / (high - low).max(axis=1)
    points = (points - ((low + high) / 2)[:, None]) * scale[:, None, None] + BOX_SIZE / 2
    size = BOX_SIZE * _OVERSAMPLING
    centres = ((np.arange(size) + 0.5) / _OVERSAMPLING).astype(np.float32)
    dx2, dy2 = (np.square(centres - points[:, :, axis, None]) for axis in (0, 1))  # (n, m, size)
    nearest, candidate = np.full((n, size, size), np.inf, np.float32), np.empty((n, size, size), np.float32)
    for point in range(m):
        np.add(dy2[:, point, :, None], dx2[:, point, None, :], out=candidate)
        np.minimum(nearest, candidate, out=nearest)
    inside = (widths[:, None, None] / 2 - np.sqrt(nearest)) * _OVERSAMPLING
    ink = 255 * np.clip(inside + 0.5, 0, 1)
    return ink.reshape(n, BOX_SIZE, _OVERSAMPLING, BOX_SIZE, _OVERSAMPLING).mean(axis=(2, 4))


def _vary_pixels(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Change the pen's width, then read each pixel of the new digit where the random map says it came from."""
    n = len(images)
    thicker = rng.uniform(*_THICKER, (n, 1, 1)).astype(np.float32) * strength
    sources = images.astype(np.float32)
    sources += np.clip(thicker, 0, 1) * (ndimage.maximum_filter(images, (1, 3, 3)) - sources)
    sources += np.clip(-thicker, 0, 1) * (ndimage.minimum_filter(images, (1, 3, 3)) - sources)
    change = _random_maps(n, strength, rng)
    # The map moves and resizes the ink: look where it went, then read only that, 20 pixels long.
    wide = _grid(np.full((n, 2), -0.9, np.float32), np.full((n, 1), 1.8, np.float32), _LOOK)
    seen = _read(sources, change(wide)).reshape(n, _LOOK, _LOOK) > _SEEN
    low, high = (np.stack([find(seen.any(axis=axis)) for axis in (1, 2)], axis=1) for find in (_first, _last))
    side = (high - low).max(axis=1, keepdims=True)
    corner = ((low + high - side) / 2 / _LOOK * 1.8 - 0.9).astype(np.float32)
    extent = np.maximum(side, 4) / _LOOK * 1.8
    box = _read(sources, change(_grid(corner, extent.astype(np.float32), BOX_SIZE)))
    return paste_boxes(box.reshape(n, BOX_SIZE, BOX_SIZE).round().astype(np.uint8))


def _grid(corner: np.ndarray, extent: np.ndarray, size: int) -> np.ndarray:
    """Centres of (size, size) pixels that fill a square at `corner` (n, 2): points (n, size * size, 2), row by row."""
    steps = (np.arange(size, dtype=np.float32) + 0.5) / size
    y, x = np.meshgrid(steps, steps, indexing="ij")
    return corner[:, None] + extent[:, None] * np.column_stack([x.ravel(), y.ravel()])


def _read(images: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Read images (n, 28, 28) between pixels, at points (n, m, 2) as `_random_maps` takes them; blank outside."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    size = padded.shape[1]
    at = np.clip(points * BOX_SIZE + size / 2 - 0.5, 0, size - 1.001)
    whole = at.astype(np.int32)
    part = at - whole
    first = whole[:, :, 1] * size + whole[:, :, 0] + (np.arange(len(images)) * size**2)[:, None]
    flat = padded.ravel()
    upper = flat[first] * (1 - part[:, :, 0]) + flat[first + 1] * part[:, :, 0]
    lower = flat[first + size] * (1 - part[:, :, 0]) + flat[first + size + 1] * part[:, :, 0]
    return upper * (1 - part[:, :, 1]) + lower * part[:, :, 1]


def _first(seen: np.ndarray) -> np.ndarray:
    return seen.argmax(axis=1)


def _last(seen: np.ndarray) -> np.ndarray:
    return seen.shape[1] - seen[:, ::-1].argmax(axis=1)
