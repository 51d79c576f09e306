"""Train one model. Keras is only loaded when a function needs it."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from digitlab.digits import check_images, check_labels
from digitlab.settings import Settings

if TYPE_CHECKING:
    import keras

    from digitlab.learning.compiled_steps import Steps

_STEPS_PER_EXECUTION = 50  # mini-batches between two looks at progress and Stop


def train(
    model: "keras.Model",
    train_data: tuple[np.ndarray, np.ndarray],
    validation_data: tuple[np.ndarray, np.ndarray],
    settings: Settings,
    *,
    on_epoch: Callable[[dict], None] = lambda epoch: None,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[dict]:
    """Train `model` in place.

    Args:
        model: As `models.build` or `models.load` give it.
        train_data: `(images, labels)`: uint8 (n, 28, 28) and integers (n,).
        validation_data: The same; only looked at, after each epoch.
        settings: Of these it uses optimizer, learning_rate, batch_size, epochs and seed.
        on_epoch: Called after each epoch with what is appended to the history.
        on_progress: Called every few mini-batches with the share of all mini-batches done, 0-1.
        should_stop: Asked at the same moments; what was learnt until then is kept.

    Returns:
        The history: for each epoch `epoch` (from 1), `loss` and `val_loss` (nats), `accuracy` and `val_accuracy` (0-1),
        `seconds` since the start, and `seen`, the number of digits: fewer than all if it was stopped in the middle.

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
        compiled_steps.to_tensors(compiled_steps.through_front(model, images), labels)
        for images, labels in (train_data, validation_data)
    )
    n, n_validation = len(train_data[0]), len(validation_data[0])
    history, started = [], time.perf_counter()

    def look(share: float) -> bool:
        on_progress(share)
        return should_stop()

    with compiled_steps.of_model(model, settings.optimizer) as compiled:
        for epoch in run_epochs(compiled, digits, n, settings, look):
            val_loss, val_correct = compiled.validate(*validation)
            _check_loss(float(val_loss), epoch["epoch"], settings)  # the last step may have broken the weights
            validated = {"val_loss": float(val_loss) / n_validation, "val_accuracy": int(val_correct) / n_validation}
            history.append({**epoch, **validated, "seconds": time.perf_counter() - started})
            on_epoch(history[-1])
    return history


def run_epochs(
    compiled: "Steps", digits: tuple, n: int, settings: Settings, stops: Callable[[float], bool]
) -> Iterator[dict]:
    """Make all steps of a training.

    Args:
        compiled: The steps, with the weights to begin with.
        digits: As `steps.to_tensors` returns them.
        n: How many they are.
        settings: As for `train`.
        stops: Asked every few mini-batches, with the share of all that is done, 0-1, whether to stop there.

    Yields:
        After each epoch `epoch` (from 1), `loss` (nats), `accuracy` (0-1) and `seen`, the number of digits.

    Raises:
        ValueError: If the loss is no longer finite.
    """
    rates = learning_rates(settings, settings.epochs * -(-n // settings.batch_size))
    rng, stopped = np.random.default_rng(settings.seed), False
    for epoch in range(settings.epochs):
        order, seen, loss, correct = rng.permutation(n).astype(np.int32), 0, 0.0, 0
        for batches in _in_batches(order, settings.batch_size):
            now, rates = np.split(rates, [len(batches)])
            step_loss, step_correct = compiled.train(*digits, batches, now)
            seen, loss, correct = seen + batches.size, loss + float(step_loss), correct + int(step_correct)
            _check_loss(loss, epoch + 1, settings)
            stopped = stops((epoch + seen / n) / settings.epochs)
            if stopped:
                break
        yield {"epoch": epoch + 1, "loss": loss / seen, "accuracy": correct / seen, "seen": seen}
        if stopped:
            return


def _check_loss(loss: float, epoch: int, settings: Settings) -> None:
    if not np.isfinite(loss):
        raise ValueError(
            f"Expected a loss that falls. Received: {loss} in epoch {epoch}. "
            f"The learning rate {settings.learning_rate} is too high for these settings: lower it."
        )


def learning_rates(settings: Settings, steps: int) -> np.ndarray:
    """Return the size of each step: it rises over the first tenth of the steps and falls along a half cosine.

    Returns:
        float32 array of shape (steps,).
    """
    step, warmup = np.arange(steps), max(1, steps // 10)
    rising = (1 + (warmup - 1) * step / warmup) / warmup
    falling = (1 + np.cos(np.pi * (step - warmup) / max(1, steps - warmup))) / 2
    return (settings.learning_rate * np.where(step < warmup, rising, falling)).astype(np.float32)


def _in_batches(order: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Cut indices into arrays of shape (up to 50, batch_size), then the rest in one of shape (1, rest)."""
    full = len(order) // batch_size * batch_size
    chunk = _STEPS_PER_EXECUTION * batch_size
    for start in range(0, full, chunk):
        yield order[start : min(start + chunk, full)].reshape(-1, batch_size)
    if full < len(order):
        yield order[full:][None]
