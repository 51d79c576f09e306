"""The tables of the database as they are today; `migrations` says how they came to be."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

SCHEMA_VERSION = 9  # the number of the last step in migrations/versions

metadata = sa.MetaData()
meta = sa.Table(
    "digitlab_meta",
    metadata,
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("data_version", sa.Integer, nullable=False),  # grows with each write
    sa.Column("frozen", sa.Boolean, nullable=False, server_default=sa.false()),  # pupils change nothing
    sa.Column("names_hidden", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("last_id", sa.Integer, nullable=False, server_default="0"),  # highest of a writer or batch that is erased
    sa.Column("drawings_hidden", sa.Boolean, nullable=False, server_default=sa.false()),  # pupils see their own alone
)
writers = sa.Table(
    "writers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False, unique=True),
    # Of what their personal link holds, or of their login (`logins`); none on one's own machine.
    sa.Column("token_hash", sa.String(64)),
    sa.Column("teacher", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_writers_token_hash", "token_hash", unique=True),
)
batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("writer_id", sa.ForeignKey("writers.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),  # what is asked for, in the order of the prompts
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    # The data_version of its last change: a batch in a certain state, the cache key of what is derived from it. No two
    # states ever have the same, even where the number of a batch that is gone is given again.
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
)
drawings = sa.Table(
    "drawings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batches.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("label", sa.Integer, nullable=False),
    sa.Column("strokes", sa.JSON, nullable=False),  # as drawn: JSON writes floats so that they read back the same
    sa.Column("digit", sa.LargeBinary, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),  # active: think, draw and pause
    sa.Column("think_seconds", sa.Float),  # these three where each stroke's time is known
    sa.Column("draw_seconds", sa.Float),
    sa.Column("pause_seconds", sa.Float),
    sa.Column("pointer", sa.String(10)),  # mouse, touch or pen
    sa.Column("marks", sa.JSON, nullable=False, default=list),  # what quality checks ask, until it is answered
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("deleted_at", sa.String(32)),
)
# A sheet of cells in the hand of its writer, and all that happened on it: nothing is lost before it is saved.
sheets = sa.Table(
    "sheets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batches.id"), nullable=False, index=True),
    sa.Column("positions", sa.JSON, nullable=False),  # of the prompts, cell by cell
    sa.Column("idle_seconds", sa.Float, nullable=False),  # the threshold
    sa.Column("extra_seconds", sa.Float, nullable=False),  # active, of no digit: handling, cells left blank
    sa.Column("idle_total", sa.Float, nullable=False),
    sa.Column("wall_seconds", sa.Float, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("saved_at", sa.String(32)),
)
pen_events = sa.Table(
    "pen_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sheet_id", sa.ForeignKey("sheets.id"), nullable=False),
    sa.Column("client", sa.String(20), nullable=False),  # the browser page that sent it
    sa.Column("number", sa.Integer, nullable=False),  # its own count: what arrives twice is taken once
    sa.Column("event", sa.JSON, nullable=False),
    sa.UniqueConstraint("sheet_id", "client", "number"),
)
# Counting, finding and summing drawings reads this index alone: a row is pages long, for the strokes in it.
sa.Index("drawings_of_batch", drawings.c.batch_id, drawings.c.deleted_at, drawings.c.label, drawings.c.seconds)
# The tables are made by the migrations, with these conditions on PostgreSQL too. Named here as well, `postgresql_where`
# would load its dialect into every server: 2 MB.
has_marks = sa.cast(drawings.c.marks, sa.Text) != sa.literal_column("'[]'")
sa.Index("marked_drawings", drawings.c.batch_id, sqlite_where=has_marks)
# One living drawing per prompt: a save that arrives twice cannot be stored twice.
sa.Index(
    "one_drawing_per_position",
    drawings.c.batch_id,
    drawings.c.position,
    unique=True,
    sqlite_where=drawings.c.deleted_at.is_(None),
)
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("card", sa.JSON, nullable=False),
    sa.Column("owner_id", sa.Integer),  # the writer who asked for it; none on one's own machine
    sa.Column("sources_erased", sa.Boolean, nullable=False, server_default=sa.false()),  # some of what it learnt from
)
# The files of the models of runs, a megabyte each: in a table of their own, so that no list of runs reads them.
model_files = sa.Table(
    "model_files",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(10), primary_key=True),  # keras, tflite, npz
    sa.Column("content", sa.LargeBinary, nullable=False),
)
# One training of a learning curve. What it was trained and tested on is named by versions: equal data, equal version.
curve_points = sa.Table(
    "curve_points",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("train_version", sa.String(16), nullable=False),
    sa.Column("test_version", sa.String(16), nullable=False),  # of the own test set; empty without one
    sa.Column("settings_version", sa.String(16), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),  # digits trained on
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("tests", sa.JSON, nullable=False),  # as a card has them
    sa.Column("training_seconds", sa.Float, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("batch_ids", sa.JSON(none_as_null=True)),  # trained or tested on; none: stored before that was kept
    sa.UniqueConstraint("train_version", "test_version", "settings_version", "n", "seed"),
)
# What was forecast from the first n drawings, so that it can be compared with what came.
forecasts = sa.Table(
    "forecasts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("train_version", sa.String(16), nullable=False),
    sa.Column("test_version", sa.String(16), nullable=False),  # empty: MNIST's test set
    sa.Column("settings_version", sa.String(16), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("path", sa.JSON, nullable=False),  # [[drawings, accuracy, low, high], ...]
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("batch_ids", sa.JSON(none_as_null=True)),  # as in the points
    sa.UniqueConstraint("train_version", "test_version", "settings_version", "n"),
)
# What a run's model takes the living digits of a batch for: a byte each, in the order of their ids.
predictions = sa.Table(
    "predictions",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("batch_version", sa.Integer, nullable=False),  # other digits, another version
    sa.Column("labels", sa.LargeBinary, nullable=False),
)


class StoreError(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


def now() -> str:
    """Return this moment as the tables hold it: UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def insert(connection: sa.Connection, table: sa.Table, **values: object) -> int:
    """Add a row to a table whose key is a number, and return that number."""
    key = connection.execute(table.insert().values(**values)).inserted_primary_key
    if key is None:
        raise StoreError(f"Expected a number for the new row of {table.name}. Received: none.")
    return int(key[0])


def new_id(connection: sa.Connection, table: sa.Table) -> int:
    """Return a number for a new writer or batch that none ever had: what was erased is never taken for what is new."""
    last: int = connection.execute(sa.select(meta.c.last_id)).scalar_one()
    newest: int | None = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
    return max(last, newest or 0) + 1


def erased_batches(connection: sa.Connection, batch_ids: Iterable[int]) -> set[int]:
    """Return those of these batches that were there once."""
    last = connection.execute(sa.select(meta.c.last_id)).scalar_one()
    asked = {batch_id for batch_id in batch_ids if batch_id <= last}
    return asked - set(connection.execute(sa.select(batches.c.id).where(batches.c.id.in_(asked))).scalars())


def mark_changed(connection: sa.Connection, batch_ids: Sequence[int] | sa.Select[tuple[int]]) -> None:
    """Give these batches a new version, in a transaction that changes their drawings."""
    version = sa.select(meta.c.data_version).scalar_subquery()
    connection.execute(batches.update().where(batches.c.id.in_(batch_ids)).values(version=version))
