"""The first tables: writers, batches, drawings, sheets, runs."""

import sqlalchemy as sa
from alembic import op

revision = "v1"
down_revision = None


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "digitlab_meta",
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("data_version", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO digitlab_meta (schema_version, data_version) VALUES (1, 0)")
    op.create_table(
        "writers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("writer_id", sa.Integer, sa.ForeignKey("writers.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "drawings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batches.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("label", sa.Integer, nullable=False),
        sa.Column("strokes", sa.JSON, nullable=False),
        sa.Column("digit", sa.LargeBinary, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("think_seconds", sa.Float),
        sa.Column("draw_seconds", sa.Float),
        sa.Column("pause_seconds", sa.Float),
        sa.Column("pointer", sa.String(10)),
        sa.Column("marks", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("deleted_at", sa.String(32)),
    )
    op.create_index(
        "one_drawing_per_position",
        "drawings",
        ["batch_id", "position"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "sheets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batches.id"), nullable=False, index=True),
        sa.Column("positions", sa.JSON, nullable=False),
        sa.Column("idle_seconds", sa.Float, nullable=False),
        sa.Column("extra_seconds", sa.Float, nullable=False),
        sa.Column("idle_total", sa.Float, nullable=False),
        sa.Column("wall_seconds", sa.Float, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("saved_at", sa.String(32)),
    )
    op.create_table(
        "pen_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sheet_id", sa.Integer, sa.ForeignKey("sheets.id"), nullable=False),
        sa.Column("client", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event", sa.JSON, nullable=False),
        sa.UniqueConstraint("sheet_id", "client", "number"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("card", sa.JSON, nullable=False),
    )
