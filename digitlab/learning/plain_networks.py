"""A run's network as it leaves: a Keras model that needs no code of this project, and files made of it.

Its fixed layers are written out as Keras' own operations, so plain `keras.saving.load_model` reads the file, in its
safe mode. It takes digits of 0 to 255 or of 0 to 1 and gives probabilities.
"""

import sys
import tempfile
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digitlab.digits import IMAGE_SIZE, Images, Labels

if TYPE_CHECKING:
    import keras


def to_plain(model: "keras.Model") -> "keras.Model":
    """Return a model that answers as a network of ours does.

    Args:
        model: As `networks.build` makes it; it stays as it is.

    Returns:
        A functional Keras model from images (n, 28, 28), 0 to 255 or 0 to 1, to probabilities (n, 10).
    """
    import keras

    from digitlab.learning.layers.straighten import Straighten, read_rows_anywhere, straighten

    digits = keras.Input((IMAGE_SIZE, IMAGE_SIZE), name="digits")
    values = _to_unit(digits)
    for layer in model.layers[0].layers[1:]:  # of `front`, whose first layer did what `_to_unit` does
        is_straighten = isinstance(layer, Straighten)
        values = straighten(values, read_rows_anywhere) if is_straighten else layer.call(values)
    for number, layer in enumerate(model.layers[1:]):
        # A copy: the model stays as it is, and no name is one that Keras has given to an operation.
        copy = type(layer).from_config({**layer.get_config(), "name": f"part_{number}"})
        values = copy(values)
        copy.set_weights(layer.get_weights())
    return keras.Model(digits, keras.layers.Softmax(name="probabilities")(values), name="digits_to_probabilities")


def as_keras(plain: "keras.Model") -> bytes:
    """Return the content of the `.keras` file of what `to_plain` returned."""
    with tempfile.TemporaryDirectory() as folder:  # Keras writes to files alone
        path = Path(folder) / "model.keras"
        plain.save(path)
        return path.read_bytes()


def as_tflite(plain: "keras.Model", *, int8: bool = False) -> bytes:
    """Return the content of a `.tflite` file of what `to_plain` returned.

    Args:
        plain: The model.
        int8: Keep weights as whole numbers of 8 bits, and multiply in these; what is given and answered stays float32.
            The fixed layers stay float32 too: of moments and slants 8 bits would leave nothing.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(plain)
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return convert(converter)


def convert(converter: Any) -> bytes:  # noqa: ANN401 - TensorFlow has no types
    """Return what a converter of TensorFlow Lite makes, without what Keras prints for people: a command may tell JSON.

    Args:
        converter: As `tf.lite.TFLiteConverter.from_keras_model` returns it.
    """
    with redirect_stdout(sys.stderr):
        content: bytes = converter.convert()
    return content


def as_onnx(plain: "keras.Model") -> bytes:
    """Return the content of an ONNX file of what `to_plain` returned; needs `requirements-onnx.txt`."""
    plain(np.zeros((1, IMAGE_SIZE, IMAGE_SIZE), np.float32))  # Keras exports only what was asked once
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it looks for names that NumPy 1 had
        path = Path(folder) / "model.onnx"
        plain.export(path, format="onnx", verbose=False)
        return path.read_bytes()


def read_onnx(onnx_file: bytes, images: Images) -> Labels:
    """Return the labels that the model of an ONNX file reads, int64 of shape (n,).

    Args:
        onnx_file: As `as_onnx` returns it.
        images: uint8 array of shape (n, 28, 28).
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(onnx_file, providers=["CPUExecutionProvider"])
    chunks = np.array_split(images.astype(np.float32), max(1, len(images) // 500))  # all at once take a GB
    answers = [session.run(None, {session.get_inputs()[0].name: chunk})[0] for chunk in chunks]
    return np.asarray(np.concatenate(answers).argmax(axis=1), np.int64)


def read(keras_file: bytes, images: Images) -> Labels:
    """Return the labels that the model of a plain `.keras` file reads, int64 of shape (n,).

    Args:
        keras_file: As `as_keras` returns it.
        images: uint8 array of shape (n, 28, 28).
    """
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(keras_file)
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return np.asarray(model.predict(images, batch_size=500, verbose=0).argmax(axis=1), np.int64)


def _to_unit(digits: "keras.KerasTensor") -> "keras.KerasTensor":
    """Return images of 0 to 1: each as it is, or of 0 to 255 where a pixel is above 1."""
    from keras import ops

    most = ops.max(digits, axis=(1, 2), keepdims=True)
    return digits * ops.where(most > 1, 1 / 255, 1.0)
