"""A dense network packed as text, for `formats/pad/reader.js` to read digits with in a browser, without a server.

The weights are read from the `.tflite` file, so that every run there is can be packed, and no TensorFlow is loaded.
Each weight takes 12 bits. Of 1,000 drawings 12 change no answer of the reference model, and a probability by 0.002 at
most; 8 bits change 4 answers, and 0.03. With 16 a network of 512 units would be larger than `MOST_BYTES`.
"""

import base64
import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from digitlab.settings import Settings

MOST_BYTES = 500_000  # of the text: what a page may load before its first digit is read
_LEVELS = 2**11 - 1  # of a weight of either sign


@dataclass(frozen=True)
class DenseWeights:
    """Weights of one dense layer.

    Attributes:
        weights: float32 array of shape (units, inputs).
        biases: float32 array of shape (units,).
    """

    weights: npt.NDArray[np.float32]
    biases: npt.NDArray[np.float32]


def read_weights(tflite: bytes) -> list[DenseWeights]:
    """Return the weights of the dense layers of a `.tflite` file, first layer first.

    Args:
        tflite: Content of the file, as `model_files.load_tflite` returns it.
    """
    interpreter = Interpreter(model_content=tflite, num_threads=1)
    interpreter.allocate_tensors()
    # The only list of what is computed in which order; names and numbers of tensors do not tell it.
    layers = [step["inputs"] for step in interpreter._get_ops_details() if step["op_name"] == "FULLY_CONNECTED"]
    read = [
        (interpreter.get_tensor(weights).copy(), interpreter.get_tensor(biases).copy()) for _, weights, biases in layers
    ]
    return [DenseWeights(weights, biases) for weights, biases in read]


def pack(tflite: bytes, settings: Settings, most_bytes: int = MOST_BYTES) -> str:
    """Pack a dense network as text.

    Args:
        tflite: Content of its `.tflite` file.
        settings: That it was trained with; of these network, activation, straighten and directions are used.
        most_bytes: Of the text.

    Returns:
        JSON, at most `most_bytes` long. What it holds is read in `reader.js` alone.

    Raises:
        ValueError: If the network is not dense, or too large.
    """
    if settings.network != "dense":
        raise ValueError(f"Expected a dense network to read with in the browser. Received: {settings.network}.")
    packed = json.dumps(
        {
            "straighten": settings.straighten,
            "directions": settings.directions,
            "activation": settings.activation,
            "layers": [_pack_layer(layer) for layer in read_weights(tflite)],
        }
    )
    if len(packed) > most_bytes:
        raise ValueError(
            f"Expected a network of at most {most_bytes:,} bytes when packed. Received: {len(packed):,}. Choose one "
            "with fewer hidden units, or one that is told directions."
        )
    return packed


def pack_weights(weights: npt.NDArray[np.float32]) -> tuple[bytes, npt.NDArray[np.float32]]:
    """Round weights to 12 bits each, row by row.

    Args:
        weights: float32 array of shape (units, inputs).

    Returns:
        `(packed, scales)`: two weights in three bytes, the first in the low bits, each as its level + 2047; and float32
        (units,), by what the levels of a row, -2047 to 2047, are multiplied. An odd number of weights ends with a 0.

    Example:
        >>> packed, scales = pack_weights(np.array([[1.0, -0.5]], np.float32))
        >>> unpack_weights(packed, scales, 2).round(3).tolist()
        [[1.0, -0.5]]
    """
    scales = (np.abs(weights).max(axis=1) / _LEVELS).astype(np.float32)
    levels = np.round(weights / np.maximum(scales, np.finfo(np.float32).tiny)[:, None]).astype(np.int32) + _LEVELS
    flat = np.pad(levels.ravel(), (0, levels.size % 2))
    pairs = flat[::2] | flat[1::2] << 12
    return pairs.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), scales


def unpack_weights(packed: bytes, scales: npt.NDArray[np.float32], inputs: int) -> npt.NDArray[np.float32]:
    """Undo `pack_weights` but for the rounding, as `reader.js` does it.

    Args:
        packed: As `pack_weights` returns it, like `scales`.
        scales: float32 array of shape (units,).
        inputs: Of the layer.

    Returns:
        float32 array of shape (units, inputs).
    """
    low, middle, high = np.frombuffer(packed, np.uint8).reshape(-1, 3).T.astype(np.int32)
    flat = np.column_stack([low | (middle & 15) << 8, middle >> 4 | high << 4]).ravel()[: len(scales) * inputs]
    unpacked: npt.NDArray[np.float32] = (flat.reshape(-1, inputs) - _LEVELS).astype(np.float32) * scales[:, None]
    return unpacked


def _pack_layer(layer: DenseWeights) -> dict[str, object]:
    packed, scales = pack_weights(layer.weights)
    units, inputs = layer.weights.shape
    texts = {
        "scales": scales.astype("<f4").tobytes(),
        "biases": layer.biases.astype("<f4").tobytes(),
        "weights": packed,
    }
    return {"units": units, "inputs": inputs, **{name: _text(content) for name, content in texts.items()}}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
