"""Undo takes back a clear too: what undo meant before stays in what is stored."""

import json

import sqlalchemy as sa
from alembic import op

revision = "v6"
down_revision = "v5"

_EVENTS = sa.table("pen_events", sa.column("id", sa.Integer), sa.column("event", sa.JSON))


def upgrade() -> None:
    """Give the undo of the pads before another name: it took back a stroke, never a clear."""
    connection = op.get_bind()
    undo = sa.cast(_EVENTS.c.event, sa.Text).like('%"undo"%')
    for row in connection.execute(sa.select(_EVENTS).where(undo)).all():
        event = json.loads(row.event) if isinstance(row.event, str) else row.event
        event = {**event, "type": "undo_stroke"}
        connection.execute(_EVENTS.update().where(_EVENTS.c.id == row.id).values(event=event))
    op.execute("UPDATE digitlab_meta SET schema_version = 6")
