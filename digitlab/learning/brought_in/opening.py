"""Opens the file of a model in a process of its own, bounded in memory and time: whatever is in it ends there.

As a program (`python -m digitlab.learning.brought_in.opening FOLDER KIND`) it is that process: it finds in the folder
the checked file `model`, and leaves there `model.tflite` and what it found out, or why the file is refused.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from digitlab import mnist
from digitlab.learning.brought_in.checks import CheckedFile
from digitlab.learning.brought_in.foreign import READINGS, SHAPES, what_it_gives
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import ModelError
from digitlab.run import BroughtIn

TRIED_ON = 2000  # of MNIST's training digits
_MOST_MEMORY = 3 * 2**30  # bytes of data: TensorFlow alone takes half a GB
_MOST_SECONDS = 300  # on a busy machine; TensorFlow alone takes some
_REFUSED = 3  # exit code
_EXPECTED = "Expected a model from one digit, (28, 28), (28, 28, 1) or (784,), to ten answers, (10,)."


@dataclass(frozen=True)
class Opened:
    """What was found in a file.

    Attributes:
        tflite: Content of a `.tflite` file that answers as the model does.
        brought_in: How it is asked and what it answers.
        parameters: Its weights and biases.
    """

    tflite: bytes
    brought_in: BroughtIn
    parameters: int


def open_apart(file: CheckedFile) -> Opened:
    """Open a file in a process of its own.

    Args:
        file: As `checks.check` returns it.

    Raises:
        ModelError: If it is no model that reads digits, or takes too much memory or time.
    """
    root = Path(__file__).parents[3]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").write_bytes(file.content)
        environment = {**os.environ, "PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        command = [sys.executable, "-m", "digitlab.learning.brought_in.opening", name, file.kind]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=_MOST_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise ModelError(f"The model takes more than {_MOST_SECONDS} s to open. Save a smaller one.") from error
        if done.returncode == _REFUSED:
            raise ModelError((folder / "refused").read_text())
        if done.returncode:
            raise ModelError(
                f"The model cannot be opened within {_MOST_MEMORY // 2**30} GB of memory, or ends the process that "
                "opens it. Save a smaller one, or save it anew with a newer Keras or TensorFlow."
            )
        found = json.loads((folder / "found.json").read_text())
        brought_in = BroughtIn(file.kind, file.version, **found["brought_in"])
        return Opened((folder / "model.tflite").read_bytes(), brought_in, found["parameters"])


def _open(folder: Path, kind: str) -> None:
    path = folder / "model"
    tflite, parameters = _from_keras(path) if kind == "keras" else _from_tflite(path.read_bytes())
    brought_in = _try_readings(tflite, BroughtIn(kind, "", next(iter(READINGS)), "logits", {}))
    (folder / "model.tflite").write_bytes(tflite)
    facts = {key: value for key, value in asdict(brought_in).items() if key in ("reads", "gives", "tried")}
    (folder / "found.json").write_text(json.dumps({"brought_in": facts, "parameters": parameters}))


def _from_keras(path: Path) -> tuple[bytes, int]:
    import keras
    import tensorflow as tf

    from digitlab.learning import layers  # noqa: F401 - lets Keras know ours

    named = path.with_suffix(".keras")
    path.rename(named)
    try:
        model = keras.saving.load_model(named, compile=False, safe_mode=True)
        given, answers = ([tuple(end.shape) for end in ends] for ends in (model.inputs, model.outputs))
    except Exception as error:  # Keras tells of what it cannot load in many ways
        raise ModelError(f"Keras cannot load this model in its safe mode: {_short(error)}") from error
    _check_ends(given, answers)
    try:
        content: bytes = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    except Exception as error:  # the converter, too
        raise ModelError(f"This model cannot be made one for TensorFlow Lite: {_short(error)}") from error
    return content, int(model.count_params())


def _from_tflite(content: bytes) -> tuple[bytes, int]:
    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        ends = interpreter.get_input_details(), interpreter.get_output_details()
        given, answers = ([tuple(each["shape_signature"].tolist()) for each in end] for end in ends)
        _check_ends(given, answers)
        interpreter.allocate_tensors()
        return content, _count_constants(interpreter)
    except (ValueError, RuntimeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"The file is cut off or damaged: {_short(error)} Save or copy it again.") from error


def _count_constants(interpreter: Interpreter) -> int:
    """Count the numbers that are in the file, but for those that only tell shapes and places."""
    steps = interpreter._get_ops_details()  # the only list of what is computed from what
    computed = {int(index) for step in steps for index in step["outputs"]}
    computed |= {int(end["index"]) for end in interpreter.get_input_details()}
    used = {int(index) for step in steps for index in step["inputs"] if index >= 0} - computed
    constants = [each for each in interpreter.get_tensor_details() if each["index"] in used]
    sizes = [(each["dtype"], int(np.prod(each["shape"]))) for each in constants]
    return sum(size for dtype, size in sizes if dtype != np.int32 or size > 8)


def _check_ends(given: list[tuple[int | None, ...]], answers: list[tuple[int | None, ...]]) -> None:
    fits = len(given) == len(answers) == 1 and given[0][1:] in SHAPES and answers[0][1:] == (10,)
    if not fits:
        told = " and ".join(str(shape[1:]) for shape in given) or "nothing"
        raise ModelError(f"{_EXPECTED} Received: from {told} to {' and '.join(str(each[1:]) for each in answers)}.")
    if given[0][0] not in (None, -1, 1):
        raise ModelError(f"Expected a model for any number of digits at once, or for one. Received: for {given[0][0]}.")


def _try_readings(tflite: bytes, brought_in: BroughtIn) -> BroughtIn:
    """Find out in which way a model reads most of MNIST's first training digits right, and what it answers."""
    x_train, y_train = mnist.load_train()
    images, labels = x_train[:TRIED_ON], y_train[:TRIED_ON]
    tried: dict[str, float] = {}
    gives = {}
    for reads in READINGS:
        answers = Predictor(tflite, "to bring in", replace(brought_in, reads=reads)).logits(images)
        if not np.isfinite(answers).all():
            continue
        gives[reads] = what_it_gives(answers)
        tried[reads] = float((answers.argmax(axis=1) == labels).mean())
    if not tried:
        raise ModelError("This model answers with numbers that are infinite or none. Train it again.")
    best = max(tried, key=lambda reads: tried[reads])  # of equals the first
    return replace(brought_in, reads=best, gives=gives[best], tried=tried)


def _short(error: Exception) -> str:
    told = " ".join(str(error).split()) or type(error).__name__
    return f"{told[:200]}{'…' if len(told) > 200 else ''}."


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    _limit_memory()
    place = Path(sys.argv[1])
    try:
        _open(place, sys.argv[2])
    except ModelError as refusal:
        (place / "refused").write_text(str(refusal))
        sys.exit(_REFUSED)
