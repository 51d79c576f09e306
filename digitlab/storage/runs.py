"""Runs: what is kept of each training and of its tests, as JSON, and with it its model."""

import json
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from digitlab import run as run_json
from digitlab.run import Run
from digitlab.storage import old_models, schema
from digitlab.storage.demo import mark_runs
from digitlab.storage.models import ModelFiles, has_model, insert_model
from digitlab.storage.names import check_name
from digitlab.storage.people import OWNER, NotAllowedError, Person, check_joined, check_writers
from digitlab.storage.store import Store

_LONGEST_NAME = 120


def add_run(store: Store, run: Run, model: ModelFiles | None = None) -> None:
    """Store a run on behalf of its owner, together with its model; of its name the first 120 characters.

    If drawings it was trained on were erased meanwhile, it is marked by that.

    Args:
        store: Where to.
        run: The run.
        model: Of a trained network; None of what is none, such as a guess.

    Raises:
        ValueError: If it has no id or no name, or is a trained network without its model.
        NotAllowedError: If its owner is no longer in the class.
        RunError: If it cannot be written as JSON.
    """
    if not run.id or not run.name:
        raise ValueError(f"Expected a run with an id and a name. Received: id {run.id!r}, name {run.name!r}.")
    if run.settings is not None and not (model and model.keras and model.tflite):
        raise ValueError(f"Expected a trained network with the files of its model. Received: {run.id} without them.")
    card = json.loads(run_json.to_json(run))
    row = {
        "id": run.id,
        "name": run.name[:_LONGEST_NAME],
        "created_at": schema.now(),
        "card": card,
        "owner_id": run.owner_id,
    }
    with store.write() as connection:
        _check_there(connection, run.owner_id)
        erased = schema.erased_batches(connection, run.train.batch_ids if run.train else ())
        connection.execute(schema.runs.insert().values(**row, sources_erased=bool(erased)))
        if model is not None:
            insert_model(connection, run.id, model)


def check_may_train(store: Store, owner_id: int | None) -> None:
    """Check, before a training begins, that it may be run on behalf of somebody; of one's own machine (None) it may.

    Raises:
        NotAllowedError: If they are no longer in the class, or the class is frozen.
    """
    if owner_id is None:
        return
    with store.read() as connection:
        teacher = _check_there(connection, owner_id)
        check_joined(connection, Person(owner_id, "", "teacher" if teacher else "pupil"))


def read_runs(store: Store) -> list[Run]:
    """Return all runs, oldest first, each with its current `name`, `created_at`, its kind of `help`, the demo's marked.

    Raises:
        RunError: If what is stored of one is not a run.
    """
    runs = _read(store, sa.true())
    by_id = {run.id: run for run in runs}
    return [run_json.with_help(run, by_id.get) for run in runs]


def read_run(store: Store, run_id: str) -> Run | None:
    """Return one run as `read_runs` does; None if there is no such run.

    Raises:
        RunError: If what is stored of it is not a run.
    """

    def find(wanted: str) -> Run | None:
        return next(iter(_read(store, schema.runs.c.id == wanted)), None)

    run = find(run_id)
    return run and run_json.with_help(run, find)


def rename_run(store: Store, run_id: str, name: str, *, by: Person = OWNER) -> None:
    """Give a run another name.

    Raises:
        ValueError: If the name is empty, longer than 120 characters or cannot be shown.
        NotAllowedError: If it is another person's run.
    """
    name = check_name(name, _LONGEST_NAME)
    with store.write() as connection:
        _check_owner(connection, by, [run_id])
        connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(name=name))


def delete_runs(store: Store, run_ids: Sequence[str], *, by: Person = OWNER) -> None:
    """Forget these runs, with their models.

    Raises:
        NotAllowedError: If one is another person's.
    """
    with store.write() as connection:
        _check_owner(connection, by, run_ids)
        connection.execute(schema.runs.delete().where(schema.runs.c.id.in_(run_ids)))
    old_models.delete_old_files(run_ids)


def _read(store: Store, condition: sa.ColumnElement[bool]) -> list[Run]:
    """Read the runs that meet a condition, oldest first, their kind of help as it is stored; never their models."""
    table = schema.runs.c
    query = sa.select(table.name, table.created_at, table.owner_id, sa.cast(table.card, sa.Text).label("card"))
    query = query.add_columns(table.sources_erased, has_model().label("has_model")).where(condition)
    with store.read() as connection:
        rows = connection.execute(query.order_by(table.created_at, table.id)).all()
        runs = [(run_json.from_json(row.card), row) for row in rows]
        found = [
            replace(
                run,
                name=row.name,
                created_at=row.created_at,
                owner_id=row.owner_id,
                sources_erased=row.sources_erased,
                model_missing=run.settings is not None and not row.has_model,
                demo=False,
            )
            for run, row in runs
        ]
        return mark_runs(connection, found)


def _check_owner(connection: sa.Connection, by: Person, run_ids: Sequence[str]) -> None:
    owners = sa.select(schema.runs.c.owner_id).where(schema.runs.c.id.in_(run_ids))
    check_writers(connection, by, connection.execute(owners).scalars())


def _check_there(connection: sa.Connection, owner_id: int | None) -> bool:
    """Check that the owner of a run is in the class, and return whether it is the teacher; None is a machine's own."""
    if owner_id is None:
        return True
    find = sa.select(schema.writers.c.teacher).where(schema.writers.c.id == owner_id)
    teacher: bool | None = connection.execute(find).scalar()
    if teacher is None:
        raise NotAllowedError(
            f"Expected a training of somebody in the class. Received: one of writer {owner_id}, who was deleted. "
            "Nothing was stored."
        )
    return teacher
