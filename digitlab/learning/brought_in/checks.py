"""Looks at the file of a model before anything opens it: what may do harm, or is no model, is refused in plain words.

Nothing is unpacked onto the disk and nothing in the file is run. A `.keras` file is a zip of the network's description
and an HDF5 file of its weights: both are read here as data.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from digitlab.learning.model_files import ModelError

MOST_BYTES = 40_000_000  # of a file
_MOST_UNPACKED = 200_000_000
_MOST_DESCRIPTION = 5_000_000  # bytes
_PARTS = {"metadata.json", "config.json", "model.weights.h5"}
# They carry code, start other frameworks, or read files.
_HARMFUL = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
_HARMFUL |= {"StringLookup", "IntegerLookup", "TextVectorization"}
_OURS = {"digitlab>Straighten", "digitlab>Directions"}
_PLAIN = "Save the model with Keras' own layers alone, or as TensorFlow Lite"


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be opened.

    Attributes:
        kind: "keras" or "tflite".
        content: Of the file.
    """

    kind: str
    content: bytes

    @property
    def version(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(self.content).hexdigest()[:16]


def check(name: str, content: bytes) -> CheckedFile:
    """Check the file of a model, also in a zip such as a model leaves here.

    Args:
        name: Of the file, for the reader.
        content: Of the file.

    Raises:
        ModelError: If it is no model, is damaged or too large, or may do harm; the message says what to do.
    """
    if not content:
        raise ModelError(f"{name} is empty. Copy it again.")
    if len(content) > MOST_BYTES:
        raise ModelError(
            f"Expected a model of at most {MOST_BYTES // 10**6} MB. Received: {name}, {len(content) / 10**6:.0f} MB. "
            "Save it without its optimizer (include_optimizer=False), or a smaller one."
        )
    if content[4:8] == b"TFL3":
        return CheckedFile("tflite", content)
    if content[:4] == b"PK\x03\x04":
        return _check_zip(name, content)
    if content[:4] == b"\x89HDF":
        raise ModelError(f"{name} is an HDF5 file of an earlier Keras. Load it there and save it as .keras.")
    if content[:1] == b"\x80" or name.lower().endswith((".pt", ".pth", ".pkl", ".pickle")):
        raise ModelError(f"{name} is a pickle: opening it could run any program. {_PLAIN}.")
    if name.lower().endswith((".keras", ".zip", ".tflite")):
        raise ModelError(f"{name} is cut off or damaged. Save or copy it again.")
    raise ModelError(f"{name} is no model. Expected a .keras or a .tflite file.")


def _check_zip(name: str, content: bytes) -> CheckedFile:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if sum(info.file_size for info in files) > _MOST_UNPACKED:
                size = sum(info.file_size for info in files) / 10**6
                raise ModelError(
                    f"Expected a model of at most {_MOST_UNPACKED // 10**6} MB, unpacked. Received: {name}, "
                    f"{size:,.0f} MB. A file that grows so much may have been made to do harm."
                )
            names = [info.filename for info in files]
            if "config.json" in names:
                _check_keras(name, archive, names)
                return CheckedFile("keras", content)
            models = [info for info in files if info.filename.lower().endswith((".keras", ".tflite"))]
            if len(models) == 1:  # as a model leaves here, with its card
                return _check_inner(models[0].filename, archive.read(models[0]))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{name} is cut off or damaged ({error}). Save or copy it again.") from error
    if any(each.endswith("data.pkl") for each in names):
        raise ModelError(f"{name} is a PyTorch file, which holds a pickle: opening it could run any program. {_PLAIN}.")
    raise ModelError(f"{name} is a zip with no model, or several. Expected one .keras or .tflite file.")


def _check_inner(name: str, content: bytes) -> CheckedFile:
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "config.json" not in archive.namelist():
                raise ModelError(f"{name} is no model. Expected a .keras or a .tflite file.")
    return check(name, content)


def _check_keras(name: str, archive: zipfile.ZipFile, names: list[str]) -> None:
    others = sorted(set(names) - _PARTS)
    if others or len(names) != len(set(names)):
        what = f"{others[0]!r:.60}" if others else "a part twice"
        raise ModelError(f"Expected {', '.join(sorted(_PARTS))} in {name}. Received: {what}. {_PLAIN}.")
    if "model.weights.h5" not in names:
        raise ModelError(f"{name} holds no weights. Save the whole model: model.save({name!r:.60}).")
    if archive.getinfo("config.json").file_size > _MOST_DESCRIPTION:
        raise ModelError(f"Expected a description of at most 5 MB in {name}. Received: a larger one. {_PLAIN}.")
    try:
        description = json.loads(archive.read("config.json"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"The description in {name} is damaged ({str(error)[:80]}). Save it again.") from error
    if not isinstance(description, dict):
        raise ModelError(f"The description in {name} is not that of a model. Save it again.")
    description.pop("compile_config", None)  # is not loaded
    for part in _parts(description):
        _check_part(name, part)
    _check_weights(name, archive.read("model.weights.h5"))


def _check_part(name: str, part: dict[str, object]) -> None:
    """Refuse what is not Keras' own."""
    layer, module, registered = (part.get(key) for key in ("class_name", "module", "registered_name"))
    if layer in _HARMFUL:
        raise ModelError(
            f"{name} has a {layer} layer: it may run any program or read files, and is never opened. {_PLAIN}."
        )
    ours = isinstance(registered, str) and registered in _OURS
    if "module" not in part or layer is None or ours or module == "builtins":
        return
    if not isinstance(module, str) or module.split(".")[0] != "keras":
        raise ModelError(
            f"{name} needs code of its own: {str(layer):.40} of {str(module):.60}. That is never loaded. {_PLAIN}."
        )


def _parts(description: object) -> Iterator[dict[str, object]]:
    """Yield all dictionaries in a description, however deep."""
    waiting = [description]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _check_weights(name: str, content: bytes) -> None:
    """Refuse weights that lie in other files, or that would become far larger than they are."""
    import h5py  # comes with Keras

    total, passed = 0, set()
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            waiting = [file]
            while waiting:
                group = waiting.pop()
                for key in group:
                    if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                        raise ModelError(f"{name} has weights that lie in another file, never read. {_PLAIN}.")
                    found = group[key]
                    place = h5py.h5o.get_info(found.id).addr  # groups may lead back to themselves
                    if place in passed:
                        continue
                    passed.add(place)
                    if isinstance(found, h5py.Group):
                        waiting.append(found)
                        continue
                    if found.external or found.is_virtual or found.dtype.kind not in "biuf":
                        raise ModelError(f"{name} has weights that lie in another file, or are no numbers. {_PLAIN}.")
                    total += found.size * found.dtype.itemsize
                    if total > _MOST_UNPACKED:
                        raise ModelError(
                            f"Expected weights of at most {_MOST_UNPACKED // 10**6} MB in {name}. Received: more. A "
                            "file that grows so much may have been made to do harm."
                        )
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"The weights in {name} are damaged ({str(error)[:80]}). Save it again.") from error
