"""What a run's model takes drawings for: computed once for each batch, then kept in the database."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from digitlab.digits import Images
from digitlab.learning.evaluation import Predictor
from digitlab.storage.datasets import read_digits_of
from digitlab.storage.digit_sets import DigitSet
from digitlab.storage.predictions import Predictions, keep_predictions
from digitlab.storage.store import Store

_AT_ONCE = 10_000  # digits read and predicted at once

Read: TypeAlias = Callable[[tuple[int, ...]], Images]


def reader(store: Store) -> Read:
    """Return what reads digits by their ids, and the same once more without asking the database."""
    return lru_cache(maxsize=1)(partial(read_digits_of, store))


def predict_missing(
    store: Store,
    run_id: str,
    known: Predictions,
    sets: Sequence[DigitSet],
    load: Callable[[], Predictor],
    *,
    read: Read | None = None,
) -> None:
    """Let a model predict the digits of those batches that it has not seen as they are now.

    Args:
        store: Where predictions are kept.
        run_id: Of the model.
        known: What is kept of it, as `read_predictions` returns it; what is found is added.
        sets: With the batches to predict.
        load: Reads the model; called only if there is something to predict.
        read: As `reader` returns it, to be used for several models; None: a new one.

    Raises:
        ModelError: If the model cannot be read.
    """
    missing = {
        batch_id: digits.drawing_ids[places]
        for digits in sets
        for batch_id, places in digits.places.items()
        if not _is_known(known, digits, batch_id)
    }
    if not missing:
        return
    predictor, ids, read = load(), np.concatenate(list(missing.values())).tolist(), read or reader(store)
    chunks = [tuple(ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE)]
    labels = np.concatenate([predictor.predict(read(chunk)).argmax(axis=1) for chunk in chunks])
    parts = np.split(labels.astype(np.uint8), np.cumsum([len(of_batch) for of_batch in missing.values()])[:-1])
    versions = {batch_id: version for digits in sets for batch_id, version in digits.batch_versions.items()}
    found = {batch_id: (versions[batch_id], part) for batch_id, part in zip(missing, parts, strict=True)}
    keep_predictions(store, run_id, found)
    known.update(found)


def gather(known: Predictions, digits: DigitSet) -> npt.NDArray[np.int64]:
    """Return the predictions of a set from what is known, int64 of shape (n,).

    Raises:
        ValueError: If those of a batch are missing.
    """
    labels = np.empty(len(digits), np.int64)
    for batch_id, places in digits.places.items():
        if not _is_known(known, digits, batch_id):
            raise ValueError(f"Expected predictions of batch {batch_id} as it is now. Received: none.")
        labels[places] = known[batch_id][1]
    return labels


def _is_known(known: Predictions, digits: DigitSet, batch_id: int) -> bool:
    version, labels = known.get(batch_id, (-1, np.empty(0, np.uint8)))
    return version == digits.batch_versions[batch_id] and len(labels) == len(digits.places[batch_id])
