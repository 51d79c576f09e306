"""The database: writers, batches, drawings and runs. Every write is one transaction and is on disk when it returns."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, data_version
from digitlab.mnist import DATA_DIR
from digitlab.strokes import check_strokes

KINDS = ("one", "full", "test", "imported")
TRAINING_KINDS = ("one", "full", "imported")  # digits of a test batch are never trained on

_metadata = sa.MetaData()
_meta = sa.Table(
    "digitlab_meta",
    _metadata,
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("data_version", sa.Integer, nullable=False),  # grows with each write: the cache key of what is derived
)
_writers = sa.Table(
    "writers",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False, unique=True),
)
_batches = sa.Table(
    "batches",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("writer_id", sa.ForeignKey("writers.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),  # what is asked for, in the order of the prompts
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
)
_drawings = sa.Table(
    "drawings",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batches.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("label", sa.Integer, nullable=False),
    sa.Column("strokes", sa.JSON, nullable=False),  # as drawn: JSON writes floats so that they read back the same
    sa.Column("digit", sa.LargeBinary, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("deleted_at", sa.String(32)),
)
# One living drawing per prompt: a save that arrives twice cannot be stored twice.
sa.Index(
    "one_drawing_per_position",
    _drawings.c.batch_id,
    _drawings.c.position,
    unique=True,
    sqlite_where=_drawings.c.deleted_at.is_(None),
    postgresql_where=_drawings.c.deleted_at.is_(None),
)
_runs = sa.Table(
    "runs",
    _metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("card", sa.JSON, nullable=False),
)


class StoreError(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


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
    """One drawn digit; `strokes` as in `digitlab.strokes`, `digit` uint8 of shape (28, 28), `seconds` active."""

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
    """

    images: np.ndarray
    labels: np.ndarray
    seconds: float
    version: str


def create_tables(connection: sa.Connection) -> None:
    """Schema version 1, from an empty database."""
    _metadata.create_all(connection)
    connection.execute(_meta.insert().values(schema_version=1, data_version=0))


