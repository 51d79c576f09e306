"""The compiled steps of a training. Made once for a network and an optimizer, then used by every training of that kind.

To trace a step anew costs more than a small training, so weights and the optimizer's memory are put into the variables
of what is there. The optimizers are TensorFlow's own kernels: one operation per weight, where Keras' optimizers take
ten; the formulas are the same (tests/learning/test_compiled_steps.py).
"""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Images, Labels
from digitlab.learning import networks

_INPUTS, _LABELS, _SHARE = tf.TensorSpec(None, tf.uint8), tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.float32)
_BATCHES, _RATES = tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.float32)
_FRONT_CHUNK, _VALIDATED_AT_ONCE = 500, 1000  # digits
_REMEMBERED = 8000  # digits; those validated on are the same each time
_PARTS = min(4, os.cpu_count() or 1)  # of a mini-batch, side by side: its products are too small to be shared by cores
_MOMENTUM, _BETA_1, _BETA_2, _RHO, _EPSILON = 0.9, 0.9, 0.999, 0.9, 1e-7  # Keras' defaults; sgd has momentum


@contextmanager
def of_model(model: keras.Model, optimizer: str, *, half_precision: bool = False) -> Iterator["CompiledSteps"]:
    """Lend the compiled steps of models of this architecture; when they come back, the model gets what was learnt.

    Args:
        model: As `networks.build` makes it.
        optimizer: One of `settings.OPTIMIZERS`.
        half_precision: See `Settings`; not used where the processor has no instructions for it.
    """
    front, *layers = model.layers
    half = half_precision and _has_bfloat16()
    steps = _steps(networks.describe(layers), optimizer, front.output_shape[1:], half)
    with steps.in_use:
        steps.begin(model)
        try:
            yield steps
        finally:
            steps.give_back(model)


