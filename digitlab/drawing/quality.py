"""Gates that ask, never refuse: marks for drawings that may not be what their label says."""

from collections.abc import Sequence

import numpy as np

from digitlab.digits import NUM_CLASSES

TINY = "tiny"
LEAVES_CELL = "leaves its cell"
DUPLICATE = "just like another one"
_LOOKS_LIKE = tuple(f"looks like a {digit}" for digit in range(NUM_CLASSES))

_TINY_SHARE = 0.12  # of the cell's side
_OVER_EDGE_SHARE = 0.08  # of the cell's side: the pen may slip a little
_DUPLICATE_DIFFERENCE = 1.0  # mean difference of pixels, 0-255; of 7,464 real digits none was as like an earlier one
_SURE = 0.8  # a model must be this sure of another label


def marks(drawings: Sequence[dict], earlier: np.ndarray, probabilities: np.ndarray | None) -> list[list[str]]:
    """Find what to ask about drawings.

    Args:
        drawings: n dicts with `label`, `strokes` (x, y in pixels of the cell), `size` (side of the cell in pixels) and
            `digit` (uint8 array of shape (28, 28)).
        earlier: uint8 array of shape (m, 28, 28), earlier digits.
        probabilities: float array of shape (n, 10) of a model, or None.

    Returns:
        For each drawing its marks, often none.
    """
    seen = earlier.astype(np.float32)
    found = []
    for index, drawing in enumerate(drawings):
        label, size = drawing["label"], drawing["size"]
        points = np.concatenate([stroke[:, :2] for stroke in drawing["strokes"]])
        image = drawing["digit"].astype(np.float32)
        reasons = []
        if np.ptp(points, axis=0).max() < _TINY_SHARE * size:
            reasons.append(TINY)
        if points.min() < -_OVER_EDGE_SHARE * size or points.max() > (1 + _OVER_EDGE_SHARE) * size:
            reasons.append(LEAVES_CELL)
        if len(seen) and np.abs(seen - image).mean(axis=(1, 2)).min() < _DUPLICATE_DIFFERENCE:
            reasons.append(DUPLICATE)
        if probabilities is not None:
            likely = int(probabilities[index].argmax())
            if likely != label and probabilities[index, likely] > _SURE:
                reasons.append(_LOOKS_LIKE[likely])
        found.append(reasons)
        seen = np.concatenate([seen, image[None]])
    return found
