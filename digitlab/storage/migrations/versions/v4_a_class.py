"""Who may change what: the personal links of a class, whose a run is, and what a teacher has set."""

import sqlalchemy as sa
from alembic import op

revision = "v4"
down_revision = "v3"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("digitlab_meta", sa.Column("frozen", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("digitlab_meta", sa.Column("names_hidden", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("writers", sa.Column("token_hash", sa.String(64)))
    op.add_column("writers", sa.Column("teacher", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("runs", sa.Column("owner_id", sa.Integer))
    op.create_index("ix_writers_token_hash", "writers", ["token_hash"], unique=True)
    op.execute("UPDATE digitlab_meta SET schema_version = 4")
