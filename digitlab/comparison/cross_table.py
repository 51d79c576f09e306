"""Trained on x tested on: each model on each set of digits, none on digits it was trained on."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from digitlab.comparison.kinds import KIND_TITLES, Kind, kind_of
from digitlab.comparison.method_results import MethodResult, method_results
from digitlab.comparison.speaking import mnist_speaker, speaker
from digitlab.learning.evaluation import evaluate
from digitlab.learning.methods import METHODS
from digitlab.run import Run, TestResult
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import MNIST, DigitSet, trained_batches

# From the id of a run and a set of n digits to int64 predictions of shape (n,); None if the model cannot be read.
Predict: TypeAlias = Callable[[str, DigitSet], npt.NDArray[np.int64] | None]

_COLUMNS = ["trained_on", "tested_on", "n", "accuracy", "low", "high", "run"]
_WHAT = {"one": "one of each", "full": "full batch", "unlabelled": "all drawings"}
_MOST_ROWS = 20  # of a table that can still be read


def trained_on(run: Run, batches: Sequence[Batch]) -> str:
    """Say whose digits a run was trained on, and with which help.

    Such as `MNIST`, `ana: full batch (42)`, `2 people: one of each (20), with MNIST`.
    """
    if run.brought_in:
        return f"elsewhere: {run.name}"
    if not run.drawings:
        return "MNIST (demo)" if run.demo else "MNIST"
    writers = writers_of(run, batches)
    if run.sources_erased:
        writers.append("somebody deleted")
    who = writers[0] if len(writers) == 1 else f"{len(writers)} people"
    kind = kind_of(run)
    helped = "" if kind == "alone" else f", {KIND_TITLES[kind]}"
    return f"{who}: {_WHAT.get(run.method) or METHODS[run.method].title} ({run.drawings}){helped}"


def writers_of(run: Run, batches: Sequence[Batch]) -> list[str]:
    """Return the names of those whose drawings a run was trained on, in order; none for a run on MNIST."""
    ids = set(run.train.batch_ids) if run.train else set()
    return sorted({batch.writer for batch in batches if batch.id in ids})


def speakers_by_training_data(runs: Sequence[Run], batches: Sequence[Batch]) -> list[Run]:
    """Choose the networks to show: of those trained on the same the one that speaks for it.

    Args:
        runs: Oldest first.
        batches: All batches.

    Returns:
        At most 20, those with fewest drawings, the drawings alone before those with help.
    """
    alike: dict[str, list[Run]] = {}
    for run in runs:
        if run.is_network:
            alike.setdefault(trained_on(run, batches), []).append(run)
    by_id = {run.id: run for run in runs}
    chosen = [_speaker(method_results(some), kind_of(some[0]), demo=some[0].demo) for some in alike.values()]
    networks = [by_id[each.id] for each in chosen if each]
    kinds = list(KIND_TITLES)
    return sorted(networks, key=lambda run: (run.drawings, kinds.index(kind_of(run))))[:_MOST_ROWS]


def _speaker(results: Sequence[MethodResult], kind: Kind, *, demo: bool) -> MethodResult | None:
    if kind == "elsewhere":  # each is a row of its own
        return results[0]
    return mnist_speaker(results, demo=demo) if kind == "none" else speaker(results, kind, demo=demo)


def cross_table(
    runs: Sequence[Run],
    all_runs: Sequence[Run],
    batches: Sequence[Batch],
    sets: Sequence[DigitSet],
    predict: Predict,
) -> pd.DataFrame:
    """Test each model on each set of digits; what it was trained on is left out.

    Args:
        runs: To show, as `speakers_by_training_data` chooses them.
        all_runs: To know where those started from.
        batches: All batches.
        sets: As `digit_sets` returns them.
        predict: See `Predict`.

    Returns:
        One row per model and set: `trained_on`, `tested_on`, `n` (digits left to test on), `accuracy`, `low`, `high`
        (95 % interval; these three missing where `n` is 0 or there is no model), `run` (its name).
    """
    rows = []
    for run in runs:
        data, batch_ids = trained_on(run, batches), trained_batches(run, all_runs)
        for digits in sets:
            test = _test(run, digits, batch_ids, predict)
            scores = (test.n, test.accuracy, test.low, test.high) if test else (0, np.nan, np.nan, np.nan)
            rows.append((data, digits.title, *scores, run.name))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _test(run: Run, digits: DigitSet, batch_ids: frozenset[int], predict: Predict) -> TestResult | None:
    if digits.key == MNIST:
        return run.tests["mnist"]  # was tested when it was trained
    left = digits.held_out(batch_ids)
    predictions = predict(run.id, digits) if left.any() else None
    return None if predictions is None else evaluate(digits.labels[left], predictions[left])
