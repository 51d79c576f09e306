"""A class of fifty with 100,000 drawings: versions of batches, wider indexes, predictions that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "v5"
down_revision = "v4"


def upgrade() -> None:
    """Add a column, two indexes in place of one, a table."""
    op.add_column("batches", sa.Column("version", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE batches SET version = (SELECT data_version FROM digitlab_meta)")
    op.drop_index("ix_drawings_batch_id", "drawings")
    op.create_index("drawings_of_batch", "drawings", ["batch_id", "deleted_at", "label", "seconds"])
    has_marks = sa.text("CAST(marks AS TEXT) != '[]'")
    op.create_index("marked_drawings", "drawings", ["batch_id"], sqlite_where=has_marks, postgresql_where=has_marks)
    op.create_table(
        "predictions",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("batch_version", sa.Integer, nullable=False),
        sa.Column("labels", sa.LargeBinary, nullable=False),
    )
    op.execute("UPDATE digitlab_meta SET schema_version = 5")
