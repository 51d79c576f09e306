"""Drawings made of a sheet: one of each cell with a digit, when it is saved, and what late strokes change in one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import Floats
from digitlab.drawing.quality import DUPLICATE, DrawnDigit
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.drawing.tidy import without_stray_taps
from digitlab.storage import schema
from digitlab.storage.drawings import insert_drawing
from digitlab.storage.pad_message import PenStroke
from digitlab.storage.sheets import Sheet


@dataclass(frozen=True)
class DrawnCell:
    """What is drawn in a cell, as if the cell had kept its size, and with what: mouse, touch or pen."""

    cell: int
    drawing: DrawnDigit
    pointer: str


def find_drawn(sheet: Sheet) -> list[DrawnCell]:
    """Return what is drawn on a sheet, cell by cell; not what is blank or a dot: its prompt comes again."""
    drawn = []
    for cell, label in enumerate(sheet.labels):
        of_cell = [stroke for stroke in sheet.strokes if stroke.cell == cell]
        strokes, size = _in_one_size(of_cell)
        strokes = without_stray_taps(strokes, size)
        try:
            digit = strokes_to_digit(strokes)
        except ValueError:
            continue
        drawn.append(DrawnCell(cell, DrawnDigit(label, strokes, size, digit), of_cell[0].pointer))
    return drawn


def save_sheet(
    connection: sa.Connection, sheet: Sheet, drawn: Sequence[DrawnCell], marks: Sequence[Sequence[str]]
) -> tuple[int, ...]:
    """Store what is drawn on a sheet, each with its marks, and return the ids; the sheet is saved by that."""
    ids = []
    for one, marked in zip(drawn, marks or [()] * len(drawn), strict=True):
        time = sheet.time.cells[one.cell]
        ids.append(
            insert_drawing(
                connection,
                (sheet.batch_id, sheet.positions[one.cell]),
                one.drawing.strokes,
                one.drawing.digit,
                time.active,
                think_seconds=time.think,
                draw_seconds=time.draw,
                pause_seconds=time.pause,
                pointer=one.pointer,
                marks=list(marked),
            )
        )
    _write_times(connection, sheet, drawn, saved_at=schema.now())
    return tuple(ids)


def go_on(connection: sa.Connection, sheet: Sheet, drawn: Sequence[DrawnCell], cell: int, marks: Sequence[str]) -> None:
    """Change the drawing that was made of a cell; it looked much the same before, which is no reason to ask.

    Raises:
        ValueError: If there is none: it was deleted meanwhile, or the cell holds a dot.
    """
    missing = (
        f"Expected a stroke for a drawing that is there. Received: one for the {sheet.labels[cell]}, of which there is "
        "none: it was deleted meanwhile, or its cell held a dot. It was not stored."
    )
    one = next((one for one in drawn if one.cell == cell), None)
    if one is None:
        raise ValueError(missing)
    time, table = sheet.time.cells[cell], schema.drawings.c
    of_cell = table.batch_id == sheet.batch_id, table.position == sheet.positions[cell], table.deleted_at.is_(None)
    changed = connection.execute(
        schema.drawings.update()
        .where(*of_cell)
        .values(
            strokes=[stroke.tolist() for stroke in one.drawing.strokes],
            digit=one.drawing.digit.tobytes(),
            seconds=time.active,
            think_seconds=time.think,
            draw_seconds=time.draw,
            pause_seconds=time.pause,
            marks=[mark for mark in marks if mark != DUPLICATE],
        )
    )
    if not changed.rowcount:
        raise ValueError(missing)
    schema.mark_changed(connection, [sheet.batch_id])
    _write_times(connection, sheet, drawn)


def _write_times(connection: sa.Connection, sheet: Sheet, drawn: Sequence[DrawnCell], **more: object) -> None:
    """Write the seconds of a saved sheet that belong to none of its drawings."""
    times = {
        "extra_seconds": sheet.time.active - sum(sheet.time.cells[one.cell].active for one in drawn),
        "idle_total": sheet.time.idle,
        "wall_seconds": sheet.time.wall,
    }
    connection.execute(schema.sheets.update().where(schema.sheets.c.id == sheet.id).values(**times, **more))


def _in_one_size(strokes: Sequence[PenStroke]) -> tuple[list[Floats], float]:
    """Return strokes as if the cell had kept its size, and that size.

    Their columns are x, y, ms since the first pen-down, and pressure; a mouse has none.
    """
    if not strokes:
        return [], 0.0
    size, began = strokes[0].size, strokes[0].began
    arrays: list[Floats] = []
    for stroke in strokes:
        points = np.array(stroke.points, dtype=np.float64)
        points[:, :2] *= size / stroke.size
        points[:, 2] += stroke.began - began
        arrays.append(points[:, :3] if stroke.pointer == "mouse" else points)
    return arrays, size
