"""How far forecasts of the learning curve miss; with --calibrate, what the app knows of people is made anew.

For each writer the curve is measured twice, trained as the app does: on the first drawings as they were drawn, and as
the app's sheets would have them, each digit once a round. A writer's last 100 drawings are never trained on: `own` is
the accuracy on them, `mnist` that on MNIST's 10,000 test digits, where a last point is trained on all drawings. Each
pair of a start and a later size (25 -> 50, 63 -> 150, 100 -> 250 ...) is one forecast.

    python tests/benchmarks/forecast.py --data WRITERS.ndjson.gz [--writers 1,2,3] [--json OUT] [--cache POINTS.json]
                                        [--calibrate]

The file is that of `pen_strokes.py`; all its writers take part. Printed is the mean over writers, their standard
deviation and the worst of them, twice: with what the app knows of people (digitlab/curve/people.json), which is too
good where it was learnt from these very writers; and `left_out`, learnt from other writers of the file, a tenth of them
left out in turn. `mean_abs_error` is the distance of the forecast to what came, `no_change_error` that of what was
reached at the start, `coverage_80` how often what came lies in the 80 % band. With --cache the trainings are kept, and
done once: about 25 seconds a writer on two idle cores.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec
import numpy as np
from writers import choose, read_writers

from digitlab.curve import calibration, people, points, training
from digitlab.curve.results import group_by_size
from digitlab.learning import presets
from digitlab.run import TestResult
from digitlab.storage.curve_points import CurvePoint

DRAWN, ROUNDS = (25, 50, 63, 100, 150), (10, 16, 25, 50, 100)  # sizes, by the order of the drawings
HELD_OUT = 100  # a writer's last drawings
PARTS = 10  # of the writers, left out in turn
TEST_SETS = "mnist", "own"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--writers", type=lambda text: [int(part) for part in text.split(",")], help="such as 1,2,5")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--calibrate", action="store_true", help="write digitlab/curve/people.json")
    options = parser.parse_args()
    writers = read_writers(options.data, parser)
    chosen = options.writers or sorted(writers)
    if not set(chosen) <= set(writers):
        parser.error(f"expected writers among {sorted(writers)}")
    cache = json.loads(options.cache.read_text()) if options.cache and options.cache.is_file() else {}
    curves = {test_set: [] for test_set in TEST_SETS}
    for writer in chosen:
        measured = measure(writers[writer], cache)
        for test_set in TEST_SETS:
            curves[test_set].append(measured[test_set])
        if options.cache:
            options.cache.write_text(json.dumps(cache))
        ends = (f"{test_set} {line(measured[test_set][-1])}" for test_set in TEST_SETS)
        print(f"writer {writer}, drawings and accuracy:", "; ".join(ends), flush=True)
    left_out = {test_set: summary(leave_out(curves[test_set])) for test_set in TEST_SETS} if len(chosen) > 2 else {}
    if options.calibrate:
        write_table({test_set: learn(curves[test_set], left_out[test_set]) for test_set in TEST_SETS})
    shipped = people.read_table().test_sets
    report = {test_set: summary(fare(curves[test_set], shipped[test_set])) for test_set in TEST_SETS}
    for name, of_sets in (("as the app knows people", report), ("learnt from other writers", left_out)):
        for test_set, result in of_sets.items():
            print_result(f"{test_set}, {name}", result)
    if options.json:
        result = report | {"left_out": left_out, "writers": len(chosen)}
        options.json.write_text(json.dumps(result, indent=1) + "\n")


def measure(data, cache):
    """{test set: the two curves of a writer}, trained where the cache has none."""
    total = len(data.labels) - HELD_OUT
    own = choose(data, np.arange(total, len(data.labels)))
    rounds = choose(data, in_rounds(data.labels[:total]))
    drawn = [point(data, min(n, total), own, cache) for n in DRAWN]
    everything = point(data, len(data.labels), None, cache)
    in_turn = [*(point(rounds, n, own, cache) for n in ROUNDS), drawn[-1]]
    return {
        "mnist": [[each["mnist"] for each in [*curve, everything]] for curve in (drawn, in_turn)],
        "own": [[each["own"] for each in curve] for curve in (drawn, in_turn)],
    }


def in_rounds(labels):
    """The order in which each digit comes once before any comes again, as on the app's sheets."""
    before = [int(np.sum(labels[:place] == label)) for place, label in enumerate(labels)]
    return np.lexsort((np.arange(len(labels)), before))


