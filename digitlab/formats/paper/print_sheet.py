"""A sheet to print: cells to write digits into, and what is needed to find them again in a photo."""

import secrets

import numpy as np

from digitlab.formats.paper.code import MOST_SEED, SheetCode, encode
from digitlab.formats.paper.layout import FRAME, MARK, MODULE
from digitlab.formats.paper.pdf import Page, can_write, write

_LINE, _LINE_LIGHT = 0.25, 0.72  # of a cell: lighter than any pen
_LABEL, _LABEL_LIGHT = 3.2, 0.62
_TEXT = 3.3
_FREE = 2.0  # between a mark and the frame
_DRAWN_SEEDS = 1_000_000  # smaller ones are those that people choose for batches on the screen


def new_seed() -> int:
    """Return a seed that no other sheet has, as far as chance allows."""
    return _DRAWN_SEEDS + secrets.randbelow(MOST_SEED - _DRAWN_SEEDS)


def print_sheet(code: SheetCode) -> bytes:
    """Return a sheet as a PDF file: of one page, to be printed at any scale that leaves it whole."""
    layout = code.layout
    page = Page(*layout.size)
    corners = layout.marks
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        inset = (MARK / 2 + _FREE) * np.sign(other - one)
        ends = np.stack([one + inset, other - inset])
        page.fill(*(ends.min(axis=0) - FRAME / 2), *(ends.max(axis=0) + FRAME / 2))
    for x, y in corners:
        for share, light in ((1, 0.0), (5 / 7, 1.0), (3 / 7, 0.0)):
            half = share * MARK / 2
            page.fill(x - half, y - half, x + half, y + half, light=light)
    for x, y in layout.modules[encode(code)]:
        page.fill(x - MODULE / 2, y - MODULE / 2, x + MODULE / 2, y + MODULE / 2)
    _write_text(page, code)
    for (left, top, right, bottom), label in zip(layout.boxes, code.labels, strict=True):
        page.outline(left, top, right, bottom, line=_LINE, light=_LINE_LIGHT)
        page.text(left, top - 0.7, _LABEL, str(label), light=_LABEL_LIGHT)
    return write(page, f"DigitLab sheet {code.seed}: {code.writer}")


def _write_text(page: Page, code: SheetCode) -> None:
    left, top, right, _ = code.layout.field
    # A name that Helvetica cannot write is in the code all the same.
    name = f": {code.writer}" if can_write(code.writer) and len(code.writer) <= 40 else ""
    page.text(left, top - 5.2, _TEXT, f"DigitLab sheet {code.seed}{name}")
    page.text(right - 57, top - 5.2, _TEXT, "Start  ____ : ____     End  ____ : ____")
    how = "Write each small digit into the cell below it, row by row, with a dark pen. Then photograph the whole sheet."
    page.text(left, top - 1.2, _TEXT, how)
