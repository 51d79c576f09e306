"""Runs: what is kept of each training and of its tests, as JSON. The files of a model lie elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from digitlab import run as run_json
from digitlab.run import Run
from digitlab.storage import schema
from digitlab.storage.store import Store

_LONGEST_NAME = 120


def add_run(store: Store, run: Run) -> None:
    """Store a run; of its name the first 120 characters.

    Raises:
        ValueError: If it has no id or no name.
        RunError: If it cannot be written as JSON.
    """
    if not run.id or not run.name:
        raise ValueError(f"Expected a run with an id and a name. Received: id {run.id!r}, name {run.name!r}.")
    card = json.loads(run_json.to_json(run))
    row = {"id": run.id, "name": run.name[:_LONGEST_NAME], "created_at": schema.now(), "card": card}
    with store.write() as connection:
        connection.execute(schema.runs.insert().values(**row))


def read_runs(store: Store) -> list[Run]:
    """Return all runs, oldest first, each with its current `name`, its `created_at` and its kind of `help`.

    Raises:
        RunError: If what is stored of one is not a run.
    """
    table = schema.runs.c
    query = sa.select(table.name, table.created_at, sa.cast(table.card, sa.Text).label("card"))
    with store.read() as connection:
        rows = connection.execute(query.order_by(table.created_at, table.id)).all()
    runs = [replace(run_json.from_json(row.card), name=row.name, created_at=row.created_at) for row in rows]
    by_id = {run.id: run for run in runs}
    return [run_json.with_help(run, by_id.get) for run in runs]


def rename_run(store: Store, run_id: str, name: str) -> None:
    """Give a run another name.

    Raises:
        ValueError: If the name is empty or longer than 120 characters.
    """
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise ValueError(f"Expected a name of 1 to {_LONGEST_NAME} characters. Received: {len(name)} characters.")
    with store.write() as connection:
        connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(name=name))


def delete_runs(store: Store, run_ids: Sequence[str]) -> None:
    """Forget these runs. Their model files are not touched."""
    with store.write() as connection:
        connection.execute(schema.runs.delete().where(schema.runs.c.id.in_(run_ids)))
