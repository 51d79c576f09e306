"""Points of learning curves in a database, as trainings would have left them."""

import numpy as np

from digitlab.curve import points, writer_curves
from digitlab.learning import training_data
from digitlab.learning.evaluation import evaluate
from digitlab.storage import curve_points
from digitlab.storage.batches import read_batches


def put_points(store, accuracy, writer="Ana", below=float("inf")):
    """Store the points of a writer's curves with fewer than `below` drawings, `accuracy(n)` of MNIST right."""
    curves = writer_curves.plan_curves(read_batches(store), writer, store.place)
    own = training_data.read_own_test_set(store, curves.mine.test_batch_ids)
    for curve, n in writer_curves.read_trained_points(store, curves).missing:
        key = points.point_key(points.load_drawings(store, curve), n, own, curve.network)
        for seed in range(curve.seeds) if n < below else ():
            tests = {"mnist": measured(accuracy(n) + seed / 1000, 1000)}
            if own:
                tests["own"] = measured(min(1, accuracy(n) + 0.2), len(own.labels))
            curve_points.add_point(store, key, seed, tests, 0.5, batch_ids=curve.all_batch_ids)


def measured(right, n):
    """The result of a test on `n` digits."""
    labels = np.arange(n) % 10
    wrong = np.arange(n) >= round(right * n)
    return evaluate(labels, (labels + wrong) % 10)
