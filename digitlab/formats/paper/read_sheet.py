"""A photo or scan of a filled sheet, read: found, made straight, its code read, its cells cut out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from PIL import Image

from digitlab.digits import Floats, Images
from digitlab.formats.paper.cells import CutCells, cut_cells, ink_of_sheet
from digitlab.formats.paper.code import SheetCode, decode
from digitlab.formats.paper.grid import follow_lines
from digitlab.formats.paper.layout import LAYOUTS, MODULE, Layout
from digitlab.formats.paper.marks import find_marks
from digitlab.formats.paper.straighten import View, sample, straighten, view_by_marks
from digitlab.formats.parts import FormatError
from digitlab.formats.photo_ink import missing_light
from digitlab.formats.photos import open_gray

_LONGEST_SIDE = 2400  # pixels that a photo is made smaller to
_SHADOW = 0.06  # of its longer side: what is wider is no print
_DARK = (115, 80, 150)  # ink of the print, 0-255: one after the other, until the sheet is found
_MOST_MARKS = 8  # two sheets have as many
_STRAIGHT, _BENT = np.zeros(1), np.arange(-2, 2.1, 0.25)  # millimetres that a bend may move the code
_TRIES, _FINE = 5, 0.35  # until the lines of the cells are off by so many millimetres at most
_AGREE = 0.6  # share of these lines that must be where the others say
_ALIKE = 5.0  # times larger may one mark be than another of the same sheet, seen from the side


@dataclass(frozen=True)
class ReadSheet:
    """A sheet that was read.

    Attributes:
        code: Which it is.
        sheet: uint8 array of shape (h, w): the sheet made straight, six pixels a millimetre.
        cells: What is written on it.
    """

    code: SheetCode
    sheet: Images
    cells: CutCells


def read_sheet(content: bytes, name: str) -> ReadSheet | None:
    """Read a photo or scan of a sheet, whichever way it lies; None if no sheet is in it.

    Args:
        content: Of a PNG or JPEG file, or another that Pillow opens.
        name: Of the file, for the error.

    Raises:
        FormatError: If it cannot be opened, shows a part of a sheet or several, or the code cannot be read.
    """
    photo = open_gray(content, name, _LONGEST_SIDE)
    ink = missing_light(np.asarray(photo), round(_SHADOW * max(photo.size)))
    most: Floats = np.empty((0, 3))
    for dark in _DARK:
        marks = find_marks(ink > dark)[:_MOST_MARKS]
        found = _find_sheets(ink, marks)
        if len(found) > 1:
            raise FormatError(f"Expected one sheet in a photo. Received: {len(found)} in {name}. Take one of each.")
        if found:
            ((code, view),) = found
            sheet, sheet_ink = _make_straight(photo, view, code.layout, name)
            return ReadSheet(code, sheet, cut_cells(sheet_ink, code.layout))
        most = marks if len(marks) > len(most) else most
    if len(most) < 2:
        return None
    raise FormatError(_remedy(most, photo, name))


def _make_straight(photo: Image.Image, view: View, layout: Layout, name: str) -> tuple[Images, Floats]:
    """Return the straight sheet with its cells' lines where they belong, and its ink.

    As it is if the lines are too faint to be seen.
    """
    for _ in range(_TRIES):
        sheet = straighten(photo, view, layout)
        ink = ink_of_sheet(sheet)
        followed = follow_lines(ink, layout, view, far=False)
        fits = followed.agree > _AGREE
        if not fits:
            followed = follow_lines(ink, layout, view, far=True)
        if not followed.seen or (fits and followed.moved < _FINE):
            return sheet, ink
        view = followed.view
    raise FormatError(f"The sheet in {name} is too bent for its cells to be found. Lay it flat and take it again.")


def _find_sheets(ink: Floats, marks: Floats) -> list[tuple[SheetCode, View]]:
    """Return the sheets whose four marks are among these."""
    found, taken = [], set[int]()
    for four in combinations(range(len(marks)), 4):
        areas = marks[list(four), 2]
        corners = _around(marks[list(four), :2])
        if areas.max() < _ALIKE * areas.min() and _is_convex(corners) and not taken & set(four):
            sheet = _find_sheet(ink, corners, _STRAIGHT)
            if not sheet and len(marks) == 4:
                sheet = _find_sheet(ink, corners, _BENT)
            if sheet:
                found.append(sheet)
                taken |= set(four)
    return found


def _around(corners: Floats) -> Floats:
    """Return corners in their order around the middle, clockwise."""
    x, y = (corners - corners.mean(axis=0)).T
    return corners[np.argsort(np.arctan2(y, x))]


def _find_sheet(ink: Floats, corners: Floats, shifts: Floats) -> tuple[SheetCode, View] | None:
    """Read the code, whichever corner is the upper left one, in a mirror too."""
    for order in (corners, corners[::-1]):
        for turn in range(4):
            view = view_by_marks(ink, np.roll(order, turn, axis=0))
            for layout in LAYOUTS:
                strips = [_look(ink, view, layout, strip, shifts) for strip in np.split(layout.modules, 2)]
                code = decode(np.concatenate(strips))
                if code and code.layout == layout:
                    return code, view
    return None


def _look(ink: Floats, view: View, layout: Layout, strip: Floats, shifts: Floats) -> npt.NDArray[np.bool_]:
    """Return which squares of a strip are black, where it is clearest: moved by one of the shifts."""
    inside = MODULE * np.array([[x, y] for x in (-0.2, 0, 0.2) for y in (-0.2, 0, 0.2)])
    moved = np.stack([np.zeros_like(shifts), shifts], -1)
    places = moved[:, None, None] + strip[:, None] + inside
    seen = sample(ink, view.from_paper(layout, places.reshape(-1, 2))).reshape(places.shape[:3]).mean(axis=2)
    clearest = seen[seen.std(axis=1).argmax()]
    black: npt.NDArray[np.bool_] = clearest > (np.percentile(clearest, 5) + np.percentile(clearest, 95)) / 2
    return black


def _is_convex(corners: Floats) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    return bool((sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] > 0).all())


def _remedy(marks: Floats, photo: Image.Image, name: str) -> str:
    if len(marks) >= 4:
        return (
            f"The marks of a sheet are in {name}, but the code along its upper and lower edge cannot be read. Take the "
            "photo again: sharp, from above, with nothing lying on the code."
        )
    if len(marks) == 3:
        return f"The mark at the {_missing(marks[:, :2])} is not in {name}: photograph the whole sheet."
    where = [_side(place / photo.size - 0.5) for place in marks[:, :2]]
    return (
        f"Of the four marks of a sheet only two are in {name}, at the {where[0]} and the {where[1]}: photograph the "
        "whole sheet."
    )


def _missing(three: Floats) -> str:
    """Return where the fourth mark would be: across from the one at the corner of the other two."""
    lengths = [np.hypot(*(three[one] - three[other])) for one, other in ((1, 2), (2, 0), (0, 1))]
    corner = int(np.argmax(lengths))
    fourth = three.sum(axis=0) - 2 * three[corner]
    return _side(fourth - np.append(three, fourth[None], axis=0).mean(axis=0))


def _side(place: Sequence[float] | Floats) -> str:
    return f"{'upper' if place[1] < 0 else 'lower'} {'left' if place[0] < 0 else 'right'}"
