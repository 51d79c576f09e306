"""Drawings as tables: what is known of them, how many there are, how long they took."""

from collections.abc import Sequence
from dataclasses import fields

import pandas as pd

from digitlab.digits import CLASS_NAMES, NUM_CLASSES
from digitlab.storage.drawing_records import DrawingRow
from digitlab.storage.found_drawings import TimedDrawing


def table(rows: Sequence[DrawingRow]) -> pd.DataFrame:
    """Make a table of drawings, a column for each attribute of `DrawingRow`."""
    names = [field.name for field in fields(DrawingRow)]
    return pd.DataFrame({name: [getattr(row, name) for row in rows] for name in names}, columns=names)


def counts(drawn: Sequence[tuple[str, int, int]]) -> pd.DataFrame:
    """Count drawings.

    Args:
        drawn: As `found_drawings.count_by_writer` returns it.

    Returns:
        A row per writer, a column per digit, and `all`.

    Example:
        >>> counts([("Ana", 7, 2)]).loc["Ana", ["7", "8", "all"]].tolist()
        [2, 0, 2]
    """
    frame = pd.DataFrame(drawn, columns=["writer", "label", "drawn"])
    counted = frame.pivot_table("drawn", "writer", "label", aggfunc="sum", fill_value=0)
    counted = counted.reindex(columns=range(NUM_CLASSES), fill_value=0).astype(int)
    counted.columns = list(CLASS_NAMES)
    return counted.assign(all=counted.sum(axis=1))


def times(timed: Sequence[TimedDrawing]) -> pd.DataFrame:
    """Prepare seconds for charts: `number`, `digit`, `writer`, `seconds`, `median` of a writer's last ten.

    Args:
        timed: In the order of drawing.
    """
    rows = [(each.number, str(each.label), each.writer, each.seconds) for each in timed]
    frame = pd.DataFrame(rows, columns=["number", "digit", "writer", "seconds"]).astype({"seconds": float})
    rolling = frame.groupby("writer")["seconds"].rolling(10, min_periods=1).median()
    return frame.assign(median=rolling.droplevel(0))
