"""Sheets in hand: every event of the pen is on disk before the page counts it; saving turns them into drawings.

What a pad sends is described in `pad_message.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.drawing.clock import Moment, SheetTime, sheet_time
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage import schema
from digitlab.storage.batches import Batch
from digitlab.storage.drawings import insert_drawing
from digitlab.storage.pad_message import MAX_CELLS, check_message
from digitlab.storage.store import Store


@dataclass(frozen=True)
class Sheet:
    """A sheet that is not saved yet.

    Attributes:
        id: In the store.
        batch_id: The batch it belongs to.
        positions: Of the prompts, cell by cell.
        labels: What is asked for, cell by cell.
        strokes: Living strokes, oldest first: `{"cell", "size", "points"}` as the pad sent them.
        time: As far as it is known.
        idle_seconds: Threshold of the clock.
        acknowledged: Of each client the number of its last event that is on disk.
    """

    id: int
    batch_id: int
    positions: tuple[int, ...]
    labels: tuple[int, ...]
    strokes: list[dict]
    time: SheetTime
    idle_seconds: float
    acknowledged: dict[str, int]


@dataclass(frozen=True)
class Taken:
    """What came of a message: drawings stored by a save (ids in the order of the cells); empty without a save."""

    drawing_ids: tuple[int, ...]


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
        return _load(connection, sheet_id)


def put_back(store: Store, sheet_id: int) -> None:
    """Close a sheet in hand that nothing is drawn on, so that the next one may have another size; its time counts."""
    with store.write() as connection:
        sheet = _load(connection, sheet_id)
        if not sheet.strokes:
            _save(connection, sheet, lambda drawings: ())


def take_message(
    store: Store, message: object, judge: Callable[[Sequence[dict]], Sequence[list[str]]] = lambda drawings: ()
) -> Taken:
    """Store what a pad sent, all of it or nothing; what is known already is passed over.

    Args:
        store: Where to.
        message: As the module describes.
        judge: Asked on a save for the marks of the drawings, each a dict with `label`, `strokes`, `size`, `digit`.

    Returns:
        What came of it.

    Raises:
        ValueError: If the message is not as described, or of a sheet that is not there, or brings strokes to one that
            is saved.
    """
    sheet_id, client, events = check_message(message)
    with store.read() as connection:
        if not _news(connection, sheet_id, client, events):
            return Taken(())
    with store.write() as connection:
        new = _news(connection, sheet_id, client, events)  # another window may have been quicker
        if not new:
            return Taken(())
        rows = [{"sheet_id": sheet_id, "client": client, "number": event["n"], "event": event} for event in new]
        connection.execute(schema.pen_events.insert(), rows)
        if not any(event["type"] == "save" for event in new):
            return Taken(())
        return Taken(_save(connection, _load(connection, sheet_id), judge))


def _news(connection: sa.Connection, sheet_id: int, client: str, events: Sequence[dict]) -> list[dict]:
    """Return the events that are not on disk yet; none if the sheet is saved, where only strokes would matter."""
    sheet = connection.execute(sa.select(schema.sheets).where(schema.sheets.c.id == sheet_id)).one_or_none()
    if sheet is None:
        raise ValueError(f"Expected a sheet that is stored. Received: sheet {sheet_id}. Reload the page.")
    cells = len(sheet.positions)
    beyond = [event["cell"] for event in events if event.get("cell", 0) >= cells]
    if beyond:
        raise ValueError(f"Expected cells below {cells}. Received: cell {beyond[0]}. Nothing was stored.")
    table = schema.pen_events
    mine = (table.c.sheet_id == sheet_id) & (table.c.client == client)
    known = connection.execute(sa.select(sa.func.max(table.c.number)).where(mine)).scalar() or 0
    new = [event for event in events if event["n"] > known]
    if sheet.saved_at and any(event["type"] == "stroke" for event in new):
        raise ValueError(
            f"Expected strokes for a sheet in hand. Received: some for sheet {sheet_id}, which was saved meanwhile, in "
            "another window perhaps. They were not stored: draw them on the sheet shown now."
        )
    return [] if sheet.saved_at else new


def _save(
    connection: sa.Connection, sheet: Sheet, judge: Callable[[Sequence[dict]], Sequence[list[str]]]
) -> tuple[int, ...]:
    drawn = []
    for cell, label in enumerate(sheet.labels):
        strokes = [stroke for stroke in sheet.strokes if stroke["cell"] == cell]
        arrays, size = _in_one_size(strokes)
        try:
            drawn.append(
                {"cell": cell, "label": label, "strokes": arrays, "size": size, "digit": strokes_to_digit(arrays)}
            )
        except ValueError:  # blank, or a dot: its prompt comes again, on a later sheet
            continue
        drawn[-1]["pointer"] = strokes[0]["pointer"]
    marks = list(judge(drawn)) or [[] for _ in drawn]
    ids = []
    for drawing, marked in zip(drawn, marks, strict=True):
        time = sheet.time.cells[drawing["cell"]]
        ids.append(
            insert_drawing(
                connection,
                (sheet.batch_id, sheet.positions[drawing["cell"]]),
                drawing["strokes"],
                drawing["digit"],
                time.active,
                think_seconds=time.think,
                draw_seconds=time.draw,
                pause_seconds=time.pause,
                pointer=drawing["pointer"],
                marks=marked,
            )
        )
    counted = sum(sheet.time.cells[drawing["cell"]].active for drawing in drawn)
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


def _in_one_size(strokes: Sequence[dict]) -> tuple[list[np.ndarray], float]:
    """Return strokes (x, y, ms since the first pen-down, pressure) as if the cell had kept its size, and that size."""
    if not strokes:
        return [], 0.0
    size, began = strokes[0]["size"], strokes[0]["began"]
    arrays = []
    for stroke in strokes:
        points = np.array(stroke["points"], dtype=np.float64)
        points[:, :2] *= size / stroke["size"]
        points[:, 2] += stroke["began"] - began
        arrays.append(points)
    return arrays, float(size)


def _load(connection: sa.Connection, sheet_id: int) -> Sheet:
    query = (
        sa.select(schema.sheets, schema.batches.c.labels)
        .join(schema.batches, schema.batches.c.id == schema.sheets.c.batch_id)
        .where(schema.sheets.c.id == sheet_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ValueError(f"Expected a sheet that is stored. Received: sheet {sheet_id}. Reload the page.")
    table = schema.pen_events
    rows = connection.execute(sa.select(table).where(table.c.sheet_id == sheet_id).order_by(table.c.id)).all()
    events = [row.event for row in rows]
    return Sheet(
        id=row.id,
        batch_id=row.batch_id,
        positions=tuple(row.positions),
        labels=tuple(row.labels[position] for position in row.positions),
        strokes=_living(events),
        time=sheet_time(_moments(events), row.idle_seconds),
        idle_seconds=row.idle_seconds,
        acknowledged={row.client: row.number for row in rows},
    )


def _living(events: Sequence[dict]) -> list[dict]:
    strokes: list[dict] = []
    for event in events:
        if event["type"] == "stroke":
            strokes.append(event)
        elif event["type"] == "undo":
            strokes = strokes[:-1]
        elif event["type"] == "clear":
            strokes = [stroke for stroke in strokes if stroke["cell"] != event["cell"]]
    return strokes


def _moments(events: Sequence[dict]) -> list[Moment]:
    moments = []
    for event in events:
        if event["type"] == "stroke":
            moments.append(Moment(event["began"] / 1000, event["ended"] / 1000, event["cell"]))
        else:
            moments.append(Moment(event["at"] / 1000, event["at"] / 1000))
    return sorted(moments, key=lambda moment: moment.began)
