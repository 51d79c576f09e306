"""A whole experiment on its way in: compared with what is there, then stored in one transaction, or nothing of it."""

import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from digitlab import run as run_json
from digitlab.storage import schema
from digitlab.storage.experiment.contents import Contents
from digitlab.storage.experiment.plan import Fate, Plan, make_plan
from digitlab.storage.experiment.rows import (
    TABLES,
    BatchRow,
    DrawingRow,
    EventRow,
    ForecastRow,
    PointRow,
    RowKind,
    Rows,
    RunRow,
    SheetRow,
    columns_of,
    curve_key,
    strokes_of,
)
from digitlab.storage.names import DEMO_WRITER, check_writer_name
from digitlab.storage.pad_message import FIRST_PLANNED, event_from_json, event_to_builtins
from digitlab.storage.people import OWNER, Person, check_joined
from digitlab.storage.store import Store

_ROWS_AT_ONCE, _BYTES_AT_ONCE = 500, 4_000_000  # inserted
_log = logging.getLogger("digitlab.storage")


@dataclass(frozen=True)
class Stored:
    """What was stored: how many of each; drawings without those that are put aside."""

    people: int
    batches: int
    drawings: int
    aside: int
    sheets: int
    runs: int
    points: int
    forecasts: int


def compare(store: Store, contents: Contents, said: Mapping[str, str] | None = None, *, by: Person = OWNER) -> Plan:
    """Say what would be stored.

    Args:
        store: Where to.
        contents: Of the experiment, as `contents.check` returns them.
        said: Under which names to store people whose names are taken, `{"Ana": "Ana B"}`; `{"Ana": "Ana"}`: the Ana
            who comes in is the one who is there.
        by: Whoever brings it in.

    Raises:
        ValueError: If a name cannot be taken, or a pupil brings in an experiment of several people.
        NotAllowedError: If `by` may not store anything.
    """
    said = _check(contents, said or {}, by)
    with store.read() as connection:
        check_joined(connection, by)
        return make_plan(connection, contents, by, said)


def store_experiment(
    store: Store, rows: Rows, contents: Contents, said: Mapping[str, str] | None = None, *, by: Person = OWNER
) -> Stored:
    """Store what is not there yet; what is there stays as it is (but see `plan`).

    Args:
        store: Where to.
        rows: The experiment; nothing of it is stored if it cannot be read to its end.
        contents: Of the same.
        said: As for `compare`.
        by: Whoever brings it in.

    Raises:
        ValueError: As `compare`, and if the name of somebody is taken about whom nothing was said.
        NotAllowedError: If `by` may not store anything.
    """
    said = _check(contents, said or {}, by)
    version = sa.select(schema.meta.c.data_version)
    with store.read() as connection:
        check_joined(connection, by)
        before: int = connection.execute(version).scalar_one()
        plan = make_plan(connection, contents, by, said)
    with store.write() as connection:
        check_joined(connection, by)
        if connection.execute(version).scalar_one() != before + 1:  # others have written meanwhile
            plan = make_plan(connection, contents, by, said)
        if plan.taken:
            names = " and ".join(contents.people[person].name for person in plan.taken)
            raise ValueError(
                f"Expected to be told who {names} is: somebody else here has that name, or the same person with other "
                "digits. Say under which name to store them. Nothing was stored."
            )
        stored = _Storing(connection, rows, contents, plan, by).store()
    _log.info("Experiment stored: %d drawings, %d runs.", stored.drawings + stored.aside, stored.runs)
    return stored


def _check(contents: Contents, said: Mapping[str, str], by: Person) -> dict[str, str]:
    if not by.may_do_everything and len(contents.people) > 1:
        raise ValueError(
            f"Expected an experiment of one person, which becomes yours. Received: one of {len(contents.people)} "
            "people. Ask your teacher to bring it in. Nothing was stored."
        )
    names = {person.name for person in contents.people.values()}
    checked = {}
    for name, other in said.items():
        if name not in names:
            raise ValueError(f"Expected the name of somebody in the experiment. Received: {name!r:.80}.")
        checked[name] = other if other == name == DEMO_WRITER else check_writer_name(other)
    return checked


