"""The points of learning curves, and forecasts."""

import sqlalchemy as sa
from alembic import op

revision = "v2"
down_revision = "v1"


def upgrade() -> None:
    """Add their two tables."""
    op.create_table(
        "curve_points",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("train_version", sa.String(16), nullable=False),
        sa.Column("test_version", sa.String(16), nullable=False),
        sa.Column("settings_version", sa.String(16), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("tests", sa.JSON, nullable=False),
        sa.Column("training_seconds", sa.Float, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("train_version", "test_version", "settings_version", "n", "seed"),
    )
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("train_version", sa.String(16), nullable=False),
        sa.Column("test_version", sa.String(16), nullable=False),
        sa.Column("settings_version", sa.String(16), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("path", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("train_version", "test_version", "settings_version", "n"),
    )
    op.execute("UPDATE digitlab_meta SET schema_version = 2")
