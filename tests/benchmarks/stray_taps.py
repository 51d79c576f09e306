"""How often a stray tap makes the reference model misread a digit, and whose short strokes would count as one.

    python tests/benchmarks/stray_taps.py --data writers.ndjson.gz

A dot is put beside each of 300 digits, at a share of the digit's longer side from its nearest point. The last line
counts the people's own strokes that `digitlab.drawing.tidy` leaves out of all their digits.
"""

import argparse
import os
import sys
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.drawing.tidy import without_stray_taps
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from tests.benchmarks.pen_strokes import read_people

TABLET = 500  # pixels, the side of what the people wrote on


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    digits = list(chain.from_iterable(read_people(parser.parse_args().data, parser).values()))
    drawings = [digit.strokes for digit in digits]
    predictor = Predictor((model_files.shipped_dir() / "reference.tflite").read_bytes(), "reference")
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(digits), 300, replace=False)
    labels = np.array([digits[number].label for number in chosen])

    def right(some):
        images = np.stack([strokes_to_digit(drawing) for drawing in some])
        return (predictor.predict(images).argmax(axis=1) == labels).mean()

    print(f"no dot: {right([drawings[number] for number in chosen]):.1%} read right")
    for share in (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6):
        dotted = [[*drawings[number], dot_beside(drawings[number], share, rng)] for number in chosen]
        tidied = [without_stray_taps(drawing, TABLET) for drawing in dotted]
        print(f"a dot {share:.0%} away: {right(dotted):.1%}; without stray taps: {right(tidied):.1%}")
    left_out = sum(len(drawing) - len(without_stray_taps(drawing, TABLET)) for drawing in drawings)
    print(f"strokes of {len(drawings)} digits as people wrote them that are left out: {left_out}")


def dot_beside(drawing, share, rng):
    points = np.concatenate(drawing)
    low, high = points.min(axis=0), points.max(axis=0)
    distance = share * (high - low).max()
    while True:
        place = rng.uniform(low - 1.2 * distance, high + 1.2 * distance)
        if 0.95 * distance < np.hypot(*(points - place).T).min() < 1.1 * distance:
            return np.array([place, place + [2, 1]])


if __name__ == "__main__":
    main()
