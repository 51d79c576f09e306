"""What comes from the pad of a sheet: every event is on disk before the page counts it; a save makes drawings of them.

What a pad sends is described in `pad_message.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import Floats
from digitlab.drawing.quality import DrawnDigit
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage import schema
from digitlab.storage.drawings import insert_drawing
from digitlab.storage.pad_message import (
    ClearCell,
    PadEvent,
    PadMessage,
    PenStroke,
    SaveSheet,
    check_message,
    event_to_builtins,
)
from digitlab.storage.sheets import Sheet, read_sheet
from digitlab.storage.store import Store

Judge = Callable[[Sequence[DrawnDigit]], Sequence[Sequence[str]]]  # drawings -> the marks of each


@dataclass(frozen=True)
class _Drawn:
    """What is drawn in a cell, as if the cell had kept its size, and with what: mouse, touch or pen."""

    cell: int
    drawing: DrawnDigit
    pointer: str


@dataclass(frozen=True)
class StoredMessage:
    """What came of a message: drawings stored by a save (ids in the order of the cells); empty without a save."""

    drawing_ids: tuple[int, ...]


def close_empty_sheet(store: Store, sheet_id: int) -> None:
    """Close a sheet in hand that nothing is drawn on, so that the next one may have another size; its time counts."""
    with store.write() as connection:
        sheet = read_sheet(connection, sheet_id)
        if not sheet.strokes:
            _save(connection, sheet, (), ())


def store_message(store: Store, message: object, judge: Judge = lambda drawings: ()) -> StoredMessage:
    """Store what a pad sent, all of it or nothing; what is known already is passed over.

    Args:
        store: Where to.
        message: As `pad_message` describes.
        judge: Asked on a save for the marks of the drawings, see `drawing.quality`.

    Returns:
        What came of it.

    Raises:
        ValueError: If the message is not as described, or of a sheet that is not there, or brings strokes to one that
            is saved.
    """
    sent = check_message(message)
    with store.read() as connection:
        new = _news(connection, sent)
    if not new:
        return StoredMessage(())
    if any(isinstance(event, SaveSheet) for event in new):
        return _store_and_save(store, sent, judge)
    with store.write() as connection:
        _insert(connection, sent, _news(connection, sent))  # another window may have been quicker
    return StoredMessage(())


def _store_and_save(store: Store, sent: PadMessage, judge: Judge) -> StoredMessage:
    """Store a message and save its sheet.

    What to store is found out before the transaction: it is short, and nothing in it waits for another connection.
    """
    while True:
        with store.read() as connection:
            state = _state(connection, sent.sheet)
            new = _news(connection, sent)
            sheet = read_sheet(connection, sent.sheet, new)
        if not new:
            return StoredMessage(())
        drawn = _drawn(sheet)
        marks = judge([one.drawing for one in drawn])
        with store.write() as connection:
            if _state(connection, sent.sheet) == state:  # else another window was quicker: once more, with its strokes
                _insert(connection, sent, new)
                return StoredMessage(_save(connection, sheet, drawn, marks))


def _state(connection: sa.Connection, sheet_id: int) -> tuple[object, ...]:
    """Return what changes with everything that happens on a sheet."""
    last = sa.select(sa.func.max(schema.pen_events.c.id)).where(schema.pen_events.c.sheet_id == sheet_id)
    query = sa.select(schema.sheets.c.saved_at, last.scalar_subquery()).where(schema.sheets.c.id == sheet_id)
    return tuple(connection.execute(query).one_or_none() or ())


def _news(connection: sa.Connection, sent: PadMessage) -> list[PadEvent]:
    """Return the events that are not on disk yet; none if the sheet is saved, where only strokes would matter."""
    sheet = connection.execute(sa.select(schema.sheets).where(schema.sheets.c.id == sent.sheet)).one_or_none()
    if sheet is None:
        raise ValueError(f"Expected a sheet that is stored. Received: sheet {sent.sheet}. Reload the page.")
    cells = len(sheet.positions)
    beyond = [event.cell for event in sent.events if isinstance(event, PenStroke | ClearCell) and event.cell >= cells]
    if beyond:
        raise ValueError(f"Expected cells below {cells}. Received: cell {beyond[0]}. Nothing was stored.")
    table = schema.pen_events
    mine = (table.c.sheet_id == sent.sheet) & (table.c.client == sent.client)
    known = connection.execute(sa.select(sa.func.max(table.c.number)).where(mine)).scalar() or 0
    new = [event for event in sent.events if event.n > known]
    if sheet.saved_at and any(isinstance(event, PenStroke) for event in new):
        raise ValueError(
            f"Expected strokes for a sheet in hand. Received: some for sheet {sent.sheet}, which was saved meanwhile, "
            "in another window perhaps. They were not stored: draw them on the sheet shown now."
        )
    return [] if sheet.saved_at else new


def _insert(connection: sa.Connection, sent: PadMessage, events: Sequence[PadEvent]) -> None:
    rows = [
        {"sheet_id": sent.sheet, "client": sent.client, "number": event.n, "event": event_to_builtins(event)}
        for event in events
    ]
    if rows:
        connection.execute(schema.pen_events.insert(), rows)


def _drawn(sheet: Sheet) -> list[_Drawn]:
    """Return what is drawn on a sheet, cell by cell; not what is blank or a dot: its prompt comes again."""
    drawn = []
    for cell, label in enumerate(sheet.labels):
        of_cell = [stroke for stroke in sheet.strokes if stroke.cell == cell]
        strokes, size = _in_one_size(of_cell)
        try:
            digit = strokes_to_digit(strokes)
        except ValueError:
            continue
        drawn.append(_Drawn(cell, DrawnDigit(label, strokes, size, digit), of_cell[0].pointer))
    return drawn


def _save(
    connection: sa.Connection, sheet: Sheet, drawn: Sequence[_Drawn], marks: Sequence[Sequence[str]]
) -> tuple[int, ...]:
    ids = []
    counted = 0.0
    for one, marked in zip(drawn, marks or [()] * len(drawn), strict=True):
        time = sheet.time.cells[one.cell]
        counted += time.active
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
    connection.execute(
        schema.sheets.update()
        .where(schema.sheets.c.id == sheet.id)
        .values(
            saved_at=schema.now(),
            extra_seconds=sheet.time.active - counted,
            idle_total=sheet.time.idle,
            wall_seconds=sheet.time.wall,
        )
    )
    return tuple(ids)


def _in_one_size(strokes: Sequence[PenStroke]) -> tuple[list[Floats], float]:
    """Return strokes (x, y, ms since the first pen-down, pressure) as if the cell had kept its size, and that size."""
    if not strokes:
        return [], 0.0
    size, began = strokes[0].size, strokes[0].began
    arrays: list[Floats] = []
    for stroke in strokes:
        points = np.array(stroke.points, dtype=np.float64)
        points[:, :2] *= size / stroke.size
        points[:, 2] += stroke.began - began
        arrays.append(points)
    return arrays, size
