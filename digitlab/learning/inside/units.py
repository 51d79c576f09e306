"""Hidden units: which fire at a digit, what they say to the answers, and what each has learnt to like."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Floats, Images
from digitlab.learning.inside.open_network import OpenNetwork
from digitlab.settings import Settings


@dataclass(frozen=True)
class Unit:
    """A hidden unit at one digit.

    Attributes:
        layer: Hidden layer it is in, from 0.
        number: In its layer, from 0.
        fires: How strongly; 0 is silent.
        speaks: By how much it raises the logit of the answer, in the last hidden layer; None in an earlier one.
    """

    layer: int
    number: int
    fires: float
    speaks: float | None


def loudest(network: OpenNetwork, digit: Images, layer: int, answer: int, count: int) -> list[Unit]:
    """Return the units of a hidden layer that fire most at a digit, loudest first.

    Args:
        network: With that hidden layer.
        digit: uint8 array of shape (28, 28).
        layer: From 0.
        answer: 0-9; for what the units say to it.
        count: How many units at most.
    """
    fires = network.look(digit[None]).hidden[layer][0]
    last = layer == len(network.dense) - 2
    speaks = fires * network.dense[-1].weights[answer] if last else None
    loud = np.argsort(-np.abs(fires), kind="stable")[:count]
    return [
        Unit(layer, int(number), float(fires[number]), None if speaks is None else float(speaks[number]))
        for number in loud
        if fires[number]
    ]


def count_firing(fires: Floats) -> int:
    """Return how many units fire: those at least a tenth as loud as the loudest one.

    Args:
        fires: float array of shape (units,).

    Example:
        >>> count_firing(np.array([0.0, 0.01, 2.0, -1.0]))
        2
    """
    return int((np.abs(fires) > np.abs(fires).max(initial=0) / 10).sum())


def sees_pixels(settings: Settings) -> bool:
    """Return whether the first layer's weights belong to pixels, and so can be shown as a picture."""
    return settings.network == "dense" and not settings.directions


def weight_tiles(network: OpenNetwork) -> npt.NDArray[np.float32]:
    """Return the first layer's weights as pictures: what ink at each pixel does to each unit.

    Args:
        network: That sees pixels.

    Returns:
        float32 array of shape (units, 28, 28): above 0 ink makes the unit fire, below 0 it keeps it silent.

    Raises:
        ValueError: If its first layer is not given 28x28 pixels.
    """
    weights = network.dense[0].weights
    if weights.shape[1] != IMAGE_SIZE**2:
        raise ValueError(f"Expected a first layer of {IMAGE_SIZE**2} pixels. Received: {weights.shape[1]} inputs.")
    return weights.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def most_exciting(fires: Floats, unit: int, count: int) -> npt.NDArray[np.intp]:
    """Return the places of the digits at which a unit fires most, loudest first.

    Args:
        fires: float array of shape (n, units): how strongly each unit fires at each of n digits.
        unit: From 0.
        count: How many digits.

    Example:
        >>> most_exciting(np.array([[0.0], [3.0], [2.0]]), unit=0, count=2).tolist()
        [1, 2]
    """
    return np.argsort(-fires[:, unit], kind="stable")[:count]