class _Storing:
    """Stores an experiment by a plan, on a connection that writes.

    Args:
        connection: To write with.
        rows: The experiment.
        contents: Of it.
        plan: What becomes of it.
        by: Whoever brings it in.
    """

    def __init__(self, connection: sa.Connection, rows: Rows, contents: Contents, plan: Plan, by: Person) -> None:
        self._connection, self._rows, self._contents, self._plan, self._by = connection, rows, contents, plan, by
        self._people, self._batches = dict(plan.people), dict(plan.batches)
        self._sheets = {sheet: same.id for sheet, same in plan.sheets.items()}

    def store(self) -> Stored:
        """Store everything; drawings in the order of drawing, which data sets have."""
        people, batches = self._add_people(), self._add_batches()
        self._insert(DrawingRow, self._drawings())
        sheets = self._add_sheets()
        self._insert(EventRow, self._events())
        runs = self._add_runs()
        points, forecasts = (self._insert(kind, self._missing(kind)) for kind in (PointRow, ForecastRow))
        schema.mark_changed(self._connection, sorted(self._changed))
        count = self._plan.drawings.count
        return Stored(people, batches, count(Fate.NEW), count(Fate.ASIDE), sheets, runs, points, forecasts)

    def _add_people(self) -> int:
        names = self._plan.names
        if len(set(names.values())) < len(names):
            raise ValueError("Expected a name of their own for each person. Received: one for two. Nothing was stored.")
        first = schema.new_id(self._connection, schema.writers)
        self._people |= {person: first + place for place, person in enumerate(names)}
        for person, name in names.items():
            schema.insert(self._connection, schema.writers, id=self._people[person], name=name)
        return len(names)

    def _add_batches(self) -> int:
        """Add the batches in their order; all that get drawings are marked as changed."""
        new = [batch for batch in self._contents.batches if batch not in self._batches]
        first = schema.new_id(self._connection, schema.batches)
        self._batches |= {batch: first + place for place, batch in enumerate(new)}
        stored = zip(self._contents.drawings, self._plan.drawings, strict=True)
        changed = {key.batch for key, fate in stored if fate is not Fate.THERE} | {*new}
        self._changed = {self._batches[batch] for batch in changed}
        return self._insert(BatchRow, (self._contents.batches[batch] for batch in new))

    def _drawings(self) -> Iterator[DrawingRow]:
        for row, fate in zip(self._rows.read(DrawingRow), self._plan.drawings, strict=True):
            if fate is Fate.ASIDE:
                yield msgspec.structs.replace(row, deleted_at=schema.now())
            elif fate is Fate.NEW:
                yield row

    def _add_sheets(self) -> int:
        """Add sheets, and take those as they are now that have only gone on since."""
        table, added = schema.sheets, 0
        counted = sa.select(sa.func.max(table.c.id)).where(table.c.id < FIRST_PLANNED)  # others are made of prompts
        last: int = self._connection.execute(counted).scalar() or 0
        for row in self._contents.sheets.values():
            values = self._values(row)
            same = self._plan.sheets.get(row.id)
            if same is None:
                added += 1
                self._sheets[row.id] = schema.insert(self._connection, table, **values | {"id": last + added})
            elif same.goes_on is not None:
                news = {name: values[name] for name in ("extra_seconds", "idle_total", "wall_seconds", "saved_at")}
                self._connection.execute(table.update().where(table.c.id == same.id).values(**news))
        return added

    def _events(self) -> Iterator[EventRow]:
        for row in self._rows.read(EventRow):
            same = self._plan.sheets.get(row.sheet)
            if same is None or (same.goes_on is not None and row.number > same.goes_on.get(row.client, 0)):
                yield row

    def _add_runs(self) -> int:
        """Add runs with their models; what starts from a run that has another id here starts from that."""
        new = [run for run in self._contents.runs if run.id not in self._plan.runs]
        used = self._plan.used_run_ids
        self._runs = dict(self._plan.runs) | {run.id: _new_id(run.id) if run.id in used else run.id for run in new}
        ids = {run.id for run in new}
        added = self._insert(RunRow, (row for row in self._rows.read(RunRow) if row.id in ids))
        files = [(run_id, kind) for run_id, kind in self._rows.models if run_id in ids]
        for run_id, kind in files:  # one at a time: some have megabytes
            content = self._rows.read_model(run_id, kind)
            row = {"run_id": self._runs[run_id], "kind": kind, "content": content}
            self._connection.execute(schema.model_files.insert(), [row])
        return added

    def _missing(self, kind: type[PointRow] | type[ForecastRow]) -> Iterator[PointRow | ForecastRow]:
        """Yield the points or forecasts that are not there."""
        wanted = self._plan.points if kind is PointRow else self._plan.forecasts
        return (row for row in self._rows.read(kind) if curve_key(row) in wanted)

    def _insert(self, kind: RowKind, rows: Iterator[Any]) -> int:
        """Insert rows, as many at once as fit: whoever made the file may have made them large."""
        count, size, waiting = 0, 0, list[dict[str, Any]]()
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is returned
            waiting.append(self._values(row))
            size += len(msgspec.json.encode(row))
            if len(waiting) == _ROWS_AT_ONCE or size > _BYTES_AT_ONCE:
                self._connection.execute(TABLES[kind].insert(), waiting)
                size, waiting = 0, []
        if waiting:
            self._connection.execute(TABLES[kind].insert(), waiting)
        return count

    def _values(self, row: msgspec.Struct) -> dict[str, Any]:
        """Return a row as its table has it: with the numbers that others have here."""
        values = {column.name: getattr(row, field) for field, column in columns_of(type(row)).items()}
        if isinstance(row, BatchRow):
            return values | {
                "id": self._batches[row.id],
                "writer_id": self._people[row.person],
                "labels": [*row.labels],
            }
        if isinstance(row, DrawingRow):
            return values | {"batch_id": self._batches[row.batch], "strokes": strokes_of(row)}
        if isinstance(row, SheetRow):
            return values | {"batch_id": self._batches[row.batch], "positions": [*row.positions]}
        if isinstance(row, EventRow):
            event = event_to_builtins(event_from_json(bytes(row.event).decode()))
            return values | {"sheet_id": self._sheets[row.sheet], "event": event}
        if isinstance(row, RunRow):
            return values | self._run_values(row)
        if isinstance(row, PointRow):
            values["tests"] = msgspec.to_builtins(row.tests)
        if isinstance(row, PointRow | ForecastRow) and row.batches is not None:
            values["batch_ids"] = [self._batches[batch] for batch in row.batches]
        return values

    def _run_values(self, row: RunRow) -> dict[str, Any]:
        card, person = row.card, self._people.get(row.person or 0)
        owner = person if self._by.may_do_everything else self._by.id
        card = replace(
            card,
            id=self._runs[row.id],
            owner_id=owner,
            start_from=self._runs.get(card.start_from or "", card.start_from),
            train=card.train and replace(card.train, batch_ids=tuple(self._batches[batch] for batch in row.batches)),
        )
        return {"id": card.id, "owner_id": owner, "card": json.loads(run_json.to_json(card))}


def _new_id(run_id: str) -> str:
    return f"{run_id.rpartition('-')[0] or run_id}"[:30] + f"-{uuid.uuid4().hex[:8]}"
