"""What a canvas shows of a drawing, and what of that belongs to the digit."""

from collections.abc import Iterator, Sequence

import numpy as np

from digitlab.digits import Floats

# A tap is a stroke this short, and stray this far from all other ink. Of 7,494 digits of 30 people 17 have a stroke
# under an eighth of the longest one; the 3 that lie so far away are read the same with and without it. A dot put a
# quarter of the digit's length away makes one digit in twenty read wrong, at half of its length one in five.
_TAP_SHARE = 0.06  # of the canvas's side: a finger slips that far
_FAR_SHARE = 0.25  # of the longer side of the other ink, and
_FAR_ON_CANVAS = 0.1  # of the canvas's side: the dot above a very small digit is not far
_SHORT_SHARE = 0.25  # of the longest stroke: where all strokes are short, none is a tap


def without_stray_taps(strokes: Sequence[Floats], canvas_size: float) -> list[Floats]:
    """Leave out taps that lie far from the rest of a drawing: they would make the digit small, and read as another.

    A dot near the other ink stays, and so does a drawing that is nothing but dots.

    Args:
        strokes: Float arrays of shape (n, 2..4), n at least 1: x, y in pixels; further columns are not used.
        canvas_size: Side of the canvas or the cell it was drawn in, pixels.

    Returns:
        The strokes without such taps, in their order.

    Example:
        >>> line, tap = np.array([[140.0, 50.0], [140.0, 230.0]]), np.array([[12.0, 12.0], [14.0, 13.0]])
        >>> len(without_stray_taps([line, tap], 280)), len(without_stray_taps([line, tap + [110, 10]], 280))
        (1, 2)
    """
    extents = [float(np.ptp(stroke[:, :2], axis=0).max()) for stroke in strokes]
    most = min(_TAP_SHARE * canvas_size, _SHORT_SHARE * max(extents, default=0.0))
    others = [stroke[:, :2] for stroke, extent in zip(strokes, extents, strict=True) if extent > most]
    if not others:
        return list(strokes)
    far = max(_FAR_SHARE * float(np.ptp(np.concatenate(others), axis=0).max()), _FAR_ON_CANVAS * canvas_size)
    return [
        stroke
        for stroke, extent in zip(strokes, extents, strict=True)
        if extent > most or min(_distance(stroke[:, :2].mean(axis=0), other) for other in others) <= far
    ]


def cut_at_edge(strokes: Sequence[Floats], canvas_size: float, pen_width: float) -> list[Floats]:
    """Return what can be seen of strokes that leave their canvas.

    Ink farther outside than half the pen is not shown and is cut off; what remains beyond the edge is moved onto it.

    Args:
        strokes: Float arrays of shape (n, 2..4): x, y in pixels; further columns are interpolated where a line is cut.
        canvas_size: Side of the canvas in pixels.
        pen_width: Of the line that was shown, pixels.

    Returns:
        The strokes; one that leaves and comes back is two, one that is not seen is none.

    Example:
        >>> cut_at_edge([np.array([[0.0, 50.0], [200.0, 50.0]])], 100, 10)
        [array([[  0.,  50.],
               [100.,  50.]])]
    """
    seen: list[Floats] = []
    for stroke in strokes:
        low, high = -pen_width / 2, canvas_size + pen_width / 2
        inside = (stroke[:, :2] >= low).all() and (stroke[:, :2] <= high).all()
        for piece in [stroke] if inside else _pieces(stroke, low, high):
            kept = piece.copy()
            kept[:, :2] = np.clip(kept[:, :2], 0, canvas_size)
            seen.append(kept)
    return seen


def _distance(point: Floats, line: Floats) -> float:
    """Return how far a point, shape (2,), is from the nearest place on a line of shape (n, 2)."""
    start, end = (line[:-1], line[1:]) if len(line) > 1 else (line, line)
    way = end - start
    share = ((point - start) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12)
    nearest = start + np.clip(share, 0, 1)[:, None] * way
    return float(np.hypot(*(nearest - point).T).min())


def _pieces(stroke: Floats, low: float, high: float) -> Iterator[Floats]:
    """Cut a stroke at the edges of the square from `low` to `high` and return the pieces inside."""
    piece: list[Floats] = []
    for start, end in zip(stroke, stroke[1:] if len(stroke) > 1 else stroke, strict=False):
        way = end - start
        with np.errstate(divide="ignore", invalid="ignore"):
            crossings = np.stack([(low - start[:2]) / way[:2], (high - start[:2]) / way[:2]])
        between = (start[:2] >= low) & (start[:2] <= high)  # what counts where a line runs along an axis
        fixed = way[:2] == 0
        first = np.where(fixed, np.where(between, 0.0, np.inf), crossings.min(axis=0)).max()
        last = np.where(fixed, np.where(between, 1.0, -np.inf), crossings.max(axis=0)).min()
        first, last = max(float(first), 0.0), min(float(last), 1.0)
        if first > last:
            continue
        if first > 0 and piece:
            yield np.array(piece)
            piece = []
        piece += [start + first * way] if not piece else []
        piece.append(start + last * way)
        if last < 1:
            yield np.array(piece)
            piece = []
    if piece:
        yield np.array(piece)
