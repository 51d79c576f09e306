"""The power law of a learning curve: after n drawings `a * n**-b + c` of the predictions are wrong, a and c 0 or more.

The floor c says that one writer has peculiarities that more drawings by the same writer do not cure.
"""

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats

Law = tuple[float, float, float]  # a, b, c

_EXPONENTS = np.linspace(0.1, 2.0, 60)  # values of b, tried one by one
_PRIOR_EXPONENT, _PRIOR_SPREAD = 0.7, 0.5  # b expected before anything is measured; standard deviation of log b


def fit(n: Floats, wrong: Floats, spread: Floats) -> Floats:
    """Fit power laws by weighted least squares, a and c of 0 or more; an unlikely exponent has a price.

    Own code instead of `scipy.optimize.curve_fit`: scipy costs the server 14 MB, scipy.stats 58 MB (measured), and this
    fits all bootstrap samples at once.

    Args:
        n: float64 array of shape (m,).
        wrong: float64 array of shape (samples, m).
        spread: float64 array of shape (m,).

    Returns:
        float64 array of shape (samples, 3): a, b, c.
    """
    weights = 1 / spread**2
    powers = n ** -_EXPONENTS[:, None]  # for a given exponent the law is linear
    total, s_x, s_xx = weights.sum(), powers @ weights, powers**2 @ weights
    s_y, s_xy = (wrong @ weights)[:, None], (wrong * weights) @ powers.T
    a = (total * s_xy - s_x * s_y) / (total * s_xx - s_x**2)
    c = (s_y - a * s_x) / total
    without_floor, flat = c < 0, a < 0
    a = np.where(without_floor, np.maximum(s_xy / s_xx, 0), np.where(flat, 0, a))
    c = np.where(without_floor, 0, np.where(flat, s_y / total, c))
    misfit = np.stack([((wrong - a[:, [k]] * power - c[:, [k]]) ** 2) @ weights for k, power in enumerate(powers)], 1)
    price = (np.log(_EXPONENTS / _PRIOR_EXPONENT) / _PRIOR_SPREAD) ** 2
    best = (misfit + price).argmin(axis=1)
    rows = np.arange(len(wrong))
    return np.column_stack([a[rows, best], _EXPONENTS[best], c[rows, best]])


def share_wrong(law: Floats, n: Floats) -> Floats:
    """Return the share of wrong predictions after `n` drawings.

    Args:
        law: float64 array of shape (3,), (3, 1) or (laws, 3, 1): a, b, c.
        n: float64 array of shape (m,).

    Returns:
        float64 array of shape (m,), or (laws, m) for many laws; not limited to 0-1.
    """
    a, b, c = np.moveaxis(law, -2 if law.ndim > 1 else 0, 0)
    wrong: Floats = a * n**-b + c
    return wrong


def law_accuracy(law: Law, n: npt.ArrayLike) -> Floats:
    """Return the accuracy that a power law gives to numbers of drawings.

    Args:
        law: `(a, b, c)`.
        n: Numbers of drawings, of shape (m,).

    Returns:
        float64 array of shape (m,), 0-1.

    Example:
        >>> law_accuracy((1.0, 0.5, 0.1), [25, 100]).round(2).tolist()
        [0.7, 0.8]
    """
    return 1 - np.clip(share_wrong(np.array(law)[:, None], np.asarray(n, float)), 0, 1)
