"""The answer to the title question, in words: what the minutes of drawing have bought, and what is not known yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from digitlab.comparison.equal_accuracy import Measured, describe, measured
from digitlab.comparison.kinds import Kind, way
from digitlab.comparison.method_results import MethodResult, Score, method_results
from digitlab.comparison.runs import worth
from digitlab.comparison.speaking import mnist_speaker, speaker
from digitlab.drawing.clock import in_words
from digitlab.look import percent
from digitlab.run import Run
from digitlab.storage.demo import people

_PERCENT = "\N{NO-BREAK SPACE}%"
_FEW = 20  # own test digits: fewer say next to nothing
_HELPED: tuple[Kind, ...] = ("mnist", "unlabelled")


@dataclass(frozen=True)
class Missing:
    """What keeps the question open: a sentence, the page that helps, what to do there."""

    text: str
    page: str
    action: str


@dataclass(frozen=True)
class Answer:
    """The answer in Markdown, in the order in which it is read; an empty text where there is nothing to say.

    Attributes:
        reached: How long it took and how good the model is: the drawings alone first, then each kind of help by itself.
        equal: What equal accuracy costs each way.
        compared: What more drawing would bring, and what MNIST's network reads.
        missing: What keeps the question open.
    """

    reached: str
    equal: str
    compared: str
    missing: tuple[Missing, ...]

    def text(self) -> str:
        """Return all of it as paragraphs."""
        lacking = " ".join(each.text for each in self.missing)
        compared = " ".join(filter(None, (self.equal, self.compared)))
        return "\n\n".join(filter(None, (self.reached, compared, lacking)))


def tell(
    runs: Sequence[Run], writers: Collection[str], forecast: str = "", curve: Sequence[Measured] = ()
) -> Answer:  # fmt: skip
    """Answer how long it took and how good the model is.

    Args:
        runs: Oldest first, that of a uniform guess may be among them.
        writers: Names of all who have drawn.
        forecast: Sentences about what more drawing would bring, or nothing.
        curve: What the learning curve of the same drawings has measured.
    """
    results = [result for result in method_results(runs) if not result.demo]
    writers = people(writers)
    alone = speaker(results, "alone")
    own_name = "your own digits" if len(writers) < 2 else "the writer's own digits"
    reached = [*_reached(alone, own_name), *_with_help(results, alone, own_name), *_drawn(alone)]
    equal = _equal_accuracy(results, alone, writers, curve, own_name)
    compared = [forecast if alone else "", *_compared_with_mnist(results, alone)]
    return Answer(_joined(reached), _joined([equal]), _joined(compared), tuple(_missing(results)))


def of_demo(runs: Sequence[Run]) -> str:
    """Say in a sentence what the demo's drawings alone have reached; nothing while that is not trained.

    Args:
        runs: Those of the demo.
    """
    return _joined(_reached(speaker(method_results(runs), "alone", demo=True), "its own digits"))


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(filter(None, sentences)).replace(" %", _PERCENT)


def _missing(results: Sequence[MethodResult]) -> list[Missing]:
    found, alone = [], speaker(results, "alone")
    if alone is None and any(result.drawings for result in results):
        text = "What your drawings are worth alone is not measured yet."
        found.append(Missing(text, "pages/retrain.py", "Train on your drawings from scratch"))
    elif alone is None:
        text = "No network is trained on your drawings yet."
        found.append(Missing(text, "pages/draw_one.py", "Draw one of each digit"))
    elif "own" not in alone.tests:
        text = "How well your own digits are read is not known: there are no test digits of the same hand."
        found.append(Missing(text, "pages/draw_batch.py", "Draw a batch to test with"))
    elif alone.tests["own"].n < _FEW:
        found.append(Missing(worth(alone.tests["own"].n), "pages/draw_batch.py", "Draw more digits to test with"))
    if mnist_speaker(results) is None:
        text = "What a network that you train on MNIST reaches here is not measured yet."
        found.append(Missing(text, "pages/dense.py", "Train the dense network"))
    return found


def _reached(alone: MethodResult | None, own_name: str) -> list[str]:
    if alone is None:
        return ["**How long does it take, and how good is drawing alone? Not known yet.**"]
    scores = [f"{percent(alone.tests['mnist'].accuracy, 0)} of MNIST"]
    if own := alone.tests.get("own"):
        scores.append(f"{percent(own.accuracy, 0)} ({_range(own)}) of {own_name}")
    time = in_words(alone.human_seconds)
    return [f"**{time} of drawing: a network trained on these drawings alone reads {' and '.join(scores)}.**"]


def _drawn(alone: MethodResult | None) -> list[str]:
    if alone is None:
        return []
    seeds = f"; the figures are means of {alone.seeds} trainings with different seeds" if alone.seeds > 1 else ""
    return [f"Drawn were {alone.drawings} digits{seeds}."]


def _with_help(results: Sequence[MethodResult], alone: MethodResult | None, own_name: str) -> list[str]:
    """Tell what each kind of help brought, each in a sentence of its own."""
    told = []
    for kind in _HELPED:
        helped = speaker(results, kind, data=alone.data if alone else None)
        if helped is None:
            continue
        how = way(kind, started=helped.started)
        if alone is None or helped.data != alone.data or round(helped.human_seconds - alone.human_seconds):
            how += f", {helped.drawings} drawings and {in_words(helped.human_seconds)}"
        told.append(f"{how[0].upper()}{how[1:]}: {_scores(helped.tests, alone.tests if alone else {}, own_name)}.")
    return told


def _scores(tests: Mapping[str, Score], ours: Mapping[str, Score], own_name: str) -> str:
    """Write the scores; without repeating what they are of, where the sentence before has said it."""
    own, mnist = tests.get("own"), percent(tests["mnist"].accuracy, 0)
    if own and "own" in ours:
        if own.version == ours["own"].version:
            return f"{mnist} and {percent(own.accuracy, 0)}"
        own_name = "other own digits"
    return f"{mnist} of MNIST" + (f" and {percent(own.accuracy, 0)} of {own_name}" if own else "")


def _equal_accuracy(
    results: Sequence[MethodResult],
    alone: MethodResult | None,
    writers: Collection[str],
    curve: Sequence[Measured],
    own_name: str,
) -> str:
    """Compare what the same writer's drawings have reached: those that were tested on the same own digits."""
    own = alone.tests.get("own") if alone else None
    if alone is None or (own is None and len(writers) > 1):  # nothing tells whose minutes they are
        return ""
    version = own.version if own else None
    alike = [each for each in results if not each.drawings or len(writers) < 2 or _is_tested_on(each, version)]
    fits = own is None or any(point.version == own.version for point in curve)
    return describe([*measured(alike), *(curve if fits else ())], version, own_name)


def _is_tested_on(result: MethodResult, own_version: str | None) -> bool:
    return "own" in result.tests and result.tests["own"].version == own_version


def _compared_with_mnist(results: Sequence[MethodResult], alone: MethodResult | None) -> list[str]:
    """Compare with the dense network on MNIST, on the same test sets."""
    dense = mnist_speaker(results)
    if dense is None:
        return []
    scores = [f"{percent(dense.tests['mnist'].accuracy, 0)} of MNIST"]
    own, ours = dense.tests.get("own"), alone.tests.get("own") if alone else None
    if own and ours and own.version == ours.version:
        scores.append(f"{percent(own.accuracy, 0)} of the same own digits")
    return [f"Without a drawing of yours, a network trained on MNIST reads {' and '.join(scores)}; luck reads 10 %."]


def _range(score: Score) -> str:
    return f"{100 * score.low:.0f}\N{EN DASH}{100 * score.high:.0f}"
