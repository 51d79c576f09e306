"""Where names fit into a chart: none lies on another, on a mark, on a line, or beyond the edge.

The chart is as wide as the page it stands on, and names stay as large as they are. So each place is tried at several
sizes of the chart, and taken only if it is free at all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from digitlab.digits import Floats

Align = Literal["left", "center", "right"]

FONT_SIZE = 11  # px, of the names
_HEIGHT = 13  # px, of a line of text
_WIDE = frozenset("MWQOGDHNUmw@%&…—–+=<>#")
_MARK = 7  # px around the middle of a mark that names keep away from
_LINE = 3  # px around a line
_STEP = 5  # px between two points of a line that is kept free

# Tried in this order: how a name stands to its point, in px from there.
_BESIDE: tuple[tuple[Align, int, int], ...] = (
    ("left", 10, 0),
    ("right", -10, 0),
    ("left", 9, 12),
    ("left", 9, -12),
    ("right", -9, 12),
    ("right", -9, -12),
    ("center", 0, -16),
    ("center", 0, 16),
)
_ALONG: tuple[tuple[Align, int, int], ...] = (("center", 0, -12), ("center", 0, 12))


@dataclass(frozen=True)
class Name:
    """A name that is to stand in a chart.

    Attributes:
        texts: What it may be called, the best first; the next are shorter.
        anchors: Points it may stand at, the best first: x from the left and y from the top, as shares of the chart's
            width and height.
        along: It names a line: it stands above or below it, not beside a point.
    """

    texts: tuple[str, ...]
    anchors: tuple[tuple[float, float], ...]
    along: bool = False


@dataclass(frozen=True)
class Placed:
    """Where a name stands.

    Attributes:
        text: As it is written.
        x: Of the point it stands at, as a share of the width.
        y: The same of the height, from the top.
        align: Which end of the text is at the point.
        dx: px from the point to that end.
        dy: px from the point down to the middle of the text.
        width: px that the text takes at most.
    """

    text: str
    x: float
    y: float
    align: Align
    dx: int
    dy: int
    width: int


def place_names(
    names: Iterable[Name],
    marks: Floats,
    lines: Sequence[Floats],
    sizes: Sequence[tuple[int, int]],
    top: int = 0,
) -> list[Placed]:
    """Place names one after the other; one for which no place is free is left out.

    Args:
        names: The most important first.
        marks: float64 array of shape (n, 2): middles of the marks, as shares of width and height.
        lines: float64 arrays of shape (n, 2): corners of lines, the same.
        sizes: Widths and heights of the chart, in px, at which no name may be in the way.
        top: px at the upper edge that stay free of names.

    Example:
        >>> above = Name(("above the line",), ((0.5, 0.5),), along=True)
        >>> line = np.array([[0, 0.5], [1, 0.5]])
        >>> placed = place_names([above, above, above], np.empty((0, 2)), [line], [(300, 200)])
        >>> [(each.align, each.dy) for each in placed]
        [('center', -12), ('center', 12)]
    """
    taken = [_obstacles(marks, lines, size) for size in sizes]
    placed: list[Placed] = []
    for name in names:
        found = next((each for each in _places(name) if _is_free(each, taken, sizes, top)), None)
        if found:
            placed.append(found)
            taken = [np.vstack([boxes, _box(found, size)]) for boxes, size in zip(taken, sizes, strict=True)]
    return placed


def text_width(text: str) -> int:
    """Return at least how many px a text of `FONT_SIZE` takes in any usual font without serifs."""
    em = sum(0.95 if sign in _WIDE or ord(sign) > 0x2E80 else 0.62 for sign in text)
    return int(np.ceil(FONT_SIZE * em)) + 2


def _places(name: Name) -> Iterable[Placed]:
    for text in name.texts:
        for x, y in name.anchors:
            for align, dx, dy in _ALONG if name.along else _BESIDE:
                yield Placed(text, x, y, align, dx, dy, text_width(text))


def _is_free(place: Placed, taken: Sequence[Floats], sizes: Sequence[tuple[int, int]], top: int) -> bool:
    for boxes, (width, height) in zip(taken, sizes, strict=True):
        left, upper, right, lower = _box(place, (width, height))
        if left < 0 or right > width or upper < top or lower > height:
            return False
        apart = (boxes[:, 0] >= right) | (boxes[:, 2] <= left) | (boxes[:, 1] >= lower) | (boxes[:, 3] <= upper)
        if not apart.all():
            return False
    return True


def _box(place: Placed, size: tuple[int, int]) -> Floats:
    """Return left, upper, right and lower edge in px."""
    x, y = place.x * size[0] + place.dx, place.y * size[1] + place.dy
    left = x - {"left": 0.0, "center": place.width / 2, "right": float(place.width)}[place.align]
    return np.array([left, y - _HEIGHT / 2, left + place.width, y + _HEIGHT / 2])


def _obstacles(marks: Floats, lines: Sequence[Floats], size: tuple[int, int]) -> Floats:
    """Return the boxes that marks and lines take: float64 array of shape (n, 4)."""
    boxes = [_around(marks * size, _MARK)]
    for line in lines:
        for first, second in pairwise(line * size):
            points = max(2, int(np.hypot(*(second - first)) / _STEP) + 1)
            boxes.append(_around(np.linspace(first, second, points), _LINE))
    return np.vstack(boxes)


def _around(middles: Floats, reach: int) -> Floats:
    return np.hstack([middles - reach, middles + reach]).reshape(-1, 4)
