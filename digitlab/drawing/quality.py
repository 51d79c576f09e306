"""Quality checks: they ask about drawings that may not be what their label says; they never refuse one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.digits import NUM_CLASSES, Floats, Images

TINY = "tiny"
LEAVES_CELL = "leaves its cell"
DUPLICATE = "just like another one"
_LOOKS_LIKE = tuple(f"looks like a {digit}" for digit in range(NUM_CLASSES))

_TINY_SHARE = 0.12  # of the cell's side
_OVER_EDGE_SHARE = 0.08  # of the cell's side: the pen may slip a little
_DUPLICATE_DIFFERENCE = 1.0  # mean difference of pixels, 0-255; of 7,464 real digits none was as like an earlier one
_SURE = 0.8  # a model must be this sure of another label


@dataclass(frozen=True)
class DrawnDigit:
    """A drawing and where it was drawn.

    Attributes:
        label: What was to be drawn, 0-9.
        strokes: Float arrays of shape (n, 2..4): x, y in pixels from the cell's top left corner, y down; further
            columns are not used. At least one point.
        size: Side of the cell in pixels.
        digit: uint8 array of shape (28, 28), what was made of the strokes.
    """

    label: int
    strokes: Sequence[Floats]
    size: float
    digit: Images


def check(drawings: Sequence[DrawnDigit], earlier: Images, probabilities: Floats | None) -> list[list[str]]:
    """Find what to ask about drawings.

    Args:
        drawings: n drawings.
        earlier: uint8 array of shape (m, 28, 28), digits drawn before, to find the same one again.
        probabilities: Float array of shape (n, 10), what a model takes each drawing for; None if there is no model.

    Returns:
        For each drawing its marks, often none: `TINY`, `LEAVES_CELL`, `DUPLICATE` or, for example, "looks like a 4".

    Example:
        >>> dot = [np.array([[50.0, 50.0], [52.0, 53.0]])]
        >>> check([DrawnDigit(1, dot, 100.0, np.zeros((28, 28), np.uint8))], np.empty((0, 28, 28), np.uint8), None)
        [['tiny']]
    """
    seen = earlier.astype(np.float32)
    found = []
    for index, drawing in enumerate(drawings):
        points = np.concatenate([stroke[:, :2] for stroke in drawing.strokes])
        image = drawing.digit.astype(np.float32)
        marks = []
        if np.ptp(points, axis=0).max() < _TINY_SHARE * drawing.size:
            marks.append(TINY)
        slip = _OVER_EDGE_SHARE * drawing.size
        if points.min() < -slip or points.max() > drawing.size + slip:
            marks.append(LEAVES_CELL)
        if len(seen) and np.abs(seen - image).mean(axis=(1, 2)).min() < _DUPLICATE_DIFFERENCE:
            marks.append(DUPLICATE)
        if probabilities is not None:
            likely = int(probabilities[index].argmax())
            if likely != drawing.label and probabilities[index, likely] > _SURE:
                marks.append(_LOOKS_LIKE[likely])
        found.append(marks)
        seen = np.concatenate([seen, image[None]])
    return found
