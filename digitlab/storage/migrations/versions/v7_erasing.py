"""A person can be erased: whose drawings are in a point of a curve, and which runs have lost their sources."""

import sqlalchemy as sa
from alembic import op

revision = "v7"
down_revision = "v6"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("digitlab_meta", sa.Column("last_id", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("sources_erased", sa.Boolean, nullable=False, server_default=sa.false()))
    for table in ("curve_points", "forecasts"):
        op.add_column(table, sa.Column("batch_ids", sa.JSON))
    op.execute("UPDATE digitlab_meta SET schema_version = 7")
