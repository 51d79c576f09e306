"""Train one model. Keras is only loaded when a function needs it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitlab.digits import check_images, check_labels
from digitlab.drawing.variation import MAX_STRENGTH
from digitlab.learning.models import NETWORKS

if TYPE_CHECKING:
    import keras

    from digitlab.learning.compiled_steps import Steps

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu")
OPTIMIZERS = ("adam", "sgd", "rmsprop")
BATCH_SIZES = (16, 32, 64, 128, 256, 512)
MAX_HIDDEN_LAYERS = 3

# (least, most) of each setting that is a number.
LIMITS = {
    "hidden_units": (8, 1024),
    "dropout": (0.0, 0.8),
    "learning_rate": (0.00001, 1.0),
    "epochs": (1, 500),
    "train_share": (0.01, 1.0),
    "mnist_share": (0.0, 0.9),
    "seed": (0, 999_999),
    "variation": (0.0, MAX_STRENGTH),
    "copies": (0, 1000),
}

POOL = 8000  # varied digits: more did not teach more, see tests/benchmarks/writers.py
_STEPS_PER_EXECUTION = 50  # mini-batches between two looks at progress and Stop


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of one training.

    Attributes:
        hidden_units: Units of each hidden layer, up to 3 layers.
        activation: One of `ACTIVATIONS`.
        dropout: Share of hidden units left out at each step.
        optimizer: One of `OPTIMIZERS`; sgd has momentum 0.9.
        learning_rate: Largest step size: it rises over the first tenth of the steps and falls along a half cosine.
        batch_size: One of `BATCH_SIZES`.
        epochs: Passes over the training digits, varied copies included.
        train_share: Share of MNIST's training digits to use, for trainings on MNIST.
        mnist_share: For trainings on drawings: share that MNIST's digits have among all that is trained on.
        seed: Of the weights, the order of the digits, the choice of the share and the variation.
        network: One of `models.NETWORKS`.
        straighten: Give each digit a standard slant and size first, inside the model.
        directions: Tell a dense network in which directions lines run instead of which pixels are inked.
        variation: Strength of the variation of copies, 0 to 2; 1 is what trains best.
        copies: Varied copies to train on of each digit; 0: each digit as it is.

    Raises:
        ValueError: If a setting is outside its range.
    """

    hidden_units: tuple[int, ...] = (128,)
    activation: str = "relu"
    dropout: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.004
    batch_size: int = 128
    epochs: int = 5
    train_share: float = 1.0
    mnist_share: float = 0.0
    seed: int = 0
    network: str = "dense"
    straighten: bool = False
    directions: bool = False
    variation: float = 1.0
    copies: int = 0

    def __post_init__(self) -> None:
        if len(self.hidden_units) > MAX_HIDDEN_LAYERS:
            raise ValueError(
                f"Expected at most {MAX_HIDDEN_LAYERS} hidden layers. Received: {len(self.hidden_units)} layers."
            )
        for units in self.hidden_units:
            check_range("hidden_units", units)
        for name in set(LIMITS) - {"hidden_units"}:
            check_range(name, getattr(self, name))
        for name, choices in (
            ("activation", ACTIVATIONS),
            ("optimizer", OPTIMIZERS),
            ("batch_size", BATCH_SIZES),
            ("network", NETWORKS),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"Expected {name} to be one of {choices}. Received: {getattr(self, name)!r}.")


def defaults(drawings: int, network: str = "dense", *, from_saved: bool = False) -> Settings:
    """Return settings that suit an amount of drawings: as many varied copies as make about 500 good steps.

    Args:
        drawings: How many there are to train on.
        network: One of `models.NETWORKS`.
        from_saved: A saved model is trained further: in smaller steps and with as many of MNIST's digits, or it forgets
            what it knew.
    """
    copies = min(LIMITS["copies"][1], max(8, -(-POOL // max(1, drawings))))
    return Settings(
        hidden_units=(256,) if network == "dense" else (64,),
        dropout=0.0 if network == "dense" else 0.3,
        learning_rate=0.0003 if from_saved else 0.003,
        epochs=8,
        network=network,
        straighten=True,
        directions=network == "dense",
        mnist_share=0.5 if from_saved else 0.0,
        copies=copies,
    )


def check_range(name: str, value: float) -> None:
    """Refuse a setting outside its range.

    Args:
        name: A key of `LIMITS`.
        value: What was set.

    Raises:
        ValueError: If it is no number of the right kind or outside the range.
    """
    least, most = LIMITS[name]
    # NumPy's integers are refused now: after the training they could not be written to the card, which is JSON.
    kind = int if isinstance(least, int) else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise ValueError(f"Expected {name} between {least} and {most}. Received: {value!r}.")


# For MNIST. Chosen on the last 5,000 of its training digits: the quickest above 98.5 %, and what gains most after that.
PRESETS = {
    "Plain": Settings(),
    "Fast": Settings(learning_rate=0.006, epochs=2, straighten=True, directions=True),
    "Best": Settings(
        hidden_units=(256,),
        dropout=0.2,
        learning_rate=0.006,
        batch_size=256,
        epochs=8,
        straighten=True,
        directions=True,
    ),
}


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
