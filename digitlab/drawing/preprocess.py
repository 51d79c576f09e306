"""Ink -> 28x28 digit, the way MNIST was made.

Source: C. Yadav and L. Bottou, "Cold Case: The Lost MNIST Digits" (2019), https://arxiv.org/abs/1905.10498, who
reconstructed the recipe from NIST's originals.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Floats, Images

Ink: TypeAlias = npt.NDArray[np.integer[Any]] | npt.NDArray[np.floating[Any]]  # (h, w), 0 blank to 255 full
BOX_SIZE = 20  # the longest side of a digit's ink, in pixels of the 28x28 image
_SMALLEST_SIDE = 10  # pixels of the drawing: a smaller square is not enlarged to fill the box


@dataclass(frozen=True)
class DigitSteps:
    """What ink looks like after each step on its way to a digit.

    Attributes:
        ink: uint8 or float array of shape (h, w), as it was received; 0 blank to 255 full.
        square: float64 array of shape (s, s): the bounding box of the ink, blank added along its shorter side.
        box: uint8 array of shape (20, 20): the square made smaller, each pixel the mean of the area it covers.
        offset: `(row, column)` of the box in the digit, so that the centre of mass is in the middle.
        digit: uint8 array of shape (28, 28), the result.
    """

    ink: Ink
    square: Floats
    box: Images
    offset: tuple[int, int]
    digit: Images


def ink_to_digit(ink: Ink) -> Images:
    """Turn ink of any size into a digit as MNIST would have it.

    Args:
        ink: uint8 or float array of shape (h, w), 0 blank to 255 full ink.

    Returns:
        uint8 array of shape (28, 28), 0 blank to 255 full ink; the ink's longest side is 20 pixels (shorter for a speck
        under 10 pixels) and its centre of mass lies in (14, 15] on both axes.

    Raises:
        ValueError: If `ink` is blank or has another shape, dtype or range.

    Example:
        >>> ink = np.zeros((200, 300), np.uint8)
        >>> ink[40:160, 50:62] = 255  # a one, drawn with a wide pen
        >>> digit = ink_to_digit(ink)
        >>> digit.shape, digit.dtype, int(digit.any(axis=1).sum())
        ((28, 28), dtype('uint8'), 20)
    """
    return digit_steps(ink).digit


def digit_steps(ink: Ink) -> DigitSteps:
    """Do what `ink_to_digit` does and keep every step.

    Args:
        ink: As for `ink_to_digit`.

    Returns:
        The steps, the last of which is the digit.

    Raises:
        ValueError: As `ink_to_digit`.
    """
    _check_ink(ink)
    square = _square(ink.astype(np.float64))
    box = _round(_area_average(square, BOX_SIZE))
    row, column = _paste_offsets(box[None])[0]
    return DigitSteps(ink, square, box, (int(row), int(column)), paste_boxes(box[None])[0])


def paste_boxes(boxes: Images) -> Images:
    """Paste boxes into blank images so that their centres of mass are in the middle, by whole pixels.

    Args:
        boxes: uint8 array of shape (n, 20, 20).

    Returns:
        uint8 array of shape (n, 28, 28).
    """
    offsets = _paste_offsets(boxes)
    rows, columns = (offsets[:, axis, None] + np.arange(BOX_SIZE) for axis in (0, 1))
    images = np.zeros((len(boxes), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    images[np.arange(len(boxes))[:, None, None], rows[:, :, None], columns[:, None, :]] = boxes
    return images


def _check_ink(ink: Ink) -> None:
    if not isinstance(ink, np.ndarray) or ink.ndim != 2 or ink.dtype.kind not in "uif" or ink.dtype.itemsize > 8:
        received = f"{ink.dtype} array of shape {ink.shape}" if isinstance(ink, np.ndarray) else type(ink).__name__
        raise ValueError(f"Expected ink as a numeric array of shape (height, width). Received: {received}.")
    if not ink.size or not np.isfinite(ink).all() or ink.min() < 0 or ink.max() > 255:
        raise ValueError(
            "Expected ink between 0 (blank) and 255 (full). "
            f"Received: {f'values from {ink.min()} to {ink.max()}' if ink.size else 'an empty array'}."
        )
    if ink.dtype.kind == "f" and 0 < ink.max() <= 1:
        raise ValueError("Expected ink up to 255. Received: ink between 0 and 1. Multiply it by 255.")
    if not ink.any():
        raise ValueError("Expected a drawing. Received: a blank canvas. Draw a digit first.")


def _square(ink: Floats) -> Floats:
    """Cut out the bounding box and widen its short side with blank, the ink about centred."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(*cut.shape, _SMALLEST_SIDE)
    top, left = (side - cut.shape[0]) // 2, (side - cut.shape[1]) // 2
    square = np.zeros((side, side))
    square[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return square


def _area_average(square: Floats, size: int) -> Floats:
    """Resize to (size, size), each new pixel the mean of the area it covers.

    The recipe doubles a side under 20 pixels before averaging. Doubling repeats pixels and so changes no area: this
    gives the same result without it.
    """
    # Not Pillow's: its box filter takes a pixel wholly or not at all, and MNIST's digits would not come back.
    edges = np.linspace(0, len(square), size + 1)
    lower, upper = edges[:-1, None], edges[1:, None]
    pixel = np.arange(len(square))
    overlap = np.clip(np.minimum(upper, pixel + 1) - np.maximum(lower, pixel), 0, None)
    weights = overlap / overlap.sum(axis=1, keepdims=True)
    averaged: Floats = weights @ square @ weights.T
    return averaged


def _round(box: Floats) -> Images:
    """Round to 0..255. The recipe scales the maximum to min(1, max); an average of ink up to 1 is never above it."""
    rounded = np.round(box).astype(np.uint8)
    if not rounded.any():
        raise ValueError(
            f"Expected ink up to about 255. Received: a drawing too faint to see ({box.max():.2g} at most)."
        )
    return rounded


def _paste_offsets(boxes: Images) -> npt.NDArray[np.intp]:
    """Whole-pixel offsets (n, 2) that bring the centres of mass into (14, 15]; pixel centres are at +0.5."""
    centres = np.arange(BOX_SIZE) + 0.5
    mass = boxes.astype(np.float64)
    total = np.maximum(mass.sum(axis=(1, 2)), 1)[:, None]  # a blank box may go anywhere
    barycentres = np.column_stack([mass.sum(axis=2) @ centres, mass.sum(axis=1) @ centres]) / total
    # A centre of mass near the edge of the box would push it out of the image; MNIST has none (all 70,000).
    offsets: npt.NDArray[np.intp] = np.clip((15 - barycentres).astype(np.intp), 0, IMAGE_SIZE - BOX_SIZE)
    return offsets
