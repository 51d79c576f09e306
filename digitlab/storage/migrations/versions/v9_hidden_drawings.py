"""A class may hide the drawings of others from its pupils."""

import sqlalchemy as sa
from alembic import op

revision = "v9"
down_revision = "v8"


def upgrade() -> None:
    """Add the column."""
    op.add_column("digitlab_meta", sa.Column("drawings_hidden", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE digitlab_meta SET schema_version = 9")
