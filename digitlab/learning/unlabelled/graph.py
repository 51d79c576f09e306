"""Which pictures are alike: a graph that joins each picture to its nearest ones. Only the worker makes it.

It knows no label and no person: it is worked out once for a data set, and its neighbours are kept in a file. SciPy and
scikit-learn are imported by the functions that need them: the server shall not load them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digitlab.learning.npz_files import DAMAGE, keep

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NEIGHBOURS = 10
_SHARPNESS = 4.0  # of the weights: the farthest neighbour has exp(-4) of the weight of an equal picture
_CHUNK = 1000  # pictures whose neighbours are found between two looks at Stop


@dataclass(frozen=True)
class Neighbours:
    """The nearest pictures of each picture.

    Attributes:
        places: int32 array of shape (n, k): their indices, nearest first.
        distances: float32 array of shape (n, k): how far they are.
    """

    places: npt.NDArray[np.int32]
    distances: npt.NDArray[np.float32]


def find_neighbours(
    features: npt.NDArray[np.uint8], folder: Path, stops: Callable[[float], bool] = lambda share: False
) -> Neighbours | None:
    """Find the nearest pictures of each picture, or read what was found before for the same pictures.

    Args:
        features: uint8 array of shape (n, d), n above `NEIGHBOURS`: what is compared.
        folder: Of the file: `neighbours-<hash of the features>.npz`, so that no other pictures are taken for these.
        stops: Asked now and then, with the share that is done, 0-1, whether to stop.

    Returns:
        The neighbours; None if it was stopped.
    """
    version = hashlib.sha256(np.ascontiguousarray(features).data).hexdigest()[:16]
    path = folder / f"neighbours-{version}.npz"
    kept = _read(path)
    if kept is not None and kept.places.shape == (len(features), NEIGHBOURS):
        return kept
    found = _search(features, stops)
    if found is not None:
        keep(path, places=found.places, distances=found.distances)
    return found


def join(neighbours: Neighbours) -> "csr_array":
    """Make the graph: two pictures are joined if one is among the nearest of the other, the nearer the stronger.

    Returns:
        float32 sparse array of shape (n, n): no weight is negative, each row sums to 1.

    Example:
        >>> three = Neighbours(np.int32([[1], [0], [1]]), np.float32([[1], [1], [3]]))
        >>> join(three).toarray().round(2)
        array([[0.  , 1.  , 0.  ],
               [0.67, 0.  , 0.33],
               [0.  , 1.  , 0.  ]], dtype=float32)
    """
    from scipy.sparse import coo_array

    n, k = neighbours.places.shape
    far = np.maximum(neighbours.distances[:, -1:], 1e-6)
    weights = np.exp(-_SHARPNESS * (neighbours.distances / far) ** 2)
    ends = np.arange(n).repeat(k), neighbours.places.ravel()
    directed = coo_array((weights.ravel(), ends), shape=(n, n)).tocsr()
    graph: csr_array = (directed + directed.T).tocsr()
    graph.data /= graph.sum(axis=1).repeat(np.diff(graph.indptr))
    graph.data = graph.data.astype(np.float32)
    return graph


def _search(features: npt.NDArray[np.uint8], stops: Callable[[float], bool]) -> Neighbours | None:
    from sklearn.neighbors import NearestNeighbors

    points = features.reshape(len(features), -1) / np.float32(255)
    search = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, algorithm="brute").fit(points)
    places, distances = [], []
    for start in range(0, len(points), _CHUNK):
        if stops(start / len(points)):
            return None
        far, near = search.kneighbors(points[start : start + _CHUNK])
        # Of eleven one is the picture itself; among equal pictures it may not be the first.
        own = near == np.arange(start, start + len(near))[:, None]
        own[:, -1] |= ~own.any(axis=1)
        places.append(near[~own].reshape(len(near), NEIGHBOURS))
        distances.append(far[~own].reshape(len(near), NEIGHBOURS))
    return Neighbours(np.concatenate(places).astype(np.int32), np.concatenate(distances).astype(np.float32))


def _read(path: Path) -> Neighbours | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Neighbours(arrays["places"], arrays["distances"])
    except DAMAGE:  # not there, or damaged: worked out anew
        return None
