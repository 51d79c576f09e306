"""How alike digits are: pictures a little blurred and made smaller, so that a line may lie half a pixel elsewhere."""

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Images, check_images

_HALF = IMAGE_SIZE // 2


def blur(images: Images) -> npt.NDArray[np.float32]:
    """Blur digits, and average 2x2 pixels.

    Args:
        images: uint8 array of shape (n, 28, 28).

    Returns:
        float32 array of shape (n, 196), 0 blank to 1 full ink.

    Example:
        >>> blur(np.full((1, 28, 28), 255, np.uint8)).max().tolist()
        1.0
    """
    padded = np.pad(check_images(images), ((0, 0), (1, 1), (1, 1))).astype(np.float32) / 255
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    blurred = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 16
    small: npt.NDArray[np.float32] = blurred.reshape(-1, _HALF, 2, _HALF, 2).mean(axis=(2, 4)).reshape(-1, _HALF**2)
    return small


def distances(blurred: npt.NDArray[np.float32], others: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return how far each of n blurred digits is from each of m: float32 (n, m), Euclidean.

    Args:
        blurred: float32 array of shape (n, 196), as `blur` returns it.
        others: float32 array of shape (m, 196).
    """
    squared = _squares(blurred)[:, None] + _squares(others) - 2 * blurred @ others.T
    apart: npt.NDArray[np.float32] = np.sqrt(np.maximum(squared, 0))
    return apart


def nearest(digit: Images, others: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """Return the places of the digits that are most like one, most alike first.

    Args:
        digit: uint8 array of shape (28, 28).
        others: float32 array of shape (m, 196), as `blur` returns it.
        count: How many at most.
    """
    apart = distances(blur(digit[None]), others)[0]
    found = np.argpartition(apart, min(count, len(apart)) - 1)[:count] if len(apart) else np.empty(0, np.intp)
    return found[np.argsort(apart[found], kind="stable")]


def _squares(blurred: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    sums: npt.NDArray[np.float32] = np.einsum("ij,ij->i", blurred, blurred)  # without a copy of all
    return sums
