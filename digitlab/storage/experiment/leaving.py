"""A whole experiment on its way out: what somebody may take along, as it is at one moment, some rows at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from digitlab import run as run_json
from digitlab.run import RunError
from digitlab.storage import schema
from digitlab.storage.classroom import read_hidden_names
from digitlab.storage.experiment.rows import (
    TABLES,
    DrawingRow,
    EventRow,
    ForecastRow,
    PersonRow,
    PointRow,
    R,
    RowKind,
    RunRow,
    SheetRow,
    columns_of,
)
from digitlab.storage.models import Kind
from digitlab.storage.names import replace_names
from digitlab.storage.people import OWNER, NotAllowedError, Person
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store

_AT_ONCE = 500  # rows
_TEXTS = "strokes", "event", "card"  # JSON that is passed on as it stands


@contextmanager
def open_experiment(store: Store, by: Person = OWNER) -> Iterator["Leaving"]:
    """Open all that somebody may take along: a pupil what is theirs; a teacher, and who is alone, everything.

    Whoever draws meanwhile is not kept waiting, and what they draw then is left out.

    Args:
        store: Where it is kept.
        by: Whoever takes it along.

    Raises:
        NotAllowedError: If they have not joined the class.
    """
    if by.role == "visitor":
        raise NotAllowedError("Expected somebody of the class. Received: a visitor. Join on the first page.")
    names = read_hidden_names(store, by)
    with store.snapshot() as connection:
        yield Leaving(connection, None if by.may_do_everything else by.id, names)


class Leaving:
    """An experiment in a database, as `rows.Rows`; open for as long as `open_experiment` is.

    Args:
        connection: That reads it.
        person_id: Whose it is; None: everybody's.
        names: What is to be written in place of names that are hidden.
    """

    def __init__(self, connection: sa.Connection, person_id: int | None, names: Mapping[str, str]) -> None:
        self._connection, self._person_id, self._names = connection, person_id, names
        people, batches = schema.writers.c, schema.batches.c
        self._people = set(connection.execute(sa.select(people.id).where(self._own(people.id))).scalars())
        self._batches = set(connection.execute(sa.select(batches.id).where(self._own(batches.writer_id))).scalars())

    @property
    def models(self) -> Sequence[tuple[str, Kind]]:
        """The files of models, by run."""
        files, runs = schema.model_files.c, schema.runs.c
        query = sa.select(files.run_id, files.kind).join(schema.runs, runs.id == files.run_id)
        query = query.where(self._own(runs.owner_id)).order_by(runs.created_at, files.run_id, files.kind)
        return [(row.run_id, row.kind) for row in self._connection.execute(query)]

    def read(self, kind: type[R]) -> Iterator[R]:
        """Yield all rows of a kind.

        Raises:
            StoreError: If one is not as it should be.
        """
        columns = columns_of(kind)
        asked = [sa.cast(c, sa.Text) if name in _TEXTS else c for name, c in columns.items()]
        query = sa.select(*asked).where(self._belongs(kind)).order_by(*_order(TABLES[kind]))
        for found in self._connection.execute(query.execution_options(yield_per=_AT_ONCE)):
            values = dict(zip(columns, found, strict=True))
            try:
                values = self._ready(kind, values)
                if kind in (PointRow, ForecastRow) and not self._knows(values["batches"]):
                    continue
                yield msgspec.convert(values, kind, builtin_types=(bytes,))
            except (msgspec.ValidationError, RunError) as error:
                where = f"{TABLES[kind].name} {values.get('id', '')}".strip()
                raise StoreError(f"Expected rows as this version writes them. Received: {where}: {error}.") from error

    def read_model(self, run_id: str, kind: Kind) -> bytes:
        """Return the content of a file of a model."""
        table = schema.model_files.c
        query = sa.select(table.content).where(table.run_id == run_id, table.kind == kind)
        content: bytes = self._connection.execute(query).scalar_one()
        return content

    def _belongs(self, kind: RowKind) -> sa.ColumnElement[bool]:
        """Return the condition that a row is to be taken along; of points and forecasts `_knows` decides."""
        batches, sheets = schema.batches.c, schema.sheets.c
        if self._person_id is None:
            return sa.true()
        of_batches = sa.select(batches.id).where(batches.writer_id == self._person_id)
        if kind is PersonRow:
            return schema.writers.c.id == self._person_id
        if kind in (DrawingRow, SheetRow):
            return TABLES[kind].c.batch_id.in_(of_batches)
        if kind is EventRow:
            return schema.pen_events.c.sheet_id.in_(sa.select(sheets.id).where(sheets.batch_id.in_(of_batches)))
        if kind in (PointRow, ForecastRow):
            return sa.true()
        return columns_of(kind)["person"] == self._person_id

    def _own(self, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
        return sa.true() if self._person_id is None else column == self._person_id

    def _knows(self, batch_ids: Sequence[int] | None) -> bool:
        """Whether all these batches are taken along; of what nobody knows the batches of, nobody knows whose it is."""
        return self._person_id is None if batch_ids is None else self._batches.issuperset(batch_ids)

    def _ready(self, kind: RowKind, values: dict[str, Any]) -> dict[str, Any]:
        if kind is RunRow:
            return self._ready_run(values)
        texts = {name: msgspec.Raw(values[name].encode()) for name in _TEXTS if name in values}
        return values | texts

    def _ready_run(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return a run without the number of its owner in the card and without batches that are not taken along."""
        card = run_json.from_json(values["card"])
        learnt = card.train.batch_ids if card.train else ()
        known = tuple(batch_id for batch_id in learnt if batch_id in self._batches)
        card = replace(
            card,
            name=replace_names(card.name, self._names),
            owner_id=None,
            train=card.train and replace(card.train, batch_ids=known),
        )
        return values | {
            "card": card,
            "name": replace_names(values["name"], self._names),
            "person": values["person"] if values["person"] in self._people else None,
            "sources_erased": values["sources_erased"] or known != learnt,
        }


def _order(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    by_time = table in (schema.runs, schema.sheets)  # their ids do not count
    return (table.c.created_at, table.c.id) if by_time else (table.c.id,)
