"""Your reader: a network, and beside it a vote of the nearest of your own drawings, compared stroke by stroke.

It reads your own digits better than the network alone. It says nothing about MNIST, which has no strokes, or about
other people, who move the pen in another way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Floats, Labels
from digitlab.drawing.traces import distances, trace
from digitlab.storage.datasets import read_labels
from digitlab.storage.drawings import read_strokes_of
from digitlab.storage.store import Store

_SHARPNESS = 30.0  # of the vote: a drawing that is .1 nearer counts 20 times as much
_MOST_PER_DIGIT = 30  # drawings compared with: more hardly read better and take their time


@dataclass(frozen=True)
class Reader:
    """Drawings to compare with.

    Attributes:
        traces: float64 array of shape (n, 24, 4), n at least 1, as `traces.trace` returns them.
        labels: Integer array of shape (n,), what they show.
    """

    traces: Floats
    labels: Labels


def make_reader(strokes: Sequence[Sequence[Floats]], labels: Labels) -> Reader | None:
    """Gather the drawings to compare with: of each digit up to 30, spread evenly over the order of drawing.

    Args:
        strokes: Of each of n drawings, as in `drawing.strokes`; empty where they are not known, as of a picture.
        labels: Integer array of shape (n,), what they show.

    Returns:
        The reader; None if no strokes are known.
    """
    known = np.array([index for index, drawing in enumerate(strokes) if len(drawing)], np.intp)
    if not len(known):
        return None
    chosen = known[_spread(labels[known])]
    return Reader(np.stack([trace(strokes[index]) for index in chosen]), labels[chosen])


def read_reader(store: Store, batch_ids: Sequence[int]) -> Reader | None:
    """Do what `make_reader` does with the drawings of these batches, without reading the strokes of all."""
    ids, labels = read_labels(store, batch_ids)
    chosen = _spread(labels)
    return make_reader(read_strokes_of(store, ids[chosen].tolist()), labels[chosen])


def add_vote(reader: Reader, strokes: Sequence[Sequence[Floats]], probabilities: Floats) -> Floats:
    """Add the vote of the nearest drawings to what a network makes of digits.

    The network alone answers where the vote cannot know better: for digits without strokes, and where the network reads
    a digit that is not among the drawings to compare with.

    Args:
        reader: As `make_reader` returned it.
        strokes: Of each of n digits; empty where they are not known.
        probabilities: float array of shape (n, 10), of the network.

    Returns:
        float64 array of shape (n, 10), rows sum to 1.

    Example:
        >>> one, seven = [[[5, 0], [5, 9]]], [[[0, 0], [6, 0], [2, 9]]]
        >>> mine = make_reader([one, seven], np.array([1, 7]))
        >>> unsure = np.eye(10)[[7]] * 0.2 + np.eye(10)[[1]] * 0.1 + 0.07
        >>> int(unsure.argmax()), int(add_vote(mine, [[[[4, 1], [5, 30]]]], unsure).argmax())
        (7, 1)
    """
    read = probabilities.astype(np.float64)
    for index, drawing in enumerate(strokes):
        if len(drawing) and probabilities[index].argmax() in reader.labels:
            read[index] = (read[index] + _vote(reader, drawing)) / 2
    return read


def _spread(labels: Labels) -> npt.NDArray[np.intp]:
    """Return the places of up to 30 drawings of each digit, evenly spread."""
    places = [np.flatnonzero(labels == digit) for digit in range(NUM_CLASSES)]
    counts = [min(len(its), _MOST_PER_DIGIT) for its in places]
    even = [np.linspace(0, len(its) - 1, count).round().astype(int) for its, count in zip(places, counts, strict=True)]
    return np.concatenate([its[some] for its, some in zip(places, even, strict=True)])


def _vote(reader: Reader, drawing: Sequence[Floats]) -> Floats:
    """Return how much the nearest drawing of each digit speaks for it, 0 for digits not drawn: (10,), sums to 1."""
    nearest = np.full(NUM_CLASSES, np.inf)
    np.minimum.at(nearest, reader.labels, distances(trace(drawing), reader.traces))
    weights = np.exp(-_SHARPNESS * (nearest - nearest.min()))
    shares: Floats = weights / weights.sum()
    return shares
