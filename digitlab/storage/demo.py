"""The demo experiment: whose drawings they are is decided here, and what belongs to it.

Its drawings, made for this project, are kept as anybody's: in batches of a writer, whose name nobody else may take. A
run belongs to it that was asked for by this writer or has learnt from these drawings; it is called by what it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import sqlalchemy as sa

from digitlab.drawing import demo as drawn
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.run import Run
from digitlab.storage import schema
from digitlab.storage.batches import Batch, read_batches, start_batch
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.erasing import erase_person
from digitlab.storage.names import DEMO_MARK, DEMO_WRITER
from digitlab.storage.people import OWNER, Person, check_teacher
from digitlab.storage.store import Store
from digitlab.storage.writers import take_writer

_KINDS = ("one", "full", "test")  # of the batches: a sitting each


def add_demo(store: Store, by: Person = OWNER) -> list[Batch]:
    """Store the drawings of the demo, those that are not there yet, and return its batches: one, full, test.

    Raises:
        NotAllowedError: If `by` is not the teacher.
    """
    check_teacher(by)
    with store.write() as connection:
        writer_id = take_writer(connection, DEMO_WRITER)
    drawings = drawn.read()
    for sitting, kind in enumerate(_KINDS):
        of_sitting = [drawing for drawing in drawings if drawing.sitting == sitting]
        batches = read_batches(store, writer_id, (kind,))
        labels = [drawing.label for drawing in of_sitting]
        batch_id = batches[0].id if batches else start_batch(store, writer_id, kind, labels, 0, by=by)
        there = {row.position for row in read_drawing_rows(store, [batch_id]) if not row.deleted}
        for position, drawing in enumerate(of_sitting):
            if position not in there:
                digit = strokes_to_digit(drawing.strokes)
                save_drawing(store, (batch_id, position), drawing.strokes, digit, drawing.seconds, by=by)
    return read_batches(store, writer_id)


def remove_demo(store: Store, by: Person = OWNER) -> None:
    """Erase the demo and everything that belongs to it; nothing of anybody else.

    Raises:
        ValueError: If there is none.
        NotAllowedError: If `by` is not the teacher.
    """
    check_teacher(by)
    writer_id = find_demo(store)
    if writer_id is None:
        raise ValueError("Expected the demo experiment. Received: a database without it. Reload the page.")
    erase_person(store, writer_id, by, with_all_learnt=True)


def find_demo(store: Store) -> int | None:
    """Return the id of the writer of the demo; None if it is not there."""
    with store.read() as connection:
        return _find(connection)


def mark_runs(connection: sa.Connection, runs: Sequence[Run]) -> list[Run]:
    """Return runs, those of the demo marked: `Run.demo`, and their names."""
    writer_id = _find(connection)
    if writer_id is None:
        return list(runs)
    of_demo = sa.select(schema.batches.c.id).where(schema.batches.c.writer_id == writer_id)
    batch_ids = set(connection.execute(of_demo).scalars())

    def marked(run: Run) -> Run:
        if run.owner_id != writer_id and not batch_ids & set(run.train.batch_ids if run.train else ()):
            return run
        return replace(run, demo=True, name=DEMO_MARK + run.name.removeprefix(DEMO_MARK))

    return [marked(run) for run in runs]


def without_demo(batches: Sequence[Batch]) -> list[Batch]:
    """Return the batches that people have drawn."""
    return [batch for batch in batches if batch.writer != DEMO_WRITER]


def people(names: Collection[str]) -> list[str]:
    """Return the names that are not the demo's."""
    return [name for name in names if name != DEMO_WRITER]


def _find(connection: sa.Connection) -> int | None:
    writers = schema.writers.c
    found: int | None = connection.execute(sa.select(writers.id).where(writers.name == DEMO_WRITER)).scalar()
    return found
