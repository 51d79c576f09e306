"""How long digits take to leave and to come in, and how much memory.

    python tests/benchmarks/formats.py [--digits 60000] [--formats idx npz] [--json OUT]

A whole experiment is the last row: 20,000 drawings with all pen events of their sheets, and 50 runs with their models.
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
from digitlab.formats.experiment.preview import preview
from digitlab.formats.experiment.read import read_experiment
from digitlab.formats.experiment.write import write_experiment
from digitlab.formats.read_files import parts_of_path
from digitlab.formats.write_files import FORMATS, write_zip
from digitlab.storage import schema
from digitlab.storage.batches import read_batches
from digitlab.storage.digit_chunks import DigitChunk
from digitlab.storage.digit_export import find_outgoing
from digitlab.storage.digit_import import find_known, gather, store_imported
from digitlab.storage.experiment.coming import store_experiment
from digitlab.storage.experiment.rows import DrawingRow, EventRow, RunRow
from digitlab.storage.store import Store
from tests.helpers import a_run, add_run, human_strokes, reference_files

AT_ONCE = 1000
CELLS = 10  # of a sheet


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


def fill_experiment(url, n, runs):
    """Store drawings, the sheets they were drawn on, and runs."""
    fill(url, n)
    store, rng, files = Store(url), np.random.default_rng(1), reference_files()
    (batch,) = read_batches(store)
    drawn = list(human_strokes().values())
    now = schema.now()
    with store.write() as connection:
        for start in range(0, n, CELLS):
            cells = range(min(CELLS, n - start))
            sheet = schema.insert(
                connection,
                schema.sheets,
                batch_id=batch.id,
                positions=[start + cell for cell in cells],
                idle_seconds=10.0,
                extra_seconds=1.0,
                idle_total=0.0,
                wall_seconds=30.0,
                created_at=now,
                saved_at=now,
            )
            events = [stroke(cell, points, rng) for cell in cells for points in drawn[(start + cell) % 10]]
            rows = [
                {"sheet_id": sheet, "client": "a1", "number": number, "event": event | {"n": number}}
                for number, event in enumerate(events, 1)
            ]
            connection.execute(schema.pen_events.insert(), rows)
    for number in range(runs):
        add_run(store, a_run(f"full-{number}", "full", batch_ids=(batch.id,), seed=number, epochs=20), files)
    store.close()


def stroke(cell, points, rng):
    """A stroke as the pad sends it."""
    rows = [[*(np.array(point) + rng.normal(0, 1, 2)).tolist(), 8.0 * place, 0.5] for place, point in enumerate(points)]
    began = 1.79e12 + 1000 * cell
    ends = {"began": began, "ended": began + 500, "pointer": "pen"}
    return {"type": "stroke", "cell": cell, "size": 280.0, **ends, "points": rows}


def write_whole(url, path):
    """Write everything into one file."""
    store, before, started = Store(url), peak(), time.perf_counter()
    with path.open("wb") as file:
        manifest = write_experiment(file, store)
    figures = {"written": "experiment", "drawings": manifest.rows(DrawingRow), "runs": manifest.rows(RunRow)}
    figures |= {"events": manifest.rows(EventRow), "seconds": round(time.perf_counter() - started, 1)}
    unpacked = sum(entry.bytes for entry in manifest.files) / 1e6
    sizes = {"MB of file": round(path.stat().st_size / 1e6), "MB unpacked": round(unpacked)}
    print(json.dumps(figures | {"MB of memory": round(peak() - before)} | sizes))


def read_whole(path, url):
    """Check it, look at it, and store it in another database; then once more, where everything is there."""
    store, before, started = Store(url), peak(), time.perf_counter()
    for what in ("read", "read again"):
        file, contents = read_experiment(parts_of_path(path)[0])
        preview(store, file, contents)
        looked = time.perf_counter()
        done = store_experiment(store, file, contents)
        figures = {what: "experiment", "drawings": done.drawings, "seconds": round(time.perf_counter() - started, 1)}
        figures |= {"seconds to the look": round(looked - started, 1), "MB of memory": round(peak() - before)}
        print(json.dumps(figures))
        started = time.perf_counter()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--digits", type=int, default=60_000)
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    parser.add_argument("--drawings", type=int, default=20_000, help="of the experiment")
    parser.add_argument("--runs", type=int, default=50, help="of the experiment")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", nargs="+", help="used by the benchmark itself")
    options = parser.parse_args()
    if options.step:
        steps = {
            "fill": lambda url, n: fill(url, int(n)),
            "write": lambda url, name, path: write(url, name, Path(path)),
            "fill experiment": lambda url, n, runs: fill_experiment(url, int(n), int(runs)),
            "write experiment": lambda url, path: write_whole(url, Path(path)),
            "read experiment": lambda path, url: read_whole(Path(path), url),
        }
        (steps | {"read": lambda name, path: read(name, Path(path))})[options.step[0]](*options.step[1:])
        return
    told = []
    with tempfile.TemporaryDirectory() as folder:
        url, whole, other = (f"sqlite:///{folder}/{name}.db" for name in ("digitlab", "whole", "other"))
        for step in [
            ["fill", url, options.digits],
            *(["write", url, name, f"{folder}/{name}.zip"] for name in options.formats),
            *(["read", name, f"{folder}/{name}.zip"] for name in options.formats),
            ["fill experiment", whole, options.drawings, options.runs],
            ["write experiment", whole, f"{folder}/whole.digitlab.zip"],
            ["read experiment", f"{folder}/whole.digitlab.zip", other],
        ]:
            command = [sys.executable, __file__, "--step", *map(str, step)]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            print(said, end="", flush=True)
            told += map(json.loads, said.splitlines())
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
