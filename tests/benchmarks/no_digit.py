"""How well drawings that are no digits are told from digits: what share of each gets the note.

Tuned on: the digits of every other writer of the file, MNIST's training digits, letters that `letters.py` draws, its
scribbles, two digits of these writers side by side. Reported on: MNIST's test digits, all digits of the other writers
(mean over them, in brackets the standard deviation and the worst), other scribbles, two digits of the other writers
and, with `--fonts`, letters of single-stroke fonts; letters written like a digit (O, S, Z ...) apart. All drawings
are varied a little, as by another hand. Below: each of the three parts alone, and the highest probability, all with
the limit that 98 % of the tuning writers' digits stay under. `--fit` fits how much each part counts anew.

    python tests/benchmarks/no_digit.py --data WRITERS.ndjson.gz [--fonts FOLDER] [--fit] [--json OUT]

The file is that of `pen_strokes.py`; the fonts are the package Hershey-Fonts (`pip install --target FOLDER`).
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from digitlab import mnist
from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning.evaluation import Predictor
from digitlab.learning.inside import known_digits
from digitlab.learning.model_files import REFERENCE, load_tflite
from tests.benchmarks import letters
from tests.benchmarks.pen_strokes import read_people

EACH = 5  # drawings of a letter
PAIRS, SCRIBBLES = 40, 600  # two digits of each writer; scribbles
VALIDATION = 5000  # of MNIST's training digits, the last ones: the axes are found on the first 20,000
LIMIT = 0.98
AT_ONCE = 500


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--fonts", type=Path)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    people = read_people(options.data, parser)
    writers = {writer: [drawing.strokes for drawing in drawings] for writer, drawings in people.items()}
    rng = np.random.default_rng(0)
    tuned, others = (make(dict(list(writers.items())[start::2]), rng) for start in (0, 1))
    others["MNIST's test digits"] = {"": mnist.load_test()[0]}
    if options.fonts:
        others |= font_sets(options.fonts, rng)
    tuned["MNIST's validation digits"] = {"": mnist.load_train()[0][-VALIDATION:]}
    tuned |= {
        "letters": {"": digits(letters.letters(letters.LETTERS, EACH, rng))},
        "letters like a digit": {"": digits(letters.letters(letters.LIKE_A_DIGIT, EACH, rng))},
    }
    known, predictor = known_digits.load(), Predictor(load_tflite(REFERENCE), REFERENCE)
    began = time.perf_counter()
    for _ in range(20):
        known.are_far(others["MNIST's test digits"][""][:1])
    print(f"one drawing: {(time.perf_counter() - began) / 20 * 1000:.1f} ms")
    looked = {
        where: {
            name: {who: look(known, predictor, images) for who, images in its.items()} for name, its in sets.items()
        }
        for where, sets in (("tuned on", tuned), ("reported on", others))
    }
    far = fit(looked) if options.fit else known_digits.FAR
    report = {}
    for column, name in enumerate(("the note", "unlike", "left over", "energy", "highest probability")):
        limit = far if column == 0 else np.quantile(all_of(looked["tuned on"]["digits"])[:, column], LIMIT)
        print(f"\n{name} (limit {limit:.2f})")
        for where, sets in looked.items():
            for kind, its in sets.items():
                shares = np.array([(scores[:, column] > limit).mean() for scores in its.values()])
                report[f"{name}: {kind}, {where}"] = shares.tolist()
                spread = f" (sd {shares.std():.1%}; worst {shares.max():.1%})" if len(shares) > 1 else ""
                count = sum(map(len, its.values()))
                print(f"  {where:12} {kind:32} {shares.mean():6.1%} of {count:,}{spread}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def digits(drawings):
    return np.stack([strokes_to_digit(drawing) for drawing in drawings])


def make(writers, rng):
    """Digits of each writer, two of them side by side, scribbles."""
    pairs = {}
    for writer, drawings in writers.items():
        chosen = rng.choice(len(drawings), (PAIRS, 2))
        pairs[writer] = digits([letters.two_digits(drawings[one], drawings[two], rng) for one, two in chosen])
    return {
        "digits": {writer: digits(drawings) for writer, drawings in writers.items()},
        "two digits": pairs,
        "scribbles": {"": digits([letters.scribble(rng) for _ in range(SCRIBBLES)])},
    }


def font_sets(folder, rng):
    found = {"letters": {}, "letters like a digit": {}}
    for font, alphabet in letters.font_letters(folder).items():
        for like, kind in ((False, "letters"), (True, "letters like a digit")):
            chosen = [its for key, its in alphabet.items() if (key in letters.FONT_LIKE_A_DIGIT) == like]
            varied = [vary_strokes(strokes, 0.5, rng) for strokes in chosen for _ in range(EACH)]
            found[kind][font] = digits(varied)
    return found


def look(known, predictor, images):
    """Strangeness, its three parts, and how unsure the reference model is: (n, 5)."""
    parts = np.concatenate([known.parts(images[start : start + AT_ONCE]) for start in range(0, len(images), AT_ONCE)])
    strange = parts @ np.array(known_digits.WEIGHTS)
    return np.column_stack([strange, parts, -predictor.predict(images).max(axis=1)])


def all_of(sets):
    return np.concatenate(list(sets.values()))


def fit(looked):
    """Fit how much each part counts by logistic regression, and report with that; returns the limit."""
    from sklearn.linear_model import LogisticRegression

    every, looked = looked, looked["tuned on"]
    known = [all_of(looked[name])[:, 1:4] for name in ("digits", "MNIST's validation digits")]
    strange = [all_of(looked[name])[:, 1:4] for name in ("letters", "scribbles", "two digits")]
    weights = np.concatenate([np.full(len(part), 1 / len(part)) for part in (*known, *strange)])
    labels = np.repeat([0, 1], [sum(map(len, known)), sum(map(len, strange))])
    model = LogisticRegression(C=1e4, max_iter=1000).fit(np.concatenate([*known, *strange]), labels, weights * 1000)
    limit = np.quantile(known[0] @ model.coef_[0], LIMIT)
    for sets in every.values():
        for its in sets.values():
            for scores in its.values():
                scores[:, 0] = scores[:, 1:4] @ model.coef_[0]
    print(f"fitted: {model.coef_[0].round(3).tolist()}, limit {limit:.2f}")
    return limit


if __name__ == "__main__":
    main()
