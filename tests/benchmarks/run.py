"""All benchmarks of speed and memory in short form, compared with the baseline of the repository: about ten minutes.

    python tests/benchmarks/run.py [--only training,app] [--json OUT] [--baseline]

Each figure is compared as a multiple of what its peer took in the same run, see guard.py and calibration.py; what is
worse by more than 15 % is measured once more and, if it still is, printed in red, and the command ends with 1. What
differs by chance goes with an idle machine: on a busy one a red line is a question, not an answer.

With --baseline what was measured becomes the new baseline, tests/benchmarks/baseline.json, with machine and commit;
with --only as well, that of the named benchmarks alone.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import psutil

from tests.benchmarks import calibration, guard
from tests.helpers import human_strokes

FOLDER = Path(__file__).parent
BASELINE = FOLDER / "baseline.json"
HANDS = "HANDS"  # in a command: a file of pen strokes
LONGEST = 600  # seconds for one benchmark


@dataclass(frozen=True)
class Short:
    """The short form of a benchmark: its command, and what is taken from its JSON.

    `figures` are (name, path in the JSON, unit, peer); a peer is one of calibration.py, a path, or None.
    """

    command: tuple[str, ...]
    figures: tuple[tuple[str, str, str, str | None], ...]


BENCHMARKS = {
    "training": Short(
        ("training_speed.py", "--only", "dense,time_to,retrain", "--repeats", "3"),
        (
            ("784-128-10, 5 epochs; peer: Keras", "dense_5_epochs/digitlab", "s", "dense_5_epochs/keras_fit"),
            ("MNIST, click to 98 %", "time_to/0.98", "s", "matrix"),
            ("MNIST, click to 98.5 %", "time_to/0.985", "s", "matrix"),
            ("10 drawings, click to result", "retrain/10", "s", "python"),
            ("1,000 drawings, click to result", "retrain/1000", "s", "matrix"),
        ),
    ),
    "app": Short(
        ("app.py", "--short"),
        (
            ("first page visible", "app/first page visible, median of 7, s", "s", "python"),
            ("MNIST loaded", "app/MNIST loaded, s", "s", "python"),
            ("server, started", "app/server memory, started, MB", "MB", None),
            ("server, all pages visited", "app/server memory, all pages visited, MB", "MB", None),
            ("worker, two networks trained", "app/worker memory, at the end, MB", "MB", None),
            ("click on Train to first progress", "app/train, click to first progress, s", "s", "python"),
            (
                "retrain on ten drawings, seen",
                "app/retrain on ten drawings, click to result seen, median of 5, s",
                "s",
                "python",
            ),
            ("pointer up to prediction", "app/stroke to prediction, median of 20, s", "s", "python"),
        ),
    ),
    "compare": Short(
        ("compare.py", "--runs", "200"),
        (
            ("compare page of 200 runs, opened", "compare/open, median of 9, s", "s", "python"),
            ("report of 200 runs", "compare/report, s", "s", "python"),
            ("server after that", "compare/server memory, at the end, MB", "MB", None),
        ),
    ),
    "sheets": Short(
        ("sheet_pad.py", "--data", HANDS, "--sheets", "3"),
        (
            ("last pen-up to next sheet", "sheet_pad/alone/next sheet drawable, median, s", "s", None),
            ("sent for a stroke", "sheet_pad/alone/sent for a stroke, median, bytes", "bytes", None),
            ("the same, two at once", "sheet_pad/with another, 1/next sheet drawable, median, s", "s", None),
        ),
    ),
    "memory": Short(
        ("server_memory.py", "--wait", "0"),
        (
            ("server, started, no browser", "server_memory/started, MB", "MB", None),
            ("server, all pages twice", "server_memory/all pages visited, MB", "MB", None),
            ("each further visitor", "server_memory/a visitor, MB", "MB", None),
        ),
    ),
    "load": Short(
        ("load.py", "--people", "10", "--seconds", "20"),
        (
            ("ten draw, stroke acknowledged, half", "load/0/p50", "ms", "python"),
            ("server, share of a processor", "load/0/server", "cores", "python"),
            ("memory while ten draw", "load/0/mb", "MB", None),
        ),
    ),
    "reader": Short(
        ("reader_speed.py",),
        (
            ("your reader, distances; peer: a plain loop", "distances_ms", "ms", "loop_ms"),
            ("your reader, a digit", "read_ms", "ms", "loop_ms"),
        ),
    ),
    "inside": Short(
        ("inside_speed.py",),
        (
            ("occlusion map", "occlusion map of a digit, ms", "ms", "python"),
            ("how far each change can go", "how far each change can go, ms", "ms", "python"),
            ("Look inside seen again", "page, What mattered, seen again, s", "s", "python"),
        ),
    ),
    "formats": Short(
        ("formats.py", "--digits", "6000", "--drawings", "2000", "--runs", "5"),
        (
            ("6,000 digits stored", "seconds/stored", "s", "python"),
            ("6,000 digits written, all formats", "seconds/written", "s", "python"),
            ("6,000 digits read, all formats", "seconds/read", "s", "python"),
            ("memory beyond the program, most", "most_mb", "MB", None),
        ),
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(BENCHMARKS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--baseline", action="store_true")
    options = parser.parse_args()
    if not set(options.only) <= set(BENCHMARKS):
        parser.error(f"expected benchmarks among {', '.join(BENCHMARKS)}")
    baseline = guard.from_json(BASELINE.read_text())
    known = {title: of for title, of in baseline.figures.items() if title.split(": ")[0] in options.only}
    started = time.perf_counter()
    figures = {}
    for name in options.only:
        figures |= measure(name) if options.baseline else measure_against(known, name)
    changes = guard.compare(known, figures)
    print("\n".join(guard.in_words(changes)))
    print(f"in {(time.perf_counter() - started) / 60:.1f} minutes; the baseline is of {baseline.commit}")
    report = guard.Report(commit(), machine(), figures)
    if options.json:
        options.json.write_text(guard.to_json(report))
    if options.baseline:
        others = {title: of for title, of in baseline.figures.items() if title not in known}
        BASELINE.write_text(guard.to_json(replace(report, figures=others | figures)))
    elif any(change.is_loss for change in changes):
        sys.exit(1)


def measure_against(known, name):
    """Measure once more where the first time shows a loss: it may be by chance."""
    before = {title: of for title, of in known.items() if title.split(": ")[0] == name}
    figures = measure(name)
    if not any(change.is_loss for change in guard.compare(before, figures)):
        return figures
    print(f"{name}: a loss, so once more", flush=True)
    return guard.better_of(figures, measure(name))


def measure(name):
    """Run one benchmark in its short form; return its figures, those it could not measure left out."""
    short = BENCHMARKS[name]
    print(f"{name}: {' '.join(short.command)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        output, hands = Path(folder) / "report.json", Path(folder) / "hands.ndjson"
        write_hands(hands)
        before = calibration.measure()
        words = [str(hands) if word == HANDS else word for word in short.command]
        command = [sys.executable, str(FOLDER / words[0]), *words[1:], "--json", str(output)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
        peers = calibration.mean_of(before, calibration.measure())
        if done.returncode:
            print(f"{guard.RED}{name} ended with {done.returncode}{guard.PLAIN}\n{done.stderr[-1000:]}", flush=True)
            return {}
        plain = json.loads(output.read_text())
    return read_figures(name, short, plain, peers)


def read_figures(name, short, plain, peers):
    """Take the figures from what a benchmark wrote."""
    figures = {}
    for title, path, unit, peer in short.figures:
        value = at(plain, path)
        if value is not None:
            beside = peer and (peers[peer] if peer in peers else at(plain, peer))
            figures[f"{name}: {title}"] = guard.Figure(value, unit, beside)
    return figures


def at(plain, path):
    """Return what lies in nested dictionaries and lists at a path, such as `load/0/p50`."""
    for step in path.split("/"):
        plain = plain[int(step)] if isinstance(plain, list) else plain[step]
    return plain


def write_hands(path):
    """Write a file of pen strokes for sheet_pad.py: two writers with the digits of tests/browser/digits.json."""
    lines = [
        {
            "writer": writer,
            "order": label,
            "label": label,
            "strokes": [list(zip(*stroke, strict=True)) for stroke in strokes],
        }
        for writer in (1, 2)
        for label, strokes in human_strokes().items()
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def commit():
    """Return what is checked out, with a note if there is more than that."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"


def machine():
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": platform.system(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