def point(data, n, own, cache):
    """{test set: SizeResult} of one training on the first drawings.

    One is enough: another seed moves the accuracy on MNIST by 0.3 points, other drawings by 4.
    """
    drawings = points.first_drawings(data, n)
    digits = len(np.unique(drawings.labels))
    name = "-".join((drawings.version, own.version if own else "", points.settings_version(n, "dense")))
    if name not in cache:
        trainer = training.Trainer(n, "dense", own)
        trainer.set_digits(drawings)
        cache[name] = msgspec.to_builtins(trainer.train(0))
    tests = msgspec.convert(cache[name], dict[str, TestResult])
    found = [CurvePoint(n, 0, digits, tests, 0.0)]
    return {test_set: group_by_size(found, test_set)[0] for test_set in tests}


def line(curve):
    return " ".join(f"{result.n} {result.accuracy:.1%}" for result in curve)


def leave_out(curves):
    parts = [range(part, len(curves), PARTS) for part in range(min(PARTS, len(curves)))]
    return calibration.leave_out(curves, parts)


def fare(curves, learnt):
    return [calibration.backtest_pairs(each, learnt) for each in curves]


def learn(curves, left_out):
    return replace(calibration.learn(curves), inside=round(left_out["coverage_80"], 3))


def write_table(test_sets):
    rounded = {
        test_set: {name: round(value, 5) if isinstance(value, float) else value for name, value in asdict(each).items()}
        for test_set, each in test_sets.items()
    }
    table = {
        "command": "python tests/benchmarks/forecast.py --data WRITERS.ndjson.gz --calibrate",
        "settings": {name: value for name, value in asdict(presets.defaults(100)).items() if name != "seed"},
        "test_sets": rounded,
    }
    people.TABLE.write_text(json.dumps(table, indent=1) + "\n")
    people.read_table.cache_clear()


def summary(of_people):
    """Numbers over all pairs and, in `pairs`, over each kind; and how far writers differ."""
    refused = sum(backtest is None for outcomes in of_people for _, backtest in outcomes)
    of_people = [[outcome for outcome in outcomes if outcome[1]] for outcomes in of_people]
    everything = [outcome for outcomes in of_people for outcome in outcomes]
    inside = [float(np.mean([backtest.in_band for _, backtest in outcomes])) for outcomes in of_people if outcomes]
    errors = [float(np.mean([abs(backtest.error) for _, backtest in outcomes])) for outcomes in of_people if outcomes]
    kinds = sorted({(backtest.made_from, nominal(backtest.n)) for _, backtest in everything})
    return {
        **numbers(everything),
        "coverage_80_sd": float(np.std(inside)),
        "coverage_80_worst": min(inside),
        "mean_abs_error_sd": float(np.std(errors)),
        "mean_abs_error_worst": max(errors),
        "refused": refused,
        "pairs": {
            f"{start}->{goal}": numbers(
                [outcome for outcome in everything if (outcome[1].made_from, nominal(outcome[1].n)) == (start, goal)]
            )
            for start, goal in kinds
        },
    }


def nominal(n):
    """150 also for the writer with 147 drawings."""
    return min((*DRAWN, *ROUNDS, 250), key=lambda size: abs(size - n))


def numbers(outcomes):
    backtests = [backtest for _, backtest in outcomes]
    return {
        "forecasts": len(backtests),
        "mean_abs_error": float(np.mean([abs(backtest.error) for backtest in backtests])),
        "no_change_error": float(np.mean([abs(pair.known[-1].accuracy - pair.came.accuracy) for pair, _ in outcomes])),
        "coverage_80": float(np.mean([backtest.in_band for backtest in backtests])),
        "bias": float(np.mean([backtest.error for backtest in backtests])),
        "band_width": float(np.mean([backtest.high - backtest.low for backtest in backtests])),
    }


def print_result(name, result):
    print(
        f"\n{name}: {result['forecasts']} forecasts, {result['refused']} refused; {result['coverage_80']:.0%} inside "
        f"the 80 % band (writers: sd {result['coverage_80_sd']:.0%}, worst {result['coverage_80_worst']:.0%})\n"
        f"  mean error {100 * result['mean_abs_error']:.2f} points "
        f"(writers: sd {100 * result['mean_abs_error_sd']:.2f}, worst {100 * result['mean_abs_error_worst']:.2f}); "
        f"nothing changes {100 * result['no_change_error']:.2f}"
    )
    for pair, each in result["pairs"].items():
        print(
            f"  {pair:9} {each['forecasts']:3} forecasts, {each['coverage_80']:4.0%} inside a band of "
            f"{100 * each['band_width']:4.1f} points, error {100 * each['mean_abs_error']:5.2f} "
            f"(nothing changes {100 * each['no_change_error']:5.2f}), bias {100 * each['bias']:+5.2f}"
        )


if __name__ == "__main__":
    main()
