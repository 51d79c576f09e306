"""The digits of a training: drawings or MNIST, varied or mixed; and those to test on, which are never trained on."""

import numpy as np

from digitlab.digits import Images, Labels, data_version
from digitlab.drawing.add_parts import add_parts
from digitlab.drawing.pixel_variation import vary_images
from digitlab.drawing.stroke_variation import vary_drawings
from digitlab.settings import Settings
from digitlab.storage.batches import TRAINING_KINDS, read_batches
from digitlab.storage.datasets import Dataset, read_dataset, read_digits
from digitlab.storage.store import Store

VALIDATION_SIZE = 5000  # the last of MNIST's training digits: no model is ever trained on them


def vary(data: Dataset, settings: Settings) -> tuple[Images, Labels]:
    """Make the digits to train on: `settings.copies` varied ones of each, from its strokes where they are known.

    Returns:
        `(images, labels)`: the data as they are if no copies are wanted.
    """
    if not settings.copies:
        return data.images, data.labels
    rng = np.random.default_rng(settings.seed)
    varied = np.empty((settings.copies, *data.images.shape), np.uint8)
    drawn = np.array([len(strokes) > 0 for strokes in data.strokes or [()] * len(data.labels)], bool)
    if drawn.any():
        strokes = [strokes for strokes in data.strokes if len(strokes)]
        known = data.labels[drawn] if settings.forms else None
        copies = vary_drawings(strokes, settings.copies, settings.variation, rng, known)
        varied[:, drawn] = copies.reshape(settings.copies, -1, *data.images.shape[1:])
    if not drawn.all():
        for copy in varied:
            copy[~drawn] = vary_images(data.images[~drawn], settings.variation, rng)
    return varied.reshape(-1, *data.images.shape[1:]), np.tile(data.labels, settings.copies)


def mix_in_mnist(
    images: Images, labels: Labels, x_train: Images, y_train: Labels, settings: Settings
) -> tuple[Images, Labels]:
    """Add digits of MNIST, chosen at random by the seed, until they are `settings.mnist_share` of all.

    Args:
        images: uint8 array of shape (n, 28, 28).
        labels: Integer array of shape (n,).
        x_train: MNIST's training digits; the last `VALIDATION_SIZE` of them are never taken.
        y_train: Their labels.
        settings: Of these it uses mnist_share and seed.

    Returns:
        `(images, labels)`; where MNIST has too few digits, all of them and a smaller share.
    """
    wanted = round(len(labels) * settings.mnist_share / (1 - settings.mnist_share))
    on_offer = max(0, len(y_train) - VALIDATION_SIZE)
    chosen = np.random.default_rng(settings.seed).choice(on_offer, min(wanted, on_offer), replace=False)
    return np.concatenate([images, x_train[chosen]]), np.concatenate([labels, y_train[chosen]])


def take_share(images: Images, labels: Labels, settings: Settings) -> tuple[Images, Labels]:
    """Choose `settings.train_share` of the digits at random, by the seed, at least one."""
    count = max(1, round(settings.train_share * len(images)))
    if count == len(images):
        return images, labels
    chosen = np.sort(np.random.default_rng(settings.seed).choice(len(images), count, replace=False))
    return images[chosen], labels[chosen]


def take_drawings(store: Store, batch_ids: tuple[int, ...]) -> tuple[str, Dataset]:
    """Gather drawings to train on.

    Returns:
        The method (`one` if all batches are of one instance each, else `full`) and the data.

    Raises:
        ValueError: If a batch is a test batch or not there, or there are no drawings.
    """
    kinds = check_training_batches(store, batch_ids)
    return "one" if kinds == {"one"} else "full", read_dataset(store, batch_ids)


def check_training_batches(store: Store, batch_ids: tuple[int, ...]) -> set[str]:
    """Return the kinds of batches to train on.

    Raises:
        ValueError: If one is a test batch or not there.
    """
    kinds = {batch.id: batch.kind for batch in read_batches(store, batch_ids=batch_ids)}
    wrong = [batch_id for batch_id in batch_ids if kinds.get(batch_id) not in TRAINING_KINDS]
    if wrong:
        raise ValueError(
            f"Expected batches to train on. Received: batches {wrong}, which are test batches or no longer there. "
            "Digits of a test batch are never trained on."
        )
    return set(kinds.values())


def count_imported(store: Store, batch_ids: tuple[int, ...]) -> int:
    """Return how many digits of these batches came from a file."""
    return sum(batch.drawn for batch in read_batches(store, kinds=("imported",), batch_ids=batch_ids))


def take_mnist(x_train: Images, y_train: Labels, settings: Settings) -> Dataset:
    """Take `settings.train_share` of MNIST's training digits without those for validation.

    With `settings.forms`, parts that MNIST's writers leave out are drawn onto some of them, by the seed.

    Raises:
        ValueError: If there are too few.
    """
    if len(x_train) <= VALIDATION_SIZE:
        raise ValueError(
            f"Expected more than {VALIDATION_SIZE} training digits. Received: {len(x_train)}. "
            "Unset DIGITLAB_MNIST_DIR to use MNIST, or choose a larger data set."
        )
    images, labels = take_share(x_train[:-VALIDATION_SIZE], y_train[:-VALIDATION_SIZE], settings)
    version = data_version(images, labels)  # of MNIST's digits: what is drawn onto them follows from the settings
    if settings.forms:
        images = add_parts(images, labels, np.random.default_rng(settings.seed))
    return Dataset(images, labels.astype(np.int64), 0.0, version)


def read_own_test_set(store: Store, batch_ids: tuple[int, ...], *, strokes: bool = False) -> Dataset | None:
    """Gather the digits of those batches that are test batches, with strokes if wanted; None if there are none."""
    tests = [batch.id for batch in read_batches(store, kinds=("test",), batch_ids=batch_ids) if batch.drawn]
    if not tests:
        return None
    return read_dataset(store, tests) if strokes else read_digits(store, tests)
