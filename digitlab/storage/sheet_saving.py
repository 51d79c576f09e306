"""What comes from the pad of a sheet: every event is on disk before the page counts it; a save makes drawings of them.

What a pad sends is described in `pad_message.py`.

A sheet that saves itself may do so while its last digit is being written: a person who pauses before the second stroke
of a 4 finds the next sheet under the pen. So the pad that saved it may send late strokes: one belongs to the drawing
made of the cell where the last stroke of the sheet was, if it is for that cell, begins within `GOES_ON_SECONDS` of it,
and no later sheet of the batch has been saved.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import Floats
from digitlab.drawing.quality import DUPLICATE, DrawnDigit
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.drawing.tidy import without_stray_taps
from digitlab.storage import schema
from digitlab.storage.drawings import insert_drawing
from digitlab.storage.pad_message import (
    ClearCell,
    LateStroke,
    NewSheet,
    PadEvent,
    PadMessage,
    PenStroke,
    SaveSheet,
    check_message,
    event_to_builtins,
)
from digitlab.storage.people import OWNER, Person, check_batches
from digitlab.storage.sheets import Sheet, begin_sheet, read_sheet
from digitlab.storage.store import Store

GOES_ON_SECONDS = 3.0  # a longer gap ends the digit

_log = logging.getLogger("digitlab.storage")

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


def close_empty_sheet(store: Store, sheet_id: int, *, by: Person = OWNER) -> None:
    """Close a sheet in hand that nothing is drawn on, so that the next one may have another size; its time counts."""
    with store.write() as connection:
        sheet = read_sheet(connection, sheet_id)
        check_batches(connection, by, schema.batches.c.id == sheet.batch_id)
        if not sheet.strokes:
            _save(connection, sheet, (), ())


def store_message(
    store: Store,
    message: object,
    judge: Judge = lambda drawings: (),
    *,
    by: Person = OWNER,
    planned: NewSheet | None = None,
) -> StoredMessage:
    """Store what a pad sent, all of it or nothing; what is known already is passed over.

    Args:
        store: Where to.
        message: As `pad_message` describes.
        judge: Asked on a save for the marks of the drawings, see `drawing.quality`.
        by: Whoever draws.
        planned: The sheet that was shown, if it was not stored then: its first event begins it. What the message says
            of that goes first.

    Returns:
        What came of it.

    Raises:
        ValueError: If the message is not as described, or of a sheet that is not there, or brings strokes to one that
            is saved, unless they are late ones that go on with its last digit.
        NotAllowedError: If it is another person's sheet.
    """
    sent = check_message(message)
    if not sent.events:
        return StoredMessage(())
    new_sheet = sent.begin or planned
    if new_sheet and new_sheet.sheet == sent.sheet:
        begin_sheet(store, new_sheet, by)
    mine = schema.batches.c.id.in_(sa.select(schema.sheets.c.batch_id).where(schema.sheets.c.id == sent.sheet))
    with store.read() as connection:
        check_batches(connection, by, mine)  # a sheet does not change hands
        new = _news(connection, sent)
        saved = _is_saved(connection, sent.sheet)
    if not new:
        return StoredMessage(())
    if not saved and not any(isinstance(event, SaveSheet) for event in new):
        with store.write() as connection:  # another window may have been quicker
            saved = _is_saved(connection, sent.sheet)
            if not saved:
                _insert(connection, sent, _news(connection, sent))
                return StoredMessage(())
    return _store_and_draw(store, sent, judge)


def _store_and_draw(store: Store, sent: PadMessage, judge: Judge) -> StoredMessage:
    """Store a message and make drawings: of a sheet that it saves, or of the digit that it goes on with.

    What to store is found out before the transaction: it is short, and nothing in it waits for another connection.
    """
    while True:
        with store.read() as connection:
            state = _state(connection, sent.sheet)
            new = _news(connection, sent)
            sheet = read_sheet(connection, sent.sheet, new, sent.client)
        if not new:
            return StoredMessage(())
        goes_on = new[0].cell if isinstance(new[0], LateStroke) and state[0] else None
        drawn = _drawn(sheet)
        asked = [one for one in drawn if goes_on in {None, one.cell}]
        marks = judge([one.drawing for one in asked])
        with store.write() as connection:
            if _state(connection, sent.sheet) != state:
                continue  # another window was quicker: once more, with its strokes
            _insert(connection, sent, new)
            ids: tuple[int, ...] = ()
            if goes_on is None:
                ids = _save(connection, sheet, drawn, marks)
            else:
                _go_on(connection, sheet, drawn, goes_on, [mark for found in marks for mark in found])
        _log.info("Sheet %d of batch %d: %d drawings stored.", sheet.id, sheet.batch_id, len(ids) or 1)
        return StoredMessage(ids)


def _state(connection: sa.Connection, sheet_id: int) -> tuple[object, ...]:
    """Return what changes with everything that happens on a sheet."""
    last = sa.select(sa.func.max(schema.pen_events.c.id)).where(schema.pen_events.c.sheet_id == sheet_id)
    query = sa.select(schema.sheets.c.saved_at, last.scalar_subquery()).where(schema.sheets.c.id == sheet_id)
    return tuple(connection.execute(query).one_or_none() or ())


def _is_saved(connection: sa.Connection, sheet_id: int) -> bool:
    query = sa.select(schema.sheets.c.saved_at).where(schema.sheets.c.id == sheet_id)
    return connection.execute(query).scalar() is not None


def _news(connection: sa.Connection, sent: PadMessage) -> list[PadEvent]:
    """Return the events that are not on disk yet; of those for a saved sheet only late strokes matter."""
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
    if not sheet.saved_at:
        return new
    strokes = [event for event in new if isinstance(event, PenStroke)]
    late = [stroke for stroke in strokes if isinstance(stroke, LateStroke)]
    if late != strokes or (late and not (known and _goes_on_there(connection, sheet.batch_id, sent.sheet, late))):
        raise ValueError(
            f"Expected strokes for a sheet in hand. Received: some for sheet {sent.sheet}, which was saved meanwhile, "
            "in another window perhaps. They were not stored: draw them on the sheet shown now."
        )
    return [*late]


def _goes_on_there(connection: sa.Connection, batch_id: int, sheet_id: int, strokes: Sequence[PenStroke]) -> bool:
    """Whether these strokes go on with the last digit of a saved sheet; the module says when they do."""
    table = schema.sheets.c
    began = sa.select(table.created_at).where(table.id == sheet_id).scalar_subquery()
    of_batch = sa.select(table.id).where(table.batch_id == batch_id, table.saved_at.is_not(None))
    if connection.execute(of_batch.where(table.created_at > began)).first():
        return False
    written = sorted(read_sheet(connection, sheet_id).strokes, key=lambda stroke: stroke.ended)
    every = [*written[-1:], *strokes]
    return bool(written) and all(
        before.cell == stroke.cell and 0 <= stroke.began - before.ended <= 1000 * GOES_ON_SECONDS
        for before, stroke in zip(every, strokes, strict=False)
    )


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
        strokes = without_stray_taps(strokes, size)
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


def _go_on(connection: sa.Connection, sheet: Sheet, drawn: Sequence[_Drawn], cell: int, marks: Sequence[str]) -> None:
    """Change the drawing that was made of a cell; it looked much the same before, which is no reason to ask."""
    (one,) = [one for one in drawn if one.cell == cell]
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
        raise ValueError(
            f"Expected a stroke for a drawing that is there. Received: one for the {one.drawing.label} that was "
            "deleted meanwhile. It was not stored."
        )
    schema.mark_changed(connection, [sheet.batch_id])
    _write_times(connection, sheet, drawn)


def _write_times(connection: sa.Connection, sheet: Sheet, drawn: Sequence[_Drawn], **more: object) -> None:
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
