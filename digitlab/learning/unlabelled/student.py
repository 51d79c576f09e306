"""The student: a network trained on the piles and a few varied drawings, which becomes the model of the run."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from digitlab.digits import Images, Labels
from digitlab.learning import networks, training, training_data
from digitlab.run import Epoch
from digitlab.settings import Settings
from digitlab.storage.datasets import Dataset

if TYPE_CHECKING:
    import keras

_DRAWN = 1 / 7  # varied drawings for each picture


def settings_for(pictures: int, drawings: int, seed: int) -> Settings:
    """Return the settings of a student.

    Args:
        pictures: In the piles.
        drawings: To vary.
        seed: Of the weights, the order and the variation.
    """
    return Settings(
        hidden_units=(256,),
        dropout=0.3,
        learning_rate=0.003,
        epochs=7,
        seed=seed,
        straighten=True,
        directions=True,
        copies=min(1000, max(1, round(_DRAWN * pictures / drawings))),
        forms=True,
    )


def train(
    drawings: Dataset,
    pictures: tuple[Images, Labels],
    validation: tuple[Images, Labels],
    settings: Settings,
    *,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> "tuple[keras.Model, tuple[Epoch, ...], bool]":
    """Train a student.

    Args:
        drawings: Whose varied copies are trained on too.
        pictures: `(images, digits of their piles)`.
        validation: Only looked at after each epoch: it chooses nothing.
        settings: As `settings_for` returns them.
        on_epoch: As for `training.train`; so are the next two.
        on_progress: See there.
        should_stop: See there.

    Returns:
        The model, its history, and whether it was stopped early.
    """
    varied, labels = training_data.vary(drawings, settings)
    images, digits = np.concatenate([pictures[0], varied]), np.concatenate([pictures[1], labels])
    model = networks.build(settings)
    history = training.train(
        model,
        (images, digits),
        validation,
        settings,
        on_epoch=on_epoch,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return model, history, history[-1].epoch < settings.epochs or history[-1].seen < len(digits)
