"""How long your reader takes for a digit: its nearest drawings by DTW, beside a plain loop that does the same.

python tests/benchmarks/reader_speed.py [--templates 150] [--json OUT]
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from digitlab.drawing.traces import POINTS, distances, trace
from digitlab.learning.reader import Reader, add_vote

REPEATS = 50


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--templates", type=int, default=150)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    drawings = [[rng.normal(size=(30, 2)).cumsum(axis=0)] for _ in range(options.templates)]
    traces = np.stack([trace(strokes) for strokes in drawings])
    reader = Reader(traces, np.arange(options.templates) % 10)
    uniform = np.full((1, 10), 0.1)
    ours, loop = distances(traces[0], traces), np.array([by_loop(traces[0], other) for other in traces])
    report = {
        "templates": options.templates,
        "largest_difference": float(np.abs(ours - loop).max()),
        "read_ms": milliseconds(lambda: add_vote(reader, drawings[:1], uniform), REPEATS),
        "distances_ms": milliseconds(lambda: distances(traces[0], traces), REPEATS),
        "loop_ms": milliseconds(lambda: [by_loop(traces[0], other) for other in traces], 3),
    }
    print(f"a digit read beside {options.templates} drawings: {report['read_ms']:.1f} ms")
    print(f"of it the distances: {report['distances_ms']:.1f} ms; by a plain loop {report['loop_ms']:.0f} ms")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def milliseconds(function, repeats):
    """The median over calls."""
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        took.append(time.perf_counter() - began)
    return 1000 * float(np.median(took))


def by_loop(one, other):
    """Dynamic time warping of two traces, cell by cell."""
    costs = ((one[:, None] - other[None]) ** 2).sum(axis=2).tolist()
    infinite = float("inf")
    before = [infinite] * POINTS
    for i, row in enumerate(costs):
        now = [infinite] * POINTS
        for j in range(max(0, i - 6), min(POINTS, i + 7)):
            left = now[j - 1] if j else infinite
            corner = before[j - 1] if j else infinite
            now[j] = row[j] + (min(left, corner, before[j]) if i or j else 0.0)
        before = now
    return before[-1] / POINTS


if __name__ == "__main__":
    main()
