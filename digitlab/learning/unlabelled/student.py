"""The student: a network trained on the piles and a few varied drawings, which becomes the model of the run."""

import numpy as np

from digitlab.digits import Images, Labels
from digitlab.learning import training_data
from digitlab.settings import LIMITS, Settings
from digitlab.storage.datasets import Dataset

_DRAWN = 1 / 7  # varied drawings for each picture


def settings_for(pictures: int, drawings: int, seed: int) -> Settings:
    """Return the settings of a student.

    Args:
        pictures: In the piles.
        drawings: To vary, at least 1.
        seed: Of the weights, the order and the variation.

    Example:
        >>> settings_for(pictures=20_000, drawings=10, seed=0).copies
        286
    """
    return Settings(
        hidden_units=(256,),
        dropout=0.3,
        learning_rate=0.003,
        epochs=7,
        seed=seed,
        straighten=True,
        directions=True,
        copies=min(int(LIMITS["copies"][1]), max(1, round(_DRAWN * pictures / drawings))),
        forms=True,
    )


def digits_to_learn(images: Images, names: Labels, drawings: Dataset, settings: Settings) -> tuple[Images, Labels]:
    """Put the pictures and varied drawings together.

    Args:
        images: The pictures, uint8 (n, 28, 28).
        names: (n,), what their piles are called.
        drawings: To vary.
        settings: As `settings_for` returns them.

    Returns:
        `(images, labels)`.
    """
    varied, labels = training_data.vary(drawings, settings)
    return np.concatenate([images, varied]), np.concatenate([names, labels])
