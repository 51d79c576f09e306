"""How many cells of filled sheets of paper are cut right in photos of them.

    python tests/benchmarks/paper.py --data WRITERS.ndjson.gz

Each person fills one sheet of 100 cells and one of 200 with drawings of their own: the sheet is the PDF that is
printed, the pen 0.4 to 1 mm wide in four colours, one in ten digits goes over its cell's border by up to 1.5 mm, three
cells in a hundred stay empty. A camera takes it turned by up to 10 degrees beside a multiple of 90, tilted by up to 12
degrees about both axes, the paper bent by up to 8 mm, in one of five kinds of light, with blur and noise, 1600 to 3000
pixels long, as a JPEG of quality 70. A cell is cut right if its label is right, the ink found ends within 0.8 mm of
where the pen went on each side, and the digit looks like the strokes alone; an empty one, if nothing is found in it.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.paper.code import SheetCode
from digitlab.formats.paper.layout import PAPERS, Layout
from digitlab.formats.paper.read_sheet import read_sheet
from digitlab.formats.paper.sheet_digits import doubts
from digitlab.formats.parts import FormatError
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from tests.benchmarks.pen_strokes import read_people
from tests.formats.a_sheet import PENS, fill, mistakes, photograph

LIGHTS = ("even", "slope", "shadow", "vignette", "crumpled")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--first", type=int, default=0, help="leave out the people before this one")
    options = parser.parse_args()
    predictor, results = Predictor(model_files.load_tflite("reference"), "reference"), []
    for number, drawings in enumerate(read_people(options.data, parser).values()):
        if options.first <= number < options.people:
            by_label = [[each.strokes for each in drawings if each.label == label] for label in range(10)]
            results.append(one_person(number, by_label, predictor))
            print(json.dumps(results[-1]), flush=True)
    for what in ("right", "looked_at", "photo", "drawn", "seconds"):
        values = np.array([result[what] for result in results])
        share = what != "seconds"
        mean, spread, low, high = (
            100**share * value for value in (values.mean(), values.std(), values.min(), values.max())
        )
        print(f"{what}: mean {mean:.2f}, spread {spread:.2f}, least {low:.2f}, most {high:.2f}{' %' if share else ''}")
    print(f"cells not cut right: {sum(result['wrong'] for result in results)} of {300 * len(results)}")


def one_person(number, drawings, predictor):
    """Shares of the cells cut right, of those to be looked at, and of those read right, in the photo and as drawn."""
    rng = np.random.default_rng(number)
    wrong, seconds, looked, photo, drawn, kinds = 0, [], 0, [], [], Counter()
    for cells in (100, 200):
        code = SheetCode(f"Person {number}", 1_000_000 + number, Layout(list(PAPERS)[number % 2], cells))
        asked = [drawings[label][rng.integers(len(drawings[label]))] for label in code.labels]
        given = [None if rng.random() < 0.03 else drawing for drawing in asked]
        sheet = fill(code, given, seed=number, pen=(0.4, 1.0), colours=tuple(PENS), over=0.1)
        content = photograph(
            sheet.paper,
            turn=90 * rng.integers(4) + rng.uniform(-10, 10),
            tilt=rng.uniform(-12, 12, 2),
            bend=rng.uniform(-8, 8),
            light=LIGHTS[number % 5],
            noise=rng.uniform(0.01, 0.03),
            longest=int(rng.uniform(1600, 3000)),
            share=rng.uniform(0.75, 0.95),
            quality=70,
            seed=number,
        )
        began = time.perf_counter()
        try:
            read = read_sheet(content, "photo.jpg")
        except FormatError as error:
            print(error)
            read = None
        seconds.append(time.perf_counter() - began)
        if read is None or read.code != code:
            wrong, kinds = wrong + cells, kinds + Counter({"not found": cells})
            continue
        found = mistakes(sheet, read)
        wrong += len(found)
        kinds += Counter(why for _, why in found)
        looked += sum(bool(doubt) and doubt != "empty" for doubt in doubts(read, predictor.predict(read.cells.images)))
        there = [cell for cell, drawing in enumerate(given) if drawing is not None]
        labels = np.array(code.labels)[there]
        as_drawn = np.stack([strokes_to_digit(given[cell]) for cell in there])
        photo += (predictor.predict(read.cells.images[there]).argmax(axis=1) == labels).tolist()
        drawn += (predictor.predict(as_drawn).argmax(axis=1) == labels).tolist()
    return {
        "person": number,
        "right": 1 - wrong / 300,
        "wrong": wrong,
        "looked_at": looked / 300,
        "photo": float(np.mean(photo)) if photo else 0.0,
        "drawn": float(np.mean(drawn)) if drawn else 0.0,
        "seconds": float(np.mean(seconds)),
        "what": dict(kinds.most_common(6)),
    }


if __name__ == "__main__":
    main()
