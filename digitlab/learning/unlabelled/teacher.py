"""The teacher: networks trained on a person's drawings, which say of each picture what it might be."""

from collections.abc import Callable
from dataclasses import replace
from itertools import repeat

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Labels
from digitlab.learning import networks, presets, training, training_data
from digitlab.look import percent
from digitlab.settings import LIMITS
from digitlab.storage.datasets import Dataset

AVERAGED = 3  # networks: what one of them is wrong about by chance, the others are not
_APART = 333_333  # of the seeds of the networks: two teachers of neighbouring seeds have no network in common
_PARTS = 20  # in which the pictures are read: less memory
# On average. Of MNIST's pictures the teachers of 26 people were at least 48 % sure; of shapes of clothes two were 25 %
# sure, of MNIST's negatives 27 %, of its digits lying on their side 40 %.
_LEAST_SURE = 0.4


def check_drawings(labels: Labels) -> None:
    """Refuse drawings among which a digit is missing: no pile could be named after it.

    Raises:
        ValueError: If one is missing.
    """
    missing = sorted(set(range(NUM_CLASSES)) - set(labels.tolist()))
    if missing:
        raise ValueError(
            f"Expected a drawing of each digit, or no pile could be named after it. Received: {len(labels)} drawings, "
            f"none of {', '.join(map(str, missing))}."
        )


def check_sure(said: npt.NDArray[np.float32]) -> None:
    """Refuse what a teacher said if it is hardly surer of these pictures than a guess.

    Raises:
        ValueError: If it is not.
    """
    sure = float(said.max(axis=1).mean())
    if sure < _LEAST_SURE:
        raise ValueError(
            "Expected pictures of the digits that were drawn. Received: pictures of which a network trained on the "
            f"drawings is hardly sure ({percent(sure, 0)} on average). This method was made for MNIST: "
            "does DIGITLAB_MNIST_DIR "
            "name a data set of something else, or do the drawings show something else than their labels say?"
        )


def read_pictures(
    drawings: Dataset, features: npt.NDArray[np.uint8], seed: int, stops: Callable[[float], bool]
) -> npt.NDArray[np.float32] | None:
    """Train the teacher, and let it read pictures.

    The networks are those of today's preset for drawings, trained on the same varied copies from other weights.

    Args:
        drawings: To train on.
        features: uint8 array of shape (n, ...): what `compiled_steps.fixed_features` makes of the pictures.
        seed: Of the variation, the weights and the order.
        stops: Asked every few mini-batches, with the share of all that is done, 0-1, whether to stop.

    Returns:
        float32 array of shape (n, 10): the mean of the networks' probabilities; None if it was stopped.
    """
    from digitlab.learning import compiled_steps

    settings = replace(presets.defaults(len(drawings.labels)), seed=seed)
    images, labels = training_data.vary(drawings, settings)
    model = networks.build(settings)
    digits = compiled_steps.to_tensors(compiled_steps.fixed_features(model, images), labels)
    total = np.zeros((len(features), NUM_CLASSES), np.float32)
    for number in range(AVERAGED):
        of_network = replace(settings, seed=(seed + _APART * number) % (int(LIMITS["seed"][1]) + 1))
        model = networks.build(of_network)

        def asks(share: float, before: int = number) -> bool:
            return stops((before + share) / AVERAGED)

        with compiled_steps.of_model(model, settings.optimizer) as compiled:
            *_, last = training.run_epochs(compiled, repeat(digits), len(labels), of_network, asks)
            if last.epoch < settings.epochs or last.seen < len(labels):
                return None
            total += np.concatenate([compiled.probabilities(part) for part in np.array_split(features, _PARTS)])
    return total / np.float32(AVERAGED)
