"""Train one model. Keras is only loaded when a function needs it."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats, Images, Labels, check_images, check_labels
from digitlab.drawing.quick_variation import vary_together
from digitlab.learning import networks
from digitlab.run import Epoch
from digitlab.settings import Settings

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from digitlab.learning.compiled_steps import CompiledSteps

_STEPS_PER_EXECUTION = 50  # mini-batches between two looks at progress and Stop


def train(
    model: "keras.Model",
    train_data: tuple[Images, Labels],
    validation_data: tuple[Images, Labels],
    settings: Settings,
    *,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Epoch, ...]:
    """Train `model` in place.

    Args:
        model: As `networks.build` or `model_files.load` gives it.
        train_data: `(images, labels)`: uint8 (n, 28, 28) and integers (n,).
        validation_data: The same; only looked at, after each epoch.
        settings: Of these it uses optimizer, learning_rate, label_smoothing, batch_size, epochs, vary_anew,
            half_precision and seed.
        on_epoch: Called after each epoch with what is appended to the history.
        on_progress: Called every few mini-batches with the share of all mini-batches done, 0-1.
        should_stop: Asked at the same moments; what was learnt until then is kept.

    Returns:
        The history: at least one epoch, in order; the last one may have been stopped in the middle.

    Raises:
        ValueError: If images or labels are not as described, or the loss is no longer finite.
    """
    from digitlab.learning import compiled_steps

    for images, labels in (train_data, validation_data):
        check_labels(labels, len(check_images(images)))
    if not len(train_data[0]) or not len(validation_data[0]):
        raise ValueError(
            "Expected digits to train on and digits to validate on. "
            f"Received: {len(train_data[0])} and {len(validation_data[0])} digits."
        )
    # What has no weights is done once. The digits stay where they are; what is shuffled and sent is their indices.
    digits, validation = (
        compiled_steps.to_tensors(compiled_steps.fixed_features(model, images), labels)
        for images, labels in (train_data, validation_data)
    )
    n, n_validation = len(train_data[0]), len(validation_data[0])
    history: list[Epoch] = []
    started = time.perf_counter()

    def look(share: float) -> bool:
        on_progress(share)
        return should_stop()

    half = settings.half_precision
    with compiled_steps.of_model(model, settings.optimizer, half_precision=half) as compiled:
        of_epochs = _of_each_epoch(model, train_data[0], digits, settings)
        for done in run_epochs(compiled, of_epochs, n, settings, look):
            val_loss, val_correct = compiled.validate(*validation)
            _check_loss(float(val_loss), done.epoch, settings)  # the last step may have broken the weights
            epoch = Epoch(
                epoch=done.epoch,
                loss=done.loss,
                accuracy=done.accuracy,
                val_loss=float(val_loss) / n_validation,
                val_accuracy=int(val_correct) / n_validation,
                seconds=time.perf_counter() - started,
                seen=done.seen,
            )
            history.append(epoch)
            on_epoch(epoch)
    return tuple(history)


def read_mean(model: "keras.Model", views: Sequence[npt.NDArray[np.uint8]]) -> Floats:
    """Return the mean of the probabilities that a trained network gives to several views of the same digits.

    Args:
        model: As for `train`.
        views: For each view what the model's front makes of it, as `compiled_steps.fixed_features` returns it.

    Returns:
        float32 array of shape (n, 10), rows sum to 1.
    """
    from digitlab.learning import compiled_steps

    with compiled_steps.of_model(model, "adam") as compiled:
        mean: Floats = np.mean([compiled.probabilities(view).numpy() for view in views], axis=0)
    return mean


@dataclass(frozen=True)
class TrainedEpoch:
    """An epoch before it is validated: `epoch` (from 1), mean `loss` (nats), `accuracy` (0-1), digits `seen`."""

    epoch: int
    loss: float
    accuracy: float
    seen: int


def run_epochs(
    compiled: "CompiledSteps",
    digits: "Iterable[tuple[tf.Tensor, tf.Tensor]]",
    n: int,
    settings: Settings,
    stops: Callable[[float], bool],
) -> Iterator[TrainedEpoch]:
    """Make all steps of a training.

    Args:
        compiled: The steps, with the weights to begin with.
        digits: Of each epoch, as `compiled_steps.to_tensors` returns them.
        n: How many they are.
        settings: As for `train`.
        stops: Asked every few mini-batches, with the share of all that is done, 0-1, whether to stop there.

    Yields:
        Each epoch when it is over, or when it was stopped.

    Raises:
        ValueError: If the loss is no longer finite.
    """
    rates = learning_rates(settings, settings.epochs * -(-n // settings.batch_size))
    rng, stopped = np.random.default_rng(settings.seed), False
    for epoch, of_epoch in zip(range(settings.epochs), digits, strict=False):
        order, seen, loss, correct = rng.permutation(n).astype(np.int32), 0, 0.0, 0
        for batches in _in_batches(order, settings.batch_size):
            now, rates = np.split(rates, [len(batches)])
            step_loss, step_correct = compiled.train(*of_epoch, batches, now, settings.label_smoothing)
            seen, loss, correct = seen + batches.size, loss + float(step_loss), correct + int(step_correct)
            _check_loss(loss, epoch + 1, settings)
            stopped = stops((epoch + seen / n) / settings.epochs)
            if stopped:
                break
        yield TrainedEpoch(epoch + 1, loss / seen, correct / seen, seen)
        if stopped:
            return


def _of_each_epoch(
    model: "keras.Model", images: Images, digits: "tuple[tf.Tensor, tf.Tensor]", settings: Settings
) -> "Iterator[tuple[tf.Tensor, tf.Tensor]]":
    """Yield digits for each epoch: as they are, then varied anew if wanted, while the epoch before trains.

    Args:
        model: As for `train`.
        images: The digits, uint8 (n, 28, 28).
        digits: What the model's front makes of them, and their labels, as tensors.
        settings: As for `train`.
    """
    from digitlab.learning import compiled_steps

    front, labels, rng = networks.describe_front(model), digits[1], np.random.default_rng(settings.seed)

    def vary() -> "tuple[tf.Tensor, tf.Tensor]":
        varied = vary_together(images, settings.vary_anew, rng)
        return compiled_steps.to_tensor(compiled_steps.features_of(front, varied)), labels

    with ThreadPoolExecutor(1) as beside:
        for epochs_left in reversed(range(settings.epochs)):
            coming = beside.submit(vary) if settings.vary_anew and epochs_left else None
            yield digits
            digits = coming.result() if coming else digits


def _check_loss(loss: float, epoch: int, settings: Settings) -> None:
    if not np.isfinite(loss):
        raise ValueError(
            f"Expected a loss that falls. Received: {loss} in epoch {epoch}. "
            f"The learning rate {settings.learning_rate} is too high for these settings: lower it."
        )


def learning_rates(settings: Settings, steps: int) -> npt.NDArray[np.float32]:
    """Return the size of each step: it rises over the first tenth of the steps and falls along a half cosine.

    Returns:
        float32 array of shape (steps,).
    """
    step, warmup = np.arange(steps), max(1, steps // 10)
    rising = (1 + (warmup - 1) * step / warmup) / warmup
    falling = (1 + np.cos(np.pi * (step - warmup) / max(1, steps - warmup))) / 2
    shares = np.where(step < warmup, rising, falling)
    return np.asarray(settings.learning_rate * shares, np.float32)


def _in_batches(order: npt.NDArray[np.int32], batch_size: int) -> Iterator[npt.NDArray[np.int32]]:
    """Cut indices into arrays of shape (up to 50, batch_size), then the rest in one of shape (1, rest)."""
    full = len(order) // batch_size * batch_size
    chunk = _STEPS_PER_EXECUTION * batch_size
    for start in range(0, full, chunk):
        yield order[start : min(start + chunk, full)].reshape(-1, batch_size)
    if full < len(order):
        yield order[full:][None]
