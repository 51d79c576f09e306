"""What was learnt of other people's learning curves: how far they climb, and how far they stray from that.

Accuracies are compared as angles, `arcsin(sqrt(share wrong))`: on this scale the luck of the test digits is equally
large for good and for bad networks. (M. S. Bartlett, "The square root transformation in analysis of variance", 1936.)

The numbers are in people.json, one record per test set. They are of dense networks on drawings, trained as
`presets.defaults` says. `python tests/benchmarks/forecast.py --data WRITERS.ndjson.gz --calibrate` makes them anew.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats

TABLE = Path(__file__).with_name("people.json")


@dataclass(frozen=True)
class People:
    """What curves of many people say about the next one, on one test set.

    Their mean lies at the angle `floor + climb * n**-exponent` after n drawings. A person's curve lies above or below
    it for good (that is the person's own, and learnt from nobody), and it strays from there, by which drawings these
    happen to be: with a standard deviation of `spread` at 50 drawings, proportional to `n**-fade`, and where a curve
    strayed to at n drawings it still is at m > n by the correlation `(n / m)**decay`.

    Attributes:
        people: How many they were.
        most: Drawings up to which they were measured.
        tested: Digits they were tested on.
        floor: As above, in radians, as are climb and spread.
        climb: As above.
        exponent: As above.
        spread: As above.
        fade: As above.
        decay: As above.
        noise: Variance of a single point about its curve, as a share of that of straying.
        low: Expected minus measured angle at the low end of the band of 80 %, in standard deviations.
        high: The same at its high end.
        inside: Share of what was measured of people left out that lay inside such bands, 0-1.
    """

    people: int
    most: int
    tested: int
    floor: float
    climb: float
    exponent: float
    spread: float
    fade: float
    decay: float
    noise: float
    low: float
    high: float
    inside: float


@dataclass(frozen=True)
class Table:
    """The file: what was learnt by test set, and of networks with which settings."""

    command: str
    settings: dict[str, bool | float | int | str | tuple[int, ...]]
    test_sets: dict[str, People]


@functools.cache
def read_table() -> Table:
    """Read what was learnt, once per process."""
    return msgspec.json.decode(TABLE.read_bytes(), type=Table)


def to_angle(accuracy: npt.ArrayLike) -> Floats:
    """Return the angle of accuracies: 0 where all is right, pi / 2 where all is wrong.

    Args:
        accuracy: Of shape (m,), 0-1.

    Example:
        >>> to_angle([1.0, 0.5, 0.0]).round(3).tolist()
        [0.0, 0.785, 1.571]
    """
    return np.asarray(np.arcsin(np.sqrt(1 - np.clip(np.asarray(accuracy, float), 0, 1))))


def to_accuracy(angle: npt.ArrayLike) -> Floats:
    """Return the accuracy of angles; those beyond 0 and pi / 2 count as these.

    Args:
        angle: Of shape (m,).

    Example:
        >>> to_accuracy([-0.1, 0.0, np.pi / 4]).round(3).tolist()
        [1.0, 1.0, 0.5]
    """
    return np.asarray(np.cos(np.clip(np.asarray(angle, float), 0, np.pi / 2)) ** 2)
