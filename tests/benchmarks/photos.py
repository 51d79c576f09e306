"""How many digits of people are found in photos of what they wrote, and how many are read as they would be if drawn.

    python tests/benchmarks/photos.py --data WRITERS.ndjson.gz

Of each person the first three drawings of each digit stand on a page, rendered with a pen of its own width, on plain or
squared paper, in one of four kinds of light, dark on light or the reverse, with noise, as a JPEG of quality 70. A digit
is found if its place on the page holds one piece that was cut out and no other.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.photos import find_in_photo
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from tests.benchmarks.pen_strokes import read_people
from tests.formats.a_photo import as_file, on_paper, photographed, squared

CELL, COLUMNS, PER_DIGIT = 130, 6, 3
LIGHTS = ("even", "slope", "shadow", "vignette")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--people", type=int, default=30)
    options = parser.parse_args()
    predictor, results = Predictor(model_files.load_tflite("reference"), "reference"), []
    people = list(read_people(options.data, parser).values())[: options.people]
    for number, drawings in enumerate(people):
        results.append(one_person(number, *first_ones(drawings), predictor))
        print(json.dumps(results[-1]), flush=True)
    for what in ("found", "photo", "drawn"):
        values = np.array([result[what] for result in results])
        print(f"{what}: mean {values.mean():.1%}, spread {values.std(ddof=1):.1%}, worst {values.min():.1%}")


def one_person(number, labels, drawings, predictor):
    """Shares of the digits found, of those read right in the photo, and of those read right as they were drawn."""
    rng = np.random.default_rng(number)
    page = on_paper(drawings, columns=COLUMNS, cell=CELL, pen=rng.uniform(3, 10), seed=number)
    if number % 2:
        page = squared(page)
    photo = photographed(page, light=LIGHTS[number % 4], noise=0.02, seed=number)
    found = find_in_photo(as_file(255 - photo if number % 3 == 0 else photo, "JPEG", quality=70), "page.jpg")
    scale = found.photo.shape[1] / photo.shape[1]
    cells = [
        int((box.top + box.bottom) / 2 / CELL / scale) * COLUMNS + int((box.left + box.right) / 2 / CELL / scale)
        for box in found.boxes
    ]
    read = predictor.predict(found.images).argmax(axis=1)
    alone = [place for place in range(len(labels)) if cells.count(place) == 1]
    right = sum(read[cells.index(place)] == labels[place] for place in alone)
    drawn = predictor.predict(np.stack([strokes_to_digit(drawing) for drawing in drawings])).argmax(axis=1)
    return {
        "person": number,
        "found": len(alone) / len(labels),
        "pieces": len(cells),
        "photo": int(right) / len(labels),
        "drawn": float((drawn == labels).mean()),
    }


def first_ones(drawings):
    """Labels and strokes of the first drawings of each digit."""
    chosen = [each for label in range(10) for each in [each for each in drawings if each.label == label][:PER_DIGIT]]
    return np.array([each.label for each in chosen]), [each.strokes for each in chosen]


if __name__ == "__main__":
    main()
