"""How a model that was made elsewhere is given digits, and what its answers mean."""

from typing import Any

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Images
from digitlab.run import BroughtIn

# What the values of pixels may be taken for: 0 to 255 times the first, plus the second.
READINGS = {"0 to 255": (1.0, 0.0), "0 to 1": (1 / 255, 0.0), "-1 to 1": (2 / 255, -1.0)}
SHAPES = ((IMAGE_SIZE, IMAGE_SIZE), (IMAGE_SIZE, IMAGE_SIZE, 1), (IMAGE_SIZE**2,))  # of one digit
_ROUNDED = 0.05  # of a sum of ten shares in whole numbers of 8 bits


def encode(images: Images, end: dict[str, Any], brought: BroughtIn) -> npt.NDArray[Any]:
    """Return digits as a model takes them.

    Args:
        images: uint8 array of shape (n, 28, 28).
        end: Of the model, as LiteRT describes what it is given.
        brought: What is known of it.
    """
    factor, added = READINGS[brought.reads]
    shape = tuple(end["shape_signature"][1:].tolist())
    values = (images.astype(np.float32) * np.float32(factor) + np.float32(added)).reshape(len(images), *shape)
    if np.issubdtype(end["dtype"], np.floating):
        floats: npt.NDArray[Any] = values.astype(end["dtype"])
        return floats
    scale, zero = end["quantization"]
    limits = np.iinfo(end["dtype"])
    whole: npt.NDArray[Any] = np.clip(np.round(values / (scale or 1) + zero), limits.min, limits.max)
    return whole.astype(end["dtype"])


def decode(answers: npt.NDArray[Any], end: dict[str, Any], brought: BroughtIn) -> npt.NDArray[np.float32]:
    """Return a model's answers as logits, float32 of shape (n, 10).

    Args:
        answers: As the model gave them.
        end: Of the model, as LiteRT describes what it answers.
        brought: What is known of it.
    """
    scale, zero = end["quantization"]
    values = answers.astype(np.float32)
    if not np.issubdtype(end["dtype"], np.floating):
        values = (values - np.float32(zero)) * np.float32(scale or 1)
    return np.log(np.maximum(values, np.float32(1e-7))) if brought.gives == "probabilities" else values


def what_it_gives(answers: npt.NDArray[np.float32]) -> str:
    """Return whether answers of shape (n, 10) are "probabilities" or "logits".

    Example:
        >>> what_it_gives(np.full((3, 10), 0.1, np.float32)), what_it_gives(np.eye(10, dtype=np.float32) * 9)
        ('probabilities', 'logits')
    """
    within = (answers >= -_ROUNDED).all() and (answers <= 1 + _ROUNDED).all()
    sums = np.abs(answers.sum(axis=1) - 1).max() <= _ROUNDED
    return "probabilities" if within and sums else "logits"
