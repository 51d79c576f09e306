"""How long digits take to leave and to come in, and how much memory.

    python tests/benchmarks/formats.py [--digits 60000] [--formats idx npz] [--json OUT]

Each format is written and read in a process of its own; memory is what that process holds at most beyond what it held
with everything imported. The digits are varied copies of the strokes of tests/browser/digits.json.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np

from digitlab.drawing.stroke_variation import vary_drawings
from digitlab.formats import bring_in, card
from digitlab.formats.read_files import parts_of_path
from digitlab.formats.write_files import FORMATS, write_zip
from digitlab.storage.digit_chunks import DigitChunk
from digitlab.storage.digit_export import find_outgoing
from digitlab.storage.digit_import import find_known, gather, store_imported
from digitlab.storage.store import Store
from tests.helpers import human_strokes

AT_ONCE = 1000


def fill(url, n):
    """Store `n` digits with strokes of 60 points each, no two alike."""
    rng = np.random.default_rng(0)
    drawn = [[np.array(stroke, float) for stroke in strokes] for strokes in human_strokes().values()]
    chunks = []
    for start in range(0, n, AT_ONCE):
        size = min(AT_ONCE, n - start)
        copies = -(-size // len(drawn))
        images = vary_drawings(drawn, copies, 1.0, rng).reshape(-1, 28, 28)[:size]
        strokes = [[stroke + rng.normal(0, 1, stroke.shape) for stroke in drawn[place % 10]] for place in range(size)]
        labels = np.arange(size) % 10
        chunks.append(DigitChunk("train", images, labels, strokes, ["Ana"] * size, np.full(size, 1.5)))
    store = Store(url)
    incoming = gather(chunks)
    started = time.perf_counter()
    stored = store_imported(store, incoming, find_known(store, incoming), "Ana")
    print(json.dumps({"stored": stored.train, "seconds": round(time.perf_counter() - started, 2)}))
    store.close()


def peak():
    """Megabytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(url, name, path):
    """Write everything in a format."""
    store, before, started = Store(url), peak(), time.perf_counter()
    with path.open("wb") as file:
        done = write_zip(file, name, store, find_outgoing(store), licence=card.DEFAULT_LICENCE, title="All")
    figures = {"written": name, "digits": done.train, "seconds": round(time.perf_counter() - started, 2)}
    print(
        json.dumps(figures | {"MB of memory": round(peak() - before), "MB of file": round(path.stat().st_size / 1e6)})
    )


def read(name, path):
    """Read it back, as before a preview."""
    before, started = peak(), time.perf_counter()
    incoming, _ = bring_in.read(parts_of_path(path))
    figures = {"read": name, "digits": len(incoming), "seconds": round(time.perf_counter() - started, 2)}
    print(json.dumps(figures | {"MB of memory": round(peak() - before)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--digits", type=int, default=60_000)
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", nargs="+", help="used by the benchmark itself")
    options = parser.parse_args()
    if options.step:
        steps = {
            "fill": lambda url, n: fill(url, int(n)),
            "write": lambda url, name, path: write(url, name, Path(path)),
        }
        (steps | {"read": lambda name, path: read(name, Path(path))})[options.step[0]](*options.step[1:])
        return
    told = []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/digitlab.db"
        for step in [
            ["fill", url, options.digits],
            *(["write", url, name, f"{folder}/{name}.zip"] for name in options.formats),
            *(["read", name, f"{folder}/{name}.zip"] for name in options.formats),
        ]:
            command = [sys.executable, __file__, "--step", *map(str, step)]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            print(said, end="", flush=True)
            told.append(json.loads(said))
    if options.json:
        options.json.write_text(json.dumps(summed_up(told), indent=1) + "\n")


def summed_up(told):
    """Seconds over all formats, and the most memory that one of them took."""
    seconds = {
        name: round(sum(line["seconds"] for line in told if name in line), 1) for name in ("stored", "written", "read")
    }
    return {"seconds": seconds, "most_mb": max(line.get("MB of memory", 0) for line in told), "steps": told}


if __name__ == "__main__":
    main()
