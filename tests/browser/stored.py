"""What is on disk, once it is there."""

from digitlab.storage import schema
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawing_rows, read_drawings
from digitlab.storage.sheets import open_sheet
from tests.browser.waiting import once


def batch_of_writer(store, writer):
    """The writer's only batch."""
    (batch,) = [batch for batch in read_batches(store) if batch.writer == writer]
    return batch


def drawings_of(store, writer, count):
    """The drawings of a writer, oldest first, once there are so many."""

    def drawings():
        return read_drawings(store, [batch.id for batch in read_batches(store) if batch.writer == writer])

    return once(drawings, lambda found: len(found) == count)


class Kept:
    """What is on disk of the sheets."""

    def __init__(self, store):
        self.store = store

    def in_hand(self, batch):
        """The sheet that is being written on."""
        return open_sheet(self.store, batch, 6, 10.0)

    def drafts(self, batch, count):
        """The strokes of the sheet in hand, once there are so many of them."""
        # There may be none: a sheet of all prompts is begun before the first stroke on it is stored.
        return once(lambda: self.in_hand(batch), lambda sheet: sheet and len(sheet.strokes) == count).strokes

    def saved(self, batch, count):
        """The drawings of a batch in the order of their prompts, once there are so many."""

        def drawings():
            return sorted(read_drawings(self.store, [batch.id]), key=lambda drawing: drawing.position)

        return once(drawings, lambda found: len(found) == count)

    def events(self, batch):
        """All that happened on the sheet in hand."""
        query = schema.pen_events.select().where(schema.pen_events.c.sheet_id == self.in_hand(batch).id)
        with self.store.read() as connection:
            return [row.event for row in connection.execute(query.order_by(schema.pen_events.c.id))]

    def marks(self, batch):
        """What the quality checks ask, by position."""
        rows = read_drawing_rows(self.store, [batch.id])
        return {row.position: row.marks for row in rows if not row.deleted}
