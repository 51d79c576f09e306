"""How others write a 1, a 7 and a 9, drawn onto pictures: a flag, a foot, a bar, a tail.

MNIST's writers mostly write these digits plainly. A network trained on their digits misreads people who do not; it
learns to read them when some of the digits are given the parts they lack. As in `drop_parts`, this is knowledge put in
by hand after looking at the drawings of 30 people; there parts are left out of strokes, here they are added to pixels.
"""

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Floats, Images, Labels

_FLAG, _FOOT, _BAR, _TAIL = 0.5, 0.3, 0.3, 0.3  # share of the 1s, 1s, 7s and 9s that are given one
_PEN = 2.4  # pixels wide
_INK = 100  # what counts as inked where ends and middles of lines are looked for


def add_parts(images: Images, labels: Labels, rng: np.random.Generator) -> Images:
    """Give some of the 1s a flag or a foot, some of the 7s a bar and some of the 9s a longer tail.

    Args:
        images: uint8 array of shape (n, 28, 28).
        labels: Integer array of shape (n,); other digits stay as they are.
        rng: Source of randomness.

    Returns:
        A new array of the same shape.
    """
    drawn = images.copy()

    def some(label: int, share: float) -> npt.NDArray[np.intp]:
        return np.flatnonzero((labels == label) & (rng.random(len(labels)) < share) & images.any(axis=(1, 2)))

    def add(which: npt.NDArray[np.intp], *points: Floats) -> None:
        for begin, end in zip(points, points[1:], strict=False):
            drawn[which] = np.maximum(drawn[which], _lines(begin, end))

    def uniform(least: float, most: float, which: npt.NDArray[np.intp]) -> Floats:
        return rng.uniform(least, most, len(which))

    ones = some(1, _FLAG)
    top, _ = _ends(images[ones])
    angle, length = uniform(0.35, 1.2, ones), uniform(4, 12, ones)
    add(ones, top, top + length[:, None] * np.column_stack([-np.cos(angle), np.sin(angle)]))

    ones = some(1, _FOOT)
    _, bottom = _ends(images[ones])
    half = np.column_stack([uniform(2.5, 6, ones), uniform(-0.5, 0.5, ones)])
    add(ones, bottom - half, bottom + half * np.column_stack([uniform(0.6, 1.2, ones), np.ones(len(ones))]))

    sevens = some(7, _BAR)
    top, bottom = _ends(images[sevens])
    height = top[:, 1] + (bottom - top)[:, 1] * uniform(0.4, 0.65, sevens)
    middle = np.column_stack([_middle(images[sevens], height.astype(np.intp)), height])
    half = np.column_stack([uniform(2.5, 5, sevens), uniform(-0.7, 0.7, sevens)])
    add(sevens, middle - half, middle + half * [1, -1])

    nines = some(9, _TAIL)
    _, bottom = _ends(images[nines])
    left, up = uniform(4, 10, nines), uniform(-1, 3.5, nines)
    bend = bottom - np.column_stack([left / 2, up * uniform(-0.3, 0.5, nines)])
    add(nines, bottom, bend, bottom - np.column_stack([left, up]))
    return drawn


def _ends(images: Images) -> tuple[Floats, Floats]:
    """Return for each digit the middle `(x, y)` of the ink in its first and in its last inked row."""
    inked = images.max(axis=2, initial=0) > _INK
    top, bottom = inked.argmax(axis=1), IMAGE_SIZE - 1 - inked[:, ::-1].argmax(axis=1)
    return (
        np.column_stack([_middle(images, top), top + 0.5]),
        np.column_stack([_middle(images, bottom), bottom + 0.5]),
    )


def _middle(images: Images, rows: npt.NDArray[np.intp]) -> Floats:
    """Return for each digit the middle x of the ink in one of its rows; that of the picture if it has no ink there."""
    inked = images[np.arange(len(images)), rows] > _INK
    middle: Floats = inked @ (np.arange(IMAGE_SIZE) + 0.5) / np.maximum(inked.sum(axis=1), 1)
    return np.where(inked.any(axis=1), middle, IMAGE_SIZE / 2)


def _lines(begin: Floats, end: Floats) -> Images:
    """Draw a line from `begin` to `end`, each (n, 2), with a round pen: pictures (n, 28, 28)."""
    centres = np.arange(IMAGE_SIZE, dtype=np.float32) + 0.5
    along = (end - begin).astype(np.float32)
    x = centres[None, None, :] - begin[:, 0, None, None].astype(np.float32)
    y = centres[None, :, None] - begin[:, 1, None, None].astype(np.float32)
    dx, dy = along[:, 0, None, None], along[:, 1, None, None]
    share = np.clip((x * dx + y * dy) / np.maximum(dx**2 + dy**2, 1e-6), 0, 1)
    distance = np.hypot(x - share * dx, y - share * dy)
    ink: Images = (255 * np.clip(_PEN / 2 - distance + 0.5, 0, 1)).round().astype(np.uint8)
    return ink
