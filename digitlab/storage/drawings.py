"""Drawings: kept as drawn, one living drawing for each prompt of a batch. What is deleted can be brought back."""

import logging
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Floats, Images
from digitlab.drawing.strokes import check_strokes
from digitlab.storage import schema
from digitlab.storage.drawing_records import Drawing, DrawingRow, PromptTakenError
from digitlab.storage.people import OWNER, Person, check_batches, check_drawings
from digitlab.storage.store import Store

_log = logging.getLogger("digitlab.storage")


def save_drawing(
    store: Store,
    prompt: tuple[int, int],
    strokes: Sequence[Floats],
    digit: Images,
    seconds: float,
    *,
    replaces: int | None = None,
    by: Person = OWNER,
) -> int:
    """Store a drawing for one prompt of a batch.

    Args:
        store: Where to.
        prompt: Id of the batch, and position: index into its labels.
        strokes: As in `digitlab.drawing.strokes`, kept as drawn.
        digit: uint8 array of shape (28, 28).
        seconds: Active human seconds, thinking included.
        replaces: Id of the drawing of the same prompt that is put aside for it, its time counts; None: there is none.
        by: Whoever draws.

    Returns:
        The id of the drawing.

    Raises:
        PromptTakenError: If the prompt has another drawing than `replaces`; nothing is stored.
        ValueError: If the prompt does not exist or an argument is not as described.
        NotAllowedError: If the batch is another person's; the other functions that write raise it too.
    """
    checked = check_strokes(strokes)
    if not isinstance(digit, np.ndarray) or digit.shape != (IMAGE_SIZE, IMAGE_SIZE) or digit.dtype != np.uint8:
        raise ValueError(f"Expected a digit as a uint8 array of shape (28, 28). Received: {digit!r:.80}.")
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"Expected seconds of 0 or more. Received: {seconds}.")
    with store.write() as connection:
        check_batches(connection, by, schema.batches.c.id == int(prompt[0]))
        at_prompt = schema.drawings.c.batch_id == int(prompt[0]), schema.drawings.c.position == int(prompt[1])
        alive = sa.select(schema.drawings.c.id).where(*at_prompt, schema.drawings.c.deleted_at.is_(None))
        there: int | None = connection.execute(alive).scalar()
        if there is not None and there != replaces:
            raise PromptTakenError(
                f"Expected a prompt without a drawing, or with the drawing {replaces}. Received: prompt {prompt[1]} of "
                f"batch {prompt[0]}, which has the drawing {there}. Nothing was stored.",
                there,
            )
        drawing_id = insert_drawing(connection, prompt, checked, digit, float(seconds))
    _log.info("Drawing %d of batch %d stored.", drawing_id, prompt[0])
    return drawing_id


def insert_drawing(
    connection: sa.Connection,
    prompt: tuple[int, int],
    strokes: Sequence[Floats],
    digit: Images,
    seconds: float,
    **more: object,
) -> int:
    """Do what `save_drawing` does inside a transaction, without its checks of strokes, digit and seconds.

    What is in `more` are further columns of the table.
    """
    batch_id, position = (int(number) for number in prompt)  # SQLite would store NumPy's integers as bytes
    labels = connection.execute(sa.select(schema.batches.c.labels).where(schema.batches.c.id == batch_id)).scalar()
    if labels is None or not 0 <= position < len(labels):
        raise ValueError(f"Expected a prompt of a stored batch. Received: prompt {position} of batch {batch_id}.")
    at_position = (schema.drawings.c.batch_id == batch_id) & (schema.drawings.c.position == position)
    connection.execute(_put_aside(at_position))
    schema.mark_changed(connection, [batch_id])
    return schema.insert(
        connection,
        schema.drawings,
        batch_id=batch_id,
        position=position,
        label=labels[position],
        strokes=[stroke.tolist() for stroke in strokes],
        digit=digit.tobytes(),
        seconds=seconds,
        created_at=schema.now(),
        **more,
    )


def read_drawings(store: Store, batch_ids: Sequence[int]) -> list[Drawing]:
    """Return the drawings of these batches, in the order in which they were drawn."""
    query = sa.select(schema.drawings).where(of_batches(batch_ids), schema.drawings.c.deleted_at.is_(None))
    with store.read() as connection:
        return [
            Drawing(
                id=row.id,
                batch_id=row.batch_id,
                position=row.position,
                label=row.label,
                strokes=[np.asarray(stroke, dtype=np.float64) for stroke in row.strokes],
                digit=image(row.digit),
                seconds=row.seconds,
            )
            for row in connection.execute(query.order_by(schema.drawings.c.id))
        ]


def read_drawing_rows(store: Store, batch_ids: Sequence[int] | None = None) -> list[DrawingRow]:
    """Return what is known of drawings, deleted ones too, in the order in which they were drawn.

    Args:
        store: Where they are kept.
        batch_ids: Only of these batches; None: of all.
    """
    return read_rows(store, None if batch_ids is None else of_batches(batch_ids))


