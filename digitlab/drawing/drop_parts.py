"""How others write a 1, a 7 and a 9: copies of a drawing lose what other people leave out.

This is knowledge of how people write, put in by hand: it was found by looking at what networks trained on the drawings
of 30 people misread, and how often a part is lost was chosen on the same people. Some write a 1 with a flag at its top
or a foot below it, a 7 with a bar through it, a 9 with a long tail; others, and most of MNIST's writers, do not. No
turning and bending makes the one out of the other, but leaving a part out does. Where there is nothing to leave out, a
digit stays as it is. `Settings.forms` switches it off; what then remains is that tails of all digits alike get shorter.

A part is left out of the pen's path: its points move onto a point that stays. Which do is worked out here, and applied
to the points after they were varied.
"""

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats, Labels
from digitlab.drawing.pen_path import PenPath

Indices = npt.NDArray[np.intp]

UNKNOWN = -1  # as a label: which digit is shown is not to be used
_ONE, _SEVEN, _NINE = 1, 7, 9
_LOSES = 0.45  # share of copies that lose the flag, and the foot, and the bar; each by itself
_CORNER = np.cos(np.radians(75))  # a flag or a foot is where the pen turns by more
_REACH = 4  # points on either side by which a turn is measured
_LONGEST_PIECE = 0.42  # of the drawing: a flag or a foot is not longer
_LONGEST_BAR = 0.3  # of the drawing
_TOP = 0.2  # of a 7's height: what lies above is its roof and no bar
# Share of copies whose tail gets shorter, and by which share of the drawing at most, at strength 1.
_TAIL = (0.3, 0.15)
_TAIL_OF_NINE = (0.4, 0.25)


def find_parts(path: PenPath, label: int) -> Indices:
    """Find what a drawing may lose.

    Args:
        path: Of one drawing.
        label: The digit it shows, or `UNKNOWN`.

    Returns:
        Array of shape (3,): the index of the first point after the flag, that of the last point before the foot, and
        the number of the stroke that is the bar (of a 1: a flag or a foot that is a stroke of its own). Without such a
        part they are 0, the index of the last point, and -1.
    """
    last = len(path.points) - 1
    parts = np.array([0, last, -1])
    if label not in {_ONE, _SEVEN}:
        return parts
    strokes = np.split(path.points, np.flatnonzero(np.diff(path.numbers)) + 1)
    lengths = np.array([_length(stroke) for stroke in strokes])
    if label == _ONE:
        parts[0] = _end_of_piece(strokes[0], _LONGEST_PIECE * lengths.sum())
        parts[1] = last - _end_of_piece(strokes[-1][::-1], _LONGEST_PIECE * lengths.sum())
    shortest = int(lengths.argmin())
    if len(strokes) > 1 and lengths[shortest] < _LONGEST_BAR * lengths.sum():
        y = path.points[:, 1]
        roof = y.min() + _TOP * np.ptp(y)
        if label == _ONE or strokes[shortest][:, 1].mean() > roof:
            parts[2] = shortest
    return parts


def drop_parts(path: PenPath, parts: Indices, rng: np.random.Generator) -> Indices:
    """Choose for each of n drawings what it loses.

    Args:
        path: n paths, as `pen_path.stack` gives them.
        parts: Array of shape (n, 3), of each what `find_parts` finds.
        rng: Source of randomness.

    Returns:
        Array of shape (n, m): for each point the index of the one that takes its place; its own if it stays.
    """
    n, m = path.numbers.shape
    flag, foot, bar = rng.random((3, n, 1)) < _LOSES
    first, last = np.where(flag, parts[:, :1], 0), np.where(foot, parts[:, 1:2], m - 1)
    number = parts[:, 2:]
    # The bar's points go to one of another stroke.
    elsewhere = np.where(number == 0, last, first)
    return np.where(bar & (path.numbers == number), elsewhere, np.clip(np.arange(m), first, last))


def shorten_tails(path: PenPath, labels: Labels, strength: float, rng: np.random.Generator) -> Indices:
    """Choose for each of n drawings where the pen stops: some copies lose the last part of their path.

    Args:
        path: n paths, as `pen_path.stack` gives them.
        labels: (n,), the digit each shows, or `UNKNOWN`: a 9 loses more of its tail, and more often.
        strength: Of the variation; 0: no tail gets shorter.
        rng: Source of randomness.

    Returns:
        Array of shape (n, 1): the index of each drawing's last point.
    """
    n = len(path.numbers)
    share, most = np.where((labels == _NINE)[:, None], _TAIL_OF_NINE, _TAIL).T
    lost = (rng.random(n) < share) * rng.uniform(0, strength * most)
    end = path.ends[:, -1, 1]
    last = end - (lost * end).astype(np.intp)
    # Of a stroke that would be a dot nothing stays.
    begins = last == np.take_along_axis(path.ends[:, :, 0], last[:, None], axis=1)[:, 0]
    ends: Indices = np.maximum(last - begins, 1)[:, None]
    return ends


def _length(points: Floats) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _end_of_piece(stroke: Floats, longest: float) -> int:
    """Return at which point of a stroke its first sharp corner is; 0 if it has none early on or it comes too late."""
    n = len(stroke)
    if n < 3 * _REACH:
        return 0
    before, after = stroke[_REACH:-_REACH] - stroke[: -2 * _REACH], stroke[2 * _REACH :] - stroke[_REACH:-_REACH]
    agree = (before * after).sum(axis=1)
    turned = agree < _CORNER * np.hypot(*before.T) * np.hypot(*after.T)
    early = np.flatnonzero(turned[: max(0, n // 2 - _REACH)])
    if not early.size:
        return 0
    corner = int(early[0] + agree[early[0] : early[0] + _REACH].argmin()) + _REACH
    return corner if _length(stroke[: corner + 1]) <= longest else 0
