"""The thirty drawings of the demo experiment: made for this project, see `digitlab/tools/demo_drawings.py`."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlab.digits import Floats

FILE = Path(__file__).with_name("demo.json")
CANVAS_SIZE = 280  # px: the square they are drawn on


@dataclass(frozen=True, eq=False)
class DemoDrawing:
    """One of them.

    Attributes:
        sitting: 0, 1 or 2: each is one of each digit.
        label: What it shows, 0-9.
        seconds: Active seconds, thinking included.
        strokes: float64 arrays of shape (n, 3): x and y in px, y down, and ms.
    """

    sitting: int
    label: int
    seconds: float
    strokes: tuple[Floats, ...]


def read() -> list[DemoDrawing]:
    """Return the thirty drawings, sitting by sitting, of each 0 to 9.

    Example:
        >>> [drawing.label for drawing in read()[:3]]
        [0, 1, 2]
    """
    rows = json.loads(FILE.read_text())
    return [
        DemoDrawing(
            row["sitting"],
            row["label"],
            row["seconds"],
            tuple(np.asarray(stroke, np.float64) for stroke in row["strokes"]),
        )
        for row in rows
    ]
