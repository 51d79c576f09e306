"""A photo of a sheet made straight: by the marks in its corners, and by the frame between them where it is bent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from digitlab.digits import Floats, Images
from digitlab.formats.paper.layout import Layout

SCALE = 6  # pixels of the straight sheet per millimetre

_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
_ALONG = np.linspace(0.1, 0.9, 81)  # of a side of the frame, where its place is looked for
_REACH = 0.02  # of the mean side of the sheet: how far a bend may move the frame, 4.5 mm
_ACROSS = np.linspace(-1, 1, 61)  # in reaches, from outside to inside
_WIDEST = 0.5  # reaches: what is wider is no line
_LEAST_SEEN = 30  # of the 81 places
_TILE = 12  # millimetres
NO_SHIFT = np.zeros((10, 2))


@dataclass(frozen=True)
class View:
    """How a sheet lies in a photo.

    Places on the sheet are x and y from the middle of its upper left mark, as shares of the distance to the others.

    Attributes:
        homography: float64 array of shape (3, 3), from such places to pixels of the photo.
        bends: float64 array of shape (4, 3): how the upper, right, lower and left side of the frame are bent.
        shift: float64 array of shape (10, 2): by what places are off inside, in terms of `shift_terms`.
    """

    homography: Floats
    bends: Floats
    shift: Floats

    def to_photo(self, places: Floats) -> Floats:
        """Return where places of the sheet, (n, 2), are in the photo: x and y in pixels, (n, 2)."""
        x, y = (places + shift_terms(places) @ self.shift).T
        above, right, below, left = (_bend(along, bend) for along, bend in zip((x, y, x, y), self.bends, strict=True))
        moved = np.stack([x + (1 - x) * left + x * right, y + (1 - y) * above + y * below, np.ones(len(places))])
        projected = self.homography @ moved
        pixels: Floats = (projected[:2] / projected[2]).T
        return pixels

    def from_paper(self, layout: Layout, millimetres: Floats) -> Floats:
        """Return where places on the paper, (n, 2) in millimetres, are in the photo: (n, 2) in pixels."""
        first, _, third, _ = layout.marks
        return self.to_photo((millimetres - first) / (third - first))


def view_by_marks(ink: Floats, corners: Floats) -> View:
    """Find out how a sheet lies in a photo.

    Args:
        ink: float array of shape (h, w), 0 for paper to 255.
        corners: float64 array of shape (4, 2): where the upper left, upper right, lower right and lower left mark are.
    """
    flat = View(_homography(corners), np.zeros((4, 3)), NO_SHIFT)
    return replace(flat, bends=np.stack([_find_bend(ink, flat, corners, side) for side in range(4)]))


def shift_terms(places: Floats) -> Floats:
    """Return the powers of x and y up to the third degree at places: (n, 2) -> (n, 10)."""
    x, y = places.T
    return np.stack([x**one * y**other for one in range(4) for other in range(4 - one)], -1)


def sample(ink: Floats, pixels: Floats) -> Floats:
    """Return the values of a picture at places, (n, 2) in pixels: of the nearest pixel; outside as at the edge."""
    column, row = (
        np.clip(np.floor(each), 0, most - 1).astype(np.intp)
        for each, most in zip(pixels.T, ink.shape[::-1], strict=True)
    )
    values: Floats = ink[row, column]
    return values


def straighten(photo: Image.Image, view: View, layout: Layout) -> Images:
    """Return the sheet as if it had been scanned straight.

    Args:
        photo: Grey.
        view: How the sheet lies in it.
        layout: Of the sheet.

    Returns:
        uint8 array of shape (h, w), six pixels per millimetre of the whole paper.
    """
    width, height = (round(SCALE * each) for each in layout.size)
    columns, rows = (np.append(np.arange(0, most, SCALE * _TILE), most) for most in (width, height))
    grid = np.stack(np.meshgrid(columns, rows), -1)
    corners = view.from_paper(layout, grid.reshape(-1, 2) / SCALE).reshape(grid.shape)
    tiles = []
    for row in range(len(rows) - 1):
        for column in range(len(columns) - 1):
            box = *grid[row, column].tolist(), *grid[row + 1, column + 1].tolist()
            around = corners[[row, row + 1, row + 1, row], [column, column, column + 1, column + 1]]
            tiles.append((box, tuple(around.ravel().tolist())))
    return np.asarray(photo.transform((width, height), Image.Transform.MESH, tiles, Image.Resampling.BILINEAR))


def _homography(corners: Floats) -> Floats:
    """Return the projective map of the unit square to four corners, by least squares."""
    rows: list[Sequence[float]] = []
    for (x, y), (u, v) in zip(_CORNERS, corners, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
    solved = np.linalg.lstsq(np.array(rows, np.float64), corners.ravel(), rcond=None)[0]
    return np.append(solved, 1).reshape(3, 3)


def _bend(along: Floats, bend: Floats) -> Floats:
    """Return how far a side of the frame is off the straight line: not at all at its ends, where the marks are."""
    off: Floats = along * (1 - along) * (bend[0] + bend[1] * along + bend[2] * along**2)
    return off


def _find_bend(ink: Floats, flat: View, corners: Floats, side: int) -> Floats:
    """Return the bend of a side, 0 for the upper one, then clockwise; none if the frame is not seen."""
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    level, outwards = side % 2 == 0, 1 if side in (1, 2) else -1
    # Shares of the sheet are longer along one axis than along the other; a reach is the same along both.
    reach = _REACH * lengths.mean() / (lengths[1::2] if level else lengths[::2]).mean()
    off = -outwards * reach * _ACROSS
    fixed = np.full(len(_ALONG), float(outwards > 0))
    along, across = np.meshgrid(_ALONG, off, indexing="ij")
    across = across + fixed[:, None]
    places = np.stack([along, across] if level else [across, along], -1).reshape(-1, 2)
    seen = sample(ink, flat.to_photo(places)).reshape(along.shape)
    dark = seen > 0.5 * np.median(seen.max(axis=1))
    first = dark.argmax(axis=1)
    after = np.arange(dark.shape[1]) >= first[:, None]
    end = np.where((after & ~dark).any(axis=1), (after & ~dark).argmax(axis=1), dark.shape[1])
    good = dark.any(axis=1) & (first > 0) & (end - first < _WIDEST / 2 * len(_ACROSS))
    middle = np.interp((first + end - 1) / 2, np.arange(len(off)), off)
    return _fit(_ALONG, middle, good, tolerance=reach * 0.12)


def _fit(along: Floats, off: Floats, good: npt.NDArray[np.bool_], tolerance: float) -> Floats:
    """Fit a bend to where the line was seen; what lies far from the rest, such as a note beside it, is left out."""
    terms = (along * (1 - along))[:, None] * np.column_stack([np.ones(len(along)), along, along**2])
    bend: Floats = np.zeros(3)
    for _ in range(4):
        if good.sum() < _LEAST_SEEN:
            return np.zeros(3)
        bend = np.linalg.lstsq(terms[good], off[good], rcond=None)[0]
        far = np.abs(off - terms @ bend)
        good = good & (far < max(tolerance, 2 * float(np.median(far[good]))))
    return bend
