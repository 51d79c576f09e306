"""Vary many digits quickly: so that a training can have new ones in each epoch.

`pixel_variation` distorts each digit in its own way and looks where its ink went. Here as many digits as chance puts
together share a distortion, which is then one sparse matrix, and their ink stays where it is bent to: a network that
straightens digits first puts it right. That takes about a thirtieth of the time.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Floats, Images, check_images
from digitlab.drawing.distortion import check_strength, random_distortions
from digitlab.drawing.preprocess import BOX_SIZE

if TYPE_CHECKING:
    from scipy import sparse

_TOGETHER = 128  # digits that share a distortion: fewer teach no more, and take longer


def vary_together(images: Images, strength: float, rng: np.random.Generator) -> Images:
    """Make a new digit from each of many.

    Args:
        images: uint8 array of shape (n, 28, 28), 0 blank to 255 full ink.
        strength: 0 leaves them as they are; up to 2.
        rng: Source of randomness.

    Returns:
        uint8 array of shape (n, 28, 28). Ink that is bent over the edge is cut off.

    Raises:
        ValueError: If the images have another shape or dtype, or the strength is out of range.

    Example:
        >>> ones = np.zeros((2, 28, 28), np.uint8)
        >>> ones[:, 4:24, 13:15] = 255
        >>> vary_together(ones, 0.5, np.random.default_rng(0)).shape
        (2, 28, 28)
    """
    check_strength(strength)
    check_images(images)
    if strength == 0 or not len(images):
        return images.copy()
    order = rng.permutation(len(images))
    groups = [order[start : start + _TOGETHER] for start in range(0, len(images), _TOGETHER)]
    flat = images.reshape(len(images), -1)
    varied = np.empty_like(flat)

    def vary_group(group: npt.NDArray[np.int64], sources: Floats) -> None:
        ink = np.ascontiguousarray(flat[group].T, np.float32)
        varied[group] = (_reading(sources) @ ink).T.round()

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(vary_group, groups, _sources(len(groups), strength, rng)))
    return varied.reshape(images.shape)


def _sources(n: int, strength: float, rng: np.random.Generator) -> Floats:
    """Draw n distortions: from where the ink of each pixel comes, float32 (n, 784, 2): x, y in pixels."""
    middle = (IMAGE_SIZE - 1) / 2
    steps = (np.arange(IMAGE_SIZE, dtype=np.float32) - middle) / BOX_SIZE
    y, x = np.meshgrid(steps, steps, indexing="ij")
    points = np.tile(np.column_stack([x.ravel(), y.ravel()]), (n, 1, 1))
    return random_distortions(n, strength, rng)(points) * BOX_SIZE + np.float32(middle)


def _reading(sources: Floats) -> "sparse.csr_matrix":
    """Return the matrix (784, 784) that reads flat digits at these places (784, 2), between the four pixels around."""
    from scipy import sparse  # in the worker only: it would cost the server 14 MB

    at = np.clip(sources, 0, IMAGE_SIZE - 1.001)
    whole = at.astype(np.int32)
    right, down = (at - whole).T
    first = whole[:, 1] * IMAGE_SIZE + whole[:, 0]
    pixels = first[:, None] + np.array([0, 1, IMAGE_SIZE, IMAGE_SIZE + 1], np.int32)
    shares = np.column_stack(
        [(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down]
    ).astype(np.float32)  # fmt: skip
    ends = np.arange(0, 4 * len(sources) + 1, 4, dtype=np.int32)
    return sparse.csr_matrix((shares.ravel(), pixels.ravel(), ends), shape=(IMAGE_SIZE**2, IMAGE_SIZE**2))
