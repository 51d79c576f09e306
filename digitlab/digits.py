"""The format every image obeys: 28x28 pixels, uint8, 0 is blank and 255 is full ink."""

import hashlib
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Images: TypeAlias = npt.NDArray[np.uint8]  # (n, 28, 28), or (28, 28) of one digit; 0 blank to 255 full ink
Labels: TypeAlias = npt.NDArray[np.integer[Any]]  # (n,)
Floats: TypeAlias = npt.NDArray[np.floating[Any]]

IMAGE_SIZE = 28
NUM_CLASSES = 10
CLASS_NAMES = tuple(str(label) for label in range(NUM_CLASSES))


def with_article(label: int) -> str:
    """Return a digit as it is spoken of.

    Example:
        >>> with_article(7), with_article(8)
        ('a 7', 'an 8')
    """
    return f"{'an' if label == 8 else 'a'} {label}"


def check_images(images: Images) -> Images:
    """Return `images` unchanged if they are a batch of digits.

    Args:
        images: uint8 array of shape (n, 28, 28), 0 blank to 255 full ink.

    Returns:
        The same array.

    Raises:
        ValueError: If shape or dtype differ.

    Example:
        >>> check_images(np.zeros((2, 32, 32), np.uint8))
        Traceback (most recent call last):
        ValueError: Expected images as a uint8 array of shape (n, 28, 28). Received: uint8 array of shape (2, 32, 32).
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise ValueError(f"Expected images as a uint8 array of shape (n, 28, 28). Received: {_describe(images)}.")
    return images


def check_labels(labels: Labels, n: int) -> Labels:
    """Return `labels` unchanged if they are `n` labels 0-9.

    Args:
        labels: integer array of shape (n,).
        n: How many are expected.

    Returns:
        The same array.

    Raises:
        ValueError: If shape, dtype or range differ.

    Example:
        >>> check_labels(np.array([3, 12]), 2)
        Traceback (most recent call last):
        ValueError: Expected labels from 0 to 9. Received labels from 3 to 12.
    """
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu" or labels.shape != (n,):
        raise ValueError(f"Expected {n} labels as an integer array of shape ({n},). Received: {_describe(labels)}.")
    if n and not 0 <= labels.min() <= labels.max() < NUM_CLASSES:
        raise ValueError(f"Expected labels from 0 to 9. Received labels from {labels.min()} to {labels.max()}.")
    return labels


def data_version(images: Images, labels: Labels) -> str:
    """Return 16 hex digits that are equal for equal digits: a name for a data set.

    Args:
        images: uint8 array of shape (n, 28, 28).
        labels: integer array of shape (n,).

    Example:
        >>> data_version(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))
        'f6a3f2022f7f2532'
    """
    digest = hashlib.sha256(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels, np.uint8).data)
    return digest.hexdigest()[:16]


def enlarge(picture: Images, factor: int = 5) -> Images:
    """Make a small picture larger for the screen, each pixel a crisp square.

    Args:
        picture: uint8 array of shape (h, w).
        factor: How many screen pixels long and wide a pixel becomes.

    Returns:
        uint8 array of shape (h * factor, w * factor).

    Example:
        >>> enlarge(np.array([[0, 255]], np.uint8), 2)
        array([[  0,   0, 255, 255],
               [  0,   0, 255, 255]], dtype=uint8)
    """
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def _describe(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} array of shape {value.shape}"
    return type(value).__name__
