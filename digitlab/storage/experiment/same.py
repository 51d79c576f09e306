"""What of an experiment that comes in is in the database already: sittings with their drawings, sheets, runs.

The same drawing is one of the same sitting and prompt, drawn at the same moment or with the same strokes. The same
sitting is one with the same prompts of which two of three agree: when it began, the name of its writer, and a drawing.
The same run is one stored at the same moment with the same figures.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import sqlalchemy as sa

from digitlab import run as run_json
from digitlab.storage import schema
from digitlab.storage.experiment.contents import Contents, DrawingKey
from digitlab.storage.experiment.rows import CURVE_KEYS, TABLES, ForecastRow, PointRow, content_of, fingerprint_of

T = TypeVar("T", int, str)

_AT_ONCE = 500  # ids in a query, rows read


class SameSheet(NamedTuple):
    """A sheet that is there already: its number, and the last events of each client, to go on from; None: it stays."""

    id: int
    goes_on: Mapping[str, int] | None


class BatchThere(NamedTuple):
    """A batch of the database."""

    id: int
    writer_id: int
    writer: str
    created_at: str


class RunThere(NamedTuple):
    """A run of the database, and whose it is."""

    id: str
    owner_id: int | None


class Now(NamedTuple):
    """How a drawing is now: its label, and whether it is not put aside."""

    label: int
    living: bool


@dataclass(frozen=True)
class DrawnThere:
    """The drawings of a batch of the database: by what each is known by, and the prompts that have a living one."""

    known: dict[tuple[object, ...], Now] = field(default_factory=dict)
    living: set[int] = field(default_factory=set)

    def add(self, position: int, created_at: str, content: bytes, now: Now) -> None:
        """Take one in."""
        for name in _names(position, created_at, content):
            self.known[name] = now
        if now.living:
            self.living.add(position)

    def find(self, key: DrawingKey) -> Now | None:
        """Return the same drawing; None if it is not there."""
        names = _names(key.position, key.created_at, key.content)
        return next((self.known[name] for name in names if name in self.known), None)

    def has_content(self, key: DrawingKey) -> bool:
        """Return whether its prompt has a drawing with the same strokes and digit."""
        return (key.position, key.content) in self.known


def _names(position: int, created_at: str, content: bytes) -> tuple[tuple[object, ...], ...]:
    return (position, created_at, content), (position, content), (position, created_at)


def find_candidates(connection: sa.Connection, contents: Contents, own: int | None) -> dict[int, list[BatchThere]]:
    """Find for each batch those of the database with the same prompts: there are few with the same seed and order."""
    table, writers = schema.batches.c, schema.writers.c
    query = sa.select(table.id, table.writer_id, writers.name, table.created_at, table.kind, table.seed, table.labels)
    query = query.join(schema.writers, writers.id == table.writer_id).order_by(table.id)
    if own is not None:
        query = query.where(table.writer_id == own)
    there: dict[object, list[BatchThere]] = {}
    wanted = {_prompts(each.kind, each.seed, each.labels) for each in contents.batches.values()}
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        prompts = _prompts(row.kind, row.seed, row.labels)
        if prompts in wanted:
            there.setdefault(prompts, []).append(BatchThere(row.id, row.writer_id, row.name, row.created_at))
    return {each.id: there.get(_prompts(each.kind, each.seed, each.labels), []) for each in contents.batches.values()}


def _prompts(kind: str, seed: int, labels: Sequence[int]) -> tuple[str, int, bytes]:
    return kind, seed, bytes(labels)


def read_drawn(connection: sa.Connection, batch_ids: Collection[int]) -> dict[int, DrawnThere]:
    """Read what the drawings of batches are known by, those that are put aside too."""
    table, found = schema.drawings.c, {batch_id: DrawnThere() for batch_id in batch_ids}
    columns = table.batch_id, table.position, table.created_at, table.strokes, table.digit, table.label
    for some in _in_parts(sorted(batch_ids)):
        query = sa.select(*columns, table.deleted_at.is_(None).label("living")).where(table.batch_id.in_(some))
        for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
            content = content_of(row.strokes, row.digit)
            found[row.batch_id].add(row.position, row.created_at, content, Now(row.label, bool(row.living)))
    return found


def match_batches(
    contents: Contents,
    candidates: Mapping[int, Sequence[BatchThere]],
    drawn: Mapping[int, DrawnThere],
    called: Mapping[int, Collection[str]],
) -> dict[int, BatchThere]:
    """Pair batches with those of the database, each with one: those first of which most agrees.

    Args:
        contents: Of the experiment.
        candidates: As `find_candidates` returns them.
        drawn: Their drawings, as `read_drawn` returns them.
        called: The names that each person may have there, casefolded.
    """
    shared = {
        (key.batch, there.id)
        for key in contents.drawings
        for there in candidates[key.batch]
        if drawn[there.id].has_content(key)
    }
    matched: dict[int, BatchThere] = {}
    taken: set[int] = set()
    who: dict[int, int] = {}
    for _ in range(2):  # the second time it is known who is who: an empty sitting may be known by that alone
        pairs = []
        for batch in contents.batches.values():
            for there in candidates[batch.id]:
                same_name = there.writer.casefold() in called[batch.person] or who.get(batch.person) == there.writer_id
                same_time = batch.created_at == there.created_at
                agree = same_time + same_name + ((batch.id, there.id) in shared)
                pairs.append((agree, same_time, batch.id, there))
        for agree, _, batch_id, there in sorted(pairs, key=lambda pair: pair[:2], reverse=True):
            if agree >= 2 and batch_id not in matched and there.id not in taken:
                matched[batch_id] = there
                taken.add(there.id)
                who[contents.batches[batch_id].person] = there.writer_id
    return matched


def match_sheets(connection: sa.Connection, contents: Contents, same: Mapping[int, int]) -> dict[int, SameSheet]:
    """Find the sheets of batches that are there: begun at the same moment, for the same prompts."""
    table, events = schema.sheets.c, schema.pen_events.c
    there: dict[object, tuple[int, str | None]] = {}
    last: dict[int, dict[str, int]] = {}
    for some in _in_parts(sorted(same.values())):
        of_sheets = sa.select(table.id, table.batch_id, table.created_at, table.positions, table.saved_at)
        for row in connection.execute(of_sheets.where(table.batch_id.in_(some))):
            there[row.batch_id, row.created_at, tuple(row.positions)] = row.id, row.saved_at
            last[row.id] = {}
        of_events = (
            sa.select(events.sheet_id, events.client, sa.func.max(events.number).label("last"))
            .join(schema.sheets, table.id == events.sheet_id)
            .where(table.batch_id.in_(some))
            .group_by(events.sheet_id, events.client)
        )
        for event in connection.execute(of_events):
            last[event.sheet_id][event.client] = event.last
    coming: dict[int, dict[str, int]] = {sheet: {} for sheet in contents.sheets}
    for (sheet_of, client), number in contents.events.items():
        coming[sheet_of][client] = number
    matched = {}
    for sheet in contents.sheets.values():
        found = there.get((same.get(sheet.batch), sheet.created_at, sheet.positions))
        if found:
            sheet_id, saved_at = found
            here = last[sheet_id]
            news = coming[sheet.id]
            only_more = all(news.get(client, 0) >= number for client, number in here.items())
            has_gone_on = news != here or sheet.saved_at is not None
            goes_on = saved_at is None and only_more and has_gone_on
            matched[sheet.id] = SameSheet(sheet_id, here if goes_on else None)
    return matched


def match_runs(connection: sa.Connection, contents: Contents, own: int | None) -> tuple[dict[str, RunThere], set[str]]:
    """Pair runs with those of the database (of a pupil, `own`, theirs), and return the ids that others have there."""
    table, coming = schema.runs.c, {run.id: run for run in contents.runs}
    columns = table.id, table.created_at, table.owner_id, sa.cast(table.card, sa.Text).label("card")
    there: dict[str, tuple[RunThere, str, str]] = {}
    used: set[str] = set()
    for column, values in ((table.id, {*coming}), (table.created_at, {run.created_at for run in contents.runs})):
        for some in _in_parts(sorted(values)):
            for row in connection.execute(sa.select(*columns).where(column.in_(some))):
                used |= {row.id} & coming.keys()
                if own is None or row.owner_id == own:
                    run = RunThere(row.id, row.owner_id)
                    there[row.id] = run, row.created_at, fingerprint_of(run_json.from_json(row.card))
    figures = {run.id: (run.created_at, run.fingerprint) for run in contents.runs}
    same = {run_id for run_id, known in there.items() if known[1:] == figures.get(run_id)}
    matched = {run_id: there[run_id][0] for run_id in same}
    renamed = {known[1:]: known[0] for run_id, known in there.items() if run_id not in same}
    for run_id, of_run in figures.items():
        if run_id not in same and (found := renamed.pop(of_run, None)):
            matched[run_id] = found
    return matched, used - same


def find_missing(
    connection: sa.Connection, kind: type[PointRow] | type[ForecastRow], keys: frozenset[tuple[str | int, ...]]
) -> frozenset[tuple[str | int, ...]]:
    """Return those keys of points or forecasts that are not in the database."""
    columns = [TABLES[kind].c[name] for name in CURVE_KEYS[kind]]
    there = connection.execute(sa.select(*columns).execution_options(yield_per=_AT_ONCE))
    return keys - {tuple(row) for row in there}


def _in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
