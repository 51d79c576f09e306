"""Which parts of a digit mattered: cover it piece by piece, and see what that does to the answer.

Source: occlusion sensitivity of M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
"""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Images, check_images
from digitlab.learning.evaluation import Predictor

PATCH = 5  # side in pixels of what is covered at once
_LEAST = 1e-7  # probability: what float32 tells from 0


def occlude(predictor: Predictor, digit: Images, answer: int) -> npt.NDArray[np.float32]:
    """Find what each part of a digit did for an answer and against it.

    Each square of 5x5 pixels that holds ink is made blank, and all of these digits are read at once.

    Args:
        predictor: The network.
        digit: uint8 array of shape (28, 28).
        answer: 0-9.

    Returns:
        float32 array of shape (28, 28): by how much the log-odds of the answer fall, in nats, when a square around the
        pixel is covered; mean over all squares that cover it. Above 0 the ink spoke for the answer, below 0 against it.

    Raises:
        ValueError: If it is no digit, or no answer.
    """
    check_images(digit[None])
    if not 0 <= answer < NUM_CLASSES:
        raise ValueError(f"Expected an answer from 0 to 9. Received: {answer!r}.")
    places = np.argwhere(sliding_window_view(digit, (PATCH, PATCH)).any(axis=(2, 3)))
    covered = np.repeat(digit[None], len(places) + 1, axis=0)  # the last one stays whole
    for image, (row, column) in zip(covered, places, strict=False):
        image[row : row + PATCH, column : column + PATCH] = 0
    odds = _log_odds(predictor.predict(covered)[:, answer])
    total = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.float32)
    times = np.zeros_like(total)
    for fall, (row, column) in zip(odds[-1] - odds[:-1], places, strict=True):
        total[row : row + PATCH, column : column + PATCH] += fall
        times[row : row + PATCH, column : column + PATCH] += 1
    # A square at the rim is part of fewer squares; blank pixels far from the ink of none.
    return np.divide(total, np.maximum(times, 1), dtype=np.float32)


def _log_odds(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    clipped = np.clip(probabilities.astype(np.float64), _LEAST, 1 - _LEAST)
    odds: npt.NDArray[np.float32] = np.log(clipped / (1 - clipped)).astype(np.float32)
    return odds
