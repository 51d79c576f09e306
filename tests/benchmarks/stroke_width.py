"""At which pen width do real pen strokes carry as much ink as MNIST's training digits?

Prints, per digit and as the median over digits, the width that `strokes.PEN_WIDTH` is taken from.

    python tests/benchmarks/stroke_width.py --data WRITERS.ndjson.gz
"""

import argparse
import os
import sys
from itertools import chain
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from digitlab import mnist
from digitlab.drawing.preprocess import ink_to_digit
from digitlab.drawing.strokes import PEN_WIDTH, render
from tests.benchmarks.pen_strokes import read_people

WIDTHS = np.arange(2.0, 3.41, 0.2)
PER_DIGIT = 100


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    options = parser.parse_args()
    drawings = list(chain.from_iterable(read_people(options.data, parser).values()))
    np.random.default_rng(0).shuffle(drawings)
    images, labels = mnist.load_train()
    widths = []
    for digit in range(10):
        strokes = [drawing.strokes for drawing in drawings if drawing.label == digit][:PER_DIGIT]
        ink = [np.mean([ink_to_digit(render(drawing, width)).mean() for drawing in strokes]) for width in WIDTHS]
        widths.append(np.interp(images[labels == digit].mean(), ink, WIDTHS))
        print(f"digit {digit}: {widths[-1]:.2f} px")
    print(f"median {np.median(widths):.2f} px, mean {np.mean(widths):.2f} px; in use {PEN_WIDTH} px")


if __name__ == "__main__":
    main()
