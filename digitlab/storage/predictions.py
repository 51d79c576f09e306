"""What models take drawings for, kept: by run and by batch in a certain state. Other digits, another state."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.store import Store

# Of batches by id: the version as `Batch.version`, and uint8 predictions of the living drawings in the order of ids.
Predictions: TypeAlias = dict[int, tuple[int, npt.NDArray[np.uint8]]]


def read_predictions(store: Store, run_id: str) -> Predictions:
    """Return all that is kept of a run, also of batches that have changed since."""
    table = schema.predictions.c
    query = sa.select(table.batch_id, table.batch_version, table.labels).where(table.run_id == run_id)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {row.batch_id: (row.batch_version, np.frombuffer(row.labels, np.uint8)) for row in rows}


def keep_predictions(store: Store, run_id: str, found: Predictions) -> None:
    """Keep predictions in place of older ones of the same batches; not those of a run or batch that is gone."""
    table, batches = schema.predictions, schema.batches.c
    with store.write() as connection:
        if connection.execute(sa.select(schema.runs.c.id).where(schema.runs.c.id == run_id)).scalar() is None:
            return
        there = set(connection.execute(sa.select(batches.id).where(batches.id.in_(found))).scalars())
        connection.execute(table.delete().where(table.c.run_id == run_id, table.c.batch_id.in_(there)))
        rows = [_row(run_id, batch_id, *found[batch_id]) for batch_id in sorted(there)]
        if rows:
            connection.execute(table.insert(), rows)


def _row(run_id: str, batch_id: int, version: int, labels: npt.NDArray[np.uint8]) -> Mapping[str, object]:
    return {"run_id": run_id, "batch_id": batch_id, "batch_version": version, "labels": labels.tobytes()}
