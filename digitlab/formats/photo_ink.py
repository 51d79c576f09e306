"""The ink of a photo: what is darker (or lighter) than the paper around it, whatever the light."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats, Images

_WINDOW = 0.3  # share of the picture's shorter side: no pen is as wide, and light changes slowly over it
_PEN_SHARE = 0.45  # of the ink of the pen: what is fainter, such as the lines of squared paper, is no digit
_LEAST = 18.0  # ink of a pen that can be told from paper, 0-255
_NOISE = 5.0  # standard deviations
_LINE_SHARE, _LEAST_LINES = 0.8, 3  # ruled paper: lines that are inked along so much of the picture, and so many


def find_ink(gray: Images) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Tell ink from paper.

    Args:
        gray: uint8 array of shape (h, w), 0 black to 255 white; dark on light or the reverse.

    Returns:
        `(ink, mask)`: float array of shape (h, w), 0 blank to 255 full ink; bool array of shape (h, w), where a pen has
        written; nowhere if there is nothing that can be told from the paper.
    """
    size = max(5, round(_WINDOW * min(gray.shape)))
    around = _box_mean(gray, size)
    if ((gray - around) ** 3).mean() > 0:  # few pixels are much lighter than what is around them: light on dark
        gray = 255 - gray
    ink = missing_light(gray, size)
    noise = noise_of(ink)
    split = _otsu(ink)
    strong = ink[ink > split]
    pen = float(np.median(strong)) if strong.size else 0.0
    if pen < max(_LEAST, min(_NOISE * noise, 60.0)):
        return np.zeros_like(ink), np.zeros(ink.shape, bool)
    mask = ink > _PEN_SHARE * pen
    for turned in (mask, mask.T):
        _drop_lines(turned)
    return np.clip(255 * ink / pen, 0, 255), mask


def missing_light(gray: Images, size: int) -> Floats:
    """Return how much darker each pixel is than the paper around it.

    Args:
        gray: uint8 array of shape (h, w), 0 black to 255 white, dark on light.
        size: Pixels: what is narrower can be ink, what is wider is paper in another light.

    Returns:
        float32 array of shape (h, w), 0 for paper to 255 where no light is left.
    """
    paper = np.maximum(_close(gray, size), 1).astype(np.float32)
    ink: Floats = 255 * (paper - gray) / paper  # the share of the light that is missing is the same in a shadow
    return np.maximum(ink - np.median(ink), 0)


def noise_of(ink: Floats) -> float:
    """Return the standard deviation of the noise of paper, in values of `missing_light`."""
    return 1.4826 * float(np.median(ink[ink > 0])) if (ink > 0).any() else 0.0


def _close(gray: Images, size: int) -> Images:
    """Return the picture without what is dark and narrower than a window; an edge of a shadow stays where it is."""
    closed = np.pad(gray, size, mode="edge")  # so wide that a shadow in a corner is not narrow
    for extreme in (np.maximum, np.minimum):
        for axis in (0, 1):
            closed = _running(closed, size, axis, extreme)
    return closed[size:-size, size:-size]


def _running(values: Images, size: int, axis: int, extreme: Callable[[Images, Images], Images]) -> Images:
    """Return the largest or smallest value in a window around each place, along an axis; the window doubles."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (size // 2, size - 1 - size // 2)
    found = np.moveaxis(np.pad(values, pad, mode="edge"), axis, 0)
    width = 1
    while width < size:
        step = min(width, size - width)
        found = extreme(found[:-step], found[step:])
        width += step
    return np.moveaxis(found, 0, axis)


def _box_mean(gray: Images, size: int) -> Floats:
    values: Floats = gray.astype(np.float64)
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (size // 2 + 1, size - 1 - size // 2)
        sums = np.moveaxis(np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float64), axis, 0)
        values = np.moveaxis((sums[size:] - sums[:-size]) / size, 0, axis)
    return values


def _otsu(ink: Floats) -> float:
    """Return the value that parts ink from paper best.

    Source:
        N. Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. SMC 9 (1979).
    """
    counts, edges = np.histogram(ink, 256, (0, 255))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(middles[int(np.nan_to_num(between).argmax())])


def _drop_lines(mask: npt.NDArray[np.bool_]) -> None:
    """Take the ruled lines that run along the rows out of a mask, but not what crosses them."""
    lined = mask.mean(axis=1) > _LINE_SHARE
    edges = np.flatnonzero(np.diff(np.pad(lined, 1).astype(np.int8)) == 1)
    if len(edges) < _LEAST_LINES or lined.mean() > 0.5:
        return
    padded = np.pad(mask & ~lined[:, None], ((4, 4), (0, 0)))
    above, below = padded[:-8] | padded[1:-7] | padded[2:-6], padded[8:] | padded[7:-1] | padded[6:-2]
    mask[lined] &= (above & below)[lined]
