"""How quick looking inside a network is: the parts by themselves, and the page seen again with warm caches.

    python tests/benchmarks/inside_speed.py [--json OUT]

Times are medians, of the reference model and of digits of MNIST's test set.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
FOLDER = tempfile.TemporaryDirectory()
os.environ["DIGITLAB_DATABASE_URL"] = f"sqlite:///{FOLDER.name}/digitlab.db"

from streamlit.testing.v1 import AppTest

from digitlab import mnist
from digitlab.learning.evaluation import Predictor
from digitlab.learning.inside import breaking, known_digits, occlusion
from digitlab.learning.inside.breaking import Change
from digitlab.learning.inside.specimen import from_picture
from digitlab.learning.model_files import REFERENCE, load_tflite

DIGITS = 20
TABS = ("What mattered", "Hidden units", "Nearest digits", "Break it", "What is no digit")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = measure()
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


def measure():
    images = mnist.load_test()[0][: DIGITS + 1]
    predictor, known = Predictor(load_tflite(REFERENCE), REFERENCE), known_digits.load()
    parts = {
        "occlusion map of a digit": lambda digit: occlusion.occlude(predictor, digit, 7),
        "a digit changed and read": lambda digit: predictor.predict(changed(digit)[None]),
        "how far each change can go": lambda digit: breaking.find_limits(
            predictor, from_picture(digit), preprocessing=True
        ),
        "whether it is a digit": lambda digit: known.are_far(digit[None]),
    }
    result = {f"{name}, ms": tell(name, do, images) for name, do in parts.items()}
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120).run()
    at.switch_page("pages/inside.py").run()
    for name in TABS:
        at.session_state["inside_tab"] = name
        first, again = seconds(at.run), median(at.run)
        print(f"page, {name}: first {first:.2f} s, seen again {again:.2f} s", flush=True)
        result[f"page, {name}, seen again, s"] = round(again, 3)
    return result


def changed(digit):
    return breaking.change(from_picture(digit), Change(turn=20, slant=10, thicker=1, noise=0.1))


def tell(name, do, images):
    do(images[0])
    middle = statistics.median(seconds(partial(do, digit)) for digit in images[1:])
    print(f"{name}: {1000 * middle:.0f} ms", flush=True)
    return round(1000 * middle, 2)


def median(do):
    return statistics.median(seconds(do) for _ in range(5))


def seconds(do):
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
