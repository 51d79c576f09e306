"""Where everything is on a sheet of paper to write digits on, in millimetres from its upper left corner."""

from dataclasses import dataclass

import numpy as np

from digitlab.digits import Floats

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # width and height
CELLS = (100, 200)  # that a sheet can have; 200 stand on a paper that lies

MARK = 10.0  # side of the mark in each corner: a black square in a black ring, as in QR codes
FRAME = 0.8  # width of the lines from mark to mark, by which a bend of the paper is seen
MODULE = 2.0  # side of a square of the code
MODULES = (6, 80)  # rows and columns of them, in a strip along the upper edge and in one along the lower
LABEL_HEIGHT = 3.6  # room above a cell for what is to be written into it

_EDGE = 13.0  # from the edge of the paper to the middle of a mark: printers leave about 5 blank
_STRIP = 2.0  # from the middle of the frame's line to the code
_TEXT = 9.0  # room for two lines of text below the upper strip
_BESIDE = 4.0  # from the frame to the cells
_GAP = 2.4  # between two cells of a row, and below the last row


@dataclass(frozen=True)
class Layout:
    """One kind of sheet.

    Attributes:
        paper: One of `PAPERS`.
        cells: One of `CELLS`.

    Raises:
        ValueError: If there is no such sheet.

    Example:
        >>> Layout("a4", 200).size
        (297.0, 210.0)
    """

    paper: str
    cells: int

    def __post_init__(self) -> None:
        if self.paper not in PAPERS or self.cells not in CELLS:
            raise ValueError(
                f"Expected a paper among {', '.join(PAPERS)} and {' or '.join(map(str, CELLS))} cells. "
                f"Received: {self.paper!r} and {self.cells}."
            )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper."""
        width, height = PAPERS[self.paper]
        return (width, height) if self.cells == CELLS[0] else (height, width)

    @property
    def columns(self) -> int:
        """Cells in a row; there are ten rows."""
        return self.cells // 10

    @property
    def marks(self) -> Floats:
        """Middles of the marks, float64 array of shape (4, 2): upper left, upper right, lower right, lower left."""
        width, height = self.size
        return np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [width - 2 * _EDGE, height - 2 * _EDGE] + _EDGE

    @property
    def field(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all cells with the room around each."""
        width, height = self.size
        strip = _EDGE + _STRIP + MODULES[0] * MODULE
        return _EDGE + _BESIDE, strip + _TEXT, width - _EDGE - _BESIDE, height - strip - _GAP

    @property
    def pitch(self) -> tuple[float, float]:
        """From a cell to the next one to the right, and to the next one below."""
        left, top, right, bottom = self.field
        return (right - left) / self.columns, (bottom - top) / 10

    @property
    def boxes(self) -> Floats:
        """Left, top, right and bottom of each cell, row by row: float64 array of shape (cells, 4)."""
        left, top, _, _ = self.field
        wide, high = self.pitch
        row, column = np.divmod(np.arange(self.cells), self.columns)
        x, y = left + column * wide, top + row * high
        return np.column_stack([x + _GAP / 2, y + LABEL_HEIGHT, x + wide - _GAP / 2, y + high])

    @property
    def modules(self) -> Floats:
        """Middles of the code's squares, the upper strip's first: float64 array of shape (960, 2)."""
        width, height = self.size
        rows, columns = MODULES
        x = width / 2 + (np.arange(columns) + 0.5 - columns / 2) * MODULE
        down = _EDGE + _STRIP + (np.arange(rows) + 0.5) * MODULE
        y = np.concatenate([down, height - down[::-1]])
        return np.column_stack([np.tile(x, 2 * rows), np.repeat(y, columns)])


LAYOUTS = tuple(Layout(paper, cells) for paper in PAPERS for cells in CELLS)
