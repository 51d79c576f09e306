"""Erasing a person: everything that is kept of them, in one transaction. What was learnt by others is marked."""

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

import sqlalchemy as sa

from digitlab.storage import old_models, schema
from digitlab.storage.people import Person, check_teacher
from digitlab.storage.store import Store

_NOBODY = "mnist"  # in place of the version of drawings: MNIST's digits, see `curve.points`
_SOMEBODY = "by somebody deleted"  # in the name of another's run, where it told the person's name


def erase_person(store: Store, writer_id: int, by: Person, *, with_all_learnt: bool = False) -> None:
    """Erase a person and everything of theirs; it cannot be undone.

    That is: their drawings, deleted ones too, their sheets and all that happened on them, what was predicted, measured
    and forecast of their drawings, their runs with the models, their name.

    Args:
        store: Where they are kept.
        writer_id: Of the person.
        by: Whoever asks for it.
        with_all_learnt: Erase whatever has learnt from these drawings alone too, and leave what may be of others: the
            measured points of which nobody knows whose they are.

    Raises:
        ValueError: If there is no such person.
        NotAllowedError: If `by` is not the teacher.
    """
    check_teacher(by)
    batches, drawings, sheets, events = schema.batches, schema.drawings, schema.sheets, schema.pen_events
    with store.write() as connection:
        name: str | None = connection.execute(
            sa.select(schema.writers.c.name).where(schema.writers.c.id == writer_id)
        ).scalar()
        if name is None:
            raise ValueError(f"Expected somebody of the class. Received: writer {writer_id}, who is not there.")
        theirs = sa.select(batches.c.id).where(batches.c.writer_id == writer_id)
        batch_ids = set(connection.execute(theirs).scalars())
        gone, changed = _erase_runs(connection, writer_id, name, batch_ids, with_all_learnt=with_all_learnt)
        for table in (schema.curve_points, schema.forecasts):
            ids = list(_tells_of(connection, table, batch_ids, unknown=not with_all_learnt))
            connection.execute(table.delete().where(table.c.id.in_(ids)))
        connection.execute(schema.predictions.delete().where(schema.predictions.c.batch_id.in_(theirs)))
        of_sheets = sa.select(sheets.c.id).where(sheets.c.batch_id.in_(theirs))
        connection.execute(events.delete().where(events.c.sheet_id.in_(of_sheets)))
        connection.execute(sheets.delete().where(sheets.c.batch_id.in_(theirs)))
        schema.mark_changed(connection, theirs)
        connection.execute(drawings.delete().where(drawings.c.batch_id.in_(theirs)))
        connection.execute(batches.delete().where(batches.c.writer_id == writer_id))
        connection.execute(schema.writers.delete().where(schema.writers.c.id == writer_id))
        last = connection.execute(sa.select(schema.meta.c.last_id)).scalar_one()
        connection.execute(schema.meta.update().values(last_id=max(last, writer_id, *batch_ids)))
    old_models.delete_old_files(gone)
    old_models.delete_old_files(changed, ["json"])  # the card told the name


def _erase_runs(
    connection: sa.Connection, writer_id: int, name: str, batch_ids: Set[int], *, with_all_learnt: bool
) -> tuple[list[str], list[str]]:
    """Delete the person's runs; mark those of others that learnt from their drawings, also by way of another run.

    Returns:
        The ids of the runs that are gone, and of those that are marked or have another name now.
    """
    table = schema.runs
    rows = connection.execute(sa.select(table.c.id, table.c.name, table.c.owner_id, table.c.card)).all()
    learnt = {row.id: _learnt_from(row.card) for row in rows}
    alone = {run_id for run_id, ids in learnt.items() if with_all_learnt and ids and ids <= batch_ids}
    gone = [row.id for row in rows if row.owner_id == writer_id or row.id in alone]
    others = [row for row in rows if row.id not in gone]
    marked = {run_id for run_id, ids in learnt.items() if batch_ids & ids}
    while more := {row.id for row in rows if row.card.get("start_from") in marked} - marked:
        marked |= more
    for of_run in (schema.predictions, schema.model_files):
        connection.execute(of_run.delete().where(of_run.c.run_id.in_(gone)))
    connection.execute(table.delete().where(table.c.id.in_(gone)))
    changed = []
    for row in others:
        values = _without_name(row.name, row.card, name)
        if row.id in marked:
            values["sources_erased"] = True
        if values:
            connection.execute(table.update().where(table.c.id == row.id).values(**values))
            changed.append(row.id)
    return gone, changed


def _learnt_from(card: Mapping[str, Any]) -> set[int]:
    """Return the batches that a run was trained on."""
    return set((card.get("train") or {}).get("batch_ids", ()))


def _without_name(run_name: str, card: Mapping[str, Any], name: str) -> dict[str, object]:
    """Return what has to be changed in a run that is called by the name of the person, such as "40 drawings by Ana"."""
    told = re.compile(rf"\bby {re.escape(name)}(?!\w)")
    if not told.search(run_name) and not told.search(str(card.get("name", ""))):
        return {}

    def anonymous(text: str) -> str:
        return told.sub(_SOMEBODY, text)

    return {"name": anonymous(run_name)[:120], "card": {**card, "name": anonymous(str(card.get("name", "")))}}


def _tells_of(connection: sa.Connection, table: sa.Table, batch_ids: Set[int], *, unknown: bool) -> Iterator[int]:
    """Find the points or forecasts of a person's drawings and, if `unknown`, those that nobody knows whose they are."""
    columns = table.c.id, table.c.batch_ids, table.c.train_version, table.c.test_version
    for row in connection.execute(sa.select(*columns)):
        of_unknown = row.batch_ids is None and (row.train_version, row.test_version) != (_NOBODY, "")
        if (unknown and of_unknown) or set(row.batch_ids or ()) & batch_ids:
            yield row.id
