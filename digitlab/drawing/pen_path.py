"""The path of the pen as points at even distances, and digits drawn along many such paths at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats
from digitlab.drawing.preprocess import BOX_SIZE
from digitlab.drawing.strokes import check_drawn, pen_widths

SPACING = 0.7  # pixels of the digit between two points of a path; half of it hardly changes a digit
_POINTS = (32, 800)  # least and most of a path
_SMOOTHINGS = 12  # means of three neighbours, one after the other, to round corners: 3 points wide in all
_FAR = 16.0  # pixels squared
_UNITS = 2**16 / (2 * _FAR) - 1  # of squared pixels


class PenPath(NamedTuple):
    """The m points of a drawing, all strokes one after the other; or those of n drawings, with a first axis n.

    Attributes:
        points: float32 (m, 2): x, y; the longest side of the drawing is 1, its middle is at 0.
        widths: float32 (m,): the width of the pen there; 1 is the mean.
        numbers: Integer (m,): the number of the stroke each point belongs to, from 0.
        ends: Integer (m, 2): the indices of the first and the last point of that stroke.
    """

    points: Floats
    widths: Floats
    numbers: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]


def even_path(strokes: Sequence[Floats]) -> PenPath:
    """Put points at even distances on all strokes of a drawing.

    Args:
        strokes: As for `strokes.strokes_to_digit`.

    Returns:
        The path of one drawing.

    Raises:
        ValueError: If the drawing is blank, a single dot, or not a list of such arrays.
    """
    strokes, middle, extent = check_drawn(strokes)
    widths = pen_widths(strokes)
    strokes = [(stroke[:, :2] - middle) / extent for stroke in strokes]
    lengths = [np.r_[0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))] for stroke in strokes]
    total = sum(length[-1] for length in lengths)
    spacing = total / np.clip(total * BOX_SIZE / SPACING, *_POINTS)
    parts = []
    first = 0
    for number, (stroke, length, width) in enumerate(zip(strokes, lengths, widths, strict=True)):
        at = np.linspace(0, length[-1], max(2, int(np.ceil(length[-1] / spacing)) + 1))
        even = np.column_stack([np.interp(at, length, stroke[:, axis]) for axis in (0, 1)])
        ends = np.tile([first, first + len(at) - 1], (len(at), 1))
        parts.append((even, np.interp(at, length, width), np.full(len(at), number), ends))
        first += len(at)
    points, pens, numbers, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
    return PenPath(points.astype(np.float32), pens.astype(np.float32), numbers, ends)


def stack(paths: Sequence[PenPath]) -> PenPath:
    """Make one record of n paths, its arrays with a first axis n; shorter paths repeat their last point."""
    longest = max(len(path.points) for path in paths)
    place = [np.minimum(np.arange(longest), len(path.points) - 1) for path in paths]
    columns = zip(*paths, strict=True)
    return PenPath(*(np.stack([part[at] for part, at in zip(column, place, strict=True)]) for column in columns))


def round_corners(path: PenPath) -> Floats:
    """Return the points (n, m, 2) of n stacked paths with their corners rounded; the ends of strokes stay."""
    points = path.points
    at = np.arange(points.shape[1])
    within = ((at > path.ends[:, :, 0]) & (at < path.ends[:, :, 1]))[:, 1:-1, None]
    for _ in range(_SMOOTHINGS):
        mean = (points[:, :-2] + points[:, 1:-1] + points[:, 2:]) / 3
        points = np.concatenate([points[:, :1], np.where(within, mean, points[:, 1:-1]), points[:, -1:]], axis=1)
    return points


def render_boxes(points: Floats, widths: Floats) -> Floats:
    """Draw n paths with round pens, scaled so that the longest side of each fills the box of a digit.

    The ink of a pixel is known from its distance to the nearest point of the path, so points must be close. A pixel
    whose centre lies half a pixel inside the pen's edge is full, half a pixel outside it is blank: that is the share of
    its area the pen covers, within 3 of 255 on average.

    Args:
        points: float32 array of shape (n, m, 2): x, y in any unit, y down.
        widths: float32 array of shape (n, m): the width of the pen at each point, in pixels of the digit.

    Returns:
        float32 array of shape (n, 20, 20), 0 blank to 255 full ink.
    """
    n, m, _ = points.shape
    low, high = points.min(axis=1), points.max(axis=1)
    width = widths.mean(axis=1)
    scale = (BOX_SIZE - width) / (high - low).max(axis=1)
    points = (points - ((low + high) / 2)[:, None]) * scale[:, None, None] + BOX_SIZE / 2
    centres = (np.arange(BOX_SIZE) + 0.5).astype(np.float32)
    # Distances in units of the pen's width there: the edge is where they are half the mean width.
    part = np.square(width[:, None] / widths)[:, :, None]
    # Their squares as 16-bit integers, twice as quick; distances beyond any pen's edge need not differ.
    dx2, dy2 = (
        (_UNITS * np.minimum(np.square(centres - points[:, :, axis, None]) * part, _FAR)).astype(np.uint16)
        for axis in (0, 1)
    )  # (n, m, 20)
    nearest, candidate = (np.full((n, BOX_SIZE, BOX_SIZE), 2**16 - 1, np.uint16) for _ in range(2))
    for point in range(m):
        np.add(dy2[:, point, :, None], dx2[:, point, None, :], out=candidate)
        np.minimum(nearest, candidate, out=nearest)
    distance = np.sqrt(nearest.astype(np.float32) / _UNITS)
    ink: Floats = 255 * np.clip(width[:, None, None] / 2 - distance + 0.5, 0, 1)
    return ink