def to_tensors(images: Images, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
    """Return digits as the compiled steps take them."""
    return to_tensor(images), tf.convert_to_tensor(labels.astype(np.int32))


def to_tensor(images: npt.NDArray[np.uint8]) -> tf.Tensor:
    """Return what a front made of images as the compiled steps take it."""
    return tf.convert_to_tensor(images)


def fixed_features(model: keras.Model, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return what a model's first layer, `front`, makes of images, 0 to 255: as bytes a quarter of the memory.

    Args:
        model: As `networks.build` makes it.
        images: uint8 array of shape (n, 28, 28).

    Returns:
        uint8 array of shape (n, ...), as the front's output is.
    """
    front = networks.describe_front(model)
    if len(model.layers[0].layers) > 1 and len(images) <= _REMEMBERED:
        return _remember_front(front, images.tobytes())
    return features_of(front, images)


def features_of(front: str, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Do what `fixed_features` does, for a front as `networks.describe_front` tells it; nothing is remembered."""
    if len(networks.from_description(front)) == 1:  # It only scales, and would be scaled back.
        return images
    return _run_front(front, images)


class CompiledSteps:
    """A network without its front, the memory of its optimizer, and the compiled steps over them: see `of_model`.

    Args:
        layers: The network's layers; their weights are put in by `begin`.
        optimizer: One of `settings.OPTIMIZERS`.
        shape: Of one input.
        half_precision: Train with layers, but for the last one, that compute in bfloat16; the weights stay float32.
    """

    def __init__(
        self, layers: Sequence[keras.Layer], optimizer: str, shape: tuple[int, ...], half_precision: bool = False
    ) -> None:
        self.in_use = threading.Lock()
        self._shape, self._half_precision = shape, half_precision
        self._network = keras.Sequential([keras.Input(shape), *layers])
        self._weights = self._network.trainable_variables
        self._memory = [[tf.Variable(tf.zeros(w.shape)) for w in self._weights] for _ in range(2)]
        self._count = tf.Variable(0.0)  # steps since `begin`
        self._update = {"adam": self._adam, "sgd": self._sgd, "rmsprop": self._rmsprop}[optimizer]

    def begin(self, model: keras.Model) -> None:
        """Take over the weights of a model, and forget what the optimizer remembers."""
        for mine, its in zip(_variables(self._network.layers), _variables(model.layers[1:]), strict=True):
            mine.assign(its.value)
        for variable in (*self._memory[0], *self._memory[1], self._count):
            variable.assign(tf.zeros_like(variable))

    def give_back(self, model: keras.Model) -> None:
        """Put the weights into the model."""
        for mine, its in zip(_variables(self._network.layers), _variables(model.layers[1:]), strict=True):
            its.assign(mine.value)

    @tf.function(input_signature=[_INPUTS, _LABELS, _BATCHES, _RATES, _SHARE])
    def train(
        self, images: tf.Tensor, labels: tf.Tensor, batches: tf.Tensor, rates: tf.Tensor, smoothing: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Make one step of the optimizer per row of `batches`, which holds the places of its digits in `images`.

        Args:
            images: All digits.
            labels: Of all digits.
            batches: One mini-batch a row.
            rates: The size of each step.
            smoothing: Label smoothing, see `Settings`.

        Returns:
            Summed loss, of the labels as they are, and number of correct predictions, both as they were before each
            step.
        """
        total_loss, total_correct = 0.0, 0
        for step in tf.range(tf.size(rates)):
            with tf.GradientTape() as tape:
                logits = self._logits(images, batches[step], training=True)
                its_labels = tf.gather(labels, batches[step])
                loss, correct = _loss_and_correct(its_labels, logits)
                # The cross entropy to a smoothed label is that to the label and this.
                smoothed = loss + smoothing * tf.reduce_sum(
                    (tf.one_hot(its_labels, NUM_CLASSES) - 1 / NUM_CLASSES) * logits
                )
                mean_loss = smoothed / tf.cast(tf.size(batches[step]), tf.float32)
            self._count.assign_add(1.0)
            gradients = tape.gradient(mean_loss, self._weights)
            for weights, first, second, gradient in zip(self._weights, *self._memory, gradients, strict=True):
                self._update(weights.value.handle, first.handle, second.handle, gradient, rates[step])
            total_loss, total_correct = total_loss + loss, total_correct + correct
        return total_loss, total_correct

    @tf.function(input_signature=[_INPUTS, _LABELS])
    def validate(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return summed loss and number of correct predictions."""
        total_loss, total_correct = 0.0, 0
        for start in tf.range(0, tf.size(labels), _VALIDATED_AT_ONCE):
            places = tf.range(start, tf.minimum(start + _VALIDATED_AT_ONCE, tf.size(labels)))
            logits = self._logits(images, places, training=False)
            loss, correct = _loss_and_correct(tf.gather(labels, places), logits)
            total_loss, total_correct = total_loss + loss, total_correct + correct
        return total_loss, total_correct

    @tf.function(input_signature=[_INPUTS])
    def predict(self, images: tf.Tensor) -> tf.Tensor:
        """Return the likeliest label of each of a few thousand digits."""
        logits = self._logits(images, tf.range(tf.shape(images)[0]), training=False)
        return tf.argmax(logits, axis=1, output_type=tf.int32)

    @tf.function(input_signature=[_INPUTS])
    def probabilities(self, images: tf.Tensor) -> tf.Tensor:
        """Return the probabilities of the ten labels for each of a few thousand digits."""
        return tf.nn.softmax(self._logits(images, tf.range(tf.shape(images)[0]), training=False))

    def _logits(self, images: tf.Tensor, places: tf.Tensor, *, training: bool) -> tf.Tensor:
        # Filled up with the first digit, so that the parts are equal and none is empty; what it gives is cut off again.
        count = tf.size(places)
        parts = tf.split(tf.pad(places, [[0, -count % _PARTS]]), _PARTS)
        inputs = [tf.ensure_shape(tf.gather(images, part), [None, *self._shape]) for part in parts]
        with _in_half_precision(self._network.layers[:-1] if training and self._half_precision else ()):
            logits = [self._network(tf.cast(part, tf.float32) / 255, training=training) for part in inputs]
        return tf.concat(logits, axis=0)[:count]

    def _adam(
        self, weights: tf.Tensor, first: tf.Tensor, second: tf.Tensor, gradient: tf.Tensor, rate: tf.Tensor
    ) -> None:
        tf.raw_ops.ResourceApplyAdam(
            var=weights,
            m=first,
            v=second,
            beta1_power=_BETA_1**self._count,
            beta2_power=_BETA_2**self._count,
            lr=rate,
            beta1=_BETA_1,
            beta2=_BETA_2,
            epsilon=_EPSILON,
            grad=gradient,
        )

    def _sgd(self, weights: tf.Tensor, first: tf.Tensor, _: tf.Tensor, gradient: tf.Tensor, rate: tf.Tensor) -> None:
        tf.raw_ops.ResourceApplyKerasMomentum(var=weights, accum=first, lr=rate, grad=gradient, momentum=_MOMENTUM)

    def _rmsprop(
        self, weights: tf.Tensor, first: tf.Tensor, second: tf.Tensor, gradient: tf.Tensor, rate: tf.Tensor
    ) -> None:
        tf.raw_ops.ResourceApplyRMSProp(
            var=weights, ms=first, mom=second, lr=rate, rho=_RHO, momentum=0.0, epsilon=_EPSILON, grad=gradient
        )


@lru_cache(maxsize=16)  # some megabytes each
def _steps(description: str, optimizer: str, shape: tuple[int, ...], half_precision: bool) -> CompiledSteps:
    return CompiledSteps(networks.from_description(description), optimizer, shape, half_precision)


@lru_cache(maxsize=1)
def _has_bfloat16() -> bool:
    """Return whether the processor has instructions for bfloat16: without, it would take longer than float32."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:  # not Linux
        return False


@contextmanager
def _in_half_precision(layers: Sequence[keras.Layer]) -> Iterator[None]:
    """Let layers compute in bfloat16 for as long as a function that calls them is traced."""
    for layer in layers:
        layer.dtype_policy = "mixed_bfloat16"
    try:
        yield
    finally:
        for layer in layers:
            layer.dtype_policy = "float32"


@lru_cache(maxsize=4)  # up to 10 MB each
def _remember_front(description: str, images: bytes) -> npt.NDArray[np.uint8]:
    values = _run_front(description, np.frombuffer(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE))
    values.setflags(write=False)
    return values


def _run_front(description: str, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    front = _front(description)
    # All of one shape: XLA compiles for each.
    padded = np.pad(images, ((0, -len(images) % _FRONT_CHUNK), (0, 0), (0, 0)))
    chunks = padded.reshape(-1, _FRONT_CHUNK, *images.shape[1:])
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # XLA computes on one core
        return np.concatenate(list(threads.map(lambda chunk: front(chunk).numpy(), chunks)))[: len(images)]


@lru_cache(maxsize=4)
def _front(description: str) -> tf.types.experimental.PolymorphicFunction:
    shape = (IMAGE_SIZE, IMAGE_SIZE)
    front = keras.Sequential([keras.Input(shape), *networks.from_description(description)])

    @tf.function(jit_compile=True, input_signature=[tf.TensorSpec([_FRONT_CHUNK, *shape], tf.uint8)])
    def run(images: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.round(front(tf.cast(images, tf.float32)) * 255), tf.uint8)

    return run


def _variables(layers: Sequence[keras.Layer]) -> list[keras.Variable]:
    return [variable for layer in layers for variable in layer.variables]


def _loss_and_correct(labels: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    correct = tf.argmax(logits, axis=1, output_type=tf.int32) == labels
    return loss, tf.math.count_nonzero(correct, dtype=tf.int32)