def read_rows(store: Store, condition: sa.ColumnElement[bool] | None) -> list[DrawingRow]:
    """Do what `read_drawing_rows` does for the drawings that meet a condition."""
    table = schema.drawings.c
    names = "id batch_id position label seconds think_seconds draw_seconds pause_seconds marks created_at deleted_at"
    columns = [table[name] for name in names.split()]
    query = (
        sa.select(*columns, schema.batches.c.kind, schema.writers.c.name.label("writer"))
        .join(schema.batches, schema.batches.c.id == table.batch_id)
        .join(schema.writers, schema.writers.c.id == schema.batches.c.writer_id)
        .order_by(table.id)
    )
    if condition is not None:
        query = query.where(condition)
    with store.read() as connection:
        return [
            DrawingRow(
                id=row.id,
                batch_id=row.batch_id,
                kind=row.kind,
                writer=row.writer,
                position=row.position,
                label=row.label,
                seconds=row.seconds,
                think_seconds=row.think_seconds,
                draw_seconds=row.draw_seconds,
                pause_seconds=row.pause_seconds,
                marks=tuple(row.marks),
                created_at=row.created_at,
                deleted=row.deleted_at is not None,
            )
            for row in connection.execute(query)
        ]


def read_images(store: Store, drawing_ids: Sequence[int]) -> dict[int, Images]:
    """Return the digits of these drawings, `{id: uint8 (28, 28)}`, of deleted ones too."""
    table = schema.drawings.c
    query = sa.select(table.id, table.digit).where(_are(drawing_ids))
    with store.read() as connection:
        return {row.id: image(row.digit) for row in connection.execute(query)}


def read_strokes(store: Store, drawing_id: int) -> list[Floats]:
    """Return the strokes of a drawing as they were drawn.

    Raises:
        ValueError: If there is no such drawing.
    """
    (strokes,) = read_strokes_of(store, [drawing_id])
    return strokes


def read_strokes_of(store: Store, drawing_ids: Sequence[int]) -> list[list[Floats]]:
    """Do what `read_strokes` does for some drawings, in this order."""
    table = schema.drawings.c
    query = sa.select(table.id, table.strokes).where(_are(drawing_ids))
    with store.read() as connection:
        found = {row.id: row.strokes for row in connection.execute(query)}
    for drawing_id in drawing_ids:
        if drawing_id not in found:
            raise ValueError(f"Expected a stored drawing. Received: drawing {drawing_id}.")
    return [[np.asarray(stroke, dtype=np.float64) for stroke in found[drawing_id]] for drawing_id in drawing_ids]


def relabel_drawings(store: Store, drawing_ids: Sequence[int], label: int, *, by: Person = OWNER) -> None:
    """Say that these drawings show `label`; their marks are answered by that.

    Raises:
        ValueError: If the label is not 0-9.
    """
    if not 0 <= label < NUM_CLASSES:
        raise ValueError(f"Expected a label from 0 to 9. Received: {label}.")
    _change(store, drawing_ids, by, label=int(label), marks=[])


def keep_drawings(store: Store, drawing_ids: Sequence[int], *, by: Person = OWNER) -> None:
    """Answer the marks of these drawings: they are as they should be."""
    _change(store, drawing_ids, by, marks=[])


def delete_drawings(store: Store, drawing_ids: Sequence[int], *, by: Person = OWNER) -> None:
    """Put drawings aside: their prompts come again, their time still counts; `restore_drawings` brings them back."""
    with store.write() as connection:
        check_drawings(connection, by, _are(drawing_ids))
        connection.execute(_put_aside(_are(drawing_ids)))
        _mark_batches_changed(connection, drawing_ids)


def restore_drawings(store: Store, drawing_ids: Sequence[int], *, by: Person = OWNER) -> None:
    """Bring back deleted drawings.

    Raises:
        ValueError: If a prompt has been drawn again meanwhile; nothing is changed.
    """
    try:
        _change(store, drawing_ids, by, deleted_at=None)
    except sa.exc.IntegrityError as error:
        raise ValueError(
            "Expected drawings whose prompts are open. Received: some that have been drawn again. "
            "Delete the newer ones first."
        ) from error


def of_batches(batch_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a drawing belongs to one of these batches."""
    return schema.drawings.c.batch_id.in_([int(batch_id) for batch_id in batch_ids])


def image(digit: bytes) -> Images:
    """Return the column `digit` of one drawing as a read-only uint8 array of shape (28, 28)."""
    return np.frombuffer(digit, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE)


def _are(drawing_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return schema.drawings.c.id.in_([int(drawing_id) for drawing_id in drawing_ids])


def _change(store: Store, drawing_ids: Sequence[int], by: Person, **values: object) -> None:
    with store.write() as connection:
        check_drawings(connection, by, _are(drawing_ids))
        connection.execute(schema.drawings.update().where(_are(drawing_ids)).values(**values))
        _mark_batches_changed(connection, drawing_ids)


def _mark_batches_changed(connection: sa.Connection, drawing_ids: Sequence[int]) -> None:
    schema.mark_changed(connection, sa.select(schema.drawings.c.batch_id).where(_are(drawing_ids)))


def _put_aside(condition: sa.ColumnElement[bool]) -> sa.Update:
    alive = schema.drawings.c.deleted_at.is_(None)
    return schema.drawings.update().where(condition, alive).values(deleted_at=schema.now())
