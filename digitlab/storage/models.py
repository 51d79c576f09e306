"""The files of a run's model. They come and go with the run, in its transactions; no list of runs reads them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.store import Store

Kind: TypeAlias = Literal["keras", "tflite", "npz"]


@dataclass(frozen=True)
class ModelFiles:
    """What is kept of a trained network.

    Attributes:
        keras: Content of the `.keras` file, to train it further.
        tflite: Of the `.tflite` file, to predict with.
        piles: Of the `.npz` file with the piles it was trained on, see `learning.unlabelled.pile_files`; empty where
            there were none.
    """

    keras: bytes
    tflite: bytes
    piles: bytes = b""


def read_model_file(store: Store, run_id: str, kind: Kind) -> bytes | None:
    """Return the content of one file of a run's model; None if there is none, or no such run."""
    table = schema.model_files.c
    query = sa.select(table.content).where(table.run_id == run_id, table.kind == kind)
    with store.read() as connection:
        content: bytes | None = connection.execute(query).scalar()
    return content


def insert_model(connection: sa.Connection, run_id: str, files: ModelFiles) -> None:
    """Store the model of a run, in the transaction that stores the run."""
    contents = {"keras": files.keras, "tflite": files.tflite, "npz": files.piles}
    rows = [{"run_id": run_id, "kind": kind, "content": content} for kind, content in contents.items() if content]
    connection.execute(schema.model_files.insert(), rows)


def has_model() -> sa.ColumnElement[bool]:
    """Return the condition that a run has a model to predict with."""
    table = schema.model_files.c
    # The id alone is selected: so the index is enough, and no page of a file is read.
    return sa.select(table.run_id).where(table.run_id == schema.runs.c.id, table.kind == "tflite").exists()
