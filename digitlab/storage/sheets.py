"""Sheets in hand: cells to draw in, and what is drawn in them as the stored events of the pen tell.

A sheet is planned when it is shown and stored with the first event of a pen on it: a visit alone stores nothing. Until
then its id is made of what it asks for, so that whoever plans the same sheet, in another window, on another server or
after a restart, means the same one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

import sqlalchemy as sa

from digitlab.drawing.clock import Moment, SheetTime, sheet_time
from digitlab.storage import schema
from digitlab.storage.batches import Batch
from digitlab.storage.pad_message import (
    FIRST_PLANNED,
    MAX_CELLS,
    NewSheet,
    PadEvent,
    PenStroke,
    SaveSheet,
    SheetShown,
    WentOn,
    event_from_json,
)
from digitlab.storage.people import Person, check_batches
from digitlab.storage.sheet_replay import Act, replay
from digitlab.storage.store import Store

# So many numbers there are; SQLite counts on from the largest for sheets that come from elsewhere, up to 2**31.
_PLANNED = 2**30 - 2**20

InHand = tuple[int, tuple[int, ...]]  # of a sheet its id and the positions of its prompts


@dataclass(frozen=True)
class Sheet:
    """A sheet that is not saved yet.

    Attributes:
        id: In the store, also before it is there.
        batch_id: The batch it belongs to.
        positions: Of the prompts, cell by cell.
        labels: What is asked for, cell by cell.
        strokes: Living strokes, oldest first, as the pad sent them.
        done: The strokes and clears that hold, oldest first: what undo takes back.
        undone: Those that were taken back, the last one last: what redo does again.
        left_out: Cells that a window wrote into without knowing of another window's ink there; its strokes are not
            among the living ones.
        time: As far as it is known.
        idle_seconds: Threshold of the clock.
        key: Names the sheet in a browser that has seen other databases.
        acknowledged: Of each client the number of its last event that is on disk.
        events: How many are on disk.
        begin: What its first event is to begin; None: it is stored.
    """

    id: int
    batch_id: int
    positions: tuple[int, ...]
    labels: tuple[int, ...]
    strokes: tuple[PenStroke, ...]
    done: tuple[Act, ...]
    undone: tuple[Act, ...]
    left_out: tuple[int, ...]
    time: SheetTime
    idle_seconds: float
    key: str
    acknowledged: Mapping[str, int]
    events: int
    begin: NewSheet | None = None


def open_sheet(
    store: Store,
    batch: Batch,
    cells: int,
    idle_seconds: float,
    *,
    elsewhere: Mapping[int, Sequence[int]] | None = None,
    mine: InHand | None = None,
) -> Sheet | None:
    """Return the batch's sheet in hand, or plan one with the next prompts that are on no sheet. Nothing is stored.

    Args:
        store: Where it is kept.
        batch: As stored.
        cells: How many cells a new sheet has at most, 1 to 50.
        idle_seconds: Threshold of the clock of a new sheet.
        elsewhere: Sheets that other windows have, with their positions: neither is returned or planned.
        mine: What this window has, stored or planned: returned where that can be.

    Returns:
        The sheet; None if every prompt of the batch has a drawing or is on a sheet elsewhere.

    Raises:
        ValueError: If cells or idle_seconds are not as described.
    """
    if not 1 <= cells <= MAX_CELLS or not idle_seconds > 0:
        raise ValueError(
            f"Expected 1 to {MAX_CELLS} cells and a threshold above 0 s. Received: {cells}, {idle_seconds}."
        )
    others = dict(elsewhere or {})
    with store.read() as connection:
        in_hand = [sheet_id for sheet_id in _read_unsaved(connection, batch.id) if sheet_id not in others]
        if in_hand:
            return read_sheet(connection, mine[0] if mine and mine[0] in in_hand else in_hand[0])
        taken = {position for positions in others.values() for position in positions}
        unasked = _free_positions(connection, batch.id, len(batch.labels))
        free = [position for position in unasked if position not in taken]
        positions = tuple(free[:cells])
        if mine and len(mine[1]) == len(positions) and set(mine[1]) <= set(free):
            positions = mine[1]
        return _plan(connection, batch, positions, idle_seconds) if positions else None


def begin_sheet(store: Store, new: NewSheet, by: Person) -> None:
    """Store a planned sheet; nothing happens if it is there.

    Raises:
        ValueError: If it is not of a batch that is there, or a prompt is drawn or on another sheet in hand.
        NotAllowedError: If it is another person's batch.
    """
    there = sa.select(schema.sheets.c.id).where(schema.sheets.c.id == new.sheet, schema.sheets.c.batch_id == new.batch)
    with store.read() as connection:
        if connection.execute(there).first():
            return
    with store.write() as connection:
        check_batches(connection, by, schema.batches.c.id == new.batch)
        if connection.execute(there).first():  # another window was quicker
            return
        labels = connection.execute(sa.select(schema.batches.c.labels).where(schema.batches.c.id == new.batch)).scalar()
        positions, free = list(new.positions), _free_positions(connection, new.batch, len(labels or []))
        if len(set(positions)) < len(positions) or not set(positions) <= set(free):
            raise ValueError(
                "Expected prompts that nobody draws. Received: some that were drawn meanwhile, in another window "
                "perhaps. Your strokes were not stored: draw them on the sheet shown now."
            )
        schema.insert(
            connection,
            schema.sheets,
            id=new.sheet,
            batch_id=new.batch,
            positions=positions,
            idle_seconds=new.idle_seconds,
            extra_seconds=0.0,
            idle_total=0.0,
            wall_seconds=0.0,
            created_at=schema.now(),
        )


def _plan(connection: sa.Connection, batch: Batch, positions: tuple[int, ...], idle_seconds: float) -> Sheet:
    table = schema.sheets.c
    for turn in count():  # the same prompts come again where they were left blank or deleted
        text = f"{batch.id} {batch.created_at} {positions} {turn}"
        sheet_id = FIRST_PLANNED + int.from_bytes(sha256(text.encode()).digest()[:4]) % _PLANNED
        if not connection.execute(sa.select(table.id).where(table.id == sheet_id)).first():
            break
    return Sheet(
        id=sheet_id,
        batch_id=batch.id,
        positions=positions,
        labels=tuple(batch.labels[position] for position in positions),
        strokes=(),
        done=(),
        undone=(),
        left_out=(),
        time=sheet_time([], idle_seconds),
        idle_seconds=idle_seconds,
        key=f"{sheet_id}-{batch.created_at}",
        acknowledged={},
        events=0,
        begin=NewSheet(sheet_id, batch.id, positions, idle_seconds),
    )


def _read_unsaved(connection: sa.Connection, batch_id: int) -> dict[int, list[int]]:
    """Return the sheets in hand of a batch with their positions, oldest first."""
    table = schema.sheets.c
    query = sa.select(table.id, table.positions).where(table.batch_id == batch_id, table.saved_at.is_(None))
    return {row.id: row.positions for row in connection.execute(query.order_by(table.created_at, table.id))}


def _free_positions(connection: sa.Connection, batch_id: int, prompts: int) -> list[int]:
    """Return the positions of a batch's prompts that have no drawing and are on no sheet in hand."""
    drawn = schema.drawings.c.batch_id == batch_id, schema.drawings.c.deleted_at.is_(None)
    taken = set(connection.execute(sa.select(schema.drawings.c.position).where(*drawn)).scalars())
    for positions in _read_unsaved(connection, batch_id).values():
        taken |= set(positions)
    return [position for position in range(prompts) if position not in taken]


