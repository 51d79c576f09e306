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

DIRECTIONS = 8
AREA = 4  # side in pixels of what is averaged

_SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32) / 4  # 1 for an edge from blank to full ink
_LEAST = 1e-4  # under the root: its slope stays finite, and rounding errors stay small


@keras.saving.register_keras_serializable("digitlab")
class Directions(keras.layers.Layer):
    """Images (n, 28, 28), 0 to 1, to (n, 7, 7, 8), 0 to 1: how much ink begins in each direction in each area."""

    def call(self, images: object) -> object:
        """Take the gradient's part in each direction where it is positive, area by area; see the module."""
        angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
        kernel = _SOBEL[:, :, None] * np.cos(angles) + _SOBEL.T[:, :, None] * np.sin(angles)
        kernel = ops.convert_to_tensor(kernel[:, :, None, :].astype(np.float32))
        edges = ops.relu(ops.conv(images[..., None], kernel, padding="same"))
        averages = ops.average_pool(edges, AREA, AREA)
        return ops.minimum(ops.sqrt(averages + _LEAST) - _LEAST**0.5, 1)
