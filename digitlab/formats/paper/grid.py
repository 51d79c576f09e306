"""The cells' lines on a sheet that is nearly straight: how far they are off tells how the paper is bent inside."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats
from digitlab.formats.paper.layout import Layout
from digitlab.formats.paper.straighten import SCALE, View, shift_terms

_NEAR = 1.5  # millimetres that a line is looked for around its place
_FARTHEST = 0.4  # of the distance of two cells: no other line is taken for one that is off by less
_MIDDLE = 0.3  # of a line's length on each side of its middle that is looked at: a slanting line stays sharp
_CLEAR, _CLEAR_SHARE = 5.0, 0.5  # ink by which two lines must stand out, 0-255; as a share of what is usual
_LEAST_SEEN = 40  # pairs of lines
_TOLERANCE = 0.4  # millimetres


@dataclass(frozen=True)
class Followed:
    """What the cells' lines tell.

    Attributes:
        view: By which they come where they belong.
        moved: Millimetres by which it moves the cells at most.
        agree: Share of the lines that are seen where the others say, 0-1.
        seen: Whether there are enough of them to say anything.
    """

    view: View
    moved: float
    agree: float
    seen: bool


def follow_lines(ink: Floats, layout: Layout, view: View, *, far: bool) -> Followed:
    """Look where the cells' lines are.

    Args:
        ink: float array of shape (h, w), of the sheet made straight by `view`; 0 for paper to 255.
        layout: Of the sheet.
        view: How the sheet lies in the photo, as far as is known.
        far: Look for them far from where they belong, too, where a pen's strokes may be taken for them.
    """
    first, _, third, _ = layout.marks
    shift, moved, agree, seen = view.shift.copy(), 0.0, 1.0, True
    for axis in (0, 1):
        places, off, clear = _look(ink, layout, axis, _FARTHEST * layout.pitch[axis] if far else _NEAR)
        terms = shift_terms((places - first) / (third - first))
        found = _fit(terms, off, clear)
        shift[:, axis] += found / (third - first)[axis]
        moved = max(moved, float(np.abs(terms @ found).max()))
        agree = min(agree, float((clear & (np.abs(off - terms @ found) < _TOLERANCE)).mean()))
        seen &= bool(clear.sum() >= _LEAST_SEEN)
    return Followed(replace(view, shift=shift), moved, agree, seen)


def _look(ink: Floats, layout: Layout, axis: int, farthest: float) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Look for the two lines between each cell and the next one, to its right (axis 0) or below it (1).

    Returns:
        Where the middle between them belongs, (n, 2) in millimetres, how far it is off along the axis, (n,), and
        whether it is clearly seen. Two lines at their known distance are not taken for others.
    """
    boxes = layout.boxes.reshape(10, layout.columns, 2, 2)
    one, other = (boxes[:, :-1], boxes[:, 1:]) if axis == 0 else (boxes[:-1], boxes[1:])
    start, end = one[..., 1, axis], other[..., 0, axis]
    along = one[..., :, 1 - axis]
    middle = along.mean(axis=-1)
    half = round(float((end - start).mean()) / 2 * SCALE)
    reach = round(farthest * SCALE)
    image = ink if axis == 1 else ink.T
    off, height = np.zeros(start.shape), np.zeros(start.shape)
    for place in np.ndindex(start.shape):
        gap = round(float(start[place] + end[place]) / 2 * SCALE)
        length = _MIDDLE * float(along[place][1] - along[place][0])
        left, right = (round(float(middle[place] + side * length) * SCALE) for side in (-1, 1))
        profile = np.median(image[gap - reach - half : gap + reach + half + 1, left:right], axis=1)
        both = np.minimum(profile[: -2 * half], profile[2 * half :])
        best = int(both.argmax())
        around = slice(max(best - 2, 0), best + 3)
        weights = both[around] - both.min() + 1e-6
        off[place] = (np.arange(len(both))[around] @ weights / weights.sum() - reach) / SCALE
        height[place] = both[best] - np.median(both)
    clear = height > max(_CLEAR, _CLEAR_SHARE * float(np.median(height)))
    places = np.stack([(start + end) / 2, middle] if axis == 0 else [middle, (start + end) / 2], -1)
    return places.reshape(-1, 2), off.ravel(), clear.ravel()


def _fit(terms: Floats, off: Floats, good: npt.NDArray[np.bool_]) -> Floats:
    """Fit a smooth shift to what was seen; what lies far from the rest was no line of a cell."""
    found: Floats = np.zeros(terms.shape[1])
    for _ in range(4):
        if good.sum() < _LEAST_SEEN:
            return np.zeros(terms.shape[1])
        found = np.linalg.lstsq(terms[good], off[good], rcond=None)[0]
        far = np.abs(off - terms @ found)
        good = good & (far < max(_TOLERANCE, 2 * float(np.median(far[good]))))
    return found
