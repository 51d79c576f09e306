"""Models: what is kept of a network, and how it becomes a network again.

Those of runs are in the database, see `storage.models`. The reference model is three files of the project: `.keras`,
`.tflite` and its card (`.json`), which holds its run.
"""

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE
from digitlab.learning import networks, plain_networks
from digitlab.run import Run, RunError, from_json, to_json
from digitlab.storage.models import Kind, ModelFiles, read_model_file
from digitlab.storage.runs import read_run
from digitlab.storage.store import Store

if TYPE_CHECKING:
    import keras

REFERENCE = "reference"  # the dense model that comes with the project


class ModelError(RuntimeError):
    """A model cannot be used; the message names it and what to do."""


def pack(model: "keras.Model", *, piles: bytes = b"") -> ModelFiles:
    """Return what is to be kept of a model.

    Args:
        model: As `networks.build` makes it. Its optimizer is not kept.
        piles: What it was trained on, as `unlabelled.pile_files.pack` returns it.
    """
    with tempfile.TemporaryDirectory() as folder:  # Keras writes to files alone
        path = Path(folder) / "model.keras"
        model.save(path, include_optimizer=False)
        return ModelFiles(path.read_bytes(), as_tflite(model), piles)


def as_tflite(model: "keras.Model") -> bytes:
    """Return the content of a model's `.tflite` file."""
    template, places = _template(networks.describe([*model.layers[0].layers, *model.layers[1:]]))
    content = bytearray(template)
    for place, weights in zip(places, map(_as_in_tflite, model.get_weights()), strict=True):
        content[place : place + len(weights)] = weights
    return bytes(content)


def load(model_id: str, store: Store | None = None) -> "keras.Model":
    """Load a model to train it further.

    Args:
        model_id: Of its run, or `REFERENCE`.
        store: Where runs are kept; the reference model needs none.

    Raises:
        ModelError: If it is missing or damaged.
    """
    return from_keras(load_file(model_id, "keras", store), model_id)


def from_keras(content: bytes, model_id: str) -> "keras.Model":
    """Return the model that the content of a `.keras` file holds.

    Args:
        content: Of the file; code in it is never run.
        model_id: What to call it in an error.

    Raises:
        ModelError: If it is damaged.
    """
    import keras

    from digitlab.learning import layers  # noqa: F401 - lets Keras know them

    with tempfile.TemporaryDirectory() as folder:  # Keras reads from files alone
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        try:
            return keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception as error:  # Keras tells of damage in many ways: ValueError, BadZipFile, AttributeError ...
            raise ModelError(f"The model file {model_id}.keras is damaged ({error}). {_remedy(model_id)}") from error


def load_tflite(model_id: str, store: Store | None = None) -> bytes:
    """Return the content of a model's `.tflite` file; arguments as for `load`.

    Raises:
        ModelError: If it is missing.
    """
    return load_file(model_id, "tflite", store)


def load_file(model_id: str, kind: Kind, store: Store | None = None) -> bytes:
    """Return the content of one file of a model; other arguments as for `load`.

    Args:
        model_id: See there.
        kind: Ending of the file.
        store: See there.

    Raises:
        ModelError: If it is missing.
    """
    if model_id == REFERENCE:
        return _read_shipped(kind)
    content = read_model_file(_check(store, model_id), model_id, kind)
    if content is None:
        raise ModelError(f"The model file {model_id}.{kind} is missing. {_remedy(model_id)}")
    return content


def load_card(model_id: str, store: Store | None = None) -> Run:
    """Return the run of a model, with its kind of help; arguments as for `load`.

    Raises:
        ModelError: If it is missing or damaged.
    """
    try:
        if model_id == REFERENCE:
            run: Run | None = from_json(_read_shipped("json"))
        else:
            run = read_run(_check(store, model_id), model_id)
    except RunError as error:
        raise ModelError(f"The card of the model {model_id} is damaged ({error}) {_remedy(model_id)}") from error
    if run is None:
        raise ModelError(f"The run {model_id} is missing: it was deleted. Choose another one.")
    if run.id != model_id:
        raise ModelError(f"The card of the model {model_id} is that of {run.id}. {_remedy(model_id)}")
    return run


def save_reference(store: Store) -> None:
    """Write the model and the card of the run called `REFERENCE`, which a store holds, into models/."""
    files = {"keras": read_model_file(store, REFERENCE, "keras"), "tflite": read_model_file(store, REFERENCE, "tflite")}
    run = read_run(store, REFERENCE)
    if run is None or None in files.values():
        raise ModelError(f"Expected a store with the run {REFERENCE}. Received: one without it.")
    for kind, content in files.items():
        _shipped(kind).write_bytes(content or b"")
    _shipped("json").write_text(to_json(run) + "\n")


@lru_cache(maxsize=16)
def _template(description: str) -> tuple[bytes, tuple[int, ...]]:
    """Convert layers with random weights, and find where in the `.tflite` file each of the weights lies.

    Converting takes longer than training on a few drawings; other weights of the same network only need to be put in.

    Raises:
        ValueError: If the converter did not keep each of the weights in one place.
    """
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((IMAGE_SIZE, IMAGE_SIZE)), *networks.from_description(description)])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weights.shape).astype(np.float32) for weights in model.get_weights()])
    content = plain_networks.convert(tf.lite.TFLiteConverter.from_keras_model(model))
    searched = [_as_in_tflite(weights) for weights in model.get_weights()]
    if any(content.count(weights) != 1 for weights in searched):
        raise ValueError(f"Expected all weights in the .tflite file, each once. Received others, from {description}.")
    return content, tuple(content.index(weights) for weights in searched)


def _as_in_tflite(weights: npt.NDArray[np.float32]) -> bytes:
    return np.moveaxis(weights, -1, 0).tobytes()  # TensorFlow Lite has the outputs first


def shipped_dir() -> Path:
    """Folder of the reference model: models/ of the project."""
    return Path(__file__).parents[2] / "models"


def _shipped(ending: str) -> Path:
    return shipped_dir() / f"{REFERENCE}.{ending}"


def _read_shipped(ending: str) -> bytes:
    path = _shipped(ending)
    if not path.is_file():
        raise ModelError(f"The model file {path} is missing. {_remedy(REFERENCE)}")
    return path.read_bytes()


def _check(store: Store | None, model_id: str) -> Store:
    if store is None:
        raise ValueError(f"Expected a store to read the model of a run from. Received: none, for {model_id!r:.60}.")
    return store


def _remedy(model_id: str) -> str:
    if model_id == REFERENCE:
        return "Restore it from the project (git checkout -- models), or make it anew as models/README.md tells."
    return "Delete this run on the compare page and train it again."
