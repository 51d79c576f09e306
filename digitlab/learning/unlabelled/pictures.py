"""Which pictures are sorted, and what they are compared by."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from digitlab import mnist
from digitlab.digits import Images
from digitlab.learning import networks, presets, progress
from digitlab.learning.cache_files import cache_dir
from digitlab.learning.training_data import VALIDATION_SIZE
from digitlab.learning.unlabelled import graph

PICTURES = 20_000  # that are sorted; see tests/benchmarks/writers.py for what more would bring
_SEED = 0  # all people's drawings sort the same pictures: their neighbours are found only once


def choose_pictures(images: Images) -> npt.NDArray[np.int64]:
    """Choose the pictures to sort: always the same of a data set, none of those that are validated on.

    Args:
        images: The data set's training pictures, uint8 (n, 28, 28).

    Returns:
        int64 array: their indices, rising.

    Raises:
        ValueError: If there are too few.
    """
    on_offer = len(images) - VALIDATION_SIZE
    if on_offer <= graph.NEIGHBOURS:
        raise ValueError(
            f"Expected more than {VALIDATION_SIZE + graph.NEIGHBOURS} training pictures. Received: {len(images)}. "
            "Unset DIGITLAB_MNIST_DIR to use MNIST, or choose a larger data set."
        )
    rng = np.random.default_rng(_SEED)
    return np.sort(rng.choice(on_offer, min(PICTURES, on_offer), replace=False))


def features_of(pictures: Images) -> npt.NDArray[np.uint8]:
    """Return what pictures are compared by, which is also what the teacher's networks take. Only for the worker.

    Returns:
        uint8 array of shape (n, 7, 7, 8).
    """
    from digitlab.learning import compiled_steps

    return compiled_steps.fixed_features(networks.build(presets.defaults(1)), pictures)


def find_neighbours(*, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]) -> None:
    """Find which pictures are alike before anybody asks: what a job may do in the background.

    Args:
        report: Called with `progress.Report` as an event.
        should_stop: Asked often.
    """
    images = mnist.load_train()[0]
    tell = progress.begin("Finding pictures that are alike", report)
    graph.find_neighbours(
        features_of(images[choose_pictures(images)]), cache_dir(), progress.stops_at(tell, should_stop)
    )
