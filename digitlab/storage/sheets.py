"""Sheets in hand: cells to draw in, and what is drawn in them as the stored events of the pen tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from digitlab.drawing.clock import Moment, SheetTime, sheet_time
from digitlab.storage import schema
from digitlab.storage.batches import Batch
from digitlab.storage.pad_message import (
    MAX_CELLS,
    ClearCell,
    LateStroke,
    PadEvent,
    PenStroke,
    Redo,
    SaveSheet,
    SheetShown,
    Undo,
    WentOn,
    event_from_json,
)
from digitlab.storage.store import Store

Act = PenStroke | LateStroke | ClearCell


@dataclass(frozen=True)
class Sheet:
    """A sheet that is not saved yet.

    Attributes:
        id: In the store.
        batch_id: The batch it belongs to.
        positions: Of the prompts, cell by cell.
        labels: What is asked for, cell by cell.
        strokes: Living strokes, oldest first, as the pad sent them.
        done: The strokes and clears that hold, oldest first: what undo takes back.
        undone: Those that were taken back, the last one last: what redo does again.
        time: As far as it is known.
        idle_seconds: Threshold of the clock.
        created_at: UTC, ISO 8601; with the id it names the sheet in a browser that has seen other databases.
        acknowledged: Of each client the number of its last event that is on disk.
    """

    id: int
    batch_id: int
    positions: tuple[int, ...]
    labels: tuple[int, ...]
    strokes: tuple[PenStroke, ...]
    done: tuple[Act, ...]
    undone: tuple[Act, ...]
    time: SheetTime
    idle_seconds: float
    created_at: str
    acknowledged: Mapping[str, int]


def open_sheet(store: Store, batch: Batch, cells: int, idle_seconds: float) -> Sheet | None:
    """Return the batch's sheet in hand, or begin one with its next prompts.

    Args:
        store: Where it is kept.
        batch: As stored.
        cells: How many cells a new sheet has at most, 1 to 50.
        idle_seconds: Threshold of the clock of a new sheet.

    Returns:
        The sheet; None if every prompt of the batch has a drawing.

    Raises:
        ValueError: If cells or idle_seconds are not as described.
    """
    if not 1 <= cells <= MAX_CELLS or not idle_seconds > 0:
        raise ValueError(
            f"Expected 1 to {MAX_CELLS} cells and a threshold above 0 s. Received: {cells}, {idle_seconds}."
        )
    in_hand = sa.select(schema.sheets.c.id).where(
        schema.sheets.c.batch_id == batch.id, schema.sheets.c.saved_at.is_(None)
    )
    with store.read() as connection:
        sheet_id = connection.execute(in_hand).scalar()
    if sheet_id is None:
        with store.write() as connection:
            sheet_id = connection.execute(in_hand).scalar()  # another window may have been quicker
            drawn = schema.drawings.c.batch_id == batch.id, schema.drawings.c.deleted_at.is_(None)
            done = set(connection.execute(sa.select(schema.drawings.c.position).where(*drawn)).scalars())
            positions = [position for position in range(len(batch.labels)) if position not in done][:cells]
            if sheet_id is None and positions:
                sheet_id = schema.insert(
                    connection,
                    schema.sheets,
                    batch_id=batch.id,
                    positions=positions,
                    idle_seconds=idle_seconds,
                    extra_seconds=0.0,
                    idle_total=0.0,
                    wall_seconds=0.0,
                    created_at=schema.now(),
                )
    return None if sheet_id is None else load_sheet(store, sheet_id)


def load_sheet(store: Store, sheet_id: int) -> Sheet:
    """Return a sheet as its events tell.

    Raises:
        ValueError: If there is no such sheet.
    """
    with store.read() as connection:
        return read_sheet(connection, sheet_id)


def read_sheet(connection: sa.Connection, sheet_id: int, more: Sequence[PadEvent] = ()) -> Sheet:
    """Return a sheet as its stored events and then `more` tell, in the caller's transaction.

    Raises:
        ValueError: If there is no such sheet.
    """
    query = (
        sa.select(schema.sheets, schema.batches.c.labels)
        .join(schema.batches, schema.batches.c.id == schema.sheets.c.batch_id)
        .where(schema.sheets.c.id == sheet_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ValueError(f"Expected a sheet that is stored. Received: sheet {sheet_id}. Reload the page.")
    table = schema.pen_events.c
    stored = sa.select(table.client, table.number, sa.cast(table.event, sa.Text).label("event"))
    rows = connection.execute(stored.where(table.sheet_id == sheet_id).order_by(table.id)).all()
    events = [*(event_from_json(row.event) for row in rows), *more]
    done, undone = _replay(events)
    return Sheet(
        id=row.id,
        batch_id=row.batch_id,
        positions=tuple(row.positions),
        labels=tuple(row.labels[position] for position in row.positions),
        strokes=_strokes(done),
        done=done,
        undone=undone,
        time=sheet_time(_moments(events), row.idle_seconds),
        idle_seconds=row.idle_seconds,
        created_at=row.created_at,
        acknowledged={row.client: row.number for row in rows},
    )


def _replay(events: Sequence[PadEvent]) -> tuple[tuple[Act, ...], tuple[Act, ...]]:
    """Return the acts that hold after these events, oldest first, and those that were taken back, the last one last.

    Undo takes the last act back, redo does again what was taken back last, until there is another act. A clear of a
    blank cell is no act.
    """
    done: list[Act] = []
    undone: list[Act] = []
    for event in events:
        if isinstance(event, Undo):
            undone += [done.pop()] if done else []
        elif isinstance(event, Redo):
            done += [undone.pop()] if undone else []
        elif isinstance(event, PenStroke) or (
            isinstance(event, ClearCell) and any(stroke.cell == event.cell for stroke in _strokes(done))
        ):
            done.append(event)
            undone.clear()
    return tuple(done), tuple(undone)


def _strokes(done: Sequence[Act]) -> tuple[PenStroke, ...]:
    strokes: list[PenStroke] = []
    for act in done:
        if isinstance(act, PenStroke):
            strokes.append(act)
        else:
            strokes = [stroke for stroke in strokes if stroke.cell != act.cell]
    return tuple(strokes)


def _moments(events: Sequence[PadEvent]) -> list[Moment]:
    last_stroke = max((event.began for event in events if isinstance(event, PenStroke)), default=0.0)
    begins = max((event.at for event in events if isinstance(event, WentOn)), default=0.0)
    moments = []
    for event in events:
        if isinstance(event, SheetShown) and event.at < begins:
            continue
        if isinstance(event, PenStroke):
            moments.append(Moment(event.began / 1000, event.ended / 1000, event.cell))
        elif not (isinstance(event, SaveSheet) and event.at <= last_stroke):  # else a digit went on across the save
            moments.append(Moment(event.at / 1000, event.at / 1000))
    return sorted(moments, key=lambda moment: moment.began)
