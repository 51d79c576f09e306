"""Which way up a set of digits lies: EMNIST, as it is distributed, lies on its side and in a mirror."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digitlab.digits import Floats, Images, Labels

_LOOKED_AT = 2000  # digits
_CLEAR_SHARE, _CLEAR_LUCK = 0.2, 3.0  # how much better another way must be: share of the digits, standard deviations
_PAPER = 20  # how much lighter than the middle the edge of a picture on paper is, 0-255
_READABLE = 0.5  # share read right: what is less is no set of digits, such as pictures of clothes

# What stands a set up that lies in this way, and how to call it.
TURNS: dict[str, tuple[str, Callable[[Images], Images]]] = {
    "upright": ("upright", lambda images: images),
    "transpose": ("on their side and in a mirror, as EMNIST is distributed", lambda images: images.transpose(0, 2, 1)),
    "rot90": ("turned to the right by 90 degrees", lambda images: np.rot90(images, 1, (1, 2))),
    "rot180": ("upside down", lambda images: np.rot90(images, 2, (1, 2))),
    "rot270": ("turned to the left by 90 degrees", lambda images: np.rot90(images, 3, (1, 2))),
    "mirror": ("in a mirror", lambda images: images[:, :, ::-1]),
    "flip": ("upside down in a mirror", lambda images: images[:, ::-1]),
    "antitranspose": ("on their side and in a mirror", lambda images: images[:, ::-1, ::-1].transpose(0, 2, 1)),
}


@dataclass(frozen=True)
class Lie:
    """How a set of digits lies.

    Attributes:
        turn: A key of `TURNS`: what stands it up.
        inverted: It is dark on light; MNIST's digits are light on dark.
    """

    turn: str = "upright"
    inverted: bool = False

    @property
    def fine(self) -> bool:
        """Whether nothing is to be done."""
        return self == Lie()

    def describe(self) -> str:
        """Return how the digits lie, for a reader.

        Example:
            >>> Lie("rot180", True).describe()
            'upside down and dark on light'
        """
        said = [TURNS[self.turn][0]] if self.turn != "upright" else []
        return " and ".join([*said, *(["dark on light"] if self.inverted else [])]) or "upright"


def stand_up(images: Images, lie: Lie) -> Images:
    """Return digits upright and light on dark.

    Args:
        images: uint8 array of shape (n, 28, 28), lying like that.
        lie: As `find_lie` returned it.
    """
    return np.ascontiguousarray(TURNS[lie.turn][1](255 - images if lie.inverted else images))


def find_lie(images: Images, labels: Labels, means: Floats) -> Lie:
    """Find out how a set of digits lies, by which way the most of them are nearest to the mean image of their label.

    Args:
        images: uint8 array of shape (n, 28, 28).
        labels: Integer array of shape (n,).
        means: float array of shape (10, 28, 28): mean images of digits that are upright, 0-255.

    Returns:
        How it lies; upright unless another way is clearly better.
    """
    if not len(images):
        return Lie()
    chosen = np.linspace(0, len(images) - 1, min(len(images), _LOOKED_AT)).astype(int)
    some, shown = images[chosen], labels[chosen]
    edge = np.ones((28, 28), bool)
    edge[2:-2, 2:-2] = False
    around, within = (np.median(some[:, place].mean(axis=1)) for place in (edge, ~edge))
    inverted = bool(around > 127 and around - within > _PAPER)
    if inverted:
        some = 255 - some
    flat = means.reshape(len(means), -1)
    # |a - b|^2 without |a|^2, which is the same for all means.
    right = {
        name: ((flat**2).sum(axis=1) - 2 * turn(some).reshape(len(some), -1) @ flat.T).argmin(axis=1) == shown
        for name, (_, turn) in TURNS.items()
    }
    best = max(right, key=lambda name: right[name].sum())
    won, lost = (right[best] & ~right["upright"]).sum(), (right["upright"] & ~right[best]).sum()
    clear = won - lost >= max(_CLEAR_SHARE * len(some), _CLEAR_LUCK * np.sqrt(won + lost), 1)
    readable = right[best].sum() >= _READABLE * len(some)
    return Lie(best if clear and readable else "upright", inverted)
