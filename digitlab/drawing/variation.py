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
from typing import NamedTuple

import numpy as np

from digitlab.digits import check_images
from digitlab.drawing.preprocess import BOX_SIZE, paste_boxes
from digitlab.drawing.strokes import STROKE_WIDTH, check_strokes, pen_factors
from digitlab.settings import MAX_STRENGTH

# Standard deviations at strength 1; lengths are shares of the digit's longest side.
_ROTATION = 0.2  # radians
_SLANT = 0.35
_ASPECT = 0.25  # logarithm of the ratio
_KEYSTONE = 0.3  # one end wider than the other, and lines bent into arcs
_BEND = 0.065  # smooth displacement of the plane
_WAVE = 0.03  # smooth displacement along the pen's path
_STROKE_SHIFT = 0.05  # of a stroke as a whole, against the others
_ENDS = 0.06  # how much longer or shorter a stroke is at either end
_ROUNDER = (-0.6, 1.0)  # uniform: corners sharper, or rounded as by a quick hand
_WIDTHS = (-0.3, 0.4)  # uniform: how much wider the pen is
_THICKER = (-0.4, 0.8)  # uniform: share of the way to ink a pixel thinner or thicker, where there are no strokes

_SPACING = 0.7  # pixels of the digit between two points of a path; half of it hardly changes a digit
_POINTS = (32, 800)  # least and most of a path
_SMOOTHINGS = 12  # means of three neighbours, one after the other, to round corners: 3 points wide in all
_CHUNK = 128  # digits rendered at once: what fits the processor's cache
_FAR = 16.0  # pixels squared
_UNITS = 2**16 / (2 * _FAR) - 1  # of squared pixels
_LOOK, _SEEN = 40, 25  # pixels, and ink of a pixel, by which the place of changed pixels is found
_STROKES = 16  # strokes that are moved by themselves; of a drawing of more, some move together


class _Path(NamedTuple):
    """The m points of a drawing, all strokes one after the other.

    Attributes:
        points: float32 (m, 2).
        pen: float32 (m,): the pen's width there, 1 is the mean.
        numbers: (m,): the stroke it belongs to.
        ends: (m, 2): the first and the last point of that stroke.
    """

    points: np.ndarray
    pen: np.ndarray
    numbers: np.ndarray
    ends: np.ndarray


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
    path = _path(strokes)
    points = _vary_paths(*_stack([path]), strength, rng)[0]
    return [points[path.numbers == number] for number in range(path.numbers[-1] + 1)]


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
    order = np.argsort([len(path.points) for path in paths], kind="stable").repeat(copies)
    chunks = [order[start : start + _CHUNK] for start in range(0, len(order), _CHUNK)]

    def render_chunk(chunk: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        drawn, which = np.unique(chunk, return_inverse=True)
        path, smooth = _stack([paths[index] for index in drawn])
        path = _Path(*(column[which] for column in path))
        widths = STROKE_WIDTH * (1 + strength * rng.uniform(*_WIDTHS, (len(chunk), 1)).astype(np.float32))
        boxes = _render_boxes(_vary_paths(path, smooth[which], strength, rng), widths * path.pen)
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


def _path(strokes: Sequence[np.ndarray]) -> _Path:
    """Points at even distances on all strokes; the longest side becomes 1, the middle 0."""
    strokes = check_strokes(strokes)
    corners = np.concatenate([stroke[:, :2] for stroke in strokes])
    low, high = corners.min(axis=0), corners.max(axis=0)
    extent = float((high - low).max())
    if extent < 1e-9:
        raise ValueError("Expected a drawn digit. Received: only a dot. Draw the digit's lines.")
    pens = pen_factors(strokes)
    strokes = [(stroke[:, :2] - (low + high) / 2) / extent for stroke in strokes]
    lengths = [np.r_[0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))] for stroke in strokes]
    total = sum(length[-1] for length in lengths)
    spacing = total / np.clip(total * BOX_SIZE / _SPACING, *_POINTS)
    parts = []
    for number, (stroke, length, pen) in enumerate(zip(strokes, lengths, pens, strict=True)):
        at = np.linspace(0, length[-1], max(2, int(np.ceil(length[-1] / spacing)) + 1))
        even = np.column_stack([np.interp(at, length, stroke[:, axis]) for axis in (0, 1)])
        first = sum(len(part[0]) for part in parts)
        ends = np.tile([first, first + len(at) - 1], (len(at), 1))
        parts.append((even, np.interp(at, length, pen), np.full(len(at), number), ends))
    points, pen, numbers, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Path(points.astype(np.float32), pen.astype(np.float32), numbers, ends)


def _smooth(path: _Path) -> np.ndarray:
    """Points (n, m, 2) of `_stack` with the corners rounded; the ends of strokes stay."""
    points = path.points
    at = np.arange(points.shape[1])
    within = ((at > path.ends[:, :, 0]) & (at < path.ends[:, :, 1]))[:, 1:-1, None]
    for _ in range(_SMOOTHINGS):
        mean = (points[:, :-2] + points[:, 1:-1] + points[:, 2:]) / 3
        points = np.concatenate([points[:, :1], np.where(within, mean, points[:, 1:-1]), points[:, -1:]], axis=1)
    return points


