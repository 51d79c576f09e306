"""Networks: built from settings, counted, and described so that those which compute the same are known to be alike."""

import json
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES
from digitlab.settings import Settings

if TYPE_CHECKING:
    import keras

_DIRECTIONS = 7 * 7 * 8  # values that `directions.Directions` gives; Keras is not imported to count them
# Filters, size, strides, and side of the pooling after it (1: none). Quick on a processor: the first halves the sides.
_CONVOLUTIONS = {
    "dense": (),
    "cnn": ((16, 5, 2, 1), (32, 3, 1, 2)),
    "lenet": ((32, 6, 2, 2), (64, 3, 1, 2)),
}


def build(settings: Settings) -> "keras.Model":
    """Build a network that takes digits as they are and returns logits.

    Args:
        settings: Of these it uses network, hidden_units, activation, dropout, straighten, directions and seed (of the
            initial weights and of dropout). The convolutional networks have two convolutions before the hidden
            layers, and pooling after the second or, as LeNet of Y. LeCun et al. (1998), after each; they learn
            directions by themselves and always take pixels.

    Returns:
        A Keras model from images (n, 28, 28), 0 to 255, to logits (n, 10). Its first layer, `front`, has no weights.
    """
    import keras

    from digitlab.learning.layers import Directions, Straighten

    # All that Keras draws weights with. Its own function also sets TensorFlow's seed, which nothing here uses: at that,
    # TensorFlow forgets what it has prepared of the compiled steps, and prepares it anew for 0.15 s of each training.
    random.seed(settings.seed)
    shape = keras.Input((IMAGE_SIZE, IMAGE_SIZE))
    front = [keras.layers.Rescaling(1 / 255), *([Straighten()] if settings.straighten else [])]
    if settings.directions and settings.network == "dense":
        front.append(Directions())
    layers = [shape, keras.Sequential([shape, *front], name="front")]
    if settings.network != "dense":
        layers.append(keras.layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)))
    for filters, size, strides, pool in _CONVOLUTIONS[settings.network]:
        layers.append(keras.layers.Conv2D(filters, size, strides, padding="same", activation=settings.activation))
        if pool > 1:
            layers.append(keras.layers.MaxPooling2D(pool, padding="same"))  # 7 rows give 4, or the last is lost
    layers.append(keras.layers.Flatten())
    for units in settings.hidden_units:
        layers.append(keras.layers.Dense(units, settings.activation))
        if settings.dropout:
            layers.append(keras.layers.Dropout(settings.dropout, seed=settings.seed))
    return keras.Sequential([*layers, keras.layers.Dense(NUM_CLASSES)])


def count_parameters(settings: Settings) -> int:
    """Return how many weights and biases `build` makes, without building.

    Example:
        >>> count_parameters(Settings(hidden_units=(128,)))
        101770
    """
    count, channels, side = 0, 1, IMAGE_SIZE
    for filters, size, strides, pool in _CONVOLUTIONS[settings.network]:
        count += (channels * size**2 + 1) * filters
        channels, side = filters, -(-side // (strides * pool))
    inputs = _DIRECTIONS if settings.network == "dense" and settings.directions else channels * side**2
    sizes = [inputs, *settings.hidden_units, NUM_CLASSES]
    return count + sum((before + 1) * after for before, after in zip(sizes, sizes[1:], strict=False))


def describe(layers: "Sequence[keras.Layer]") -> str:
    """Return layers as JSON, the same for all that compute the same: no names, which Keras counts, and no seeds."""
    import keras

    configs = [keras.saving.serialize_keras_object(layer) for layer in layers]
    for config in configs:
        config["config"].pop("name")
        config["config"].pop("seed", None)
    return json.dumps(configs)


def describe_front(model: "keras.Model") -> str:
    """Return what `describe` says of the layers of a model's first one, `front`, which has no weights."""
    return describe(model.layers[0].layers)


def from_description(description: str) -> "list[keras.Layer]":
    """Return new layers from what `describe` gave."""
    import keras

    return [keras.saving.deserialize_keras_object(config) for config in json.loads(description)]
