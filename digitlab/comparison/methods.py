"""Runs side by side -> DataFrames: methods with their uncertainty, trained on x tested on, cost."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from digitlab.comparison.runs import TEST_SETS
from digitlab.learning.evaluation import PairedTest, accuracy_interval, evaluate, paired_test
from digitlab.learning.experiment import METHODS
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import MNIST, DigitSet, own_test, trained_batches

_METHOD_COLUMNS = [
    *("id", "name", "method", "test_set", "drawings", "human_minutes", "training_seconds", "seeds", "n"),
    *("accuracy", "low", "high", "spread", "interval", "version"),
]
_CROSS_COLUMNS = ["trained_on", "tested_on", "n", "accuracy", "low", "high", "run"]
_WHAT = {"one": "one of each", "full": "full batch"}
_MOST_ROWS = 20  # of a cross table that can still be read


@dataclass(frozen=True)
class Pair:
    """Two runs on the same digits, on which neither was trained; predictions are int64 arrays of shape (n,)."""

    digits: DigitSet
    first: np.ndarray
    second: np.ndarray

    @property
    def test(self) -> PairedTest:
        """Whether one of them is better."""
        return paired_test(self.first == self.digits.labels, self.second == self.digits.labels)


def methods(cards: Sequence[dict]) -> pd.DataFrame:
    """Describe how good each method is; runs that differ in nothing but the seed are one.

    Args:
        cards: Cards of runs, oldest first.

    Returns:
        One row per method and test set: `id` and `name` of a run, `method` (key of `experiment.METHODS`), `test_set`,
        `drawings`, `human_minutes`, `training_seconds` (mean), `seeds`, `n` (test digits), `accuracy` (mean, 0-1),
        `low` and `high`, `spread` (standard deviation over the seeds, missing for one), `interval` (what low and high
        are), `version` (of the own test digits). For one seed low and high are the 95 % interval (Wilson) of the test
        digits; for several the mean -+ 2 standard deviations, and never narrower than that of the test digits.
    """
    groups: dict[str, dict[int, dict]] = {}
    for card in cards:
        seed = card.get("settings", {}).get("seed", 0)
        groups.setdefault(_all_but_seed(card), {})[seed] = card  # of one seed the newest
    rows = []
    for by_seed in groups.values():
        runs = list(by_seed.values())
        for test_set in TEST_SETS:
            tested = [run for run in runs if test_set in run["tests"]]
            if tested:  # only those tested on the same digits can be averaged
                version = tested[-1]["tests"][test_set].get("version")
                rows.append(_row([run for run in tested if run["tests"][test_set].get("version") == version], test_set))
    return pd.DataFrame(rows, columns=_METHOD_COLUMNS)


def lines(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what to measure drawing against: the random guess and the newest dense network on MNIST.

    Args:
        frame: As `methods` returns it.

    Returns:
        One row per line: `line`, `test_set` (that of the random guess is missing), `accuracy`.
    """
    dense = frame[(frame["method"] == "dense")].drop_duplicates("test_set", keep="last")
    rows = [{"line": METHODS["uniform"].title, "test_set": None, "accuracy": 0.1}]
    rows += [
        {
            "line": f"{METHODS['dense'].title}: {row.test_set}",
            "test_set": row.test_set,
            "accuracy": row.accuracy,
        }
        for row in dense.itertuples()
    ]
    return pd.DataFrame(rows)


