"""Saved models: each is three files, `.keras`, `.tflite` and its card (`.json`), which holds its run."""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE
from digitlab.learning import networks
from digitlab.run import Run, RunError, from_json, to_json, with_help

if TYPE_CHECKING:
    import keras

REFERENCE = "reference"  # the dense model that comes with the project
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class ModelError(RuntimeError):
    """A saved model cannot be used; the message names the file and what to do."""


def models_dir() -> Path:
    """Folder of the saved models: `DIGITLAB_MODELS_DIR`, or models/ of the project."""
    return Path(os.environ.get("DIGITLAB_MODELS_DIR") or shipped_dir())


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
    template, places = _template(networks.describe([*model.layers[0].layers, *model.layers[1:]]))
    content = bytearray(template)
    for place, weights in zip(places, map(_as_in_tflite, model.get_weights()), strict=True):
        content[place : place + len(weights)] = weights
    return bytes(content)


def save_card(run: Run, folder: Path) -> None:
    """Write the card of a model, its run as JSON, as `<id>.json`.

    Args:
        run: Its `id` names the file.
        folder: That of the model.

    Raises:
        ValueError: If the id is not made of 1 to 40 small letters, digits and hyphens, or the run cannot be written.
    """
    path = _file(folder, run.id, "json")
    path.write_text(to_json(run) + "\n")


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


def load_card(model_id: str, folder: Path | None = None) -> Run:
    """Return the run on the card of a saved model, with its kind of help; arguments as for `load`.

    Raises:
        ModelError: If the card is missing or damaged.
    """
    return with_help(_read_card(model_id, folder), lambda start: _read_start(start, folder))


def _read_card(model_id: str, folder: Path | None) -> Run:
    path = _find(model_id, "json", folder)
    try:
        run = from_json(path.read_bytes())
    except RunError as error:
        raise ModelError(f"The model card {path} is damaged ({error}) {_remedy(model_id)}") from error
    if run.id != model_id:
        raise ModelError(f"The model card {path} is not the card of {model_id}. {_remedy(model_id)}")
    return run


def _read_start(model_id: str, folder: Path | None) -> Run | None:
    try:
        return _read_card(model_id, folder)
    except (ModelError, ValueError):  # deleted since, or written by hand: not known any more
        return None


def piles_file(model_id: str, folder: Path) -> Path:
    """Path of the piles that a model learnt from pictures without labels was trained on; see `unlabelled.pile_files`.

    Raises:
        ValueError: If the id is not made of 1 to 40 small letters, digits and hyphens.
    """
    return _file(folder, model_id, "npz")


def delete(model_id: str, folder: Path | None = None) -> None:
    """Delete the files of a saved model that are there; the reference model stays. Arguments as for `load`."""
    if model_id != REFERENCE:
        for ending in ("json", "tflite", "keras", "npz"):
            _file(folder or models_dir(), model_id, ending).unlink(missing_ok=True)


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
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    searched = [_as_in_tflite(weights) for weights in model.get_weights()]
    if any(content.count(weights) != 1 for weights in searched):
        raise ValueError(f"Expected all weights in the .tflite file, each once. Received others, from {description}.")
    return content, tuple(content.index(weights) for weights in searched)


def _as_in_tflite(weights: npt.NDArray[np.float32]) -> bytes:
    return np.moveaxis(weights, -1, 0).tobytes()  # TensorFlow Lite has the outputs first


def own_files(folder: Path) -> dict[str, Path]:
    """Return the files of the models in a folder by name, without those that come with the project."""
    found = [path for path in sorted(folder.glob("*")) if path.suffix in {".keras", ".tflite", ".json"}]
    shipped = {REFERENCE} if folder.resolve() == shipped_dir().resolve() else set()
    return {path.name: path for path in found if path.stem not in shipped}


def saved(folder: Path) -> set[str]:
    """Return the ids of the models in a folder that have a card."""
    return {path.stem for path in folder.glob("*.json")}


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
