"""Work of a known size: how fast this machine is now, for figures that have no peer of their own."""

import json
import time
from statistics import median

import numpy as np

REPEATS = 5
_SIZE, _PRODUCTS = 1024, 20
_RECORDS, _ROUNDS = [{"label": n % 10, "strokes": [[n, n + 1, n / 7]] * 20} for n in range(500)], 10


def measure():
    """Return the seconds of each: `matrix`, products on all cores; `python`, one core, without arithmetic."""
    matrix = np.random.default_rng(0).normal(size=(_SIZE, _SIZE)).astype(np.float32)

    def products():
        for _ in range(_PRODUCTS):
            matrix @ matrix

    def texts():
        for _ in range(_ROUNDS):
            json.loads(json.dumps(_RECORDS))

    return {
        name: median(_seconds(work) for _ in range(REPEATS)) for name, work in (("matrix", products), ("python", texts))
    }


def mean_of(before, after):
    """Return the peers of a benchmark, measured before it and after it."""
    return {name: (before[name] + after[name]) / 2 for name in before}


def _seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
