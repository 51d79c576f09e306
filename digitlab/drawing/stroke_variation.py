"""Believable new digits from drawn ones: vary their strokes and render many.

One person's digits are few and alike. A network trained on them reads other hands only if it has seen how digits may
change without becoming another digit: each new digit is the drawing turned, slanted, narrowed, bent, its strokes moved
a little against each other, and drawn with another pen.

Source: moving strokes against each other and along their path follows B. Lake et al., "Human-level concept learning
through probabilistic program induction" (2015). `distortion` tells what else is done, and how strengths were chosen.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats, Images, Labels
from digitlab.drawing import drop_parts
from digitlab.drawing.distortion import check_strength, random_distortions
from digitlab.drawing.pen_path import SPACING, PenPath, even_path, render_boxes, round_corners, stack
from digitlab.drawing.preprocess import BOX_SIZE, paste_boxes
from digitlab.drawing.strokes import PEN_WIDTH

# Standard deviations at strength 1; lengths are shares of the digit's longest side.
_WAVE = 0.03  # smooth displacement along the pen's path
_STROKE_SHIFT = 0.05  # of a stroke as a whole, against the others
_ENDS = 0.12  # how much longer or shorter a stroke is at either end
_ROUNDER = (-0.6, 1.0)  # uniform: corners sharper, or rounded as by a quick hand
_WIDTHS = (-0.3, 0.4)  # uniform: how much wider the pen is

_CHUNK = 128  # digits rendered at once: what fits the processor's cache
_STROKES = 16  # strokes that are moved by themselves; of a drawing of more, some move together


def vary_strokes(strokes: Sequence[Floats], strength: float, rng: np.random.Generator) -> list[Floats]:
    """Make a believable new drawing from one.

    Args:
        strokes: List of float arrays of shape (n, 2..4): x, y in pixels, y down; further columns are not used.
        strength: 0 leaves the drawing as it is but for evenly spaced points; 1 is what trains best; up to 2.
        rng: Source of randomness.

    Returns:
        As many strokes, float32 arrays of shape (m, 2), with evenly spaced points; the longest side of the drawing was
        made 1 before it was changed.

    Raises:
        ValueError: If the drawing is blank or not a list of such arrays, or the strength is out of range.

    Example:
        >>> seven = [np.array([[0.0, 0.0], [60.0, 0.0], [20.0, 90.0]])]
        >>> [varied] = vary_strokes(seven, 1.0, np.random.default_rng(0))
        >>> varied.shape, varied.dtype
        ((52, 2), dtype('float32'))
    """
    check_strength(strength)
    path = even_path(strokes)
    one = stack([path])
    points = _vary_paths(one, round_corners(one), strength, rng)[0]
    return [points[path.numbers == number] for number in range(path.numbers[-1] + 1)]


def vary_drawings(
    drawings: Sequence[Sequence[Floats]],
    copies: int,
    strength: float,
    rng: np.random.Generator,
    labels: Labels | None = None,
) -> Images:
    """Render varied copies of many drawings: thousands a second.

    Args:
        drawings: For each its strokes, as for `vary_strokes`; a pressure, where known, changes the pen's width.
        copies: Digits to make of each drawing, at least 1.
        strength: As for `vary_strokes`; also of the change of the pen's width. 0 renders each drawing as it is.
        rng: Source of randomness.
        labels: (n,), the digit each drawing shows, 0-9: some copies are written as others write it, see `drop_parts`.
            None: no copy loses a flag, a foot or a bar.

    Returns:
        uint8 array of shape (copies * n, 28, 28): all drawings once, then all a second time and so on.

    Raises:
        ValueError: As `vary_strokes`.

    Example:
        >>> one, seven = [[[5, 0], [5, 9]]], [[[0, 0], [6, 0], [2, 9]]]
        >>> vary_drawings([one, seven], copies=3, strength=1.0, rng=np.random.default_rng(0)).shape
        (6, 28, 28)
    """
    check_strength(strength)
    if not len(drawings):
        return np.empty((0, 28, 28), np.uint8)
    paths = [even_path(strokes) for strokes in drawings]
    shown = np.full(len(paths), drop_parts.UNKNOWN) if labels is None else labels
    parts = np.stack([drop_parts.find_parts(path, label) for path, label in zip(paths, shown, strict=True)])
    # Paths of about equal length together: shorter ones are filled up to the longest of a chunk.
    order = np.argsort([len(path.points) for path in paths], kind="stable").repeat(copies)
    chunks = [order[start : start + _CHUNK] for start in range(0, len(order), _CHUNK)]

    def render_chunk(chunk: npt.NDArray[np.intp], rng: np.random.Generator) -> Images:
        drawn, which = np.unique(chunk, return_inverse=True)
        path = stack([paths[index] for index in drawn])
        rounded = round_corners(path)[which]
        path = PenPath(path.points[which], path.widths[which], path.numbers[which], path.ends[which])
        widths = PEN_WIDTH * (1 + strength * rng.uniform(*_WIDTHS, (len(chunk), 1)).astype(np.float32))
        points = _vary_paths(path, rounded, strength, rng)
        last = drop_parts.shorten_tails(path, shown[chunk], strength, rng)
        kept = np.minimum(drop_parts.drop_parts(path, parts[chunk], rng), last)
        points = np.take_along_axis(points, kept[:, :, None], axis=1)
        boxes = render_boxes(points, widths * np.take_along_axis(path.widths, kept, axis=1))
        return paste_boxes(boxes.round().astype(np.uint8))

    with ThreadPoolExecutor(os.cpu_count()) as threads:  # NumPy lets other threads run while it computes
        rendered = np.concatenate(list(threads.map(render_chunk, chunks, rng.spawn(len(chunks)))))
    images = np.empty_like(rendered)
    copy = np.arange(len(order)) % copies  # copies of a drawing follow each other in `order`
    images[copy * len(paths) + order] = rendered
    return images


def _vary_paths(path: PenPath, rounded: Floats, strength: float, rng: np.random.Generator) -> Floats:
    """Vary each of n stacked paths by itself.

    Args:
        path: n paths, as `stack` gives them.
        rounded: (n, m, 2), what `round_corners` makes of them.
        strength: See `vary_strokes`.
        rng: Source of randomness.

    Returns:
        The points, float32 (n, m, 2).
    """
    if strength == 0:
        return path.points
    n, m, _ = path.points.shape

    def normal(*shape: int) -> Floats:
        return rng.normal(0, strength, (n, *shape)).astype(np.float32)

    rounder = strength * rng.uniform(*_ROUNDER, (n, 1, 1)).astype(np.float32)
    points = _move_ends(path.points + rounder * (rounded - path.points), path, _ENDS * normal(_STROKES, 2))
    shift = np.take_along_axis(normal(_STROKES, 2), (path.numbers % _STROKES)[:, :, None], axis=1)
    points = points + _STROKE_SHIFT * shift
    along = np.linspace(0, 1, m, dtype=np.float32)[None, :, None]
    for waves in (1, 2, 3):
        phase = rng.uniform(0, 2 * np.pi, (n, 1, 2)).astype(np.float32)
        points = points + _WAVE / waves * normal(1, 2) * np.sin(2 * np.pi * waves * along + phase)
    return random_distortions(n, strength, rng)(points)


def _move_ends(points: Floats, path: PenPath, longer: Floats) -> Floats:
    """Begin and end each stroke earlier or later: cut off a little, or go on straight.

    Args:
        points: (n, m, 2), where the points of `path` are by now.
        path: n paths, as `stack` gives them.
        longer: (n, _STROKES, 2), by how much each stroke grows at either end; the digit is 1 long.
    """
    first, last = path.ends[:, :, 0], path.ends[:, :, 1]
    count = (last - first).astype(np.float32)
    longer = np.take_along_axis(longer, (path.numbers % _STROKES)[:, :, None], axis=1) * (BOX_SIZE / SPACING)
    longer = np.clip(longer, -0.25 * count[:, :, None], 0.25 * count[:, :, None])
    share = (np.arange(points.shape[1]) - first) / np.maximum(count, 1)
    place = first - longer[:, :, 0] + np.clip(share, 0, 1) * (count + longer.sum(axis=2))
    # Between which two points; beyond the ends, on the line through the last ones.
    lower = np.clip(np.floor(place).astype(np.intp), first, np.maximum(last - 1, first))
    upper = np.minimum(lower + 1, last)
    start, stop = (np.take_along_axis(points, index[:, :, None], axis=1) for index in (lower, upper))
    moved: Floats = start + (place - lower).astype(np.float32)[:, :, None] * (stop - start)
    return moved
