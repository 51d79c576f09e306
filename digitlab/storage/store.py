"""The database: writers, batches, drawings and runs. Every write is one transaction and is on disk when it returns."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, data_version
from digitlab.drawing.strokes import check_strokes
from digitlab.mnist import DATA_DIR
from digitlab.storage import schema
from digitlab.storage.schema import StoreError, open_database

KINDS = ("one", "full", "test", "imported")
TRAINING_KINDS = ("one", "full", "imported")  # digits of a test batch are never trained on


@dataclass(frozen=True)
class Batch:
    """One sitting: what was asked of whom. `labels` has shape (n,), in the order of the prompts."""

    id: int
    writer_id: int
    writer: str
    kind: str
    labels: tuple[int, ...]
    seed: int
    created_at: str
    drawn: int  # prompts that have a drawing
    seconds: float  # active human seconds, drawings that were drawn again included


@dataclass(frozen=True)
class Drawing:
    """One drawn digit; `strokes` as in `drawing.strokes`, `digit` uint8 of shape (28, 28), `seconds` active."""

    id: int
    batch_id: int
    position: int
    label: int
    strokes: list[np.ndarray]
    digit: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Dataset:
    """Digits to train or test on, in the order in which they were drawn.

    Attributes:
        images: uint8 array of shape (n, 28, 28).
        labels: int64 array of shape (n,).
        seconds: Active human seconds it took to draw them, drawings that were drawn again included.
        version: Hash of images and labels: equal data, equal version.
        strokes: Of each digit, as in `digitlab.drawing.strokes`; empty where they are not known.
    """

    images: np.ndarray
    labels: np.ndarray
    seconds: float
    version: str
    strokes: Sequence[Sequence[np.ndarray]] = ()


def default_url() -> str:
    """Address of the database: `DIGITLAB_DATABASE_URL`, or SQLite in data/."""
    return os.environ.get("DIGITLAB_DATABASE_URL") or f"sqlite:///{DATA_DIR / 'digitlab.db'}"


class Store:
    """Everything the users made.

    Args:
        url: SQLAlchemy address of the database, such as `sqlite:////home/ana/digits.db`.

    Raises:
        StoreError: If it cannot be opened, is not a DigitLab database, or was made by a newer DigitLab.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)
        self.place = self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def version(self) -> int:
        """Return a number that grows with every write: the cache key of everything derived from the store."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(schema.meta.c.data_version)).scalar_one()

    # Writers and batches

    def writer_id(self, name: str) -> int:
        """Return the id of the writer called `name`, who is added if new.

        Raises:
            ValueError: If the name is empty or longer than 80 characters.
        """
        name = name.strip()
        if not 1 <= len(name) <= 80:
            raise ValueError(f"Expected a writer's name of 1 to 80 characters. Received: {len(name)} characters.")
        find = sa.select(schema.writers.c.id).where(schema.writers.c.name == name)
        with self._engine.connect() as connection:
            known = connection.execute(find).scalar()
        if known is not None:
            return known
        with self.write() as connection:
            known = connection.execute(find).scalar()
            return known or connection.execute(schema.writers.insert().values(name=name)).inserted_primary_key[0]

    def writers(self) -> dict[int, str]:
        """Return all writers, `{id: name}`, in the order of their names."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(schema.writers).order_by(schema.writers.c.name))
            return {row.id: row.name for row in rows}

    def start_batch(self, writer_id: int, kind: str, labels: Sequence[int], seed: int) -> int:
        """Begin a batch and return its id.

        Args:
            writer_id: Who draws.
            kind: One of `KINDS`.
            labels: What will be asked for, 0-9, in this order.
            seed: That made the order; kept to repeat it.

        Raises:
            ValueError: If kind or labels are not as described, or there is no such writer.
        """
        if kind not in KINDS:
            raise ValueError(f"Expected a kind of batch among {KINDS}. Received: {kind!r}.")
        labels = [int(label) for label in labels]
        if not labels or not all(0 <= label < NUM_CLASSES for label in labels):
            raise ValueError(f"Expected at least one label, each from 0 to 9. Received: {labels}.")
        writer_id, seed = int(writer_id), int(seed)  # SQLite would store NumPy's integers as bytes
        with self.write() as connection:
            if (
                connection.execute(sa.select(schema.writers.c.id).where(schema.writers.c.id == writer_id)).scalar()
                is None
            ):
                raise ValueError(f"Expected a stored writer. Received: writer {writer_id}, who is not in the database.")
            batch = schema.batches.insert().values(
                writer_id=writer_id, kind=kind, labels=labels, seed=seed, created_at=schema.now()
            )
            return connection.execute(batch).inserted_primary_key[0]

    def batches(self, writer_id: int | None = None, kinds: Sequence[str] = KINDS) -> list[Batch]:
        """Return the batches of a writer (or of all) and of these kinds, oldest first."""
        of_sheets = sa.select(sa.func.sum(schema.sheets.c.extra_seconds))
        of_sheets = of_sheets.where(schema.sheets.c.batch_id == schema.batches.c.id).scalar_subquery()
        extra = sa.func.coalesce(of_sheets, 0.0)  # not of any digit, yet work
        alive = sa.case((schema.drawings.c.deleted_at.is_(None), schema.drawings.c.id))
        query = (
            sa.select(
                schema.batches,
                schema.writers.c.name.label("writer"),
                sa.func.count(alive).label("drawn"),
                (sa.func.coalesce(sa.func.sum(schema.drawings.c.seconds), 0.0) + extra).label("seconds"),
            )
            .join(schema.writers, schema.writers.c.id == schema.batches.c.writer_id)
            .outerjoin(schema.drawings, schema.drawings.c.batch_id == schema.batches.c.id)
            .where(schema.batches.c.kind.in_(kinds))
            .group_by(schema.batches.c.id, schema.writers.c.name)
            .order_by(schema.batches.c.id)
        )
        if writer_id is not None:
            query = query.where(schema.batches.c.writer_id == int(writer_id))
        with self._engine.connect() as connection:
            return [
                Batch(
                    row.id, row.writer_id, row.writer, row.kind, tuple(row.labels), row.seed, row.created_at, row.drawn,
                    float(row.seconds),
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    # Drawings

    def save_drawing(
        self, batch_id: int, position: int, strokes: Sequence[np.ndarray], digit: np.ndarray, seconds: float
    ) -> int:
        """Store a drawing for one prompt of a batch; an earlier one of the same prompt is put aside, its time counts.

        Args:
            batch_id: The batch it belongs to.
            position: Index into the labels of the batch.
            strokes: As in `digitlab.drawing.strokes`, kept as drawn.
            digit: uint8 array of shape (28, 28).
            seconds: Active human seconds, thinking included.

        Returns:
            The id of the drawing.

        Raises:
            ValueError: If the batch or position does not exist or an argument is not as described.
        """
        strokes = check_strokes(strokes)
        if not isinstance(digit, np.ndarray) or digit.shape != (IMAGE_SIZE, IMAGE_SIZE) or digit.dtype != np.uint8:
            raise ValueError(f"Expected a digit as a uint8 array of shape (28, 28). Received: {digit!r:.80}.")
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"Expected seconds of 0 or more. Received: {seconds}.")
        with self.write() as connection:
            return self.insert_drawing(connection, (int(batch_id), int(position)), strokes, digit, float(seconds))

    @staticmethod
    def insert_drawing(
        connection: sa.Connection,
        prompt: tuple[int, int],
        strokes: Sequence[np.ndarray],
        digit: np.ndarray,
        seconds: float,
        **more: object,
    ) -> int:
        """Do what `save_drawing` does for `prompt` (batch id, position) inside a transaction, without its checks.

        What is in `more` are further columns of the table.
        """
        batch_id, position = prompt
        labels = connection.execute(sa.select(schema.batches.c.labels).where(schema.batches.c.id == batch_id)).scalar()
        if labels is None or not 0 <= position < len(labels):
            raise ValueError(f"Expected a prompt of a stored batch. Received: prompt {position} of batch {batch_id}.")
        at_position = (schema.drawings.c.batch_id == batch_id) & (schema.drawings.c.position == position)
        connection.execute(_put_aside(at_position))
        drawing = schema.drawings.insert().values(
            batch_id=batch_id,
            position=position,
            label=labels[position],
            strokes=[stroke.tolist() for stroke in strokes],
            digit=digit.tobytes(),
            seconds=seconds,
            created_at=schema.now(),
            **more,
        )
        return connection.execute(drawing).inserted_primary_key[0]

    def drawings(self, batch_ids: Sequence[int]) -> list[Drawing]:
        """Return the drawings of these batches, in the order in which they were drawn."""
        query = sa.select(schema.drawings).where(_in(batch_ids), schema.drawings.c.deleted_at.is_(None))
        with self._engine.connect() as connection:
            return [
                Drawing(
                    id=row.id,
                    batch_id=row.batch_id,
                    position=row.position,
                    label=row.label,
                    strokes=[np.asarray(stroke, dtype=np.float64) for stroke in row.strokes],
                    digit=np.frombuffer(row.digit, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE),
                    seconds=row.seconds,
                )
                for row in connection.execute(query.order_by(schema.drawings.c.id))
            ]

    def dataset(self, batch_ids: Sequence[int]) -> Dataset:
        """Gather the digits of these batches.

        Raises:
            ValueError: If there are none.
        """
        drawings = self.drawings(batch_ids)
        if not drawings:
            raise ValueError("Expected drawings to work with. Received: none. Draw some digits first.")
        images = np.stack([drawing.digit for drawing in drawings])
        labels = np.array([drawing.label for drawing in drawings], dtype=np.int64)
        seconds = sum(batch.seconds for batch in self.batches() if batch.id in batch_ids)
        strokes = [drawing.strokes for drawing in drawings]
        return Dataset(images, labels, seconds, data_version(images, labels), strokes)

    def digits(self, batch_ids: Sequence[int]) -> Dataset:
        """Do what `dataset` does, but without strokes and seconds, in a fraction of the time.

        Raises:
            ValueError: If there are none.
        """
        table = schema.drawings.c
        query = sa.select(table.digit, table.label).where(_in(batch_ids), table.deleted_at.is_(None)).order_by(table.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise ValueError("Expected drawings to work with. Received: none. Draw some digits first.")
        images = np.frombuffer(b"".join(row.digit for row in rows), np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
        labels = np.array([row.label for row in rows], dtype=np.int64)
        return Dataset(images, labels, 0.0, data_version(images, labels))

    def drawing_table(self, batch_ids: Sequence[int] | None = None) -> list[dict]:
        """Return what is known of every drawing but its strokes and picture, in the order in which they were drawn.

        Args:
            batch_ids: Only of these batches; None: of all.

        Returns:
            For each: `id`, `batch_id`, `kind`, `writer`, `position`, `label`, `seconds`, `think_seconds`,
            `draw_seconds`, `pause_seconds` (None where not known), `marks`, `created_at`, `deleted` (True or False).
        """
        table = schema.drawings.c
        names = (
            "id batch_id position label seconds think_seconds draw_seconds pause_seconds marks created_at deleted_at"
        )
        query = (
            sa.select(
                *(table[name] for name in names.split()), schema.batches.c.kind, schema.writers.c.name.label("writer")
            )
            .join(schema.batches, schema.batches.c.id == table.batch_id)
            .join(schema.writers, schema.writers.c.id == schema.batches.c.writer_id)
            .order_by(table.id)
        )
        if batch_ids is not None:
            query = query.where(_in(batch_ids))
        with self._engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [{"deleted": row.pop("deleted_at") is not None, **row} for row in rows]

    def images(self, drawing_ids: Sequence[int]) -> dict[int, np.ndarray]:
        """Return the digits of these drawings, `{id: uint8 (28, 28)}`, of deleted ones too."""
        table = schema.drawings.c
        query = sa.select(table.id, table.digit).where(table.id.in_([int(drawing_id) for drawing_id in drawing_ids]))
        with self._engine.connect() as connection:
            rows = connection.execute(query)
            return {row.id: np.frombuffer(row.digit, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE) for row in rows}

    def strokes(self, drawing_id: int) -> list[np.ndarray]:
        """Return the strokes of a drawing as they were drawn.

        Raises:
            ValueError: If there is no such drawing.
        """
        query = sa.select(schema.drawings.c.strokes).where(schema.drawings.c.id == int(drawing_id))
        with self._engine.connect() as connection:
            strokes = connection.execute(query).scalar()
        if strokes is None:
            raise ValueError(f"Expected a stored drawing. Received: drawing {drawing_id}.")
        return [np.asarray(stroke, dtype=np.float64) for stroke in strokes]

    def relabel(self, drawing_ids: Sequence[int], label: int) -> None:
        """Say that these drawings show `label`; their marks are answered by that.

        Raises:
            ValueError: If the label is not 0-9.
        """
        if not 0 <= label < NUM_CLASSES:
            raise ValueError(f"Expected a label from 0 to 9. Received: {label}.")
        self._change(drawing_ids, label=int(label), marks=[])

    def keep(self, drawing_ids: Sequence[int]) -> None:
        """Answer the marks of these drawings: they are as they should be."""
        self._change(drawing_ids, marks=[])

    def delete(self, drawing_ids: Sequence[int]) -> None:
        """Put drawings aside: their prompts come again, their time still counts; `restore` brings them back."""
        with self.write() as connection:
            connection.execute(_put_aside(schema.drawings.c.id.in_([int(drawing_id) for drawing_id in drawing_ids])))

    def restore(self, drawing_ids: Sequence[int]) -> None:
        """Bring back deleted drawings.

        Raises:
            ValueError: If a prompt has been drawn again meanwhile; nothing is changed.
        """
        try:
            self._change(drawing_ids, deleted_at=None)
        except sa.exc.IntegrityError as error:
            raise ValueError(
                "Expected drawings whose prompts are open. Received: some that have been drawn again. "
                "Delete the newer ones first."
            ) from error

    def _change(self, drawing_ids: Sequence[int], **values: object) -> None:
        chosen = schema.drawings.c.id.in_([int(drawing_id) for drawing_id in drawing_ids])
        with self.write() as connection:
            connection.execute(schema.drawings.update().where(chosen).values(**values))

    # Runs

    def add_run(self, card: dict) -> None:
        """Store a run by its card, a JSON-able dict with at least `id` and `name`.

        Raises:
            ValueError: If the card lacks one of them or cannot be written as JSON.
        """
        if not card.get("id") or not card.get("name"):
            raise ValueError(f"Expected a card with an id and a name. Received keys: {sorted(card)}.")
        try:
            json.dumps(card, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"Expected a card that can be written as JSON. {error}.") from error
        with self.write() as connection:
            connection.execute(
                schema.runs.insert().values(id=card["id"], name=card["name"][:120], created_at=schema.now(), card=card)
            )

    def runs(self) -> list[dict]:
        """Return the cards of all runs, oldest first, each with its current `name` and its `created_at`."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(schema.runs).order_by(schema.runs.c.created_at, schema.runs.c.id))
            return [{**row.card, "name": row.name, "created_at": row.created_at} for row in rows]

    def rename_run(self, run_id: str, name: str) -> None:
        """Give a run another name.

        Raises:
            ValueError: If the name is empty or longer than 120 characters.
        """
        if not 1 <= len(name.strip()) <= 120:
            raise ValueError(f"Expected a name of 1 to 120 characters. Received: {len(name.strip())} characters.")
        with self.write() as connection:
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(name=name.strip()))

    def delete_runs(self, run_ids: Sequence[str]) -> None:
        """Forget these runs. Their model files are not touched."""
        with self.write() as connection:
            connection.execute(schema.runs.delete().where(schema.runs.c.id.in_(run_ids)))

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection to read with; for modules that add tables of their own kind."""
        return self._engine.connect()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction: all that is written in it is on disk when it ends, or nothing after an error.

        Raises:
            StoreError: If the database refuses.
        """
        try:
            with self._engine.begin() as connection:
                # First of all, so that the transaction takes the write lock before it reads.
                connection.execute(schema.meta.update().values(data_version=schema.meta.c.data_version + 1))
                yield connection
        except sa.exc.OperationalError as error:
            raise StoreError(
                f"The database {self.place} cannot be written to: {error.orig}. Nothing was stored."
            ) from error


def balanced_labels(per_digit: int, seed: int) -> list[int]:
    """Return each label 0-9 `per_digit` times, shuffled round by round so that any prefix is nearly balanced."""
    rng = np.random.default_rng(seed)
    return [int(label) for _ in range(per_digit) for label in rng.permutation(NUM_CLASSES)]


def _in(batch_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return schema.drawings.c.batch_id.in_([int(batch_id) for batch_id in batch_ids])


def _put_aside(condition: sa.ColumnElement[bool]) -> sa.Update:
    return (
        schema.drawings.update()
        .where(condition, schema.drawings.c.deleted_at.is_(None))
        .values(deleted_at=schema.now())
    )
