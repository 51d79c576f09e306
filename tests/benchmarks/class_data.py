"""A database as a class leaves it: writers, batches, sheets, events of the pen, drawings, runs and their models.

Made by the app's own functions of storage, a transaction a sheet. The drawings are those of tests/browser/digits.json,
varied twenty times each; further ones differ from those in a few pixels and points, so that no two are the same.
"""

import itertools

import numpy as np

from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage import schema
from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.drawings import insert_drawing
from digitlab.storage.writers import add_writer
from tests.helpers import NO_NETWORK, a_run, add_run, human_strokes, reference_files

WRITERS = 50
CELLS = 50  # of a sheet
_VARIED = 20  # of each digit
_CELL = 112  # px
_BATCHES = (("one", 10), ("full", 100), ("test", 50), ("full", 100))  # of each writer, again and again: kind, drawings
_DAY = 1_790_000_000_000  # ms


def fill(store, drawings, runs, writers=WRITERS):
    """Fill an empty database.

    Args:
        store: Open.
        drawings: How many, a fifth of them to test with.
        runs: How many; the oldest of each writer, which speaks for the others, has a model.
        writers: Who share in all.
    """
    rng = np.random.default_rng(0)
    varied = _vary(rng)
    each = drawings // writers
    for number in range(writers):
        writer_id = add_writer(store, f"writer{number:02}")
        left, order = each, itertools.cycle(_BATCHES)
        while left > 0:
            kind, most = next(order)
            count = min(left, most)
            labels = balanced_labels(-(-count // 10), left)[:count]
            _draw(store, start_batch(store, writer_id, kind, labels, left), labels, varied, rng)
            left -= count
    _add_runs(store, runs, rng)


def _vary(rng):
    varied = []
    for strokes in human_strokes().values():
        first = [np.array(stroke, float) * _CELL / 280 for stroke in strokes]
        copies = [vary_strokes(first, 0.5, rng) for _ in range(_VARIED)]
        varied.append([([_timed(stroke) for stroke in copy], strokes_to_digit(copy)) for copy in copies])
    return varied


def _timed(stroke):
    """x, y, ms, pressure, as a pad sends it."""
    rows = np.empty((len(stroke), 4))
    rows[:, :2], rows[:, 2], rows[:, 3] = stroke.round(2), 10 * np.arange(len(stroke)), 0.5
    return rows


def _draw(store, batch_id, labels, varied, rng):
    for first in range(0, len(labels), CELLS):
        positions = list(range(first, min(first + CELLS, len(labels))))
        with store.write() as connection:
            sheet = {"batch_id": batch_id, "positions": positions, "idle_seconds": 10.0, "extra_seconds": 0.2}
            times = {"idle_total": 0.0, "wall_seconds": 60.0, "created_at": schema.now(), "saved_at": schema.now()}
            sheet_id = schema.insert(connection, schema.sheets, **sheet, **times)
            events = [{"n": 1, "type": "shown", "at": _DAY}]
            for cell, position in enumerate(positions):
                strokes, digit = _unlike(*varied[labels[position]][rng.integers(_VARIED)], rng)
                began = _DAY + 1200 * cell
                for stroke in strokes:
                    stroke_time = {"began": began, "ended": began + 10 * len(stroke), "pointer": "pen"}
                    points = {"cell": cell, "size": _CELL, "points": stroke.tolist()}
                    events.append({"n": len(events) + 1, "type": "stroke", **stroke_time, **points})
                times = {"think_seconds": 0.4, "draw_seconds": 0.7, "pause_seconds": 0.1}
                marks = ["tiny"] if position % 100 == 7 else []
                prompt = batch_id, position
                insert_drawing(connection, prompt, strokes, digit, 1.2, **times, pointer="pen", marks=marks)
            rows = [{"sheet_id": sheet_id, "client": "a1", "number": each["n"], "event": each} for each in events]
            connection.execute(schema.pen_events.insert(), rows)


def _unlike(strokes, digit, rng):
    """The same drawing, not quite."""
    digit, strokes = digit.copy(), [stroke.copy() for stroke in strokes]
    inked = np.flatnonzero(digit > 40)
    digit.flat[rng.choice(inked, 4)] -= rng.integers(1, 40, 4, dtype=np.uint8)
    strokes[0][0, :2] += rng.normal(0, 0.2, 2).round(2)
    return strokes, digit


def _add_runs(store, runs, rng):
    model = reference_files()
    of_writer = {}
    for batch in read_batches(store, kinds=("full",)):
        of_writer.setdefault(batch.writer_id, []).append(batch)
    batches = list(of_writer.values())
    for number in range(runs):
        method = "dense" if number % 10 == 0 else "full"
        trained_on = [] if method == "dense" else batches[number % len(batches)]
        run = a_run(
            f"{method}-{number}",
            method,
            name=f"Run {number}",
            right=rng.uniform(0.5, 0.97),
            own=rng.uniform(0.8, 1),
            minutes=2.0 * len(trained_on),
            drawings=sum(batch.drawn for batch in trained_on),
            epochs=20 + number % 80,
            batch_ids=[batch.id for batch in trained_on],
            seed=number,
        )
        add_run(store, run, model if number < len(batches) else NO_NETWORK)
