"""Cards of runs -> DataFrames for tables and charts. A card is what `experiment.run` stores of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digitlab.digits import CLASS_NAMES
from digitlab.drawing.clock import in_words
from digitlab.learning.evaluation import accuracy_interval
from digitlab.learning.experiment import METHODS
from digitlab.settings import Settings

_SUMMARY = [
    *("id", "name", "accuracy", "low", "high", "own_accuracy", "human_minutes", "drawings", "training_seconds"),
    *("method", "trained", "input", "output", "parameters"),
]
_MOST_EPOCHS_DRAWN = 100  # of a longer history every second epoch is left out, or more
_STEPS = (
    ("uniform", "pages/baseline.py", "Guess", "No work, no learning: what luck reaches."),
    ("dense", "pages/dense.py", "Train on MNIST", "Trained on the digits of 539 other people."),
    ("one", "pages/draw_one.py", "Draw one of each digit", "Ten drawings: less than a minute of your time."),
    ("full", "pages/draw_batch.py", "Draw a full batch", "As many drawings as you have patience for."),
)
TEST_SETS = {"mnist": "MNIST test set", "own": "own test set"}


def summary(cards: Sequence[dict]) -> pd.DataFrame:
    """Describe runs side by side.

    Args:
        cards: Cards of runs.

    Returns:
        One row per run with `id`, `name`, `accuracy`, `low`, `high` (0-1, MNIST's test set, 95 % interval),
        `own_accuracy` (0-1, missing where there was no own test set), `human_minutes`, `drawings`, `training_seconds`,
        `method`, `trained`, `input`, `output`, `parameters`.
    """
    rows = []
    for card in cards:
        mnist, own = card["tests"]["mnist"], card["tests"].get("own")
        rows.append(
            {
                "id": card["id"],
                "name": card["name"],
                "method": METHODS[card["method"]].title,
                "input": METHODS[card["method"]].input,
                "output": METHODS[card["method"]].output,
                "trained": _trained(card),
                "drawings": card["drawings"],
                "human_minutes": card["human_seconds"] / 60,
                "training_seconds": card["training_seconds"],
                "parameters": card["parameters"],
                "accuracy": mnist["accuracy"],
                "low": mnist["low"],
                "high": mnist["high"],
                "own_accuracy": own["accuracy"] if own else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=_SUMMARY)


def accuracies(cards: Sequence[dict]) -> pd.DataFrame:
    """Return one row per run and test set: `name`, `test_set`, `n`, `accuracy`, `low`, `high`, `human_minutes`."""
    rows = [
        {
            "name": card["name"],
            "test_set": TEST_SETS[key],
            "human_minutes": card["human_seconds"] / 60,
            **{column: test[column] for column in ("n", "accuracy", "low", "high")},
        }
        for card in cards
        for key, test in card["tests"].items()
    ]
    return pd.DataFrame(rows, columns=["name", "test_set", "human_minutes", "n", "accuracy", "low", "high"])


def accuracy_by_digit(cards: Sequence[dict]) -> pd.DataFrame:
    """Return one row per run and digit of MNIST's test set: `name`, `digit`, `n`, `accuracy` (0-1)."""
    rows = []
    for card in cards:
        confusion = np.array(card["tests"]["mnist"]["confusion"])
        for digit, (right, n) in enumerate(zip(np.diag(confusion), confusion.sum(axis=1), strict=True)):
            rows.append({"name": card["name"], "digit": CLASS_NAMES[digit], "n": int(n), "accuracy": right / max(n, 1)})
    return pd.DataFrame(rows, columns=["name", "digit", "n", "accuracy"])


def confusion(test: dict) -> pd.DataFrame:
    """Return one row per cell of a test's confusion matrix: `label`, `prediction`, `count`, `share` of the label."""
    counts = np.array(test["confusion"])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return pd.DataFrame(
        {
            "label": np.repeat(CLASS_NAMES, len(CLASS_NAMES)),
            "prediction": np.tile(CLASS_NAMES, len(CLASS_NAMES)),
            "count": counts.ravel(),
            "share": shares.ravel(),
        }
    )


def histories(histories_by_name: dict[str, Sequence[dict]]) -> pd.DataFrame:
    """Return one row per run, epoch, measure and data: `name`, `epoch`, `measure`, `data`, `value`.

    Args:
        histories_by_name: Histories as `training.train` returns them.

    Returns:
        `measure` is `accuracy` (0-1) or `loss` (nats); `data` is `training` or `validation`.
    """
    rows = [
        {"name": name, "epoch": epoch["epoch"], "measure": measure, "data": data, "value": epoch[prefix + measure]}
        for name, history in histories_by_name.items()
        for epoch in _thin(history)
        for measure in ("accuracy", "loss")
        for data, prefix in (("training", ""), ("validation", "val_"))
    ]
    return pd.DataFrame(rows, columns=["name", "epoch", "measure", "data", "value"])


def percent(test: dict) -> str:
    """Write an accuracy with its interval: `97.8% (97.5-98.1)`."""
    return f"{test['accuracy']:.1%} ({100 * test['low']:.1f}\N{EN DASH}{100 * test['high']:.1f})"


def worth(n: int) -> str:
    """Say what an accuracy on `n` own test digits is worth."""
    low, high = accuracy_interval(round(0.9 * n), n)
    return f"With {n} test digits, 90% read right can be anything from {low:.0%} to {high:.0%} (95 % interval)."


def unique_names(cards: Sequence[dict]) -> list[dict]:
    """Return the cards with names that tell them apart: of equal ones, the second gets ` (2)` and so on."""
    taken: set[str] = set()
    named = []
    for card in cards:
        name, count = card["name"], 1
        while name in taken:
            count += 1
            name = f"{card['name']} ({count})"
        taken.add(name)
        named.append({**card, "name": name})
    return named


def _thin(history: Sequence[dict]) -> list[dict]:
    """Leave out epochs evenly, never the last, until few enough are left to be drawn."""
    step = -(-len(history) // _MOST_EPOCHS_DRAWN)
    return list(history[::-1][:: max(step, 1)])[::-1]


def _trained(card: dict) -> str:
    how = METHODS[card["method"]].trained
    if "train" in card and "settings" in card:
        start = ", starting from a saved model" if card["start_from"] else ""
        stopped = " (stopped early)" if card["stopped"] else ""
        how += f": {card['train']['n']:,} digits, {card['history'][-1]['epoch']} epochs{stopped}{start}"
    return how


def newest_by_method(runs: Sequence[dict], methods: Sequence[str]) -> list[dict]:
    """Return of each method the newest run, in the order of `methods`."""
    newest = {card["method"]: card for card in runs}
    return [newest[method] for method in methods if method in newest]


def result_of(runs: Sequence[dict], run_id: str | None, *methods: str) -> dict | None:
    """Return the run with this id, else the newest of these methods, else None."""
    by_id = {card["id"]: card for card in runs}
    return by_id.get(run_id) or next((card for card in reversed(runs) if card["method"] in methods), None)


def name_of(settings: Settings) -> str:
    """Name a run on MNIST by its network: `Dense 128-64 on MNIST`, `Dense 128 on 10% of MNIST`."""
    network = "-".join(map(str, settings.hidden_units)) or "without hidden layer"
    share = "" if settings.train_share == 1 else f"{settings.train_share:.0%} of "
    return f"Dense {network} on {share}MNIST"


@dataclass(frozen=True)
class Step:
    """Where a method stands, for the home page: texts for the reader, the page that goes on, whether it is done."""

    title: str
    accuracy: str
    text: str
    page: str
    action: str
    done: bool


def steps(runs: Sequence[dict]) -> list[Step]:
    """Tell where each of the four methods stands.

    Args:
        runs: Cards of runs, that of a uniform guess among them.
    """
    told = []
    for number, (method, page, action, text) in enumerate(_STEPS, start=1):
        best = max(
            (card for card in runs if card["method"] == method and not _helped(card)),
            key=lambda card: card["tests"]["mnist"]["accuracy"],
            default=None,
        )
        work = f"{in_words(best['human_seconds'])} of drawing" if best and best["drawings"] else "no drawing"
        count = sum(card["method"] == method and not _helped(card) for card in runs)
        stand = f"Best of {count} run{'s' * (count > 1)}, {work}." if best and method != "uniform" else text
        accuracy = f"{best['tests']['mnist']['accuracy']:.1%}" if best else "not yet"
        told.append(Step(f"{number}. {METHODS[method].title}", accuracy, stand, page, action, best is not None))
    return told


def _helped(card: dict) -> bool:
    """Whether a run on drawings also learnt from MNIST's digits: it does not tell what the drawings are worth."""
    return bool(card["drawings"]) and bool(card.get("start_from") or card["settings"].get("mnist_share"))


def next_step(told: Sequence[Step]) -> Step:
    """Return the first step that is not done, or the comparison."""
    comparison = Step("Compare", "", "", "pages/compare.py", "Compare the methods", False)
    return next((step for step in told if not step.done), comparison)
