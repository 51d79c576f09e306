"""Break the reading of a digit: turn, slant, move, thicken or blur it until the network reads something else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Images
from digitlab.drawing.preprocess import ink_to_digit
from digitlab.learning.evaluation import Predictor
from digitlab.learning.inside.plane import PER_PIXEL, SIDE, resample, thicken
from digitlab.learning.inside.specimen import Specimen

STEPS = 12  # tried in each direction, evenly up to the most
_SEED = 0  # of the noise: the same digit is always read the same
_FAINT = 8  # of 255: a drawing without more ink than that is blank


@dataclass(frozen=True)
class Change:
    """What is done to a digit.

    Attributes:
        turn: Degrees, clockwise.
        slant: Degrees by which upright lines lean to the right.
        right: Pixels of the 28x28 digit; undone by preprocessing.
        down: The same.
        thicker: Pixels of the 28x28 digit by which lines are wider; below 0 thinner.
        noise: Standard deviation of the random ink added to each pixel, 0-1 of full ink.
        preprocessing: The changed ink is made a digit as MNIST was: 20 pixels long, in the middle. Without it the sheet
            it was drawn on is only made smaller.
    """

    turn: float = 0.0
    slant: float = 0.0
    right: float = 0.0
    down: float = 0.0
    thicker: float = 0.0
    noise: float = 0.0
    preprocessing: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of change.

    Attributes:
        name: Field of `Change`.
        least: Of what is tried.
        most: Of what is tried.
        step: Of its slider.
    """

    name: str
    least: float
    most: float
    step: float


@dataclass(frozen=True)
class Limit:
    """How far a digit can be changed in one direction before it is read as another.

    Attributes:
        kind: Of the change.
        end: The most that was tried, below 0 in the other direction.
        flips_at: The least change that was tried and read otherwise; None: none was.
        becomes: What it was read as then; None: it stays.
    """

    kind: Kind
    end: float
    flips_at: float | None = None
    becomes: int | None = None


KINDS = (
    Kind("turn", -90.0, 90.0, 5.0),
    Kind("slant", -45.0, 45.0, 5.0),
    Kind("right", -10.0, 10.0, 0.5),
    Kind("down", -10.0, 10.0, 0.5),
    Kind("thicker", -2.5, 4.0, 0.5),
    Kind("noise", 0.0, 1.0, 0.05),
)


def change(specimen: Specimen, how: Change) -> Images:
    """Change a digit.

    Args:
        specimen: The digit.
        how: What is done to it.

    Returns:
        uint8 array of shape (28, 28), blank if nothing is left of its lines.

    Example:
        >>> from digitlab.learning.inside.specimen import from_picture
        >>> one = np.zeros((28, 28), np.uint8)
        >>> one[4:24, 13:15] = 255
        >>> turned = change(from_picture(one), Change(turn=90))
        >>> int(turned.any(axis=0).sum()), int(turned.any(axis=1).sum())
        (20, 2)
    """
    if how.preprocessing and not (how.turn or how.slant or how.thicker):
        digit = specimen.digit  # made anew, some of MNIST's would lie half a pixel elsewhere
    else:
        ink = _moved(specimen.ink if how.preprocessing else specimen.sheet, how)
        ink = thicken(ink, round(how.thicker * PER_PIXEL / 2))
        digit = _as_digit(ink, preprocessing=how.preprocessing)
    if not how.noise:
        return digit
    noise = np.random.default_rng(_SEED).normal(0, 255 * how.noise, digit.shape)
    return np.clip(np.round(digit + noise), 0, 255).astype(np.uint8)


def find_limits(predictor: Predictor, specimen: Specimen, *, preprocessing: bool) -> list[Limit]:
    """Find how far each kind of change can go, alone, before the reading is another one.

    Args:
        predictor: The network.
        specimen: The digit.
        preprocessing: As of `Change`.

    Returns:
        A limit for each kind and direction, in the order of `KINDS`, downwards first.
    """
    ends = [(kind, end) for kind in KINDS for end in (kind.least, kind.most) if end]
    tried = [np.linspace(0, end, STEPS + 1)[1:].tolist() for _, end in ends]
    images = [change(specimen, Change(preprocessing=preprocessing))]
    for (kind, _), values in zip(ends, tried, strict=True):
        images += [change(specimen, Change(**{kind.name: value}, preprocessing=preprocessing)) for value in values]
    reading, *readings = predictor.predict(np.stack(images)).argmax(axis=1).tolist()
    return [
        _limit(kind, end, values, readings[place * STEPS : (place + 1) * STEPS], reading)
        for place, ((kind, end), values) in enumerate(zip(ends, tried, strict=True))
    ]


def _limit(kind: Kind, end: float, values: Sequence[float], readings: Sequence[int], reading: int) -> Limit:
    for value, read in zip(values, readings, strict=True):
        if read != reading:
            return Limit(kind, end, value, read)
    return Limit(kind, end)


def _moved(ink: npt.NDArray[np.float32], how: Change) -> npt.NDArray[np.float32]:
    if not (how.turn or how.slant or how.right or how.down):
        return ink
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return ink
    middle = np.array([columns[0] + columns[-1] + 1, rows[0] + rows[-1] + 1]) / 2
    angle = np.deg2rad(how.turn)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.array([[cos, -sin], [sin, cos]])  # y points down: this is clockwise
    slanted = np.array([[1.0, -np.tan(np.deg2rad(how.slant))], [0.0, 1.0]])
    linear = turned @ slanted
    if how.preprocessing:  # what is moved is put back, and what grows out of the picture would be cut off
        half = np.array([columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]) / 2
        linear = linear * min(1.0, (SIDE / 2 - PER_PIXEL) / float((np.abs(linear) @ half).max()))
        return resample(ink, linear, middle, np.full(2, SIDE / 2))
    return resample(ink, linear, middle, middle + PER_PIXEL * np.array([how.right, how.down]))


def _as_digit(ink: npt.NDArray[np.float32], *, preprocessing: bool) -> Images:
    if ink.max() < _FAINT:
        return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    if preprocessing:
        return ink_to_digit(ink)
    averaged = ink.reshape(IMAGE_SIZE, PER_PIXEL, IMAGE_SIZE, PER_PIXEL).mean(axis=(1, 3))
    digit: Images = np.round(averaged).astype(np.uint8)
    return digit
