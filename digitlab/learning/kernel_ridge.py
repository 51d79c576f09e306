"""Kernel ridge regression: a network that is not trained step by step but solved for at once.

It remembers varied digits, and reads a new one by how alike it is to each of them.

Source: C. Saunders, A. Gammerman, V. Vovk, "Ridge regression learning algorithm in dual variables" (1998). Kernel,
ridge and number were chosen on 30 people, trained on few drawings and tested on digits of MNIST's *training* set.
"""

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Floats, Labels

REMEMBERED = 3000  # digits; more hardly read better and take their square of time
GAMMA = 0.05
_RIDGE = 0.1
_SHARPNESS = 4.0  # from scores, about 0 to 1, to logits
_NEVER = -1e4  # bias of a place where nothing is remembered


def fit(features: npt.NDArray[np.uint8], labels: Labels, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Solve for the weights.

    Args:
        features: uint8 array of shape (n, ...), what the front of the network makes of digits, 0 to 255. Of more than
            3,000 digits as many are chosen at random.
        labels: Integer array of shape (n,), 0-9.
        seed: Of the choice.

    Returns:
        Kernel and bias of `layers.similarity.Similarity`, kernel and bias of the dense layer behind it: float32 arrays
        of shapes (d, 3000), (3000,), (3000, 10) and (10,).
    """
    from scipy import linalg  # in the worker only

    flat = features.reshape(len(features), -1)
    chosen = np.random.default_rng(seed).permutation(len(flat))[:REMEMBERED]
    remembered = flat[chosen].astype(np.float32) / 255
    squares = (remembered**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * remembered @ remembered.T
    alike = np.exp(-GAMMA * np.maximum(distances, 0))
    alike[np.diag_indices_from(alike)] += _RIDGE
    wanted = np.eye(NUM_CLASSES, dtype=np.float32)[labels[chosen]] - 1 / NUM_CLASSES
    solved = linalg.solve(alike, wanted, assume_a="pos", overwrite_a=True, overwrite_b=True)
    kernel = np.zeros((flat.shape[1], REMEMBERED), np.float32)
    bias = np.full(REMEMBERED, _NEVER, np.float32)
    weights = np.zeros((REMEMBERED, NUM_CLASSES), np.float32)
    kernel[:, : len(chosen)] = 2 * GAMMA * remembered.T
    bias[: len(chosen)] = -GAMMA * squares
    weights[: len(chosen)] = _SHARPNESS * solved
    return kernel, bias, weights, np.full(NUM_CLASSES, _SHARPNESS / NUM_CLASSES, np.float32)