def cost(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each method costs: rows `name`, `whose` (`your drawing` or `training`), `seconds`, `total`.

    Args:
        frame: As `methods` returns it.
    """
    rows = [
        {"name": row.name, "whose": whose, "seconds": seconds, "total": 60 * row.human_minutes + row.training_seconds}
        for row in frame.drop_duplicates("id").itertuples(index=False)
        for whose, seconds in (("your drawing", 60 * row.human_minutes), ("training", row.training_seconds))
    ]
    return pd.DataFrame(rows, columns=["name", "whose", "seconds", "total"])


def trained_on(card: dict, batches: Sequence[Batch]) -> str:
    """Say whose digits a run was trained on: `MNIST`, `ana: full batch (42)`, `2 people: one of each (20)`."""
    if not card["drawings"]:
        return "MNIST"
    writers = _writers(card, batches)
    who = writers[0] if len(writers) == 1 else f"{len(writers)} people"
    after = " after MNIST" if card.get("start_from") else ""
    return f"{who}: {_WHAT.get(card['method'], card['method'])} ({card['drawings']}){after}"


def tested_on_own(
    cards: Sequence[dict],
    batches: Sequence[Batch],
    sets: Sequence[DigitSet],
    predict: Callable[[str, DigitSet], np.ndarray | None],
) -> list[dict]:
    """Test the runs that answer the question on the own test digits there are now, also on those drawn since.

    They are the newest of each method on the same drawings, tested on the test digits of who drew those, and the newest
    network on MNIST, tested on the digits of who drew most; others keep what they had.

    Args:
        cards: Cards of runs, oldest first.
        batches: All batches.
        sets: As `digit_sets` returns them.
        predict: As in `cross_table`.

    Returns:
        The cards, those that were tested with a new `own` among their tests.
    """
    answering = {card["id"] for card in to_cross(cards, batches)}
    most = max((card for card in reversed(cards) if card["drawings"]), key=lambda card: card["drawings"], default={})

    def test(card: dict) -> dict:
        writers = _writers(card, batches) or _writers(most, batches)
        return _with_own(card, own_test(sets, writers), predict)

    return [test(card) if card["id"] in answering else card for card in cards]


def to_cross(cards: Sequence[dict], batches: Sequence[Batch]) -> list[dict]:
    """Choose the runs of a cross table: of those trained alike the newest, at most 20, no reference predictors."""
    newest = {trained_on(card, batches): card for card in cards if "history" in card}
    return sorted(newest.values(), key=lambda card: card["drawings"])[:_MOST_ROWS]


def cross_table(
    cards: Sequence[dict],
    runs: Sequence[dict],
    batches: Sequence[Batch],
    sets: Sequence[DigitSet],
    predict: Callable[[str, DigitSet], np.ndarray | None],
) -> pd.DataFrame:
    """Test each model on each set of digits; what it was trained on is left out.

    Args:
        cards: Of the runs to show, as `to_cross` chooses them.
        runs: Cards of all runs, to know where they started from.
        batches: All batches.
        sets: As `digit_sets` returns them.
        predict: Takes the id of a run and a set; returns int64 predictions of shape (n,), or None if it cannot.

    Returns:
        One row per model and set: `trained_on`, `tested_on`, `n` (digits left to test on), `accuracy`, `low`, `high`
        (95 % interval; these three missing where `n` is 0 or there is no model), `run` (its name).
    """
    rows = []
    for card in cards:
        for digits in sets:
            test = _test_on(card, digits, trained_batches(card, runs), predict)
            scores = {name: test.get(name, np.nan) for name in ("accuracy", "low", "high")}
            row = {"trained_on": trained_on(card, batches), "tested_on": digits.title, "n": test.get("n", 0)}
            rows.append({**row, **scores, "run": card["name"]})
    return pd.DataFrame(rows, columns=_CROSS_COLUMNS)


def _writers(card: dict, batches: Sequence[Batch]) -> list[str]:
    ids = set(card.get("train", {}).get("batch_ids", ()))
    return sorted({batch.writer for batch in batches if batch.id in ids})


def _with_own(card: dict, digits: DigitSet | None, predict: Callable) -> dict:
    if digits is None or card["tests"].get("own", {}).get("version") == digits.version:
        return card
    predictions = predict(card["id"], digits)
    if predictions is None:
        return card
    own = asdict(evaluate(digits.labels, predictions, digits.version))
    return {**card, "tests": {**card["tests"], "own": own}}


def _test_on(card: dict, digits: DigitSet, batch_ids: frozenset[int], predict: Callable) -> dict:
    if digits.key == MNIST:
        return card["tests"]["mnist"]  # was tested when it was trained
    left = digits.held_out(batch_ids)
    predictions = predict(card["id"], digits) if left.any() else None
    return {} if predictions is None else asdict(evaluate(digits.labels[left], predictions[left]))


def pair(
    first: dict,
    second: dict,
    runs: Sequence[dict],
    digits: DigitSet,
    predict: Callable[[str, DigitSet], np.ndarray | None],
) -> Pair | None:
    """Let two runs read the same digits.

    Args:
        first: Card of a run.
        second: Card of another.
        runs: Cards of all runs.
        digits: What to read; digits that one of the two was trained on are left out.
        predict: As in `cross_table`.

    Returns:
        What they read, or None if no digit is left or a model cannot be read.
    """
    left = digits.held_out(trained_batches(first, runs) | trained_batches(second, runs))
    read = [predict(card["id"], digits) for card in (first, second)] if left.any() else [None]
    if any(predictions is None for predictions in read):
        return None
    return Pair(digits.only(left), *(predictions[left] for predictions in read))


def _all_but_seed(card: dict) -> str:
    settings = {name: value for name, value in card.get("settings", {}).items() if name != "seed"}
    train = card.get("train", {})
    # A share of MNIST is chosen by the seed: other digits, yet the same method.
    data = train.get("version") if card["drawings"] else train.get("n")
    return json.dumps([card["method"], settings, card.get("start_from"), data], sort_keys=True)


def _row(runs: Sequence[dict], test_set: str) -> dict:
    tests = [run["tests"][test_set] for run in runs]
    values = np.array([test["accuracy"] for test in tests])
    mean, n = float(values.mean()), tests[-1]["n"]
    low, high = accuracy_interval(round(mean * n), n)
    spread = float(values.std(ddof=1)) if len(runs) > 1 else np.nan
    if len(runs) > 1:
        low, high = max(0.0, min(low, mean - 2 * spread)), min(1.0, max(high, mean + 2 * spread))
    return {
        "version": tests[-1].get("version", ""),
        "id": runs[-1]["id"],
        "name": runs[0]["name"],
        "method": runs[-1]["method"],
        "test_set": TEST_SETS[test_set],
        "drawings": runs[-1]["drawings"],
        "human_minutes": runs[-1]["human_seconds"] / 60,
        "training_seconds": float(np.mean([run["training_seconds"] for run in runs])),
        "seeds": len(runs),
        "n": n,
        "accuracy": mean,
        "low": low,
        "high": high,
        "spread": spread,
        "interval": f"mean \N{PLUS-MINUS SIGN} 2 standard deviations of {len(runs)} seeds"
        if len(runs) > 1
        else "95 % interval",
    }
