"""Distort the plane a digit lies on: what strokes and pixels are varied by alike.

Sources: the affine and smooth random distortions are those of P. Simard, D. Steinkraus, J. Platt, "Best practices for
convolutional neural networks applied to visual document analysis" (2003), and D. Ciresan et al., "Deep, big, simple
neural nets for handwritten digit recognition" (2010), applied to the pen's path where it is known. How far each goes
was chosen on pen drawings of 22 writers, each trained on one drawing per digit and tested on digits of MNIST's
*training* set; tests/benchmarks/writers.py shows what it brings.
"""

from collections.abc import Callable

import numpy as np

from digitlab.digits import Floats
from digitlab.settings import MAX_STRENGTH

# Standard deviations at strength 1; lengths are shares of the digit's longest side.
_ROTATION = 0.2  # radians
_SLANT = 0.35
_ASPECT = 0.25  # logarithm of the ratio
_KEYSTONE = 0.3  # one end wider than the other, and lines bent into arcs
_BEND = 0.065  # smooth displacement of the plane

_FAR_OUT = 20.0  # exponent; what goes farther than e^20 is out of every picture, and soon beyond float32


def check_strength(strength: float) -> None:
    """Refuse a strength of variation that is out of range.

    Args:
        strength: 0 leaves digits as they are; 1 is what trains best; up to 2.

    Raises:
        ValueError: If it is not between 0 and 2.
    """
    if not 0 <= strength <= MAX_STRENGTH:
        raise ValueError(f"Expected a strength of variation from 0 to {MAX_STRENGTH}. Received: {strength!r}.")


def random_distortions(n: int, strength: float, rng: np.random.Generator) -> Callable[[Floats], Floats]:
    """Return a function that distorts the plane of each of n digits in its own way.

    The plane is bent, narrowed towards one side, slanted, stretched and turned.

    Args:
        n: Number of digits.
        strength: See `check_strength`.
        rng: Source of randomness.

    Returns:
        A function of points, a float32 array of shape (n, m, 2): x, y in a plane where each digit is about 1 long and
        its middle is at 0. It returns where these points go.
    """

    def normal(deviation: float, *shape: int) -> Floats:
        return rng.normal(0, strength * deviation, (n, 1, *shape)).astype(np.float32)

    bends = [
        (to, by, waves, normal(_BEND), rng.uniform(0, 2 * np.pi, (n, 1)).astype(np.float32))
        for to in (0, 1)
        for by in (0, 1)
        for waves in (0.5, 1.0)
    ]
    keystones, arcs = normal(_KEYSTONE, 2), normal(_KEYSTONE, 2)
    angle, slant, stretch = normal(_ROTATION), normal(_SLANT), np.exp(normal(_ASPECT))
    cos, sin = np.cos(angle), np.sin(angle)

    def distort(points: Floats) -> Floats:
        bent = points.copy()
        for to, by, waves, size, phase in bends:
            bent[:, :, to] += size * np.sin(2 * np.pi * waves * points[:, :, by] + phase)
        x, y = bent[:, :, 0], bent[:, :, 1]
        x = x * np.exp(2 * keystones[..., 0] * y)
        y = y * np.exp(np.clip(2 * keystones[..., 1] * x, -_FAR_OUT, _FAR_OUT))
        x, y = x + arcs[..., 0] * y**2, y + arcs[..., 1] * x**2
        x, y = x * stretch + slant * y, y / stretch
        return np.stack([cos * x - sin * y, sin * x + cos * y], axis=2)

    return distort
