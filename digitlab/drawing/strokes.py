"""A drawing as strokes: check it and render it as MNIST's pen would have.

A drawing is a list of strokes; a stroke is a float array of shape (n, 2..4): x, y in pixels, y pointing down, and where
known t in milliseconds and pressure 0-1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats, Images
from digitlab.drawing.preprocess import BOX_SIZE, DigitSteps, digit_steps

# Width of the pen in pixels of the 28x28 digit: the width at which real pen strokes, rendered here, carry as much ink
# as MNIST's training digits do; tests/benchmarks/stroke_width.py measures it.
# formats/pad/reader.js draws with the same pen in the browser; a test compares the digits.
PEN_WIDTH = 2.6

_SEGMENTS_AT_ONCE, _PATCHES_AT_ONCE = 16, 256  # bound the memory a long scribble takes
_SHORT = 8.0  # pixels of the ink along either axis: of most drawings nearly all segments are shorter
_LARGEST = 1e15  # no screen or clock has larger numbers; differences below it cannot overflow
_DOT = 1e-9  # pixels: what is shorter has no direction
_TELLING_PRESSURE = 0.05  # least difference of pressures, 0-1, that says something
_OVERSAMPLING = 4  # ink pixels per pixel of the digit; twice as many change a pixel by 0.3 of 255 on average


def strokes_to_digit(strokes: Sequence[Floats]) -> Images:
    """Render a drawing as a digit; size, place and pen width of the drawing do not matter.

    Args:
        strokes: List of float arrays of shape (n, 2..4): x, y in pixels, y down; further columns are not used.

    Returns:
        uint8 array of shape (28, 28), 0 blank to 255 full ink.

    Raises:
        ValueError: If the drawing is blank, a single dot, or not a list of such arrays.

    Example:
        >>> seven = [np.array([[0.0, 0.0], [60.0, 0.0], [20.0, 90.0]])]
        >>> digit = strokes_to_digit(seven)
        >>> digit.shape, digit.dtype, int(digit.max())
        ((28, 28), dtype('uint8'), 255)
    """
    return stroke_steps(strokes).digit


def stroke_steps(strokes: Sequence[Floats]) -> DigitSteps:
    """Do what `strokes_to_digit` does and keep every step, from the ink `render` draws to the digit.

    Args:
        strokes: As for `strokes_to_digit`.

    Raises:
        ValueError: As `strokes_to_digit`.
    """
    return digit_steps(render(strokes))


def render(strokes: Sequence[Floats], pen_width: float = PEN_WIDTH) -> Floats:
    """Draw the strokes with a round pen into a box whose longest side they fill.

    Args:
        strokes: As for `strokes_to_digit`.
        pen_width: Width of the pen in pixels of the 28x28 digit, whose ink is 20 pixels long.

    Returns:
        float64 array of shape (80, 80), 0 blank to 255 full ink, antialiased.

    Raises:
        ValueError: As `strokes_to_digit`.
    """
    checked, centre, extent = check_drawn(strokes)
    scale = (BOX_SIZE - pen_width) * _OVERSAMPLING / extent
    middle = BOX_SIZE * _OVERSAMPLING / 2
    # Rounded so that the same drawing elsewhere or larger gives the same digit in spite of floating-point noise.
    points = [np.round((stroke[:, :2] - centre) * scale, 6) + middle for stroke in checked]
    starts = np.concatenate([stroke[:-1] if len(stroke) > 1 else stroke for stroke in points])
    ends = np.concatenate([stroke[1:] if len(stroke) > 1 else stroke for stroke in points])
    reach = pen_width * _OVERSAMPLING / 2 + 0.5
    distance = _distance_to_segments(starts, ends, BOX_SIZE * _OVERSAMPLING, reach)
    # A pixel whose centre lies half a pixel inside the pen's edge is full, half a pixel outside it is blank.
    ink: Floats = 255 * np.clip(pen_width * _OVERSAMPLING / 2 - distance + 0.5, 0, 1)
    return ink


def check_strokes(strokes: Sequence[Floats]) -> list[Floats]:
    """Return the strokes that hold points, as float64 arrays.

    Args:
        strokes: As for `strokes_to_digit`; array-likes are taken too.

    Returns:
        List of float64 arrays of shape (n, 2..4), n at least 1; the list is not empty.

    Raises:
        ValueError: If there is no point, or a stroke has another shape, or a number is not finite.

    Example:
        >>> check_strokes([[(0, 0), (9, 12)], []])
        [array([[ 0.,  0.],
               [ 9., 12.]])]
    """
    if not np.iterable(strokes):
        raise ValueError(f"Expected a drawing as a list of strokes. Received: {type(strokes).__name__}.")
    checked: list[Floats] = []
    for number, stroke in enumerate(strokes):
        try:
            array = np.asarray(stroke, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"Expected stroke {number} as rows of numbers x, y. Received: {stroke!r:.80}.") from error
        if array.size == 0:
            continue
        if array.ndim != 2 or not 2 <= array.shape[1] <= 4:
            raise ValueError(f"Expected stroke {number} of shape (n, 2..4). Received: an array of shape {array.shape}.")
        if not (np.abs(array) < _LARGEST).all():
            raise ValueError(f"Expected finite numbers in stroke {number}. Received: NaN, infinity or one too large.")
        checked.append(array)
    if not checked:
        raise ValueError("Expected a drawing. Received: a blank canvas. Draw a digit first.")
    return checked


def check_drawn(strokes: Sequence[Floats]) -> tuple[list[Floats], Floats, float]:
    """Return the checked strokes if they are more than a dot, and where they lie.

    Args:
        strokes: As for `strokes_to_digit`.

    Returns:
        `(strokes, middle, extent)`: the strokes as `check_strokes` returns them; the middle x, y of their bounding box,
        of shape (2,); and the length of its longer side; both in the drawing's pixels.

    Raises:
        ValueError: As `check_strokes`, and if all points are the same.
    """
    checked = check_strokes(strokes)
    points = np.concatenate([stroke[:, :2] for stroke in checked])
    lowest, highest = points.min(axis=0), points.max(axis=0)
    extent = float((highest - lowest).max())
    if extent < _DOT:
        raise ValueError("Expected a drawn digit. Received: only a dot. Draw the digit's lines.")
    return checked, (lowest + highest) / 2, extent


def pen_widths(strokes: Sequence[Floats]) -> list[Floats]:
    """Return how wide the pen draws at each point, where its pressure tells; 1 is the mean.

    A pen pressed harder draws wider; its mark grows with about the square root of the force. Mice and most fingers
    report one pressure throughout, and 0 when they are lifted: that says nothing, and the pen stays as wide as it is.

    Args:
        strokes: As `check_strokes` returns them.

    Returns:
        For each stroke a float64 array of shape (n,), between 0.6 and 1.6.
    """
    if any(stroke.shape[1] < 4 for stroke in strokes):
        return [np.ones(len(stroke)) for stroke in strokes]
    pressed = [_while_down(stroke[:, 3]) for stroke in strokes]
    pressure = np.concatenate(pressed)
    if not pressure.min() >= 0 or np.ptp(pressure) < _TELLING_PRESSURE:
        return [np.ones(len(stroke)) for stroke in strokes]
    return [np.clip(np.sqrt(each / pressure.mean()), 0.6, 1.6) for each in pressed]


def _while_down(pressure: Floats) -> Floats:
    """Return the pressures of a stroke, shape (n,), with the last one, if 0, as before the pen was lifted."""
    if len(pressure) < 2 or pressure[-1] != 0:
        return pressure
    return np.append(pressure[:-1], pressure[-2])


def check_size(strokes: Sequence[Floats], canvas_size: float) -> list[Floats]:
    """Return the checked strokes if they are more than a dot on the canvas they were drawn on.

    Args:
        strokes: As for `strokes_to_digit`.
        canvas_size: Side of the canvas in pixels.

    Returns:
        The checked strokes.

    Raises:
        ValueError: As `check_strokes`, and if the longer side of the drawing is under 5 % of the canvas.
    """
    checked = check_strokes(strokes)
    extent = float(np.ptp(np.concatenate([stroke[:, :2] for stroke in checked]), axis=0).max())
    if extent < 0.05 * canvas_size:
        raise ValueError(
            f"Expected a digit that can be read. Received: a dot, {extent:.0f} of {canvas_size:.0f} pixels long. "
            "Draw the digit larger."
        )
    return checked


def _distance_to_segments(starts: Floats, ends: Floats, size: int, reach: float) -> Floats:
    """Return the distance of each pixel centre of a (size, size) image to the nearest of n segments, in pixels.

    Where it is more than `reach` it may be returned as larger than it is: a short segment is only looked at in a patch
    of the image, which takes a fifth of the time.
    """
    nearest = np.full((size, size), np.inf)  # squared
    short = np.abs(ends - starts).max(axis=1) <= _SHORT
    patch = np.arange(int(np.ceil(_SHORT + 2 * reach)) + 3)
    for some in _some(np.flatnonzero(short), _PATCHES_AT_ONCE):
        corner = np.floor(np.minimum(starts[some], ends[some]) - reach).astype(np.intp) - 1
        places = corner[:, :, None] + patch  # (n, 2, side of the patch)
        found = _squared_distance(places + 0.5, starts[some], ends[some])
        inside = (places >= 0) & (places < size)
        both = inside[:, 1, :, None] & inside[:, 0, None, :]
        pixels = places[:, 1, :, None] * size + places[:, 0, None, :]
        np.minimum.at(nearest.reshape(-1), pixels[both], found[both])
    centres = np.arange(size) + 0.5
    for some in _some(np.flatnonzero(~short), _SEGMENTS_AT_ONCE):
        everywhere = np.broadcast_to(centres, (len(some), 2, size))
        np.minimum(nearest, _squared_distance(everywhere, starts[some], ends[some]).min(axis=0), out=nearest)
    distance: Floats = np.sqrt(nearest)
    return distance


def _some(places: npt.NDArray[np.intp], at_once: int) -> list[npt.NDArray[np.intp]]:
    return [places[first : first + at_once] for first in range(0, len(places), at_once)]


def _squared_distance(centres: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return the squared distance of pixels to n segments: (n, rows, columns) for `centres` x, y of (n, 2, columns)."""
    direction = ends - starts
    length2 = np.maximum((direction**2).sum(axis=1), 1e-12)
    dx, dy = centres[:, 0] - starts[:, :1], centres[:, 1] - starts[:, 1:]
    along = dx[:, None, :] * (direction[:, 0] / length2)[:, None, None]
    along = along + dy[:, :, None] * (direction[:, 1] / length2)[:, None, None]
    along = np.clip(along, 0, 1, out=along)  # where on the segment the nearest point lies
    off_x = dx[:, None, :] - along * direction[:, :1, None]
    off_y = dy[:, :, None] - along * direction[:, 1:, None]
    squared: Floats = off_x**2 + off_y**2
    return squared
