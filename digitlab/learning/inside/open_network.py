"""A network whose layers can be looked at: what each of them makes of a digit, without TensorFlow."""

from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from digitlab.digits import Images, check_images
from digitlab.learning.browser_network import DenseWeights, read_weights
from digitlab.learning.model_files import ModelError

_CHUNK = 16  # images per invocation: the interpreter keeps all that it computes for them, 0.2 MB each


@dataclass(frozen=True)
class Layers:
    """What the layers of a network make of n digits.

    Attributes:
        inputs: float32 array of shape (n, inputs): what the first dense layer is given, such as pixels or directions.
        hidden: Of each hidden dense layer, first layer first: how strongly its units fire, float32 (n, units).
        logits: float32 array of shape (n, 10).
    """

    inputs: npt.NDArray[np.float32]
    hidden: tuple[npt.NDArray[np.float32], ...]
    logits: npt.NDArray[np.float32]


class OpenNetwork:
    """A network read from a `.tflite` file, dense or convolutional.

    Args:
        tflite: Content of the file.
        name: What to call it in an error.

    Attributes:
        dense: Weights of its dense layers, the last of which gives the logits.

    Raises:
        ModelError: If the content is not a network that ends in dense layers.
    """

    def __init__(self, tflite: bytes, name: str) -> None:
        try:
            self.dense: list[DenseWeights] = read_weights(tflite)
            # Without its delegate the interpreter keeps what each step computes; it takes twice as long.
            self._interpreter = Interpreter(
                model_content=tflite,
                num_threads=1,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._input = self._interpreter.get_input_details()[0]["index"]
            steps = self._interpreter._get_ops_details()
        except (ValueError, RuntimeError, IndexError) as error:
            raise ModelError(f"The model {name} is damaged: {error}. Delete its run and train it again.") from error
        layers = [step for step in steps if step["op_name"] == "FULLY_CONNECTED"]
        if not layers:
            raise ModelError(f"Expected a network that ends in dense layers. Received: {name}, which has none.")
        # What a layer gives is read where the next one takes it: some activations are steps of their own.
        self._looked_at = [int(step["inputs"][0]) for step in layers] + [int(layers[-1]["outputs"][0])]
        self._one_at_a_time = Lock()

    def look(self, images: Images) -> Layers:
        """Return what each layer makes of digits.

        Args:
            images: uint8 array of shape (n, 28, 28), n at least 1.

        Raises:
            ValueError: If `images` has another shape or dtype.
        """
        check_images(images)
        with self._one_at_a_time:
            parts = [self._look(images[start : start + _CHUNK]) for start in range(0, len(images), _CHUNK)]
        inputs, *hidden, logits = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Layers(inputs, tuple(hidden), logits)

    def _look(self, images: Images) -> list[npt.NDArray[np.float32]]:
        self._interpreter.resize_tensor_input(self._input, images.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, images.astype(np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index).reshape(len(images), -1) for index in self._looked_at]
