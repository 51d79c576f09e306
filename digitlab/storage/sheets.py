"""Sheets in hand: cells to draw in, and what is drawn in them as the stored events of the pen tell."""

from collections.abc import Collection, Mapping, Sequence
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
    UndoStroke,
    WentOn,
    event_from_json,
)
from digitlab.storage.people import OWNER, Person, check_batches
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
        left_out: Cells that a window wrote into without knowing of another window's ink there; its strokes are not
            among the living ones.
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
    left_out: tuple[int, ...]
    time: SheetTime
    idle_seconds: float
    created_at: str
    acknowledged: Mapping[str, int]


def open_sheet(
    store: Store,
    batch: Batch,
    cells: int,
    idle_seconds: float,
    elsewhere: Collection[int] = (),
    *,
    by: Person = OWNER,
) -> Sheet | None:
    """Return the batch's sheet in hand, or begin one with the next prompts that are on no sheet.

    Args:
        store: Where it is kept.
        batch: As stored.
        cells: How many cells a new sheet has at most, 1 to 50.
        idle_seconds: Threshold of the clock of a new sheet.
        elsewhere: Ids of sheets in hand that are not to be returned: other windows have them.
        by: Whoever draws.

    Returns:
        The sheet; None if every prompt of the batch has a drawing or is on a sheet elsewhere.

    Raises:
        ValueError: If cells or idle_seconds are not as described.
        NotAllowedError: If a sheet is to be begun and it is another person's batch.
    """
    if not 1 <= cells <= MAX_CELLS or not idle_seconds > 0:
        raise ValueError(
            f"Expected 1 to {MAX_CELLS} cells and a threshold above 0 s. Received: {cells}, {idle_seconds}."
        )
    table = schema.sheets.c
    unsaved = sa.select(table.id, table.positions).where(table.batch_id == batch.id, table.saved_at.is_(None))
    in_hand = unsaved.where(table.id.not_in([int(sheet_id) for sheet_id in elsewhere])).order_by(table.id)
    with store.read() as connection:
        sheet_id = connection.execute(in_hand).scalar()
        positions = _free_positions(connection, batch, unsaved)[:cells] if sheet_id is None else []
    if sheet_id is None and positions:
        with store.write() as connection:
            check_batches(connection, by, schema.batches.c.id == batch.id)
            sheet_id = connection.execute(in_hand).scalar()  # another window may have been quicker
            positions = _free_positions(connection, batch, unsaved)[:cells]
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


def _free_positions(connection: sa.Connection, batch: Batch, unsaved: sa.Select[tuple[int, list[int]]]) -> list[int]:
    """Return the positions of the prompts that have no drawing and are on no sheet in hand."""
    drawn = schema.drawings.c.batch_id == batch.id, schema.drawings.c.deleted_at.is_(None)
    taken = set(connection.execute(sa.select(schema.drawings.c.position).where(*drawn)).scalars())
    for row in connection.execute(unsaved):
        taken |= set(row.positions)
    return [position for position in range(len(batch.labels)) if position not in taken]


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
    sent = [(row.client, event_from_json(row.event)) for row in rows] + [(client, event) for event in more]
    events = [event for _, event in sent]
    acts = _replay(sent)
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
        created_at=row.created_at,
        acknowledged={row.client: row.number for row in rows},
    )


@dataclass(frozen=True)
class _Done:
    """A stroke or a clear: when it was sent (its place among the events), by which client, and whether it counts."""

    place: int
    client: str
    act: Act
    counts: bool = True


@dataclass(frozen=True)
class _Acts:
    """What `Sheet` says of its strokes, of what undo and redo would do, and of what is left out."""

    strokes: tuple[PenStroke, ...]
    done: tuple[Act, ...]
    undone: tuple[Act, ...]
    left_out: tuple[int, ...]


def _replay(sent: Sequence[tuple[str, PadEvent]]) -> _Acts:
    """Return what holds after these events of clients.

    Undo takes the last stroke or clear back, redo does again what was taken back last, until there is another act.
    A clear of a blank cell is no act.

    A client knows what it did and what was there when it first sent something, which is when it showed the sheet. It
    takes back only what it knows. What it writes into a cell with ink that it does not know is left out: the digit
    there is another window's.
    """
    done: list[_Done] = []
    undone: list[tuple[_Done, int, str]] = []  # and when and by whom it was taken back
    began: dict[str, int] = {}
    for place, (client, event) in enumerate(sent):
        began.setdefault(client, place)
        known = [each for each in done if _knows(client, began, each.client, each.place)]
        if isinstance(event, Undo) and known:
            done = [each for each in done if each is not known[-1]]
            undone.append((known[-1], place, client))
        elif isinstance(event, UndoStroke):
            there = [each for each in _inked(done, began) if each in known]
            done = [each for each in done if each not in there[-1:]]
        elif isinstance(event, Redo):
            again = [each for each in undone if _knows(client, began, each[2], each[1])][-1:]
            undone = [each for each in undone if each not in again]
            done += [each for each, _, _ in again]
        elif isinstance(event, PenStroke | ClearCell):
            in_cell = [each for each in _inked(done, began) if each.act.cell == event.cell]
            if isinstance(event, PenStroke):
                done.append(_Done(place, client, event, all(each in known for each in in_cell if each.counts)))
            elif any(each in known for each in in_cell):
                done.append(_Done(place, client, event))
            else:
                continue
            undone = [each for each in undone if not _knows(client, began, each[2], each[1])]
    inked = _inked(done, began)
    strokes = tuple(each.act for each in inked if each.counts and isinstance(each.act, PenStroke))
    acts = tuple(each.act for each in done if each.counts)
    if _written(acts) != strokes:  # a clear by a window that did not know all of it: a new window cannot take it back
        acts = strokes
    left_out = tuple(sorted({each.act.cell for each in inked if not each.counts}))
    return _Acts(strokes, acts, tuple(each.act for each, _, _ in undone), left_out)


def _knows(client: str, began: Mapping[str, int], other: str, place: int) -> bool:
    return client == other or place < began[client]


def _written(acts: Sequence[Act]) -> tuple[PenStroke, ...]:
    """Return the strokes of one window's acts that no clear has taken."""
    strokes: list[PenStroke] = []
    for act in acts:
        if isinstance(act, PenStroke):
            strokes.append(act)
        else:
            strokes = [stroke for stroke in strokes if stroke.cell != act.cell]
    return tuple(strokes)


def _inked(done: Sequence[_Done], began: Mapping[str, int]) -> list[_Done]:
    """Return the strokes that no clear has taken."""
    strokes: list[_Done] = []
    for each in done:
        if isinstance(each.act, PenStroke):
            strokes.append(each)
        else:
            strokes = [
                stroke
                for stroke in strokes
                if stroke.act.cell != each.act.cell or not _knows(each.client, began, stroke.client, stroke.place)
            ]
    return strokes


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
