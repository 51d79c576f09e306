"""The story in seven steps: what there is of each, what it costs, and which comes next; for the home page."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitlab.comparison.first_answer import price_of_more
from digitlab.comparison.kinds import Kind, way
from digitlab.comparison.method_results import MethodResult, method_results
from digitlab.comparison.speaking import mnist_speaker, speaker
from digitlab.drawing.clock import in_words
from digitlab.learning.methods import METHODS
from digitlab.look import percent
from digitlab.run import Run
from digitlab.storage.batches import Batch

_HELPED: tuple[Kind, ...] = ("mnist", "unlabelled")
_NOT_YET = "not yet"
_DRAWN = "digits drawn"
_ON_MNIST = "pages/dense.py"


@dataclass(frozen=True)
class Step:
    """What there is of a step, for the reader.

    Attributes:
        title: Its name.
        figure: What there is, or "not yet".
        text: What it is about, or what was reached with which help.
        time: What it costs or has cost.
        page: Where it is taken.
        action: What to do there.
        done: It is taken.
        curve: Accuracy on the validation digits after each epoch, 0-1, where a network was trained.
        batch_id: Whose drawings can be shown; None: there are none.
        counts: What the figure counts.
    """

    title: str
    figure: str
    text: str
    time: str
    page: str
    action: str
    done: bool
    curve: tuple[float, ...] = ()
    batch_id: int | None = None
    counts: str = "accuracy on MNIST"


def steps(runs: Sequence[Run], batches: Sequence[Batch] = ()) -> list[Step]:
    """Tell where each of the seven steps stands: what drawings alone brought; what help brought is told apart.

    Args:
        runs: That of a uniform guess among them.
        batches: Of the drawings that may be shown, oldest first.
    """
    results = method_results(runs)
    curves = {run.id: tuple(epoch.val_accuracy for epoch in run.history) for run in runs}
    guess = next((result for result in results if result.method == "uniform"), None)
    one, full = (speaker(results, "alone", method) for method in ("one", "full"))
    dense = mnist_speaker(results)
    return [
        Step(
            f"1. {METHODS['uniform'].title}",
            _accuracy(guess),
            "No work, no learning: what luck reaches.",
            "no time",
            "pages/baseline.py",
            "Guess at random",
            guess is not None,
        ),
        Step(
            f"2. {METHODS['dense'].title}",
            _accuracy(dense),
            " ".join(["Trained on the digits of 539 other people.", *_with_help(results, "dense")]),
            _trained(dense, "no drawing, some seconds of training"),
            _ON_MNIST,
            "Train on MNIST",
            dense is not None,
            curves[dense.id] if dense else (),
        ),
        _drawing("3. One of each digit", "one", batches, one),
        _training("4. Train on the ten", "one", results, one, curves),
        _drawing("5. A full batch", "full", batches, full),
        _training("6. Train on the batch", "full", results, full, curves),
        Step(
            "7. Compare",
            f"{sum(found is not None for found in (guess, dense, one, full))} of 4",
            "The four methods side by side: what each minute of your drawing has bought.",
            "no drawing",
            "pages/compare.py",
            "Compare the methods",
            done=False,
            counts="methods tried",
        ),
    ]


def next_step(steps: Sequence[Step]) -> Step:
    """Return the first step that is not done, MNIST's network after those of drawing; the last one never is done.

    A network of MNIST's reads on the first page already: what a newcomer has not seen is what drawings bring.
    """
    *before, last = [step for step in steps if not step.done]
    return min(before, key=lambda step: step.page == _ON_MNIST, default=last)


def _drawing(title: str, kind: str, batches: Sequence[Batch], trained: MethodResult | None) -> Step:
    """Tell of drawing a batch: of the newest of its kind that holds a drawing."""
    drawn = _newest(batches, kind)
    ten = _newest(batches, "one")
    text, time, page, action = {
        "one": (
            "Your ten digits, once each, as you write them on paper.",
            "less than a minute",
            "pages/draw_one.py",
            "Draw your ten digits",
        ),
        "full": (
            "As many drawings as you have patience for: more of the same hand.",
            f"five of each: {price_of_more(ten.seconds, ten.drawn) if ten else price_of_more()}",
            "pages/draw_batch.py",
            "Draw a full batch",
        ),
    }[kind]
    if drawn is None:
        return Step(title, _NOT_YET, text, time, page, action, trained is not None, counts=_DRAWN)
    figure, time = f"{drawn.drawn} of {len(drawn.labels)}", f"{in_words(drawn.seconds)} of drawing"
    done = drawn.drawn == len(drawn.labels) or trained is not None
    return Step(title, figure, text, time, page, action, done, batch_id=drawn.id, counts=_DRAWN)


def _newest(batches: Sequence[Batch], kind: str) -> Batch | None:
    return next((batch for batch in reversed(batches) if batch.kind == kind and batch.drawn), None)


def _training(
    title: str,
    method: str,
    results: Sequence[MethodResult],
    stands: MethodResult | None,
    curves: dict[str, tuple[float, ...]],
) -> Step:
    """Tell of training on drawings."""
    text = "A network that has seen nothing but varied copies of your drawings."
    return Step(
        title,
        _accuracy(stands),
        " ".join([text, *_with_help(results, method)]),
        _trained(stands, "no drawing, some seconds of training"),
        "pages/retrain.py",
        "Train on your digits",
        stands is not None,
        curves[stands.id] if stands else (),
    )


def _accuracy(result: MethodResult | None) -> str:
    return percent(result.tests["mnist"].accuracy) if result else _NOT_YET


def _trained(result: MethodResult | None, before: str) -> str:
    """Tell what a trained network has cost; `before` it was trained, what it will."""
    if result is None:
        return before
    work = f"{in_words(result.human_seconds)} of drawing" if result.drawings else "no drawing"
    trainings = f", mean of {result.seeds} trainings" if result.seeds > 1 else ""
    return f"{work}, {in_words(result.training_seconds)} of training{trainings}"


def _with_help(results: Sequence[MethodResult], method: str) -> list[str]:
    """Tell what each kind of help brought, by itself; nothing of what was not tried."""
    told = []
    for kind in _HELPED:
        helped = speaker(results, kind, method)
        if helped:
            how = way(kind, started=helped.started)
            told.append(f"{how[0].upper()}{how[1:]}: {percent(helped.tests['mnist'].accuracy)}.")
    return told
