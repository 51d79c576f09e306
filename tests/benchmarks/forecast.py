"""How far forecasts miss: for each writer, from the first 100 drawings the accuracy at all 150 or so, own and MNIST.

The trainings are those of the app's learning curve. A writer's last 100 drawings are never trained on: `own` is the
accuracy on them, `mnist` that on MNIST's 10,000 test digits. An error is the distance between the forecast and the mean
over the trainings on all the drawings; `coverage_80` is how often that mean lies in the forecast's 80 % band.

    python tests/benchmarks/forecast.py --data WRITERS.ndjson.gz [--writers 1,2,3] [--json OUT] [--cache POINTS.json]

The file holds one drawing a line: writer, order, label (0-9), strokes (a list of [[x, ...], [y, ...]], y down).
With --cache the trainings are kept, and done once.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from digitlab import curve_points

SEEN = 100  # drawings a forecast may know of
HELD_OUT = 100  # a writer's last drawings


def measure(data, cache):
    """The curve of one writer as points `{n, seed, tests}`, trained where the cache has none."""
    own = choose(data, np.arange(len(data.labels) - HELD_OUT, len(data.labels)))
    total, points = len(data.labels) - HELD_OUT, []
    for n in [*curve_points.sizes(SEEN), total]:
        drawings = curve_points.first(data, n)
        name = "-".join((drawings.version, own.version, curve_points.settings_version(n, "dense")))
        if name not in cache:
            trainer = curve_points.Trainer(n, "dense", own)
            trainer.take(drawings)
            cache[name] = [trainer.train(seed) for seed in range(curve_points.SEEDS)]
        points += [{"n": n, "seed": seed, "tests": tests} for seed, tests in enumerate(cache[name])]
    return points
