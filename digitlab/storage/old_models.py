"""Models in a folder, where DigitLab kept them up to schema version 7: taken into the database, left as they are."""

import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from digitlab.storage import schema

_KINDS = ("keras", "tflite", "npz")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SHIPPED = "reference"  # comes with the project in the same folder
_log = logging.getLogger("digitlab.storage")


def old_folder() -> Path:
    """Folder of the models of an earlier DigitLab: `DIGITLAB_MODELS_DIR`, or models/ of the project."""
    return Path(os.environ.get("DIGITLAB_MODELS_DIR") or Path(__file__).parents[2] / "models")


def take_in(connection: sa.Connection) -> None:
    """Copy the files of runs that have no model yet into the database, in the caller's transaction.

    They are looked for whenever a database is opened: whoever forgot to name the folder can do it later.
    """
    files = schema.model_files
    without = sa.select(schema.runs.c.id).where(schema.runs.c.id.not_in(sa.select(files.c.run_id)))
    run_ids = connection.execute(without).scalars().all()
    taken = set()
    for run_id, path in _find(run_ids, _KINDS):
        row = {"run_id": run_id, "kind": path.suffix[1:], "content": path.read_bytes()}
        connection.execute(files.insert().values(**row))
        taken.add(run_id)
    if taken:
        _log.info("Models of %d runs taken into the database; their files are not used any more.", len(taken))


def delete_old_files(run_ids: Iterable[str], endings: Iterable[str] = (*_KINDS, "json")) -> None:
    """Delete the files that an earlier DigitLab left of these runs: what is gone from the database is gone."""
    for _, path in _find(run_ids, endings):
        path.unlink(missing_ok=True)


def _find(run_ids: Iterable[str], endings: Iterable[str]) -> Iterator[tuple[str, Path]]:
    folder = old_folder()
    for run_id in run_ids:
        if _ID.fullmatch(run_id) and run_id != _SHIPPED:  # whatever a database says, no other folder is read
            paths = (folder / f"{run_id}.{ending}" for ending in endings)
            yield from ((run_id, path) for path in paths if path.is_file())
