"""The steps of the tour: what to do, on which page and with what, and by what it is known to be done.

Nothing is done by reading. What was drawn and trained is looked up in the database, what was moved or chosen in the
visitor's inputs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digitlab.run import Run
from digitlab.storage.batches import Batch

_ENOUGH = 10  # drawings


@dataclass(frozen=True)
class Deeds:
    """What somebody has done; what is in the database is only read where a step asks for it.

    Attributes:
        guess: How many MNIST digits they think their ten will read, a share; None: they have not guessed.
        inputs: Values of the widgets of this visit, by key.
        batches: Returns their own batches.
        runs: Returns their own runs.
    """

    guess: float | None
    inputs: Mapping[str | int, Any]
    batches: Callable[[], Sequence[Batch]]
    runs: Callable[[], Sequence[Run]]


@dataclass(frozen=True)
class Step:
    """A card of the tour.

    Attributes:
        name: In the link.
        page: Where it belongs, the name of the page's script.
        points_at: CSS selector of what it is about.
        title: What to do, in a few words.
        text: The same in a sentence or two, and what to look out for.
        is_done: Tells whether it is done.
        looks_again: It is done without the page being run anew, so the card has to look again and again.
    """

    name: str
    page: str
    points_at: str
    title: str
    text: str
    is_done: Callable[[Deeds], bool]
    looks_again: bool = False


def _drawn(kind: str) -> Callable[[Deeds], bool]:
    return lambda deeds: sum(batch.drawn for batch in deeds.batches() if batch.kind == kind) >= _ENOUGH


def _trained(condition: Callable[[Run], bool]) -> Callable[[Deeds], bool]:
    return lambda deeds: any(condition(run) for run in deeds.runs())


def _has_other(key: str, *usual: object) -> Callable[[Deeds], bool]:
    """Return whether an input is there and has another value than those it may have had from the start."""
    return lambda deeds: key in deeds.inputs and deeds.inputs[key] not in usual


def _row_is_chosen(deeds: Deeds) -> bool:
    """Return whether a row of the table of drawings is chosen; the table's key goes on with what it shows."""
    tables = [value for key, value in deeds.inputs.items() if str(key).startswith("my_table_")]
    return any(isinstance(table, Mapping) and table["selection"]["rows"] for table in tables)


STEPS = (
    Step(
        "guess",
        "home",
        ".st-key-guess",
        "Make an estimate",
        "Ten digits of yours against 60,000 of MNIST's: how many of 100 will yours read? Move the slider below.",
        lambda deeds: deeds.guess is not None,
    ),
    Step(
        "ten",
        "draw_one",
        ".st-key-one-button-save",
        "Draw ten digits",
        "Write each digit once and save it. After the tenth a network learns from them by itself: wait for its answer.",
        _trained(lambda run: run.method == "one" and run.help == "alone"),
    ),
    Step(
        "luck",
        "baseline",
        ".st-key-baseline_seed",
        "Try your luck",
        "Whoever guesses at random reads about 10 of 100. Change the seed, from which all random "
        "numbers follow: does it help?",
        _has_other("baseline_seed", 0),
    ),
    Step(
        "dense",
        "dense",
        ".st-key-dense_start",
        "Train on MNIST",
        "These are digits of 539 people, none of them yours. Press Train, and see how far they take a network.",
        _trained(lambda run: run.method == "dense"),
    ),
    Step(
        "batch",
        "draw_batch",
        ".st-key-batch_start",
        "Draw more of your hand",
        "Start a batch to train on, with any number of drawings, and save at least ten. How much will more help?",
        _drawn("full"),
        looks_again=True,
    ),
    Step(
        "replay",
        "my_digits",
        "[class*='st-key-my_table_']",
        "See a digit written again",
        "Choose one row of the table, at its left edge. Below it the digit is written as you wrote it.",
        _row_is_chosen,
    ),
    Step(
        "test",
        "draw_batch",
        ".st-key-batch_kind",
        "Draw digits to test with",
        "Choose “To test with”, start a batch and save ten digits. No network learns from them: they show how well "
        "your hand is read.",
        _drawn("test"),
        looks_again=True,
    ),
    Step(
        "train",
        "retrain",
        ".st-key-retrain_start",
        "Train on your batch",
        "Choose “Full batches” and press Train. Your own digits are read well, MNIST's little better than with ten: "
        "the hands of other people are not in your drawings.",
        _trained(lambda run: run.method == "full" and run.help == "alone"),
    ),
    Step(
        "help",
        "retrain",
        ".st-key-retrain_start_from",
        "Let MNIST help",
        "Choose a model trained on MNIST as the start, and train once more. It knows other hands; you add yours.",
        _trained(lambda run: run.drawings > 0 and run.help == "mnist"),
    ),
    Step(
        "look",
        "inside",
        ".st-key-inside_source",
        "See what mattered",
        "Choose one of your drawings, or draw one. Blue parts spoke for the answer, orange ones against it.",
        _has_other("inside_source", "mnist"),
    ),
    Step(
        "break",
        "inside",
        ".st-key-inside_tab [role=tablist], .st-key-break_turn",
        "Break it",
        "Open “Break it” and turn the digit until the network reads something else. How far can you go?",
        _has_other("break_turn", 0),
    ),
    Step(
        "compare",
        "compare",
        ".st-key-compare_tab [role=tablist], .st-key-compare_readers",
        "Put two networks side by side",
        "Open “Who reads whom” and choose “Two runs”. Which digits does one network read and the other not?",
        _has_other("compare_readers", "All networks"),
    ),
)


def find(name: str) -> Step | None:
    """Return the step of this name, None if there is none.

    Example:
        >>> find("guess").page, find("nonsense")
        ('home', None)
    """
    return next((step for step in STEPS if step.name == name), None)


def after(step: Step) -> Step | None:
    """Return the step that follows, None after the last."""
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


def first_open(is_done: Callable[[Step], bool]) -> Step:
    """Return the first step that is not done; the very first where all are."""
    return next((step for step in STEPS if not is_done(step)), STEPS[0])
