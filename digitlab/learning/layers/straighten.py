"""The layer that uprights a digit and gives it a standard size, by its moments. Imports Keras: only for the worker.

Slant, height and width of a digit say more about its writer than about what it is. What is learnt from one hand then
fits others better.

Source: the moment normalisation of Y. LeCun et al., "Gradient-based learning applied to document recognition" (1998,
deskewing), extended to the size as in C.-L. Liu et al., "Handwritten digit recognition: investigation of normalization
and feature extraction techniques" (2004).
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from digitlab.digits import IMAGE_SIZE

# Standard deviation of the ink along columns and rows of a straightened digit, in pixels.
_WIDTH, _HEIGHT = 4.0, 5.4
_MOST_SLANT = 1.2
_MOST_NARROWING, _MOST_WIDENING = 0.35, 2.0
_LEAST = 1e-6


@keras.saving.register_keras_serializable("digitlab")
class Straighten(keras.layers.Layer):
    """Images (n, 28, 28), 0 to 1, to images of the same shape; a blank image stays blank."""

    def call(self, images: object) -> object:
        """Resample each image along its rows and columns; see the module."""
        return straighten(images, _read_rows)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Spare Keras to trace `call` for the shape each time a model is built: that takes longer than all the rest."""
        return input_shape


def straighten(images: object, read_rows: Callable[[object, object], object]) -> object:
    """Resample images along their rows and columns.

    Args:
        images: Of shape (n, 28, 28), 0 to 1; while a network is described, what stands for them.
        read_rows: Reads each row of images at columns of shape (n, 28, 28), between two neighbours.
    """
    pixel = np.arange(IMAGE_SIZE, dtype=np.float32)
    mass = ops.sum(images, axis=(1, 2)) + _LEAST
    by_column, by_row = ops.sum(images, axis=1), ops.sum(images, axis=2)
    x_mean, y_mean = ops.sum(by_column * pixel, axis=1) / mass, ops.sum(by_row * pixel, axis=1) / mass
    dx, dy = ops.subtract(pixel, x_mean[:, None]), ops.subtract(pixel, y_mean[:, None])
    x_variance, y_variance = ops.sum(by_column * dx**2, axis=1) / mass, ops.sum(by_row * dy**2, axis=1) / mass
    along_rows = ops.sum(images * dx[:, None, :], axis=2)
    covariance = ops.sum(along_rows * dy, axis=1) / mass
    slant = ops.clip(covariance / (y_variance + 1e-3), -_MOST_SLANT, _MOST_SLANT)
    height = ops.sqrt(ops.maximum(y_variance, 0.1)) / _HEIGHT
    width = ops.sqrt(ops.maximum(x_variance - slant * covariance, 0.1)) / _WIDTH
    width = ops.clip(width, _MOST_NARROWING, _MOST_WIDENING)
    centred = pixel[None] - (IMAGE_SIZE - 1) / 2
    rows = y_mean[:, None] + height[:, None] * centred  # where each new row comes from
    hats = ops.relu(1 - ops.abs(rows[:, :, None] - pixel))  # by how much it is read from each row
    upright = ops.matmul(hats, images)
    # Where each new pixel of a row comes from: the slant moves rows against each other.
    columns = x_mean[:, None, None] + width[:, None, None] * centred[:, None, :]
    columns = columns + (slant * height)[:, None, None] * centred[:, :, None]
    return read_rows(upright, columns)


def read_rows_anywhere(images: object, columns: object) -> object:
    """Do what `_read_rows` does, slower, by Keras' own operations alone: what is saved of it needs no code of ours."""
    pixel = np.arange(IMAGE_SIZE, dtype=np.float32)
    hats = ops.relu(1 - ops.abs(columns[:, :, :, None] - pixel))  # type: ignore[index]
    return ops.sum(hats * images[:, :, None, :], axis=3)  # type: ignore[index]


def _read_rows(images: object, columns: object) -> object:
    """Read each row at its `columns` (n, 28, 28), between two neighbours; outside of the image all is blank."""
    columns = ops.clip(columns, -1, IMAGE_SIZE)
    before = ops.floor(columns)
    padded = ops.pad(images, ((0, 0), (0, 0), (1, 2)))
    width = IMAGE_SIZE + 3
    starts = 1 + width * np.arange(IMAGE_SIZE, dtype=np.int32)[:, None]
    places = ops.reshape(ops.cast(before, "int32") + starts, (-1, IMAGE_SIZE**2))
    flat = ops.reshape(padded, (-1, IMAGE_SIZE * width))
    # Not ops.take_along_axis: it adds what negative places need.
    left, right = (tf.gather(flat, place, batch_dims=1) for place in (places, places + 1))
    left, right = (ops.reshape(side, (-1, IMAGE_SIZE, IMAGE_SIZE)) for side in (left, right))
    return left + (columns - before) * (right - left)
