"""All drawings as a table: filter, count, mean images, speed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from digitlab.digits import CLASS_NAMES, IMAGE_SIZE, NUM_CLASSES, Images
from digitlab.storage.drawings import DrawingRow

PRACTICE = 10  # first digits of a writer: the hand has to find its way


def table(rows: Sequence[DrawingRow]) -> pd.DataFrame:
    """Make a table of drawings.

    Args:
        rows: As `read_drawing_rows` returns them.

    Returns:
        A column for each attribute of `DrawingRow`, and `number`: of the drawing within its writer, from 1.
    """
    names = [field.name for field in fields(DrawingRow)]
    frame = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in names}, columns=names)
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


def mean_images(images: Mapping[int, Images], frame: pd.DataFrame) -> Images:
    """Average the digits of each label.

    Args:
        images: `{id: uint8 (28, 28)}` of all rows.
        frame: As `table` returns it.

    Returns:
        uint8 array of shape (10, 28, 28); blank where there is no drawing.
    """
    means = np.zeros((NUM_CLASSES, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for label in frame["label"].unique():
        of_label = frame.loc[frame["label"] == label, "id"]
        means[label] = np.round(np.mean([images[drawing_id] for drawing_id in of_label], axis=0))
    return means
