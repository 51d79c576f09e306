"""What an experiment that comes in holds: checked row by row, and what each is known by, where it comes to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from digitlab.drawing.strokes import check_strokes
from digitlab.storage.experiment.rows import (
    BatchRow,
    DrawingRow,
    EventRow,
    ForecastRow,
    PersonRow,
    PointRow,
    Rows,
    RunRow,
    SheetRow,
    content_of,
    curve_key,
    fingerprint_of,
    strokes_of,
)
from digitlab.storage.names import DEMO_WRITER, check_name
from digitlab.storage.pad_message import ClearCell, PenStroke, event_from_json

T = TypeVar("T", PersonRow, BatchRow, SheetRow)

_MOST_NUMBERS = 400_000  # in the strokes of a drawing: minutes with the pen down
_MOST_PROMPTS = 2_000_000  # of all batches
_MOST_VISITS = 300_000  # of browsers to sheets


class DrawingKey(NamedTuple):
    """What a drawing is known by: its prompt, when it was drawn, a hash of strokes and digit; and how it is now."""

    batch: int
    position: int
    created_at: str
    content: bytes
    label: int
    living: bool


class RunKey(NamedTuple):
    """What a run is known by: id, when it was stored, `rows.fingerprint_of`; and whose it is."""

    id: str
    created_at: str
    fingerprint: str
    person: int | None


@dataclass(frozen=True)
class Contents:
    """What there is, small enough to lie in memory.

    Attributes:
        people: By number; their names as they are kept.
        batches: By number.
        sheets: By number.
        drawings: In the order of drawing.
        runs: Oldest first.
        events: The number of the last one of each sheet and client.
        points: What those of learning curves are of, as `rows.curve_key`.
        forecasts: The same.
    """

    people: dict[int, PersonRow]
    batches: dict[int, BatchRow]
    sheets: dict[int, SheetRow]
    drawings: tuple[DrawingKey, ...]
    runs: tuple[RunKey, ...]
    events: Mapping[tuple[int, str], int]
    points: frozenset[tuple[str | int, ...]]
    forecasts: frozenset[tuple[str | int, ...]]


def check(rows: Rows) -> Contents:
    """Read all rows but the models once.

    Raises:
        ValueError: If a row names another one that is not there, or does not fit to it; the message says which.
    """
    people = _by_id(map(_checked_person, rows.read(PersonRow)), "person")
    _check(len({person.name for person in people.values()}) == len(people), "two people of one name")
    batches = _by_id(_few_prompts(rows.read(BatchRow)), "batch")
    for batch in batches.values():
        _check(batch.person in people, f"batch {batch.id} of somebody who is not in it")
    drawings = tuple(_drawings(rows, batches))
    sheets = _by_id(rows.read(SheetRow), "sheet")
    for sheet in sheets.values():
        there = sheet.batch in batches and max(sheet.positions) < len(batches[sheet.batch].labels)
        _check(there, f"sheet {sheet.id} with prompts that are not in it")
    events = _last_events(rows, sheets)
    runs = tuple(_runs(rows, people, batches))
    ids = {run.id for run in runs}
    _check(len(ids) == len(runs), "a run twice")
    for run_id, _ in rows.models:
        _check(run_id in ids, f"a model of the run {run_id!r:.60}, which is not in it")
    points, forecasts = (_curve_keys(rows.read(kind), batches) for kind in (PointRow, ForecastRow))
    return Contents(people, batches, sheets, drawings, runs, events, points, forecasts)


def _by_id(rows: Iterable[T], what: str) -> dict[int, T]:
    found: dict[int, T] = {}
    for row in rows:
        _check(row.id not in found, f"the {what} {row.id} twice")
        found[row.id] = row
    return found


def _few_prompts(rows: Iterator[BatchRow]) -> Iterator[BatchRow]:
    prompts = 0
    for row in rows:
        prompts += len(row.labels)
        _check(prompts <= _MOST_PROMPTS, f"more than {_MOST_PROMPTS:,} prompts")
        yield row


def _checked_person(row: PersonRow) -> PersonRow:
    name = check_name(row.name, 80, "a writer's name")
    _check(name == DEMO_WRITER or name.casefold() != DEMO_WRITER.casefold(), "somebody called as the demo is")
    return PersonRow(row.id, name)


def _drawings(rows: Rows, batches: Mapping[int, BatchRow]) -> Iterator[DrawingKey]:
    living: set[tuple[int, int]] = set()
    for number, row in enumerate(rows.read(DrawingRow), 1):
        where, prompt = f"drawing {number}", (row.batch, row.position)
        there = row.batch in batches and row.position < len(batches[row.batch].labels)
        _check(there, f"{where} of a prompt that is not in it")
        if row.deleted_at is None:
            _check(prompt not in living, f"{where} of a prompt that has another one")
            living.add(prompt)
        _check(bytes(row.strokes).count(b",") < _MOST_NUMBERS, f"{where} of more points than anybody draws")
        try:
            strokes = strokes_of(row)
            if strokes:
                check_strokes([np.array(stroke) for stroke in strokes])
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise ValueError(_told(f"{where}: {error!s:.200}")) from error
        content = content_of(strokes, row.digit)
        yield DrawingKey(*prompt, row.created_at, content, row.label, row.deleted_at is None)


def _last_events(rows: Rows, sheets: Mapping[int, SheetRow]) -> dict[tuple[int, str], int]:
    last: dict[tuple[int, str], int] = {}
    for count, row in enumerate(rows.read(EventRow), 1):
        where, client = f"event {count}", (row.sheet, row.client)
        _check(row.sheet in sheets, f"{where} of a sheet that is not in it")
        try:
            event = event_from_json(bytes(row.event).decode())
        except (ValueError, RecursionError) as error:
            raise ValueError(_told(f"{where}: {error!s:.200}")) from error
        in_cell = not isinstance(event, PenStroke | ClearCell) or event.cell < len(sheets[row.sheet].positions)
        in_turn = event.n == row.number > last.get(client, 0)
        _check(in_cell and in_turn, f"{where}, which does not fit to its sheet")
        last[client] = row.number
        _check(len(last) <= _MOST_VISITS, f"more than {_MOST_VISITS:,} visits of browsers to its sheets")
    return last


def _runs(rows: Rows, people: Mapping[int, PersonRow], batches: Mapping[int, BatchRow]) -> Iterator[RunKey]:
    for row in rows.read(RunRow):
        check_name(row.name, 120, "the name of a run")
        whose = row.person is None or row.person in people
        _check(whose and batches.keys() >= set(row.batches), f"the run {row.id} of what is not in it")
        yield RunKey(row.id, row.created_at, fingerprint_of(row.card), row.person)


def _curve_keys(
    rows: Iterator[PointRow | ForecastRow], batches: Mapping[int, BatchRow]
) -> frozenset[tuple[str | int, ...]]:
    found: set[tuple[str | int, ...]] = set()
    for row in rows:
        _check(batches.keys() >= set(row.batches or ()), "a point of a learning curve of batches that are not in it")
        _check(curve_key(row) not in found, "a point of a learning curve twice")
        found.add(curve_key(row))
    return frozenset(found)


def _check(fits: bool, received: str) -> None:
    if not fits:
        raise ValueError(_told(received))


def _told(received: str) -> str:
    return (
        f"Expected an experiment that is whole. Received: one with {received}. It was changed or damaged: export it "
        "anew. Nothing was stored."
    )
