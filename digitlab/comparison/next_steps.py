"""Where each of the four methods stands, and what to do next: for the home page."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitlab.drawing.clock import in_words
from digitlab.learning.methods import METHODS
from digitlab.run import Run

_STEPS = (
    ("uniform", "pages/baseline.py", "Guess", "No work, no learning: what luck reaches."),
    ("dense", "pages/dense.py", "Train on MNIST", "Trained on the digits of 539 other people."),
    ("one", "pages/draw_one.py", "Draw one of each digit", "Ten drawings: less than a minute of your time."),
    ("full", "pages/draw_batch.py", "Draw a full batch", "As many drawings as you have patience for."),
)


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
    """Tell where each of the four methods stands.

    Args:
        runs: That of a uniform guess among them.
    """
    made = []
    for number, (method, page, action, text) in enumerate(_STEPS, start=1):
        own = [run for run in runs if run.method == method and not _helped_by_mnist(run)]
        best = max(own, key=lambda run: run.tests["mnist"].accuracy, default=None)
        accuracy, shown = "not yet", text
        if best:
            accuracy = f"{best.tests['mnist'].accuracy:.1%}"
            if method != "uniform":
                work = f"{in_words(best.human_seconds)} of drawing" if best.drawings else "no drawing"
                shown = f"Best of {len(own)} run{'s' * (len(own) > 1)}, {work}."
        made.append(Step(f"{number}. {METHODS[method].title}", accuracy, shown, page, action, best is not None))
    return made


def next_step(steps: Sequence[Step]) -> Step:
    """Return the first step that is not done, or the comparison."""
    comparison = Step("Compare", "", "", "pages/compare.py", "Compare the methods", False)
    return next((step for step in steps if not step.done), comparison)


def _helped_by_mnist(run: Run) -> bool:
    """Whether a run on drawings also learnt from MNIST's digits: it does not tell what the drawings are worth."""
    mixed = run.settings is not None and run.settings.mnist_share > 0
    return run.drawings > 0 and (run.start_from is not None or mixed)
