"""How alike two drawings are, stroke by stroke: their traces are warped onto each other.

Two drawings of one person's 7 run the same way, a little quicker here and slower there. Dynamic time warping (DTW)
pairs their points in order so that pairs lie close and run in the same direction; what is left is their distance.

Source: H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition" (1978), with its
band; points with directions as in on-line recognition of handwriting since C. Bahlmann and H. Burkhardt (2004).
"""

from collections.abc import Sequence

import numpy as np

from digitlab.digits import Floats
from digitlab.drawing.strokes import check_drawn

POINTS = 24  # of a trace
_BAND = 6  # how many points one drawing may be ahead of the other
_DIRECTION_WEIGHT = 0.1  # of differing directions, beside differing places
_PEN_UP = 1e-6  # length that the way from stroke to stroke counts; not 0, so that each place has one point
_STILL = 1e-6  # steps below it, the digit being 1 long, hardly have a direction


def trace(strokes: Sequence[Floats]) -> Floats:
    """Put `POINTS` points at even distances along all strokes, in the order in which they were drawn.

    Args:
        strokes: As for `strokes.strokes_to_digit`.

    Returns:
        float64 array of shape (24, 4): x, y, the middle of the drawing at 0 and its longest side 1, and the direction
        of the pen there as a unit vector, weighted as it counts in `distances`.

    Raises:
        ValueError: If the drawing is blank, a single dot, or not a list of such arrays.

    Example:
        >>> trace([[[5, 0], [5, 9]]])[[0, -1], :2].tolist()
        [[0.0, -0.5], [0.0, 0.5]]
    """
    checked, middle, extent = check_drawn(strokes)
    points = (np.concatenate([stroke[:, :2] for stroke in checked]) - middle) / extent
    steps = np.hypot(*np.diff(points, axis=0).T)
    steps[np.cumsum([len(stroke) for stroke in checked])[:-1] - 1] = _PEN_UP
    along = np.r_[0, np.cumsum(steps)]
    at = np.linspace(0, along[-1], POINTS)
    even = np.column_stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)])
    moves = np.diff(even, axis=0)
    directions = moves / np.maximum(np.hypot(*moves.T), _STILL)[:, None]
    weighted = np.sqrt(_DIRECTION_WEIGHT) * np.concatenate([directions, directions[-1:]])
    return np.hstack([even, weighted])


def distances(one: Floats, others: Floats) -> Floats:
    """Return how far a trace is from each of n others: about 0.02 for the same form by the same hand.

    Args:
        one: float array of shape (24, 4), as `trace` returns it.
        others: float array of shape (n, 24, 4).

    Returns:
        float64 array of shape (n,), 0 or more: summed squared differences along the best pairing, over 24.

    Example:
        >>> down, across = trace([[[5, 0], [5, 9]]]), trace([[[0, 5], [9, 5]]])
        >>> distances(down, np.stack([down, across])).round(2).tolist()
        [0.0, 0.38]
    """
    squares = (one**2).sum(axis=1)[:, None, None] + (others**2).sum(axis=2).T[None]
    costs = squares - 2 * np.tensordot(one, others, axes=(1, 2)).swapaxes(1, 2)  # (24, 24, n)
    costs = np.maximum(costs, 0, out=costs).reshape(POINTS**2, -1)
    # Diagonal by diagonal: all its cells at once, since none of them needs another one.
    before, last, now = np.full((3, POINTS + 1, len(others)), np.inf)  # row i + 1 holds cell (i, diagonal - i)
    for diagonal in range(2 * POINTS - 1):
        first = max(0, diagonal - POINTS + 1, -(-(diagonal - _BAND) // 2))
        end = min(diagonal, POINTS - 1, (diagonal + _BAND) // 2) + 1
        here = now[first + 1 : end + 1]
        np.minimum(last[first:end], last[first + 1 : end + 1], out=here)  # one of both goes on
        np.minimum(here, before[first:end], out=here)  # both go on
        if not diagonal:
            here[:] = 0
        here += costs[first * (POINTS - 1) + diagonal :: POINTS - 1][: end - first]
        now[first] = now[end + 1 :] = np.inf
        before, last, now = last, now, before
    least: Floats = last[POINTS] / POINTS
    return least
