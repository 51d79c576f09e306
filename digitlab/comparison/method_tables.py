"""Results of methods -> tables for charts and for the reader."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from digitlab.comparison.guessing import NO_BETTER
from digitlab.comparison.kinds import KIND_TITLES
from digitlab.comparison.labels import distinct_labels
from digitlab.comparison.method_results import MethodResult
from digitlab.comparison.runs import TEST_SETS

_COLUMNS = [
    *("id", "name", "label", "kind", "method", "test_set", "drawings", "human_minutes", "training_seconds", "seeds"),
    *("n", "accuracy", "low", "high", "spread", "interval", "note", "version"),
]


def table(results: Sequence[MethodResult]) -> pd.DataFrame:
    """Return one row per method and test set, for charts and for the reader.

    Returns:
        `id`, `name`, `label` (the name cut to what an axis has room for, and the kind below it: names
        that differ still do), `kind` (its title), `method` (key of `learning.methods.METHODS`), `test_set`, `drawings`,
        `human_minutes`, `training_seconds`, `seeds`, `n`, `accuracy`, `low`, `high`, `spread`, `interval`, `note`,
        `version`; see `MethodResult` and `Score`.
    """
    rows = [
        {
            "id": result.id,
            "name": result.name,
            "label": label,
            "kind": KIND_TITLES[result.kind],
            "method": result.method,
            "test_set": TEST_SETS[key],
            "drawings": result.drawings,
            "human_minutes": result.human_seconds / 60,
            "training_seconds": result.training_seconds,
            "seeds": score.seeds,
            "n": score.n,
            "accuracy": score.accuracy,
            "low": score.low,
            "high": score.high,
            "spread": score.spread,
            "interval": score.interval,
            "note": result.note,
            "version": score.version,
        }
        for result, label in zip(results, labels(results), strict=True)
        for key, score in result.tests.items()
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def labels(results: Sequence[MethodResult]) -> list[str]:
    """Return what to call each on an axis: its name and, of what learnt from drawings, the kind on a second line."""
    cut = distinct_labels([result.name for result in results])
    return [
        "\n".join(
            [label, *([KIND_TITLES[result.kind]] if result.drawings else []), *([NO_BETTER] * (not result.works))]
        )
        for result, label in zip(results, cut, strict=True)
    ]


def cost(results: Sequence[MethodResult]) -> pd.DataFrame:
    """Return what each method costs: `name`, `label`, `kind`, `part` (`your drawing`, `training`), `seconds`, `total`.

    Args:
        results: As `method_results.method_results` returns them.
    """
    rows = [
        (result.name, label, KIND_TITLES[result.kind], part, seconds, result.human_seconds + result.training_seconds)
        for result, label in zip(results, labels(results), strict=True)
        for part, seconds in (("your drawing", result.human_seconds), ("training", result.training_seconds))
    ]
    return pd.DataFrame(rows, columns=["name", "label", "kind", "part", "seconds", "total"])


def accuracy_by_digit(results: Sequence[MethodResult]) -> pd.DataFrame:
    """Return one row per method and digit of MNIST's test set: `name`, `label`, `kind`, `digit`, `n`, `accuracy`."""
    rows = []
    for result, label in zip(results, labels(results), strict=True):
        confusion = np.array(result.tests["mnist"].confusion)
        for digit, (right, n) in enumerate(zip(np.diag(confusion), confusion.sum(axis=1), strict=True)):
            tested = int(n) // result.tests["mnist"].seeds
            rows.append((result.name, label, KIND_TITLES[result.kind], str(digit), tested, right / max(n, 1)))
    return pd.DataFrame(rows, columns=["name", "label", "kind", "digit", "n", "accuracy"])
