"""The cells' lines on a sheet that is nearly straight: how far they are off tells how the paper is bent inside."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats
from digitlab.formats.paper.layout import Layout
from digitlab.formats.paper.straighten import NO_SHIFT, SCALE, View, shift_terms

_FARTHEST = 3.0  # millimetres that a line is looked for around its place
_MIDDLE = 0.3  # of a line's length on each side of its middle that is looked at: a slanting line stays sharp
_CLEAR = 5.0  # ink by which two lines must stand out, 0-255
_LEAST_SEEN = 40  # pairs of lines
_TOLERANCE = 0.4  # millimetres


def follow_lines(ink: Floats, layout: Layout, view: View) -> View:
    """Return the view by which the cells' lines come where they belong.

    Args:
        ink: float array of shape (h, w), of the sheet made straight by `view`; 0 for paper to 255.
        layout: Of the sheet.
        view: By the marks and the frame.
    """
    first, _, third, _ = layout.marks
    shift = NO_SHIFT.copy()
    for axis in (0, 1):
        places, off, clear = _look(ink, layout, axis)
        shift[:, axis] = _fit(shift_terms((places - first) / (third - first)), off, clear) / (third - first)[axis]
    return replace(view, shift=shift)


def _look(ink: Floats, layout: Layout, axis: int) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
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
    reach = round(_FARTHEST * SCALE)
    image = ink if axis == 1 else ink.T
    off, clear = np.zeros(start.shape), np.zeros(start.shape, bool)
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
        clear[place] = both[best] - np.median(both) > _CLEAR
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
