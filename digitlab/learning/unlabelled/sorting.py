"""Sorting pictures into ten piles by what a teacher says of each and by which pictures are alike.

The teacher is right about most pictures, and wrong about whole forms that it has never seen. Pictures of one form lie
close together. So what is said of a picture is passed on to the pictures like it until neighbours agree, and all ten
piles are held equally large: without that, one digit takes over another. Only the worker sorts: SciPy is large.

Sources: D. Zhou et al., "Learning with local and global consistency" (2003), for passing on; E. Merkurjev, C.
Garcia-Cardona, A. Bertozzi, A. Flenner and A. Percus, "Diffuse interface methods for multiclass segmentation of
high-dimensional data" (2014), for deciding and passing on in turns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Labels

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Shares = npt.NDArray[np.float32]  # (n, 10): how much each picture belongs to each pile; rows sum to 1

_SOFTEN = 0.5  # power of the teacher's probabilities: it is surer than it is right
_PASSED_ON = 0.99  # in each round; the rest is what a picture began with
_FIRST_ROUNDS, _DECISIONS, _ROUNDS = 150, 15, 25
_DOUBT = 1e-3  # added to all shares before they are balanced
_LEAST = 1e-6
_BALANCINGS, _PACE = 30, 0.7  # a pace of 1 may swing


@dataclass(frozen=True)
class Sorted:
    """Pictures in ten piles.

    Attributes:
        piles: int64 array of shape (n,): the pile of each picture, 0-9, called by the digit it is taken for.
        sureness: float32 array of shape (n,): how much each belongs to its pile, 0-1.
    """

    piles: npt.NDArray[np.int64]
    sureness: npt.NDArray[np.float32]


def sort(graph: "csr_array", said: Shares, stops: Callable[[float], bool] = lambda share: False) -> Sorted | None:
    """Sort pictures into ten piles.

    Args:
        graph: As `graph.join` returns it, of n pictures.
        said: What the teacher says of each: probabilities.
        stops: Asked now and then, with the share that is done, 0-1, whether to stop.

    Returns:
        The piles; None if it was stopped.
    """
    shares = balance(diffuse(graph, balance(said, _SOFTEN), _FIRST_ROUNDS))
    for decision in range(_DECISIONS):
        if stops((1 + decision) / (1 + _DECISIONS)):
            return None
        decided = np.eye(NUM_CLASSES, dtype=np.float32)[shares.argmax(axis=1)]
        shares = balance(diffuse(graph, decided, _ROUNDS) + np.float32(_DOUBT))
    piles = shares.argmax(axis=1)
    return Sorted(name_piles(piles, said)[piles], shares.max(axis=1))


def balance(shares: Shares, power: float = 1.0) -> Shares:
    """Weigh the piles, each with one factor, so that all ten are equally large.

    Args:
        shares: (n, 10), 0 or more.
        power: To which they are raised first.

    Returns:
        (n, 10): each row sums to 1, each column to nearly n / 10.

    Example:
        >>> balance(np.float32([[0.8] + 9 * [0.02], [0.1] * 10])).sum(axis=0).round(2)[:3]
        array([0.2, 0.2, 0.2], dtype=float32)
    """
    powered = np.maximum(shares, _LEAST) ** np.float32(power)
    factors = np.ones(NUM_CLASSES, np.float32)
    for _ in range(_BALANCINGS):
        means = factors * (powered.T @ (1 / (powered @ factors))) / len(powered)
        factors *= (1 / NUM_CLASSES / np.maximum(means, _LEAST)) ** np.float32(_PACE)
        factors /= factors.mean()
    weighed = powered * factors
    return np.asarray(weighed / weighed.sum(axis=1, keepdims=True), np.float32)


def diffuse(graph: "csr_array", shares: Shares, rounds: int) -> Shares:
    """Pass on to each picture what its neighbours are said to be; a little of what it began with stays.

    Args:
        graph: (n, n), each row sums to 1.
        shares: (n, 10).
        rounds: How often.

    Returns:
        (n, 10); rows keep their sums.
    """
    passed, rest = graph * np.float32(_PASSED_ON), shares * np.float32(1 - _PASSED_ON)
    for _ in range(rounds):
        shares = passed @ shares + rest
    return shares


def name_piles(piles: Labels, said: Shares) -> npt.NDArray[np.int64]:
    """Name each pile after a digit, each digit once, so that the teacher agrees as much as it can.

    Args:
        piles: (n,), the pile of each picture, 0-9.
        said: What the teacher says of each picture.

    Returns:
        int64 array of shape (10,): of each pile its digit.

    Source:
        H. W. Kuhn, "The Hungarian method for the assignment problem" (1955).

    Example:
        >>> said = np.eye(10, dtype=np.float32)  # picture 0 is a 0 and so on
        >>> name_piles(np.array([0, 1, 9, 3, 4, 5, 6, 7, 8, 2]), said)
        array([0, 1, 9, 3, 4, 5, 6, 7, 8, 2])
    """
    from scipy.optimize import linear_sum_assignment

    agreement = np.eye(NUM_CLASSES, dtype=np.float32)[piles].T @ said
    return np.asarray(linear_sum_assignment(agreement, maximize=True)[1], np.int64)
