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

import sqlalchemy as sa

from digitlab.drawing.quality import DrawnDigit
from digitlab.storage import schema
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
from digitlab.storage.sheet_drawings import find_drawn, go_on, save_sheet
from digitlab.storage.sheets import begin_sheet, read_sheet
from digitlab.storage.store import Store

GOES_ON_SECONDS = 3.0  # a longer gap ends the digit

_log = logging.getLogger("digitlab.storage")

Judge = Callable[[Sequence[DrawnDigit]], Sequence[Sequence[str]]]  # drawings -> the marks of each


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
            save_sheet(connection, sheet, (), ())


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
        _check_cells(sent, len(new_sheet.positions))  # or a message that is refused would begin an empty sheet
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
        drawn = find_drawn(sheet)
        asked = [one for one in drawn if goes_on in {None, one.cell}]
        marks = judge([one.drawing for one in asked])
        with store.write() as connection:
            if _state(connection, sent.sheet) != state:
                continue  # another window was quicker: once more, with its strokes
            _insert(connection, sent, new)
            ids: tuple[int, ...] = ()
            if goes_on is None:
                ids = save_sheet(connection, sheet, drawn, marks)
            else:
                go_on(connection, sheet, drawn, goes_on, [mark for found in marks for mark in found])
        stored = len(ids) if goes_on is None else 1
        _log.info("Sheet %d of batch %d: %d drawings stored.", sheet.id, sheet.batch_id, stored)
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
    _check_cells(sent, len(sheet.positions))
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


def _check_cells(sent: PadMessage, cells: int) -> None:
    beyond = [event.cell for event in sent.events if isinstance(event, PenStroke | ClearCell) and event.cell >= cells]
    if beyond:
        raise ValueError(f"Expected cells below {cells}. Received: cell {beyond[0]}. Nothing was stored.")


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
