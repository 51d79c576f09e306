"""The files of a run's model, in the database: a backup is whole, and a worker needs nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "v8"
down_revision = "v7"

_KINDS = ("keras", "tflite", "npz")


def upgrade() -> None:
    """Add the table; a backup made before has the files in a table of its own."""
    op.create_table(
        "model_files",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    if "backup_models" in sa.inspect(op.get_bind()).get_table_names():
        _take_from_backup(op.get_bind())
    op.execute("UPDATE digitlab_meta SET schema_version = 8")


def _take_from_backup(connection: sa.Connection) -> None:
    ids = set(connection.execute(sa.text("SELECT id FROM runs")).scalars())
    take = sa.text("INSERT INTO model_files SELECT :id, :kind, content FROM backup_models WHERE name = :name")
    for name in connection.execute(sa.text("SELECT name FROM backup_models")).scalars().all():
        run_id, _, kind = name.rpartition(".")
        if run_id in ids and kind in _KINDS:
            connection.execute(take, {"id": run_id, "kind": kind, "name": name})
    op.drop_table("backup_models")
