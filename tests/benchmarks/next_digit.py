"""Whether it helps to draw the digit that the app names: six more drawings of it, beside six of each other digit.

For each writer: trained on the first 50 drawings, then on these and the next six of one digit, each digit in turn.
`named` is the gain of accuracy by the digit that `advice.expected_gains` puts first (each drawing taking equally long),
`any` the mean over all ten, `best` that of the digit that turned out best.

    python tests/benchmarks/next_digit.py --data WRITERS.ndjson.gz [--writers 1,2,3] [--json OUT]

The file holds one drawing a line: writer, order, label (0-9), strokes (a list of [[x, ...], [y, ...]], y down).
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
from writers import choose, read_writers

from digitlab.curve import advice, training

FIRST, MORE, HELD_OUT, SEEDS = 50, 6, 100, 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--writers", type=lambda text: [int(part) for part in text.split(",")], help="such as 1,2,5")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_file():
        parser.error("name a file of pen strokes with --data or DIGITLAB_WRITERS; without one there is nothing to do")
    writers = read_writers(Path(options.data))
    results = {"mnist": [], "own": []}
    for writer in options.writers or sorted(writers):
        for test_set, result in measure_gains(writers[writer]).items():
            results[test_set].append(result)
            print(f"{writer:6}  {test_set:6}", "  ".join(f"{k} {100 * v:+.1f}" for k, v in result.items()), flush=True)
    means = {
        test_set: {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        for test_set, rows in results.items()
    }
    for test_set, mean in means.items():
        print(f"{test_set:6} mean gain in points:", "  ".join(f"{k} {100 * v:+.2f}" for k, v in mean.items()))
    if options.json:
        options.json.write_text(json.dumps(means, indent=1) + "\n")


def measure_gains(data):
    """{test set: {named, any, best}}: gains of accuracy, 0-1, of one writer."""
    early = np.arange(len(data.labels) - HELD_OUT)
    own = choose(data, np.arange(len(early), len(data.labels)))
    before = train(choose(data, early[:FIRST]), own)
    drawn = np.bincount(data.labels[:FIRST], minlength=10)
    gained = {"mnist": [], "own": []}
    for digit in range(10):
        later = [index for index in early[FIRST:] if data.labels[index] == digit][:MORE]
        after = train(choose(data, np.concatenate([early[:FIRST], later])), own)
        for test_set, gains in gained.items():
            gains.append(after[test_set][0] - before[test_set][0])
    results = {}
    for test_set, gains in gained.items():
        expected = advice.expected_gains(before[test_set][1], drawn, np.ones(10), None)["gain"]
        results[test_set] = {"named": gains[int(expected.argmax())], "any": np.mean(gains), "best": max(gains)}
    return results


def train(data, own):
    """{test set: (accuracy, confusion matrix)} over the seeds."""
    trainer = training.Trainer(len(data.labels), "dense", own)
    trainer.set_digits(data)
    tests = [trainer.train(seed) for seed in range(SEEDS)]
    return {
        name: (np.mean([t[name].accuracy for t in tests]), np.sum([t[name].confusion for t in tests], axis=0))
        for name in ("mnist", "own")
    }


if __name__ == "__main__":
    main()
