"""The layer that compares an input with remembered ones. Imports Keras: only for the worker.

It is the first half of kernel ridge regression with a Gaussian kernel; the second is a dense layer without activation.
"""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("digitlab")
class Similarity(keras.layers.Layer):
    """Inputs (n, d) to (n, units), 0 to 1: how alike each is to each remembered one, exp(-gamma * distance^2).

    A remembered input t is kept as two weights, 2 * gamma * t and -gamma * t^2: then one matrix product compares with
    all. See `kernel_ridge.fit`.

    Args:
        units: How many inputs are remembered.
        gamma: How quickly likeness falls with the squared distance.
        **kwargs: As for every layer.
    """

    def __init__(self, units: int, gamma: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units, self.gamma = units, gamma

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights: nothing is remembered yet."""
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, inputs: object) -> object:
        """Compare; see the class."""
        own = self.gamma * ops.sum(ops.square(inputs), axis=-1, keepdims=True)
        return ops.exp(ops.minimum(ops.matmul(inputs, self.kernel) + self.bias - own, 0))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is made with."""
        return {**super().get_config(), "units": self.units, "gamma": self.gamma}
