"""Where each of the four methods stands, and what to do next: for the home page."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitlab.comparison.kinds import Kind, way
from digitlab.comparison.method_results import MethodResult, method_results
from digitlab.comparison.speaking import mnist_speaker, speaker
from digitlab.drawing.clock import in_words
from digitlab.learning.methods import METHODS
from digitlab.run import Run

_STEPS = (
    ("uniform", "pages/baseline.py", "Guess", "No work, no learning: what luck reaches."),
    ("dense", "pages/dense.py", "Train on MNIST", "Trained on the digits of 539 other people."),
    ("one", "pages/draw_one.py", "Draw one of each digit", "Ten drawings: less than a minute of your time."),
    ("full", "pages/draw_batch.py", "Draw a full batch", "As many drawings as you have patience for."),
)
_HELPED: tuple[Kind, ...] = ("mnist", "unlabelled")


@dataclass(frozen=True)
class Step:
    """Where a method stands: texts for the reader, the page that goes on, whether it is done."""

    title: str
    accuracy: str
    text: str
    page: str
    action: str
    done: bool


def steps(runs: Sequence[Run]) -> list[Step]:
    """Tell where each of the four methods stands: what drawings alone brought; what help brought is told apart.

    Args:
        runs: That of a uniform guess among them.
    """
    results = method_results(runs)
    made = []
    for number, (method, page, action, text) in enumerate(_STEPS, start=1):
        stands = _stands_for(results, method)
        accuracy, shown = "not yet", [text]
        if stands:
            accuracy, shown = f"{stands.tests['mnist'].accuracy:.1%}", [_work(stands)]
        shown += [_with_help(results, method, kind) for kind in _HELPED]
        title = f"{number}. {METHODS[method].title}"
        made.append(Step(title, accuracy, " ".join(filter(None, shown)), page, action, stands is not None))
    return made


def next_step(steps: Sequence[Step]) -> Step:
    """Return the first step that is not done, or the comparison."""
    comparison = Step("Compare", "", "", "pages/compare.py", "Compare the methods", False)
    return next((step for step in steps if not step.done), comparison)


def _stands_for(results: Sequence[MethodResult], method: str) -> MethodResult | None:
    if method == "uniform":
        return next((result for result in results if result.method == method), None)
    return mnist_speaker(results) if method == "dense" else speaker(results, "alone", method)


def _work(result: MethodResult) -> str:
    if result.method == "uniform":
        return _STEPS[0][-1]
    work = f"{in_words(result.human_seconds)} of drawing alone" if result.drawings else "No drawing"
    return f"{work}, mean of {result.seeds} trainings." if result.seeds > 1 else f"{work}."


def _with_help(results: Sequence[MethodResult], method: str, kind: Kind) -> str:
    """Tell what a kind of help brought, by itself; nothing if it was not tried."""
    helped = speaker(results, kind, method)
    if helped is None:
        return ""
    how = way(kind, started=helped.started)
    return f"{how[0].upper()}{how[1:]}: {helped.tests['mnist'].accuracy:.1%}."