def load_sheet(store: Store, sheet_id: int) -> Sheet:
    """Return a sheet as its events tell.

    Raises:
        ValueError: If there is no such sheet.
    """
    with store.read() as connection:
        return read_sheet(connection, sheet_id)


def read_sheet(connection: sa.Connection, sheet_id: int, more: Sequence[PadEvent] = (), client: str = "") -> Sheet:
    """Return a sheet as its stored events and then `more` tell, in the caller's transaction.

    Args:
        connection: To read with.
        sheet_id: Of the sheet.
        more: Events that are not stored yet.
        client: That sent them.

    Raises:
        ValueError: If there is no such sheet.
    """
    query = (
        sa.select(schema.sheets, schema.batches.c.labels, schema.batches.c.created_at.label("batch_created_at"))
        .join(schema.batches, schema.batches.c.id == schema.sheets.c.batch_id)
        .where(schema.sheets.c.id == sheet_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ValueError(f"Expected a sheet that is stored. Received: sheet {sheet_id}. Reload the page.")
    table = schema.pen_events.c
    stored = sa.select(table.client, table.number, sa.cast(table.event, sa.Text).label("event"))
    rows = connection.execute(stored.where(table.sheet_id == sheet_id).order_by(table.id)).all()
    sent = [(row.client, event_from_json(row.event)) for row in rows] + [(client, event) for event in more]
    events = [event for _, event in sent]
    acts = replay(sent)
    return Sheet(
        id=row.id,
        batch_id=row.batch_id,
        positions=tuple(row.positions),
        labels=tuple(row.labels[position] for position in row.positions),
        strokes=acts.strokes,
        done=acts.done,
        undone=acts.undone,
        left_out=acts.left_out,
        time=sheet_time(_moments(events), row.idle_seconds),
        idle_seconds=row.idle_seconds,
        key=f"{row.id}-{row.batch_created_at if row.id >= FIRST_PLANNED else row.created_at}",
        acknowledged={row.client: row.number for row in rows},
        events=len(rows),
    )


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
