"""A file of people's pen strokes, for the benchmarks that take one by `--data` or DIGITLAB_WRITERS.

It holds one drawing a line, as JSON: writer, order, label (0-9), strokes (a list of [[x, ...], [y, ...]], y down).
"""

import gzip
import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Drawing:
    """A digit, and its strokes as arrays of shape (n, 2)."""

    label: int
    strokes: list


def read_people(path, parser):
    """`{writer: drawings}`, each writer's in the order of writing; without a file the command ends and says so."""
    if path is None or not Path(path).is_file():
        parser.error("name a file of pen strokes with --data or DIGITLAB_WRITERS; without one there is nothing to do")
    with gzip.open(path, "rt") if Path(path).suffix == ".gz" else Path(path).open() as lines:
        rows = sorted(map(json.loads, lines), key=lambda row: (row["writer"], row["order"]))
    return {writer: [_drawing(row) for row in own] for writer, own in groupby(rows, lambda row: row["writer"])}


def _drawing(row):
    return Drawing(row["label"], [np.array(stroke, float).T for stroke in row["strokes"] if stroke[0]])
