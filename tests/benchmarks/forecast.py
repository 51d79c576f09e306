"""How far forecasts miss: for each writer, from the first 100 drawings the accuracy at all 150 or so, own and MNIST.

The trainings and the forecast are those of the app's learning curve. A writer's last 100 drawings are never trained on:
`own` is the accuracy on them, `mnist` that on MNIST's 10,000 test digits. An error is the distance between the forecast
and the mean over the trainings on all the drawings; `coverage_80` is how often that mean lies in the 80 % band.

    python tests/benchmarks/forecast.py --data WRITERS.ndjson.gz [--writers 1,2,3] [--json OUT] [--cache POINTS.json]

The file holds one drawing a line: writer, order, label (0-9), strokes (a list of [[x, ...], [y, ...]], y down).
With --cache the trainings are kept, and done once: about half a minute a writer. Where there is no forecast, the
accuracy reached is taken for it, and counted as `refused`.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec
import numpy as np
from writers import choose, read_writers

from digitlab.curve import points, training
from digitlab.curve.backtest import Backtest, backtest_path
from digitlab.curve.forecast import ForecastError, make_forecast
from digitlab.curve.results import group_by_size
from digitlab.run import TestResult
from digitlab.storage.curve_points import CurvePoint

SEEN = 100  # drawings a forecast may know of
HELD_OUT = 100  # a writer's last drawings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--writers", type=lambda text: [int(part) for part in text.split(",")], help="such as 1,2,5")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_file():
        parser.error("name a file of pen strokes with --data or DIGITLAB_WRITERS; without one there is nothing to do")
    writers = read_writers(Path(options.data))
    chosen = options.writers or sorted(writers)
    if not set(chosen) <= set(writers):
        parser.error(f"expected writers among {sorted(writers)}")
    cache = json.loads(options.cache.read_text()) if options.cache and options.cache.is_file() else {}
    outcomes = {"own": [], "mnist": []}
    print("writer  test set  at 100   forecast (80 % band) for all   measured")
    for writer in chosen:
        measured = measure(writers[writer], cache)
        if options.cache:
            options.cache.write_text(json.dumps(cache))
        for test_set, of_set in outcomes.items():
            of_set.append(forecast_hidden_size(group_by_size(measured, test_set)))
            print(f"{writer:6}  {test_set:8}  {line(of_set[-1])}", flush=True)
    report = {test_set: summary(of_set) for test_set, of_set in outcomes.items()} | {"writers": len(chosen)}
    for test_set in outcomes:
        result = report[test_set]
        print(
            f"{test_set:6} mean absolute error {100 * result['mean_abs_error']:.2f} points "
            f"(nothing changes: {100 * result['no_change_error']:.2f}), bias {100 * result['bias']:+.2f}, "
            f"{result['coverage_80']:.0%} in a band of {100 * result['band_width']:.1f} points, "
            f"{result['refused']} refused"
        )
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def measure(data, cache):
    """The points of one writer's curve, trained where the cache has none."""
    own = choose(data, np.arange(len(data.labels) - HELD_OUT, len(data.labels)))
    total, measured = len(data.labels) - HELD_OUT, []
    for n in [*points.train_sizes(SEEN), total]:
        drawings = points.first_drawings(data, n)
        name = "-".join((drawings.version, own.version, points.settings_version(n, "dense")))
        if name not in cache:
            trainer = training.Trainer(n, "dense", own)
            trainer.set_digits(drawings)
            cache[name] = [msgspec.to_builtins(trainer.train(seed)) for seed in range(points.SEEDS)]
        digits = len(np.unique(drawings.labels))
        for seed, kept in enumerate(cache[name]):
            measured.append(CurvePoint(n, seed, digits, msgspec.convert(kept, dict[str, TestResult]), 0.0))
    return measured


def forecast_hidden_size(results):
    """(accuracy at the last size seen, backtest, refused) of a curve whose last size is hidden."""
    *seen, hidden = results
    reached = seen[-1].accuracy
    try:
        forecast = make_forecast(seen)
    except ForecastError:
        return reached, Backtest(seen[-1].n, hidden.n, reached, reached, reached, hidden.accuracy), True
    return reached, backtest_path(forecast.n, forecast.path(), hidden), False


def line(outcome):
    reached, backtest, refused = outcome
    return (
        f"{reached:6.1%}   {backtest.accuracy:6.1%} ({backtest.low:.1%} to {backtest.high:.1%}) for {backtest.n}   "
        f"{backtest.measured:6.1%}{'' if backtest.in_band else '  outside'}{'  refused' if refused else ''}"
    )


def summary(outcomes):
    backtests = [backtest for _, backtest, _ in outcomes]
    return {
        "mean_abs_error": float(np.mean([abs(backtest.error) for backtest in backtests])),
        "coverage_80": float(np.mean([backtest.in_band for backtest in backtests])),
        "bias": float(np.mean([backtest.error for backtest in backtests])),
        "band_width": float(np.mean([backtest.high - backtest.low for backtest in backtests])),
        "no_change_error": float(np.mean([abs(reached - backtest.measured) for reached, backtest, _ in outcomes])),
        "refused": sum(refused for _, _, refused in outcomes),
    }


if __name__ == "__main__":
    main()
