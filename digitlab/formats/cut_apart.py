"""Several digits in one picture, cut apart: which ink belongs together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOST_PIECES = 800  # of ink that are joined to digits
_SPECK = 0.15  # side of ink that is dirt, as a share of the usual side of a digit
_PIECE = 0.6  # what is smaller may be a piece of another digit, such as the bar of a 5
_NEAR = 0.2  # how far such a piece may be from the rest of it
_LONG = 3.0  # what is longer is no digit but a line
_WITHIN = 0.3  # share of the smaller box that lies in the other: strokes of one digit, as of a 4


@dataclass(frozen=True)
class Box:
    """Where ink is: rows `top` to `bottom` and columns `left` to `right`, the last ones not included.

    Attributes:
        parts: Labels of the pieces of ink in it.
        area: Pixels with ink.
    """

    top: int
    bottom: int
    left: int
    right: int
    parts: tuple[int, ...]
    area: int

    @property
    def side(self) -> int:
        """Its longer side in pixels."""
        return max(self.bottom - self.top, self.right - self.left)


def label_ink(ink: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int32], int]:
    """Number the pieces of ink that hang together, also over a corner.

    NumPy alone: `scipy.ndimage.label` does the same and would cost the server 58 MB.

    Args:
        ink: bool array of shape (h, w).

    Returns:
        `(labels, n)`: int32 array of shape (h, w), 0 where there is no ink, else 1 to n.

    Example:
        >>> label_ink(np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0]], bool))[0].tolist()
        [[1, 0, 2], [0, 0, 2], [2, 2, 0]]
    """
    steps = np.diff(np.pad(ink, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(steps == 1)  # runs of ink, row by row
    ends = np.nonzero(steps == -1)[1]
    width = ink.shape[1] + 2
    first = np.searchsorted(rows * width + ends, (rows + 1) * width + starts, "left")
    last = np.searchsorted(rows * width + starts, (rows + 1) * width + ends, "right")
    touching = np.maximum(last - first, 0)  # runs of the next row that each touches
    above = np.repeat(np.arange(len(rows)), touching)
    below = np.arange(len(above)) - np.repeat(np.cumsum(touching) - touching, touching) + np.repeat(first, touching)
    name = np.arange(len(rows))
    while True:
        one, other = name[above], name[below]
        if (one == other).all():
            break
        np.minimum.at(name, np.maximum(one, other), np.minimum(one, other))
        while (name[name] != name).any():
            name = name[name]
    names, numbers = np.unique(name, return_inverse=True)
    labels = np.zeros(ink.shape, np.int32)
    labels[ink] = np.repeat(numbers + 1, ends - starts)
    return labels, len(names)


def find_digits(ink: npt.NDArray[np.bool_]) -> tuple[list[Box], npt.NDArray[np.int32]]:
    """Find out where the digits of a picture are, in the order of reading: row by row, from left to right.

    Args:
        ink: bool array of shape (h, w).

    Returns:
        The digits, and the numbered pieces of ink as of `label_ink`.
    """
    labels, n = label_ink(ink)
    boxes = _drop_frames(boxes_of(labels, n), ink.shape)
    if not boxes:
        return [], labels
    order = np.argsort([box.side for box in boxes])
    weights = np.cumsum([boxes[place].area for place in order])
    usual = boxes[order[int(np.searchsorted(weights, weights[-1] / 2))]].side  # half of all ink is in larger pieces
    boxes = [box for box in boxes if _SPECK * usual <= box.side <= _LONG * usual]
    boxes = _merge(boxes, usual)
    # What is left alone and is much smaller than the digits is none of them.
    return _in_reading_order([box for box in boxes if box.side >= 0.4 * usual]), labels


def boxes_of(labels: npt.NDArray[np.int32], n: int) -> list[Box]:
    """Return where each of the pieces of ink 1 to n is, in this order; each of them has a pixel at least."""
    rows, columns = np.nonzero(labels)
    names = labels[rows, columns]
    order = np.argsort(names, kind="stable")
    firsts = np.searchsorted(names[order], np.arange(1, n + 1))
    rows, columns = rows[order], columns[order]
    if not n:
        return []
    ends = [reduce.reduceat(each, firsts) for each in (rows, columns) for reduce in (np.minimum, np.maximum)]
    areas = np.diff(np.append(firsts, len(rows)))
    return [
        Box(int(top), int(bottom) + 1, int(left), int(right) + 1, (name,), int(area))
        for name, (top, bottom, left, right, area) in enumerate(zip(*ends, areas, strict=True), 1)
    ]


def _drop_frames(boxes: list[Box], shape: tuple[int, ...]) -> list[Box]:
    """Leave out what touches the edge of the picture, such as the table or a shadow, unless that is all there is."""
    height, width = shape
    kept = [box for box in boxes if box.top > 0 and box.left > 0 and box.bottom < height and box.right < width]
    return kept or boxes


def _merge(boxes: list[Box], usual: int) -> list[Box]:
    """Join the pieces of each digit; a picture of more pieces than digits could have is left as it is."""
    if len(boxes) > MOST_PIECES:
        return boxes
    before = len(boxes) + 1
    while len(boxes) < before:
        before = len(boxes)
        boxes = sorted(boxes, key=lambda box: -box.area)
        for place in range(len(boxes) - 1, 0, -1):
            small = boxes[place]
            near = [(_distance(box, small), number) for number, box in enumerate(boxes[:place])]
            fit = [each for each in near if _belongs(boxes[each[1]], small, each[0], usual)]
            if fit:
                number = min(fit)[1]
                boxes[number] = join(boxes[number], small)
                del boxes[place]
    return boxes


def _belongs(box: Box, small: Box, distance: float, usual: int) -> bool:
    height = min(box.bottom, small.bottom) - max(box.top, small.top)
    width = min(box.right, small.right) - max(box.left, small.left)
    area = max(small.bottom - small.top, 1) * max(small.right - small.left, 1)
    if height > 0 and width > 0 and height * width >= _WITHIN * area:
        return True
    return small.side < _PIECE * usual and distance <= _NEAR * usual


def _distance(one: Box, other: Box) -> float:
    rows = max(one.top - other.bottom, other.top - one.bottom, 0)
    columns = max(one.left - other.right, other.left - one.right, 0)
    return float(np.hypot(rows, columns))


def join(one: Box, other: Box) -> Box:
    """Return where two pieces of ink are that are one."""
    return Box(
        min(one.top, other.top),
        max(one.bottom, other.bottom),
        min(one.left, other.left),
        max(one.right, other.right),
        (*one.parts, *other.parts),
        one.area + other.area,
    )


def _in_reading_order(boxes: list[Box]) -> list[Box]:
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.top + box.bottom):
        middle = (box.top + box.bottom) / 2
        if lines and middle <= max(other.bottom for other in lines[-1]) and middle >= min(o.top for o in lines[-1]):
            lines[-1].append(box)
        else:
            lines.append([box])
    return [box for line in lines for box in sorted(line, key=lambda box: box.left)]
