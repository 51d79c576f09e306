"""Runs -> DataFrames for tables and charts, and what to call and which to show of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from digitlab.comparison.guessing import advise
from digitlab.comparison.kinds import KIND_TITLES, kind_of
from digitlab.digits import CLASS_NAMES
from digitlab.learning.evaluation import accuracy_interval
from digitlab.learning.methods import METHODS
from digitlab.look import percent
from digitlab.run import Epoch, Run, TestResult
from digitlab.settings import NETWORK_NAMES, Settings

_SUMMARY = [
    *("id", "name", "accuracy", "low", "high", "own_accuracy", "note", "learnt_from", "human_minutes", "drawings"),
    *("training_seconds", "method", "trained", "input", "output", "parameters"),
]
_MOST_EPOCHS_DRAWN = 100  # of a longer history every second epoch is left out, or more
ERASED = "trained on drawings that were deleted"
BROUGHT_IN = "brought in: what it has learnt from is not known"
IMPORTED = "of its digits were imported, not drawn here"
_MISSING = "its model is lost, so it cannot be tried or trained further"
TEST_SETS = {"mnist": "MNIST test set", "own": "own test set"}


def summary(runs: Sequence[Run]) -> pd.DataFrame:
    """Describe runs side by side.

    Args:
        runs: The runs.

    Returns:
        One row per run with `id`, `name`, `accuracy`, `low`, `high` (0-1, MNIST's test set, 95 % interval),
        `own_accuracy` (0-1, missing where there was no own test set), `note` (what to know beside these figures, or
        nothing), `learnt_from` (the title of its kind), `human_minutes`, `drawings`, `training_seconds`, `method`,
        `trained`, `input`, `output`, `parameters`.
    """
    rows = []
    for run in runs:
        mnist, own, method = run.tests["mnist"], run.tests.get("own"), METHODS[run.method]
        rows.append(
            {
                "id": run.id,
                "name": run.name,
                "method": method.title,
                "input": method.input,
                "output": method.output,
                "trained": _trained(run),
                "drawings": run.drawings,
                "human_minutes": run.human_seconds / 60,
                "training_seconds": run.training_seconds,
                "parameters": run.parameters,
                "accuracy": mnist.accuracy,
                "low": mnist.low,
                "high": mnist.high,
                "own_accuracy": own.accuracy if own else np.nan,
                "note": to_know(run),
                "learnt_from": KIND_TITLES[kind_of(run)],
            }
        )
    return pd.DataFrame(rows, columns=_SUMMARY)


def to_know(run: Run) -> str:
    """Say what to know of a run beside its figures; of most nothing.

    Example:
        >>> to_know(Run("one-1", "Ten", "one", tests={}, sources_erased=True))
        'trained on drawings that were deleted'
    """
    imported = f"{run.train.imported:,} {IMPORTED}" if run.train and run.train.imported else ""
    marks = ((BROUGHT_IN, run.brought_in), (ERASED, run.sources_erased), (_MISSING, run.model_missing))
    return "; ".join(filter(None, [advise(run), imported, *(text for text, holds in marks if holds)]))


def confusion_cells(confusion: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Return one row per cell of a confusion matrix: `label`, `prediction`, `count`, `share` of the label.

    Args:
        confusion: 10 rows of 10 counts: rows are labels, columns predictions.
    """
    counts = np.array(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return pd.DataFrame(
        {
            "label": np.repeat(CLASS_NAMES, len(CLASS_NAMES)),
            "prediction": np.tile(CLASS_NAMES, len(CLASS_NAMES)),
            "count": counts.ravel(),
            "share": shares.ravel(),
        }
    )


def histories(histories_by_name: Mapping[str, Sequence[Epoch]]) -> pd.DataFrame:
    """Return one row per run, epoch, measure and data: `name`, `epoch`, `measure`, `data`, `value`.

    Args:
        histories_by_name: Epochs of each run, by its name.

    Returns:
        `measure` is `accuracy` (0-1) or `loss` (nats); `data` is `training` or `validation`.
    """
    rows = [
        (name, epoch.epoch, measure, data, value)
        for name, history in histories_by_name.items()
        for epoch in _thin(history)
        for measure, data, value in (
            ("accuracy", "training", epoch.accuracy),
            ("accuracy", "validation", epoch.val_accuracy),
            ("loss", "training", epoch.loss),
            ("loss", "validation", epoch.val_loss),
        )
    ]
    return pd.DataFrame(rows, columns=["name", "epoch", "measure", "data", "value"])


def percent_with_interval(test: TestResult) -> str:
    """Write an accuracy with its interval: `97.8% (97.5-98.1)`."""
    return f"{percent(test.accuracy)} ({100 * test.low:.1f}\N{EN DASH}{100 * test.high:.1f})"


def worth(n: int) -> str:
    """Say what an accuracy on `n` own test digits is worth."""
    low, high = accuracy_interval(round(0.9 * n), n)
    between = f"{percent(low, 0)} to {percent(high, 0)}"
    return f"With {n} test digits, {percent(0.9, 0)} read right can be anything from {between} (95 % interval)."


def change_on_mnist(before: TestResult, after: TestResult) -> str:
    """Say what training a model further cost or brought on MNIST.

    Args:
        before: The test of the model it started from.
        after: The test of the new one.

    Returns:
        One sentence.
    """
    change = 100 * (after.accuracy - before.accuracy)
    what = f"{abs(change):.1f} points {'more' if change > 0 else 'less'} than" if abs(change) >= 0.05 else "the same as"
    return f"On MNIST that is {what} the model it started from ({percent(before.accuracy)})."


def unique_names(runs: Sequence[Run]) -> list[Run]:
    """Return the runs with names that tell them apart: of equal ones, the second gets ` (2)` and so on."""
    taken: set[str] = set()
    named = []
    for run in runs:
        name, count = run.name, 1
        while name in taken:
            count += 1
            name = f"{run.name} ({count})"
        taken.add(name)
        named.append(replace(run, name=name))
    return named


def newest_by_method(runs: Sequence[Run], methods: Sequence[str]) -> list[Run]:
    """Return of each method the newest run, in the order of `methods`."""
    newest = {run.method: run for run in runs}
    return [newest[method] for method in methods if method in newest]


def result_of(runs: Sequence[Run], run_id: str | None, *methods: str) -> Run | None:
    """Return the run with this id, else the newest of these methods, else None."""
    by_id = {run.id: run for run in runs}
    if run_id in by_id:
        return by_id[run_id]
    return next((run for run in reversed(runs) if run.method in methods), None)


def name_of(settings: Settings) -> str:
    """Name a run on MNIST by its network.

    Example:
        >>> name_of(Settings(hidden_units=(128, 64), train_share=0.1))
        'Dense 128-64 on 10% of MNIST'
    """
    network = "-".join(map(str, settings.hidden_units)) or "without hidden layer"
    share = "" if settings.train_share == 1 else f"{settings.train_share:.0%} of "
    return f"{NETWORK_NAMES[settings.network]} {network} on {share}MNIST"


def _thin(history: Sequence[Epoch]) -> list[Epoch]:
    """Leave out epochs evenly, never the last, until few enough are left to be drawn."""
    step = -(-len(history) // _MOST_EPOCHS_DRAWN)
    return list(history[::-1][:: max(step, 1)])[::-1]


def _trained(run: Run) -> str:
    how = METHODS[run.method].trained
    if run.train and run.history:
        start = ", starting from a saved model" if run.start_from else ""
        stopped = " (stopped early)" if run.stopped else ""
        how += f": {run.train.n:,} digits, {run.history[-1].epoch} epochs{stopped}{start}"
    return how
