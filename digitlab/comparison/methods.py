"""Runs -> a table of methods: how good each is, how certain that is, and what it costs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from digitlab.comparison.runs import TEST_SETS
from digitlab.digits import NUM_CLASSES
from digitlab.learning.evaluation import accuracy_interval
from digitlab.learning.methods import METHODS
from digitlab.run import Run
from digitlab.settings import Settings

_COLUMNS = [
    *("id", "name", "method", "test_set", "drawings", "human_minutes", "training_seconds", "seeds", "n"),
    *("accuracy", "low", "high", "spread", "interval", "version"),
]


def methods(runs: Sequence[Run]) -> pd.DataFrame:
    """Describe how good each method is; runs that differ in nothing but the seed are one.

    Args:
        runs: Oldest first.

    Returns:
        One row per method and test set: `id` and `name` of a run, `method` (key of `learning.methods.METHODS`),
        `test_set`, `drawings`, `human_minutes`, `training_seconds` (mean), `seeds`, `n` (test digits), `accuracy`
        (mean, 0-1), `low` and `high`, `spread` (standard deviation over the seeds, missing for one), `interval` (what
        low and high are), `version` (of the own test digits). For one seed low and high are the 95 % interval (Wilson)
        of the test digits; for several the mean -+ 2 standard deviations, and never narrower than that of the test
        digits.
    """
    by_method: dict[tuple[object, ...], dict[int, Run]] = {}
    for run in runs:
        seed = run.settings.seed if run.settings else 0
        by_method.setdefault(_all_but_seed(run), {})[seed] = run  # of one seed the newest
    rows = []
    for by_seed in by_method.values():
        for test_set in TEST_SETS:
            tested = [run for run in by_seed.values() if test_set in run.tests]
            if tested:  # only those tested on the same digits can be averaged
                version = tested[-1].tests[test_set].version
                rows.append(_row([run for run in tested if run.tests[test_set].version == version], test_set))
    return pd.DataFrame(rows, columns=_COLUMNS)


def reference_lines(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what to measure drawing against: the random guess and the newest dense network on MNIST.

    Args:
        frame: As `methods` returns it.

    Returns:
        One row per line: `line`, `test_set` (that of the random guess is missing), `accuracy`.
    """
    dense = frame[frame["method"] == "dense"].drop_duplicates("test_set", keep="last")
    rows = [(METHODS["uniform"].title, None, 1 / NUM_CLASSES)]
    rows += [
        (f"{METHODS['dense'].title}: {test_set}", test_set, accuracy)
        for test_set, accuracy in zip(dense["test_set"], dense["accuracy"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["line", "test_set", "accuracy"])


def cost(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each method costs: rows `name`, `part` (`your drawing` or `training`), `seconds`, `total`.

    Args:
        frame: As `methods` returns it.
    """
    once = frame.drop_duplicates("id")
    rows = [
        (name, part, seconds, 60 * minutes + training)
        for name, minutes, training in zip(once["name"], once["human_minutes"], once["training_seconds"], strict=True)
        for part, seconds in (("your drawing", 60 * minutes), ("training", training))
    ]
    return pd.DataFrame(rows, columns=["name", "part", "seconds", "total"])


def _all_but_seed(run: Run) -> tuple[object, ...]:
    """Return what is equal for runs that differ in the seed alone."""
    settings: Settings | None = run.settings and replace(run.settings, seed=0)
    # A share of MNIST is chosen by the seed: other digits, yet the same method.
    data = run.train and (run.train.version if run.drawings else run.train.n)
    return run.method, settings, run.start_from, data


def _row(runs: Sequence[Run], test_set: str) -> dict[str, Any]:
    newest = runs[-1]
    accuracies = np.array([run.tests[test_set].accuracy for run in runs])
    mean, n = float(accuracies.mean()), newest.tests[test_set].n
    low, high = accuracy_interval(round(mean * n), n)
    spread, interval = np.nan, "95 % interval"
    if len(runs) > 1:
        spread = float(accuracies.std(ddof=1))
        low, high = max(0.0, min(low, mean - 2 * spread)), min(1.0, max(high, mean + 2 * spread))
        interval = f"mean \N{PLUS-MINUS SIGN} 2 standard deviations of {len(runs)} seeds"
    return {
        "version": newest.tests[test_set].version,
        "id": newest.id,
        "name": runs[0].name,
        "method": newest.method,
        "test_set": TEST_SETS[test_set],
        "drawings": newest.drawings,
        "human_minutes": newest.human_seconds / 60,
        "training_seconds": float(np.mean([run.training_seconds for run in runs])),
        "seeds": len(runs),
        "n": n,
        "accuracy": mean,
        "low": low,
        "high": high,
        "spread": spread,
        "interval": interval,
    }
