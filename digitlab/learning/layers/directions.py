"""The layer that tells in which directions a digit's lines run, and where. Imports Keras: only for the worker.

Where lines run which way changes less from hand to hand than which pixels are inked: a dense network that is told so
needs fewer drawings. The layer has no weights: nothing in it is learnt.

Source: gradient direction features as of C.-L. Liu et al., "Handwritten digit recognition: benchmarking of
state-of-the-art techniques" (2003): Sobel gradients, eight directions, averaged over areas, square root. The square
root makes the values of faint and of strong lines more alike.
"""

import keras
import numpy as np
from keras import ops

from digitlab.digits import IMAGE_SIZE

DIRECTIONS = 8
AREA = 4  # side in pixels of what is averaged

_LEAST = 1e-4  # under the root: its slope stays finite, and rounding errors stay small


@keras.saving.register_keras_serializable("digitlab")
class Directions(keras.layers.Layer):
    """Images (n, 28, 28), 0 to 1, to (n, 7, 7, 8), 0 to 1: how much ink begins in each direction in each area."""

    def call(self, images: object) -> object:
        """Take the gradient's part in each direction where it is positive, area by area; see the module."""
        padded = ops.pad(images, ((0, 0), (1, 1), (1, 1)))
        by_row = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4  # 1 for an edge from blank to full ink
        by_column = (padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]) / 4
        right, down = by_row[:, :, 2:] - by_row[:, :, :-2], by_column[:, 2:] - by_column[:, :-2]
        angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
        edges = [ops.relu(float(np.cos(angle)) * right + float(np.sin(angle)) * down) for angle in angles]
        averages = ops.stack([_average_areas(edge) for edge in edges], axis=3)
        return ops.minimum(ops.sqrt(averages + _LEAST) - _LEAST**0.5, 1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Spare Keras to trace `call` for the shape, as in `straighten.Straighten`."""
        return (input_shape[0], IMAGE_SIZE // AREA, IMAGE_SIZE // AREA, DIRECTIONS)


def _average_areas(edge: object) -> object:
    """Means of areas, (n, 28, 28) to (n, 7, 7): a seventh of the time that XLA takes for convolving and pooling."""
    size = IMAGE_SIZE // AREA
    by_rows = ops.mean(ops.reshape(edge, (-1, size, AREA, IMAGE_SIZE)), axis=2)
    return ops.mean(ops.reshape(by_rows, (-1, size, size, AREA)), axis=3)