# The step at index i takes a database of schema version i to i + 1. Steps are only ever added at the end.
MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (create_tables,)


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
        try:
            self._engine = sa.create_engine(url)
            self.place = self._engine.url.render_as_string(hide_password=True)
            sqlite = self._engine.dialect.name == "sqlite"
            if sqlite:
                sa.event.listen(self._engine, "connect", _set_up_sqlite)
            with self._engine.begin() as connection:
                if sqlite:
                    # Two may open a new database at once, and a migration that fails is undone as a whole.
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                upgrade(connection, MIGRATIONS)
            if sqlite:
                # Readers do not wait for a writer. Kept in the file, so only now that we know that it is ours.
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise StoreError(
                f"The database {url.rsplit('@', 1)[-1]} cannot be opened: {getattr(error, 'orig', None) or error}. "
                "Check DIGITLAB_DATABASE_URL, that its folder exists and may be written to, and that it is a database."
            ) from error

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def version(self) -> int:
        """Return a number that grows with every write: the cache key of everything derived from the store."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(_meta.c.data_version)).scalar_one()

    # Writers and batches

    def writer_id(self, name: str) -> int:
        """Return the id of the writer called `name`, who is added if new.

        Raises:
            ValueError: If the name is empty or longer than 80 characters.
        """
        name = name.strip()
        if not 1 <= len(name) <= 80:
            raise ValueError(f"Expected a writer's name of 1 to 80 characters. Received: {len(name)} characters.")
        find = sa.select(_writers.c.id).where(_writers.c.name == name)
        with self._engine.connect() as connection:
            known = connection.execute(find).scalar()
        if known is not None:
            return known
        with self._write() as connection:
            known = connection.execute(find).scalar()
            return known or connection.execute(_writers.insert().values(name=name)).inserted_primary_key[0]

    def writers(self) -> dict[int, str]:
        """Return all writers, `{id: name}`, in the order of their names."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_writers).order_by(_writers.c.name))
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
        with self._write() as connection:
            if connection.execute(sa.select(_writers.c.id).where(_writers.c.id == writer_id)).scalar() is None:
                raise ValueError(f"Expected a stored writer. Received: writer {writer_id}, who is not in the database.")
            batch = _batches.insert().values(
                writer_id=writer_id, kind=kind, labels=labels, seed=seed, created_at=_now()
            )
            return connection.execute(batch).inserted_primary_key[0]

    def batches(self, writer_id: int | None = None, kinds: Sequence[str] = KINDS) -> list[Batch]:
        """Return the batches of a writer (or of all) and of these kinds, oldest first."""
        alive = sa.case((_drawings.c.deleted_at.is_(None), _drawings.c.id))
        query = (
            sa.select(
                _batches,
                _writers.c.name.label("writer"),
                sa.func.count(alive).label("drawn"),
                sa.func.coalesce(sa.func.sum(_drawings.c.seconds), 0.0).label("seconds"),
            )
            .join(_writers, _writers.c.id == _batches.c.writer_id)
            .outerjoin(_drawings, _drawings.c.batch_id == _batches.c.id)
            .where(_batches.c.kind.in_(kinds))
            .group_by(_batches.c.id, _writers.c.name)
            .order_by(_batches.c.id)
        )
        if writer_id is not None:
            query = query.where(_batches.c.writer_id == int(writer_id))
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
            strokes: As in `digitlab.strokes`, kept as drawn.
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
        batch_id, position = int(batch_id), int(position)
        with self._write() as connection:
            labels = connection.execute(sa.select(_batches.c.labels).where(_batches.c.id == batch_id)).scalar()
            if labels is None or not 0 <= position < len(labels):
                raise ValueError(
                    f"Expected a prompt of a stored batch. Received: prompt {position} of batch {batch_id}."
                )
            at_position = (_drawings.c.batch_id == batch_id) & (_drawings.c.position == position)
            connection.execute(_put_aside(at_position))
            drawing = _drawings.insert().values(
                batch_id=batch_id,
                position=position,
                label=labels[position],
                strokes=[stroke.tolist() for stroke in strokes],
                digit=digit.tobytes(),
                seconds=float(seconds),
                created_at=_now(),
            )
            return connection.execute(drawing).inserted_primary_key[0]

    def drawings(self, batch_ids: Sequence[int]) -> list[Drawing]:
        """Return the drawings of these batches, in the order in which they were drawn."""
        query = sa.select(_drawings).where(_in(batch_ids), _drawings.c.deleted_at.is_(None))
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
                for row in connection.execute(query.order_by(_drawings.c.id))
            ]

    def dataset(self, batch_ids: Sequence[int]) -> Dataset:
        """Gather the digits of these batches.

        Raises:
            ValueError: If there are none.
        """
        columns = sa.select(_drawings.c.digit, _drawings.c.label).order_by(_drawings.c.id)
        chosen = _in(batch_ids)
        with self._engine.connect() as connection:
            rows = connection.execute(columns.where(chosen, _drawings.c.deleted_at.is_(None))).all()
            seconds = connection.execute(sa.select(sa.func.sum(_drawings.c.seconds)).where(chosen)).scalar()
        if not rows:
            raise ValueError("Expected drawings to work with. Received: none. Draw some digits first.")
        images = np.frombuffer(b"".join(row.digit for row in rows), np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
        labels = np.array([row.label for row in rows], dtype=np.int64)
        return Dataset(images, labels, float(seconds), data_version(images, labels))

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
        with self._write() as connection:
            connection.execute(
                _runs.insert().values(id=card["id"], name=card["name"][:120], created_at=_now(), card=card)
            )

    def runs(self) -> list[dict]:
        """Return the cards of all runs, oldest first, each with its current `name` and its `created_at`."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_runs).order_by(_runs.c.created_at, _runs.c.id))
            return [{**row.card, "name": row.name, "created_at": row.created_at} for row in rows]

    def rename_run(self, run_id: str, name: str) -> None:
        """Give a run another name.

        Raises:
            ValueError: If the name is empty or longer than 120 characters.
        """
        if not 1 <= len(name.strip()) <= 120:
            raise ValueError(f"Expected a name of 1 to 120 characters. Received: {len(name.strip())} characters.")
        with self._write() as connection:
            connection.execute(_runs.update().where(_runs.c.id == run_id).values(name=name.strip()))

    def delete_runs(self, run_ids: Sequence[str]) -> None:
        """Forget these runs. Their model files are not touched."""
        with self._write() as connection:
            connection.execute(_runs.delete().where(_runs.c.id.in_(run_ids)))

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                # First of all, so that the transaction takes the write lock before it reads.
                connection.execute(_meta.update().values(data_version=_meta.c.data_version + 1))
                yield connection
        except sa.exc.OperationalError as error:
            raise StoreError(
                f"The database {self.place} cannot be written to: {error.orig}. Nothing was stored."
            ) from error


def upgrade(connection: sa.Connection, migrations: Sequence[Callable[[sa.Connection], None]]) -> None:
    """Bring a database to the schema version `len(migrations)`, inside the caller's transaction.

    Args:
        connection: To an empty database or a DigitLab database of any earlier version.
        migrations: As `MIGRATIONS`.

    Raises:
        StoreError: If the database belongs to another program or to a newer DigitLab.
    """
    tables = set(sa.inspect(connection).get_table_names())
    if tables and _meta.name not in tables:
        raise StoreError(
            f"Expected a DigitLab database or an empty one. Received: a database with the tables {sorted(tables)[:5]}. "
            "Point DIGITLAB_DATABASE_URL elsewhere; nothing was changed."
        )
    version = connection.execute(sa.select(_meta.c.schema_version)).scalar_one() if tables else 0
    if version > len(migrations):
        raise StoreError(
            f"Expected a database of schema version {len(migrations)} or older. Received: version {version}, made by a "
            "newer DigitLab. Update DigitLab; nothing was changed."
        )
    for migrate in migrations[version:]:
        migrate(connection)
    if version < len(migrations):
        connection.execute(_meta.update().values(schema_version=len(migrations)))


def balanced_labels(per_digit: int, seed: int) -> list[int]:
    """Return each label 0-9 `per_digit` times, shuffled round by round so that any prefix is nearly balanced."""
    rng = np.random.default_rng(seed)
    return [int(label) for _ in range(per_digit) for label in rng.permutation(NUM_CLASSES)]


def _in(batch_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return _drawings.c.batch_id.in_([int(batch_id) for batch_id in batch_ids])


def _put_aside(condition: sa.ColumnElement[bool]) -> sa.Update:
    return _drawings.update().where(condition, _drawings.c.deleted_at.is_(None)).values(deleted_at=_now())


def _set_up_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA synchronous = FULL")  # a committed drawing survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
