"""The answer to the title question, in words: what the minutes of drawing have bought, and what is not known yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from digitlab.comparison.methods import methods
from digitlab.comparison.runs import TEST_SETS, worth
from digitlab.drawing.clock import in_words
from digitlab.run import Run

_FEW = 20  # own test digits: fewer say next to nothing


@dataclass(frozen=True)
class Missing:
    """What keeps the question open: a sentence, the page that helps, what to do there."""

    text: str
    page: str
    action: str


def headline(runs: Sequence[Run], writers: Collection[str], forecast: str = "") -> str:
    """Answer how long it took and how good the model is, with what is uncertain about it.

    Args:
        runs: Oldest first, that of a uniform guess may be among them.
        writers: Names of all who have drawn.
        forecast: Sentences about what more drawing would bring, or nothing.

    Returns:
        Markdown: the answer in the first sentence, then what it compares with and what is missing.
    """
    frame = methods(runs)
    tests = answering(frame)
    parts = [*_reached(tests, writers), forecast if tests else "", *_compared_with_mnist(frame, tests)]
    text = " ".join(part for part in [*parts, *(each.text for each in _missing(frame, tests))] if part)
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def answering(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Choose the method that answers: of those with most drawings the newest, never the one with the best score.

    Args:
        frame: As `methods.methods` returns it.

    Returns:
        Its rows by test set (`runs.TEST_SETS`); empty if no run was trained on drawings.
    """
    drawn = frame[frame["drawings"] > 0]
    if drawn.empty:
        return {}
    chosen = drawn[drawn["drawings"] == drawn["drawings"].max()]["id"].iloc[-1]
    return {row["test_set"]: row for _, row in frame[frame["id"] == chosen].iterrows()}


def missing(runs: Sequence[Run]) -> list[Missing]:
    """Say what has to be done before the question can be answered fully.

    Args:
        runs: As for `headline`.
    """
    frame = methods(runs)
    return _missing(frame, answering(frame))


def _missing(frame: pd.DataFrame, tests: dict[str, pd.Series]) -> list[Missing]:
    found = []
    if not tests:
        found.append(
            Missing("No network is trained on your drawings yet.", "pages/draw_one.py", "Draw one of each digit")
        )
    elif TEST_SETS["own"] not in tests:
        text = "How well your own digits are read is not known: there are no own test digits."
        found.append(Missing(text, "pages/draw_batch.py", "Draw a batch to test with"))
    elif tests[TEST_SETS["own"]]["n"] < _FEW:
        text = worth(int(tests[TEST_SETS["own"]]["n"]))
        found.append(Missing(text, "pages/draw_batch.py", "Draw more digits to test with"))
    if not (frame["method"] == "dense").any():
        text = "What a network trained on MNIST itself reaches here is not measured yet."
        found.append(Missing(text, "pages/dense.py", "Train the dense network"))
    return found


def percent(share: float) -> str:
    """Write a share for a sentence: `91 %`, and never `100 %` or `0 %` if it is not."""
    if 0.995 <= share < 1 or 0 < share < 0.005:
        return f"{100 * share:.2f} %"
    return f"{100 * share:.0f} %"


def _reached(tests: dict[str, pd.Series], writers: Collection[str]) -> list[str]:
    if not tests:
        return ["**How long does it take, and how good is it? Not known yet.**"]
    mnist, own = (tests.get(TEST_SETS[key]) for key in ("mnist", "own"))
    scores = []
    if own is not None:
        whose = "your own digits" if len(writers) < 2 else "the writer's own digits"
        scores.append(f"{percent(own['accuracy'])} of {whose} ({_range(own)})")
    if mnist is not None:
        scores.append(f"{percent(mnist['accuracy'])} of MNIST")
    one = next(iter(tests.values()))
    seeds = f" Means of {one['seeds']} trainings with different seeds." if one["seeds"] > 1 else ""
    return [f"**{one['drawings']} drawings, {in_words(60 * one['human_minutes'])}: {', '.join(scores)}.**{seeds}"]


def _compared_with_mnist(frame: pd.DataFrame, tests: dict[str, pd.Series]) -> list[str]:
    """Compare with the dense network on MNIST, on the same test sets."""
    dense = frame[frame["method"] == "dense"]
    if dense.empty:
        return []
    on_mnist = {row["test_set"]: row for _, row in dense[dense["id"] == dense["id"].iloc[-1]].iterrows()}
    scores = [f"{percent(on_mnist[TEST_SETS['mnist']]['accuracy'])} of MNIST"]
    own, ours = on_mnist.get(TEST_SETS["own"]), tests.get(TEST_SETS["own"])
    if own is not None and ours is not None and own["version"] == ours["version"]:
        scores.append(f"{percent(own['accuracy'])} of the same own digits")
    return [f"Without a drawing of yours, a network trained on MNIST reads {' and '.join(scores)}; luck reads 10 %."]


def _range(row: pd.Series) -> str:
    return f"{100 * row['low']:.0f}\N{EN DASH}{100 * row['high']:.0f}"
