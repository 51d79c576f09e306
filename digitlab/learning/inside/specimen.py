"""A digit to be looked at and changed: as the network is given it, and as ink that can be turned and moved."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Floats, Images
from digitlab.drawing.preprocess import BOX_SIZE
from digitlab.drawing.strokes import PEN_WIDTH, check_drawn, stroke_steps
from digitlab.learning.inside.plane import PER_PIXEL, SIDE, resample


@dataclass(frozen=True)
class Specimen:
    """A digit, drawn or from a data set.

    Attributes:
        digit: uint8 array of shape (28, 28), what the network is given.
        ink: float32 array of shape (112, 112), 0 to 255: the same digit at four times the resolution.
        sheet: The same as it lies on the sheet it was drawn on, small or off the middle; of MNIST's digits, which are
            centred already, the same as `ink`.
        strokes: As in `digitlab.drawing.strokes`; empty where they are not known.
        label: What it is meant to be, where that is known.
    """

    digit: Images
    ink: npt.NDArray[np.float32]
    sheet: npt.NDArray[np.float32]
    strokes: Sequence[Floats] = ()
    label: int | None = None

    @property
    def version(self) -> str:
        """16 hex digits: equal for digits that lie alike on their sheets."""
        return hashlib.sha256(self.digit.tobytes() + self.sheet.tobytes()).hexdigest()[:16]


def from_picture(digit: Images, label: int | None = None) -> Specimen:
    """Take a digit of which only the pixels are known.

    Args:
        digit: uint8 array of shape (28, 28).
        label: What it is, 0-9.

    Example:
        >>> one = np.zeros((28, 28), np.uint8)
        >>> one[4:24, 13:15] = 255
        >>> from_picture(one).ink.shape
        (112, 112)
    """
    ink = digit.repeat(PER_PIXEL, axis=0).repeat(PER_PIXEL, axis=1).astype(np.float32)
    return Specimen(digit, ink, ink, label=label)


def from_strokes(strokes: Sequence[Floats], canvas_size: float | None = None, label: int | None = None) -> Specimen:
    """Take a drawing.

    Args:
        strokes: As in `digitlab.drawing.strokes`.
        canvas_size: Side in pixels of the square sheet it was drawn on; None: not known, the drawing fills three
            quarters of it.
        label: What it is meant to be, 0-9.

    Raises:
        ValueError: As `strokes.strokes_to_digit`.
    """
    steps = stroke_steps(strokes)
    row, column = (PER_PIXEL * offset for offset in steps.offset)
    ink = np.zeros((SIDE, SIDE), np.float32)
    box = np.asarray(steps.ink, np.float32)
    ink[row : row + len(box), column : column + len(box)] = box
    _, centre, extent = check_drawn(strokes)
    if canvas_size is None:
        canvas_size, centre = extent / 0.75, np.full(2, extent / 1.5)
    # The pen is as wide, measured by the drawing, as it is after preprocessing: only size and place are the sheet's.
    scale = (extent / canvas_size * IMAGE_SIZE) / (BOX_SIZE - PEN_WIDTH)
    middle = np.array([column, row]) + len(box) / 2
    sheet = resample(ink, np.eye(2) * scale, middle, np.asarray(centre) / canvas_size * SIDE)
    return Specimen(steps.digit, ink, sheet, tuple(strokes), label)
