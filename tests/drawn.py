"""Batches of drawings: one person's strokes, as they are or each a little different from the others."""

import numpy as np

from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.writers import add_writer
from tests.helpers import human_strokes


def draw_batch(store, kind, writer="Ana", *, rounds=2, seconds=2.0, labels=()):
    """Store a batch with each digit `rounds` times, 0 to 9 in turn, or with these labels; return its id."""
    labels = [*labels] or [*range(10)] * rounds
    batch_id = start_batch(store, add_writer(store, writer), kind, labels, seed=0)
    rng = np.random.default_rng(batch_id)
    for position, label in enumerate(labels):
        drawn = [np.array(stroke, float) for stroke in human_strokes()[label]]
        strokes = [200 * stroke.astype(float) for stroke in vary_strokes(drawn, 0.3, rng)]
        save_drawing(store, (batch_id, position), strokes, strokes_to_digit(strokes), seconds)
    return batch_id


def draw_ten(store, kind, writer="Ana", *, seconds=2.0, count=10):
    """Store a batch for the digits 0 to 9 with the first of them drawn, exactly as `human_strokes`; return its id."""
    batch_id = start_batch(store, add_writer(store, writer), kind, range(10), seed=0)
    for label in range(count):
        strokes = [np.array(stroke, float) for stroke in human_strokes()[label]]
        save_drawing(store, (batch_id, label), strokes, strokes_to_digit(strokes), seconds)
    return batch_id
