"""What to tell somebody about the drawings they are going to train on: plain sentences."""

from collections.abc import Sequence

import numpy as np

from digitlab.digits import NUM_CLASSES, Images, Labels, check_images, check_labels

_UNEVEN = 5  # times as many of one digit as of another


def warnings(images: Images, labels: Labels) -> list[str]:
    """Say what is wrong with digits to train on; it is no reason not to train.

    Args:
        images: uint8 array of shape (n, 28, 28), n at least 1.
        labels: Integer array of shape (n,).

    Returns:
        Sentences, none where nothing is wrong.

    Raises:
        ValueError: If the images or labels are not as described.

    Example:
        >>> warnings(np.zeros((1, 28, 28), np.uint8), np.array([7]))
        ['All of them are a 7: the network will answer 7 to everything.']
    """
    check_labels(labels, len(check_images(images)))
    counts = np.bincount(labels, minlength=NUM_CLASSES)
    missing, there = np.flatnonzero(counts == 0), np.flatnonzero(counts)
    found = []
    if len(there) == 1:
        found.append(f"All of them are a {there[0]}: the network will answer {there[0]} to everything.")
    elif len(missing):
        found.append(f"There is no {_listed(missing.tolist())} among them: the network will never answer that.")
    if len(there) > 1 and counts.max() >= _UNEVEN * counts[there].min():
        most, least = counts.argmax(), there[counts[there].argmin()]
        found.append(
            f"There are {counts[most]} of {most} and only {counts[least]} of {least}: what is rare is learnt least."
        )
    copies = len(images) - len(np.unique(images.reshape(len(images), -1), axis=0))
    if copies:
        found.append(f"{copies} of them are the same picture as another one: they teach nothing new.")
    return found


def _listed(digits: Sequence[int]) -> str:
    *first, last = map(str, digits)
    return f"{', '.join(first)} or {last}" if first else last