def _stack(paths: Sequence[_Path]) -> tuple[_Path, np.ndarray]:
    """Paths as one, with a first axis (shorter ones repeat their last point), and their points with rounded corners."""
    longest = max(len(path.points) for path in paths)
    place = [np.minimum(np.arange(longest), len(path.points) - 1) for path in paths]
    columns = zip(*paths, strict=True)
    path = _Path(*(np.stack([part[at] for part, at in zip(column, place, strict=True)]) for column in columns))
    return path, _smooth(path)


def _vary_paths(path: _Path, smooth: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Vary each of n paths, as `_stack` gives them, by itself; return points (n, m, 2)."""
    if strength == 0:
        return path.points
    n, m, _ = path.points.shape

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(0, strength, (n, *shape)).astype(np.float32)

    rounder = strength * rng.uniform(*_ROUNDER, (n, 1, 1)).astype(np.float32)
    points = _move_ends(
        path.points + rounder * (smooth - path.points), path.ends, _ENDS * normal(_STROKES, 2), path.numbers
    )
    shift = np.take_along_axis(normal(_STROKES, 2), (path.numbers % _STROKES)[:, :, None], axis=1)
    points = points + _STROKE_SHIFT * shift
    along = np.linspace(0, 1, m, dtype=np.float32)[None, :, None]
    for waves in (1, 2, 3):
        phase = rng.uniform(0, 2 * np.pi, (n, 1, 2)).astype(np.float32)
        points = points + _WAVE / waves * normal(1, 2) * np.sin(2 * np.pi * waves * along + phase)
    return _random_maps(n, strength, rng)(points)


def _move_ends(points: np.ndarray, ends: np.ndarray, longer: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Begin and end each stroke earlier or later: cut off a little, or go on straight.

    Args:
        points: (n, m, 2).
        ends: (n, m, 2), for each point the first and the last of its stroke.
        longer: (n, _STROKES, 2), by how much each stroke grows at either end; the digit is 1 long.
        numbers: (n, m), the stroke of each point.
    """
    first, last = ends[:, :, 0], ends[:, :, 1]
    count = (last - first).astype(np.float32)
    longer = np.take_along_axis(longer, (numbers % _STROKES)[:, :, None], axis=1) * (BOX_SIZE / _SPACING)
    longer = np.clip(longer, -0.25 * count[:, :, None], 0.25 * count[:, :, None])
    share = (np.arange(points.shape[1]) - first) / np.maximum(count, 1)
    place = first - longer[:, :, 0] + np.clip(share, 0, 1) * (count + longer.sum(axis=2))
    # Between which two points; beyond the ends, on the line through the last ones.
    lower = np.clip(np.floor(place).astype(np.intp), first, np.maximum(last - 1, first))
    upper = np.minimum(lower + 1, last)
    start, stop = (np.take_along_axis(points, index[:, :, None], axis=1) for index in (lower, upper))
    return start + (place - lower).astype(np.float32)[:, :, None] * (stop - start)


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


def _render_boxes(points: np.ndarray, pens: np.ndarray) -> np.ndarray:
    """Draw paths (n, m, 2) with round pens of `pens` (n, m) pixels: float32 (n, 20, 20), 0 to 255, longest side full.

    The ink of a pixel is known from its distance to the nearest point of the path, so points must be close. A pixel
    whose centre lies half a pixel inside the pen's edge is full, half a pixel outside it is blank: that is the share of
    its area the pen covers, within 3 of 255 on average.
    """
    n, m, _ = points.shape
    low, high = points.min(axis=1), points.max(axis=1)
    width = pens.mean(axis=1)
    scale = (BOX_SIZE - width) / (high - low).max(axis=1)
    points = (points - ((low + high) / 2)[:, None]) * scale[:, None, None] + BOX_SIZE / 2
    centres = (np.arange(BOX_SIZE) + 0.5).astype(np.float32)
    # Distances in units of the pen's width there: the edge is where they are half the mean width.
    part = np.square(width[:, None] / pens)[:, :, None]
    # Their squares as 16-bit integers, twice as quick; what is farther than any pen's edge need not be told apart.
    dx2, dy2 = (
        (_UNITS * np.minimum(np.square(centres - points[:, :, axis, None]) * part, _FAR)).astype(np.uint16)
        for axis in (0, 1)
    )  # (n, m, 20)
    nearest, candidate = (np.full((n, BOX_SIZE, BOX_SIZE), 2**16 - 1, np.uint16) for _ in range(2))
    for point in range(m):
        np.add(dy2[:, point, :, None], dx2[:, point, None, :], out=candidate)
        np.minimum(nearest, candidate, out=nearest)
    distance = np.sqrt(nearest.astype(np.float32) / _UNITS)
    return 255 * np.clip(width[:, None, None] / 2 - distance + 0.5, 0, 1)


def _vary_pixels(images: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Change the pen's width, then read each pixel of the new digit where the random map says it came from."""
    from scipy import ndimage  # in the worker only: it would cost the server 14 MB

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
