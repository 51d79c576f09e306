"""The pad of a sheet, as the browser plays it."""

import copy
import threading

import msgspec
import numpy as np
import sqlalchemy as sa

from digitlab.storage import schema
from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.pad_message import PenStroke
from digitlab.storage.people import OWNER
from digitlab.storage.sheets import begin_sheet, load_sheet, open_sheet
from digitlab.storage.writers import add_writer
from tests.helpers import human_strokes

START = 1_790_000_000_000  # ms: when the sheets of these tests are shown


def new_batch(store, writer="Ana", kind="full", per_digit=1):
    batch_id = start_batch(store, add_writer(store, writer), kind, balanced_labels(per_digit, 3), 3)
    return again(store, batch_id)


def again(store, batch_id):
    return next(batch for batch in read_batches(store) if batch.id == batch_id)


def begun_sheet(store, batch, cells, idle_seconds=10.0, *, by=OWNER):
    """The sheet in hand, stored as its first event would."""
    sheet = open_sheet(store, batch, cells, idle_seconds)
    if sheet.begin:
        begin_sheet(store, sheet.begin, by)
    return load_sheet(store, sheet.id)


class Pad:
    """What the browser's side does: number events, and send all that are asked for."""

    def __init__(self, sheet, client="ana1", now=START):
        self.sheet, self.client, self.now, self.events = sheet, client, now, []

    def tell(self, kind, wait=0.0, **more):
        self.now += 1000 * wait
        if kind != "stroke":
            more["at"] = self.now
        self.events.append({"n": len(self.events) + 1, "type": kind, **more})
        return self

    def stroke(self, cell, points, *, wait=1.0, lasts=0.5, size=100.0, pointer="pen"):
        began = self.now + 1000 * wait
        self.now = began + 1000 * lasts
        return self.tell(
            "stroke", cell=cell, size=size, began=began, ended=self.now, pointer=pointer, points=rows(points)
        )

    def digit(self, cell, label=None, size=100.0, **more):
        for stroke in human_strokes()[self.sheet.labels[cell] if label is None else label]:
            self.stroke(cell, np.array(stroke) * size / 280, size=size, **more)
        return self

    def message(self, since=0):
        message = {"sheet": self.sheet.id, "client": self.client, "events": copy.deepcopy(self.events[since:])}
        return {**message, "begin": msgspec.to_builtins(self.sheet.begin)}


def rows(points):
    """x, y with times 10 ms apart and a pressure."""
    return [[float(x), float(y), 10.0 * number, 0.5] for number, (x, y) in enumerate(points)]


def everything(store):
    with store.read() as connection:
        tables = [connection.execute(sa.select(table)).all() for table in schema.metadata.sorted_tables]
    return repr(tables)


def in_threads(functions):
    problems = []

    def guarded(function):
        try:
            function()
        except Exception as error:  # told below
            problems.append(error)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems, problems


def strokes_of(events):
    """The strokes among a pad's events, as the store returns them."""
    return tuple(msgspec.convert(event, PenStroke) for event in events if event["type"] == "stroke")


def counts(store):
    """How many rows each table has."""
    with store.read() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }
