"""The marks in the corners of a sheet, found in a photo: black squares in black rings, whichever way they lie."""

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats
from digitlab.formats.cut_apart import label_ink

_LEAST_AREA = 12  # pixels
_MOST_PIECES = 1500  # of each kind that are compared
_RING, _SQUARE = (1.9, 6.2), (9.5, 13.4)  # area by the root of the determinant of the covariance: 3.9 and 12
_AREAS = 1.5, 3.6  # the ring's by the square's: 24 / 9
_SPREADS = 4.5, 13.5  # the ring's covariance by the square's, along each axis: 8.2
_OFF = 0.6  # middles may be apart by so many standard deviations of the square


def find_marks(dark: npt.NDArray[np.bool_]) -> Floats:
    """Find the marks: how ink is spread tells them, which no turn and no perspective changes.

    Args:
        dark: bool array of shape (h, w), where the photo is dark.

    Returns:
        float64 array of shape (n, 3), largest first: x and y of the middle in pixels from the upper left corner of the
        photo, and the area of the ring.
    """
    area, middle, spread = _moments(dark)
    size = np.sqrt(np.maximum(np.linalg.det(spread), 1e-9)) if len(area) else area
    fill = area / np.maximum(size, 1e-9)
    rings, squares = (_likely(area, fill, limits) for limits in (_RING, _SQUARE))
    if not len(rings) or not len(squares):
        return np.empty((0, 3))
    apart = np.hypot(*np.moveaxis(middle[rings][:, None] - middle[squares], 2, 0))
    areas = area[rings][:, None] / area[squares]
    near = (apart < _OFF * np.sqrt(size[squares])) & (areas > _AREAS[0]) & (areas < _AREAS[1])
    outer, inner = (places[some] for places, some in zip((rings, squares), np.nonzero(near), strict=True))
    ratios = np.linalg.eigvals(np.linalg.solve(spread[inner], spread[outer])).real
    good = ((ratios > _SPREADS[0]) & (ratios < _SPREADS[1])).all(axis=1)
    found = np.column_stack([(middle[outer] + middle[inner])[good] / 2 + 0.5, area[outer][good]])
    return found[np.argsort(-found[:, 2])]


def _moments(dark: npt.NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Return of each piece of ink its area, its middle x and y, and the covariance of its pixels: (n,) to (n, 2, 2)."""
    labels, n = label_ink(dark)
    rows, columns = np.nonzero(labels)
    names = labels[rows, columns] - 1
    counts = np.bincount(names, minlength=n)
    kept = counts >= _LEAST_AREA
    area = counts[kept].astype(np.float64)
    mean = np.column_stack([np.bincount(names, each, n)[kept] / area for each in (columns, rows)])
    places = np.zeros((n, 2))
    places[kept] = mean
    x, y = columns - places[names, 0], rows - places[names, 1]
    xx, xy, yy = (np.bincount(names, each, n)[kept] / area for each in (x * x, x * y, y * y))
    spread = np.stack([np.stack([xx + 1 / 12, xy], -1), np.stack([xy, yy + 1 / 12], -1)], -2)  # a pixel has a size too
    return area, mean, spread


def _likely(area: Floats, fill: Floats, limits: tuple[float, float]) -> npt.NDArray[np.intp]:
    places = np.flatnonzero((fill > limits[0]) & (fill < limits[1]))
    return places[np.argsort(-area[places])[:_MOST_PIECES]]
