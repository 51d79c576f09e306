"""The digits in the cells of a straight sheet: what is printed taken away, each with all of its ink, doubts told."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from digitlab.digits import IMAGE_SIZE, Floats, Images
from digitlab.formats.cut_apart import Box, boxes_of, join, label_ink
from digitlab.formats.paper.layout import LABEL_HEIGHT, Layout
from digitlab.formats.paper.straighten import SCALE
from digitlab.formats.photo_ink import missing_light, noise_of
from digitlab.formats.photos import cut_out

EMPTY = "empty"
FAINT = "hardly any ink"
FULL = "too much ink for a digit"
TOUCHES = "touches the digit beside it"
OVER = "goes over the border"

_SHADOW = 20.0  # millimetres: what is wider is a shadow and no ink
_LEAST_INK = 20.0  # that can be told from paper, 0-255
_LEAST_WRITTEN = 1.0  # square millimetres that tell how dark a pen is
_PEN_SHARE, _SHEET_SHARE = 0.45, 0.25  # of the ink of the pen in this cell, and in most cells
_LINE_REACH = 0.9  # millimetres on each side of a cell's line that are looked at
_LABEL_WIDTH = 2.6  # millimetres
_BELOW, _BESIDE = 1.2, 2.5  # millimetres beyond all cells that a pen may go, before the code and the frame begin
_SPECK = 1.0  # millimetres: a smaller piece of ink is dirt
_OVERSHOOT = 1.0  # millimetres beyond the cell's line that nobody needs to look at
_CORE = 1.2  # millimetres inside a cell's line: ink there belongs to this cell, whatever it hangs together with
_CORE_INK = 1.0  # square millimetres of it
_SMALL, _FULL = 0.25, 0.45  # of the cell's shorter side; of its area


@dataclass(frozen=True)
class CutCells:
    """What is in the cells of a sheet.

    Attributes:
        images: uint8 array of shape (n, 28, 28); blank where nothing is written.
        doubts: Of each cell, why a person should look at it; "" if there is no reason.
        places: float64 array of shape (n, 4): left, top, right and bottom of the ink in millimetres; of the cell where
            nothing is written.
    """

    images: Images
    doubts: tuple[str, ...]
    places: Floats


def ink_of_sheet(sheet: Images) -> Floats:
    """Return what is darker than the paper of a straight sheet: float array of its shape, 0 to 255."""
    soft = Image.fromarray(sheet).filter(ImageFilter.GaussianBlur(0.8))
    return missing_light(np.asarray(soft), round(_SHADOW * SCALE))


def cut_cells(ink: Floats, layout: Layout) -> CutCells:
    """Cut out what is written in each cell.

    Args:
        ink: Of the straight sheet, as of `ink_of_sheet`; what is printed is taken out of it.
        layout: Of the sheet.
    """
    noise = noise_of(ink)
    line = _take_print_away(ink, layout)
    owner = _owners(layout, ink.shape)
    mask = _find_pen(ink, owner, max(_LEAST_INK, min(5 * noise, 60.0), line))
    labels, found, touching = _divide(mask, owner, layout)
    images = np.zeros((layout.cells, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    places, doubts = layout.boxes.copy(), [EMPTY] * layout.cells
    for cell, box in found.items():
        images[cell] = cut_out(ink, labels, box)
        places[cell] = np.array([box.left, box.top, box.right, box.bottom]) / SCALE
        doubts[cell] = TOUCHES if cell in touching else _doubt(places[cell], layout.boxes[cell], box.area / SCALE**2)
    return CutCells(images, tuple(doubts), places)


def _take_print_away(ink: Floats, layout: Layout) -> float:
    """Take the lines and labels of the cells out of the ink, in place, and return how dark the lines were.

    Along a line most pixels are of the line alone: their median is what was printed, and what a pen wrote over it
    stays. Where a digit stands on its line, what was printed is as dark as along the other lines.
    """
    reach = round(_LINE_REACH * SCALE)
    zones = []
    for left, top, right, bottom in np.round(layout.boxes * SCALE).astype(int):
        for turned, place, start, end in (
            (ink, top, left, right),
            (ink, bottom, left, right),
            (ink.T, left, top, bottom),
            (ink.T, right, top, bottom),
        ):
            zones.append(turned[place - reach : place + reach + 1, start - 2 : end + 3])
    printed = [np.median(zone, axis=1) for zone in zones]
    line = float(np.median([each.max() for each in printed]))
    for zone, each in zip(zones, printed, strict=True):
        np.subtract(zone, np.minimum(each, 1.3 * line)[:, None], out=zone)
    high, wide = round(LABEL_HEIGHT * SCALE), round(_LABEL_WIDTH * SCALE)
    labels = [
        ink[top - high + 1 : top - 1, left - 1 : left + wide]
        for left, top in np.round(layout.boxes[:, :2] * SCALE).astype(int)
    ]
    label = float(np.percentile([zone.max() for zone in labels], 30))  # a pen may have come into many of them
    for zone in labels:
        zone[zone < 1.2 * label] = 0
    np.maximum(ink, 0, out=ink)
    return line


def _owners(layout: Layout, shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Return to which cell each pixel is nearest, -1 outside all of them: intp array of the sheet's shape."""
    left, top, right, bottom = layout.field
    wide, high = layout.pitch
    x, y = ((np.arange(most) + 0.5) / SCALE for most in shape[::-1])
    column = np.clip(((x - left) / wide).astype(int), 0, layout.columns - 1)
    row = np.clip(((y - top) / high).astype(int), 0, 9)
    inside = ((y > top) & (y < bottom + _BELOW))[:, None] & ((x > left - _BESIDE) & (x < right + _BESIDE))
    return np.where(inside, row[:, None] * layout.columns + column, -1)


