"""Build, save, load and describe models. A saved model is three files: `.keras`, `.tflite` and a card (`.json`)."""

import json
import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES
from digitlab.settings import NETWORKS

if TYPE_CHECKING:
    import keras

_DIRECTIONS = 7 * 7 * 8  # values that `directions.Directions` gives; Keras is not imported to count them
_CONVOLUTIONS = ((16, 5, 2), (32, 3, 1))  # filters, size, strides: quick on a processor
REFERENCE = "reference"  # the dense model that comes with the project
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class ModelError(RuntimeError):
    """A saved model cannot be used; the message names the file and what to do."""


def models_dir() -> Path:
    """Folder of the saved models: `DIGITLAB_MODELS_DIR`, or models/ of the project."""
    return Path(os.environ.get("DIGITLAB_MODELS_DIR") or shipped_dir())


def build(
    hidden_units: Sequence[int],
    activation: str,
    dropout: float,
    seed: int,
    *,
    network: str = "dense",
    straighten: bool = False,
    directions: bool = False,
) -> "keras.Model":
    """Build a network that takes digits as they are and returns logits.

    Args:
        hidden_units: Units of each hidden dense layer; may be empty.
        activation: Keras' name of the hidden layers' activation.
        dropout: Share of hidden units left out at each training step, 0.0 up to 1.0.
        seed: Of the initial weights and of dropout.
        network: One of `settings.NETWORKS`; the convolutional one has two convolutions with pooling before the hidden
            layers.
        straighten: Upright each digit and give it a standard size first (`straighten.Straighten`).
        directions: Then tell a dense network in which directions lines run, and where, instead of which pixels are
            inked (`directions.Directions`). The convolutional network learns that by itself and always takes pixels.

    Returns:
        A Keras model from images (n, 28, 28), 0 to 255, to logits (n, 10). Its first layer, `front`, has no weights.

    Raises:
        ValueError: If there is no such network.
    """
    import keras

    from digitlab.learning.layers.directions import Directions
    from digitlab.learning.layers.straighten import Straighten

    if network not in NETWORKS:
        raise ValueError(f"Expected a network among {NETWORKS}. Received: {network!r}.")
    keras.utils.set_random_seed(seed)
    shape = keras.Input((IMAGE_SIZE, IMAGE_SIZE))
    front = [keras.layers.Rescaling(1 / 255), *([Straighten()] if straighten else [])]
    if directions and network == "dense":
        front.append(Directions())
    layers = [shape, keras.Sequential([shape, *front], name="front")]
    if network == "cnn":
        layers.append(keras.layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)))
        for filters, size, strides in _CONVOLUTIONS:
            layers.append(keras.layers.Conv2D(filters, size, strides, padding="same", activation=activation))
        layers.append(keras.layers.MaxPooling2D(2))
    layers.append(keras.layers.Flatten())
    for units in hidden_units:
        layers.append(keras.layers.Dense(units, activation))
        if dropout:
            layers.append(keras.layers.Dropout(dropout, seed=seed))
    return keras.Sequential([*layers, keras.layers.Dense(NUM_CLASSES)])


