"""What to tell somebody about the drawings they are going to train on: plain sentences."""

from collections.abc import Sequence

import numpy as np

from digitlab.digits import NUM_CLASSES

_UNEVEN = 5  # times as many of one digit as of another


def warnings(drawn: Sequence[int], copies: int) -> list[str]:
    """Say what is wrong with digits to train on; it is no reason not to train.

    Args:
        drawn: How many of each label 0 to 9, at least one in all.
        copies: How many of them have the picture of an earlier one.

    Returns:
        Sentences, none where nothing is wrong.

    Raises:
        ValueError: If there are not ten numbers, or nothing is drawn.

    Example:
        >>> warnings([0, 0, 0, 0, 0, 0, 0, 1, 0, 0], copies=0)
        ['All of them are a 7: the network will answer 7 to everything.']
    """
    counts = np.asarray(drawn)
    if counts.shape != (NUM_CLASSES,) or counts.sum() < 1:
        raise ValueError(f"Expected how many of each label are drawn, at least one. Received: {list(drawn)}.")
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
    if copies:
        found.append(f"{copies} of them are the same picture as another one: they teach nothing new.")
    return found


def _listed(digits: Sequence[int]) -> str:
    *first, last = map(str, digits)
    return f"{', '.join(first)} or {last}" if first else last