def _find_pen(ink: Floats, owner: npt.NDArray[np.intp], least: float) -> npt.NDArray[np.bool_]:
    """Return where a pen has written: in each cell by how dark the pen is that wrote there."""
    strong = (ink > least) & (owner >= 0)
    values, cells = ink[strong], owner[strong]
    counts = np.bincount(cells, minlength=int(owner.max()) + 1)
    pens = np.zeros(len(counts))
    for cell in np.flatnonzero(counts > _LEAST_WRITTEN * SCALE**2):
        pens[cell] = np.percentile(values[cells == cell], 90)
    written = pens[pens > 0]
    usual = float(np.median(written)) if len(written) else 255.0
    limits = np.maximum(np.maximum(_PEN_SHARE * pens, _SHEET_SHARE * usual), least)
    written_on: npt.NDArray[np.bool_] = strong & (ink > limits[owner])
    return written_on


def _divide(
    mask: npt.NDArray[np.bool_], owner: npt.NDArray[np.intp], layout: Layout
) -> tuple[npt.NDArray[np.int32], dict[int, Box], set[int]]:
    """Say which ink belongs to which cell.

    A piece of ink belongs as a whole to the cell that has most of it, wherever it ends; but one that reaches far into
    two cells is two digits that touch, and is cut between the cells.

    Returns:
        The pieces of ink by number, what each written cell has of them, and the cells whose digits touch.
    """
    labels, n = label_ink(mask)
    core = np.zeros(mask.shape, bool)
    for left, top, right, bottom in np.round((layout.boxes + [_CORE, _CORE, -_CORE, -_CORE]) * SCALE).astype(int):
        core[top:bottom, left:right] = True
    deep = labels * layout.cells + owner
    pairs, counts = np.unique(deep[mask & core], return_counts=True)
    pairs = pairs[counts > _CORE_INK * SCALE**2]
    of_many, times = np.unique(pairs // layout.cells, return_counts=True)
    touching: set[int] = set()
    for label in of_many[times > 1]:
        piece = labels == label
        for cell in pairs[pairs // layout.cells == label] % layout.cells:
            touching.add(int(cell))
            n += 1
            labels[piece & (owner == cell)] = n
    pieces, labels = _number_anew(labels)
    shares = np.bincount((pieces - 1) * layout.cells + owner[mask], minlength=pieces.max(initial=0) * layout.cells)
    cells = shares.reshape(-1, layout.cells).argmax(axis=1)
    found: dict[int, Box] = {}
    for box in boxes_of(labels, len(cells)):
        if box.side >= _SPECK * SCALE:
            cell = int(cells[box.parts[0] - 1])
            found[cell] = join(found[cell], box) if cell in found else box
    return labels, found, touching & set(found)


def _number_anew(labels: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """Number pieces from 1 on without a gap: of each pixel of ink, and as a picture."""
    ink = labels > 0
    pieces = np.unique(labels[ink], return_inverse=True)[1] + 1
    anew = np.zeros_like(labels)
    anew[ink] = pieces
    return pieces, anew


def _doubt(place: Floats, box: Floats, area: float) -> str:
    width, height = box[2] - box[0], box[3] - box[1]
    if max(place[2] - place[0], place[3] - place[1]) < _SMALL * min(width, height):
        return FAINT
    if area > _FULL * width * height:
        return FULL
    over = max(*(box[:2] - place[:2]), *(place[2:] - box[2:]))
    return OVER if over > _OVERSHOOT else ""
