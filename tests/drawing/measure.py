"""Where the ink of a digit lies."""

import numpy as np

from tests.helpers import human_strokes

DRAWINGS = [[np.array(stroke, float) for stroke in strokes] for strokes in human_strokes().values()]


def longest_side(digit):
    """Of the bounding box of its ink, in pixels."""
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    return max(np.ptp(rows), np.ptp(columns)) + 1


def centroid(digit):
    """Centre of mass `(y, x)` in pixels; the centre of the first pixel is at 0.5."""
    mass, centres = digit.astype(float), np.arange(len(digit)) + 0.5
    return mass.sum(axis=1) @ centres / mass.sum(), mass.sum(axis=0) @ centres / mass.sum()