def count_parameters(hidden_units: Sequence[int], network: str = "dense", *, directions: bool = False) -> int:
    """Return how many weights and biases `build` makes, without building."""
    inputs, count = _DIRECTIONS if directions else IMAGE_SIZE**2, 0
    if network == "cnn":
        channels, side = 1, IMAGE_SIZE
        for filters, size, strides in _CONVOLUTIONS:
            count += (channels * size**2 + 1) * filters
            channels, side = filters, side // strides
        inputs = channels * (side // 2) ** 2
    sizes = [inputs, *hidden_units, NUM_CLASSES]
    return count + sum((inputs + 1) * outputs for inputs, outputs in zip(sizes, sizes[1:], strict=False))


def save(model: "keras.Model", model_id: str, folder: Path) -> None:
    """Write a model as `<id>.keras` and `<id>.tflite`; `save_card` then makes it complete.

    Args:
        model: As `build` makes it. Its optimizer is not saved.
        model_id: Names the files.
        folder: Where to; made if missing.

    Raises:
        ValueError: If the id is not made of 1 to 40 small letters, digits and hyphens.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.save(_file(folder, model_id, "keras"), include_optimizer=False)
    _file(folder, model_id, "tflite").write_bytes(as_tflite(model))


def as_tflite(model: "keras.Model") -> bytes:
    """Return the content of a model's `.tflite` file."""
    content, places = _template(describe([*model.layers[0].layers, *model.layers[1:]]))
    content = bytearray(content)
    for place, weights in zip(places, map(_as_in_tflite, model.get_weights()), strict=True):
        content[place : place + len(weights)] = weights
    return bytes(content)


def save_card(card: dict, folder: Path) -> None:
    """Write the card of a model as `<id>.json`.

    Args:
        card: JSON-able dict; its `id` names the file.
        folder: That of the model.

    Raises:
        ValueError: If the id is not made of 1 to 40 small letters, digits and hyphens, or the card is no JSON.
    """
    _file(folder, card["id"], "json").write_text(json.dumps(card, allow_nan=False) + "\n")


def load(model_id: str, folder: Path | None = None) -> "keras.Model":
    """Load a saved model to train it further.

    Args:
        model_id: As it was saved.
        folder: Where it was saved; None: `models_dir()`. The reference model is always found.

    Raises:
        ModelError: If the file is missing or damaged.
    """
    import keras

    from digitlab.learning.layers import directions, straighten  # noqa: F401 - lets Keras know the layers

    path = _find(model_id, "keras", folder)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras tells of a damaged file in many ways: ValueError, BadZipFile, AttributeError ...
        raise ModelError(f"The model file {path} is damaged ({error}). {_remedy(model_id)}") from error


def load_tflite(model_id: str) -> bytes:
    """Return the `.tflite` file of a saved model.

    Raises:
        ModelError: If the file is missing.
    """
    return _find(model_id, "tflite").read_bytes()


def load_card(model_id: str, folder: Path | None = None) -> dict:
    """Return the card of a saved model; arguments as for `load`.

    Raises:
        ModelError: If the card is missing or damaged.
    """
    path = _find(model_id, "json", folder)
    try:
        card = json.loads(path.read_text())
    except ValueError as error:
        raise ModelError(f"The model card {path} is damaged ({error}). {_remedy(model_id)}") from error
    if not isinstance(card, dict) or card.get("id") != model_id:
        raise ModelError(f"The model card {path} is not the card of {model_id}. {_remedy(model_id)}")
    return card


def delete(model_id: str) -> None:
    """Delete the files of a saved model that are there; the reference model stays."""
    if model_id != REFERENCE:
        for ending in ("json", "tflite", "keras"):
            _file(models_dir(), model_id, ending).unlink(missing_ok=True)


def describe(layers: "Sequence[keras.Layer]") -> str:
    """Return layers as JSON, the same for all that compute the same: no names, which Keras counts, and no seeds."""
    import keras

    configs = [keras.saving.serialize_keras_object(layer) for layer in layers]
    for config in configs:
        config["config"].pop("name")
        config["config"].pop("seed", None)
    return json.dumps(configs)


def from_description(description: str) -> "list[keras.Layer]":
    """Return new layers from what `describe` gave."""
    import keras

    return [keras.saving.deserialize_keras_object(config) for config in json.loads(description)]


@lru_cache(maxsize=16)
def _template(description: str) -> tuple[bytes, tuple[int, ...]]:
    """Convert layers with random weights, and find where in the `.tflite` file each of the weights lies.

    Converting takes longer than training on a few drawings; other weights of the same network only need to be put in.

    Raises:
        ValueError: If the converter did not keep each of the weights in one place.
    """
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((IMAGE_SIZE, IMAGE_SIZE)), *from_description(description)])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weights.shape).astype(np.float32) for weights in model.get_weights()])
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    searched = [_as_in_tflite(weights) for weights in model.get_weights()]
    if any(content.count(weights) != 1 for weights in searched):
        raise ValueError(f"Expected all weights in the .tflite file, each once. Received others, from {description}.")
    return content, tuple(content.index(weights) for weights in searched)


def _as_in_tflite(weights: np.ndarray) -> bytes:
    return np.moveaxis(weights, -1, 0).tobytes()  # TensorFlow Lite has the outputs first


def shipped_dir() -> Path:
    """Folder of the reference model: models/ of the project."""
    return Path(__file__).parents[2] / "models"


def _file(folder: Path, model_id: str, ending: str) -> Path:
    # An id may come from a link: it must not lead out of the folder.
    if not _ID.fullmatch(model_id):
        raise ValueError(f"Expected a model id of small letters, digits and hyphens. Received: {model_id!r:.60}.")
    return folder / f"{model_id}.{ending}"


def _find(model_id: str, ending: str, folder: Path | None = None) -> Path:
    path = _file(shipped_dir() if model_id == REFERENCE else folder or models_dir(), model_id, ending)
    if not path.is_file():
        raise ModelError(f"The model file {path} is missing. {_remedy(model_id)}")
    return path


def _remedy(model_id: str) -> str:
    if model_id == REFERENCE:
        return "Restore it from the project (git checkout -- models), or make it anew as models/README.md tells."
    return "Delete this run on the compare page and train it again."
