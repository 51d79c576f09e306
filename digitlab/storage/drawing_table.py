"""All drawings as a table: filter, count, mean images, speed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from digitlab.digits import CLASS_NAMES, IMAGE_SIZE, NUM_CLASSES

PRACTICE = 10  # first digits of a writer: the hand has to find its way

_COLUMNS = [
    *("id", "batch_id", "kind", "writer", "position", "label", "seconds", "think_seconds", "draw_seconds"),
    *("pause_seconds", "marks", "created_at", "deleted"),
]


def table(rows: Sequence[dict]) -> pd.DataFrame:
    """Make a table of drawings.

    Args:
        rows: As `read_drawing_rows` returns them.

    Returns:
        The same columns, and `number`: the how-manieth of its writer, from 1.
    """
    frame = pd.DataFrame(list(rows), columns=_COLUMNS)
    frame["number"] = frame.groupby("writer").cumcount() + 1
    return frame


def choose(
    frame: pd.DataFrame,
    *,
    writer: str | None = None,
    batch_id: int | None = None,
    labels: Sequence[int] = (),
    show: str = "kept",
) -> pd.DataFrame:
    """Choose drawings.

    Args:
        frame: As `table` returns it.
        writer: Only of this one.
        batch_id: Only of this batch.
        labels: Only of these digits; empty: all.
        show: `kept` (not deleted), `marked` (kept, with a mark) or `deleted`.

    Returns:
        The chosen rows.
    """
    wanted = frame["deleted"] == (show == "deleted")
    if show == "marked":
        wanted &= frame["marks"].map(len) > 0
    if writer is not None:
        wanted &= frame["writer"] == writer
    if batch_id is not None:
        wanted &= frame["batch_id"] == batch_id
    if labels:
        wanted &= frame["label"].isin(labels)
    return frame[wanted]


def counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Count drawings: a row per writer, a column per digit, and `all`."""
    counted = pd.crosstab(frame["writer"], frame["label"]).reindex(columns=range(NUM_CLASSES), fill_value=0)
    counted.columns = list(CLASS_NAMES)
    return counted.assign(all=counted.sum(axis=1))


def without_practice(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the first ten digits of each writer."""
    return frame[frame["number"] > PRACTICE]


def times(frame: pd.DataFrame) -> pd.DataFrame:
    """Prepare the seconds for charts: `number`, `digit`, `writer`, `seconds`, `median` of a writer's last ten."""
    timed = frame.assign(digit=frame["label"].astype(str))[["number", "digit", "writer", "seconds"]]
    rolling = timed.groupby("writer")["seconds"].rolling(10, min_periods=1).median()
    return timed.assign(median=rolling.droplevel(0))


def mean_images(images: dict[int, np.ndarray], frame: pd.DataFrame) -> np.ndarray:
    """Average the digits of each label.

    Args:
        images: `{id: uint8 (28, 28)}` of all rows.
        frame: As `table` returns it.

    Returns:
        uint8 array of shape (10, 28, 28); blank where there is no drawing.
    """
    means = np.zeros((NUM_CLASSES, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for label, rows in frame.groupby("label"):
        means[label] = np.round(np.mean([images[drawing_id] for drawing_id in rows["id"]], axis=0))
    return means
