"""What is kept of a training and of its tests: typed records, read from JSON and written to it here alone.

In the database a run is one JSON text; beside the files of the reference model it is its card (`.json`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, TypeAlias

import msgspec

from digitlab.settings import Settings

# What a run on drawings has learnt from besides these drawings: nothing, MNIST's pictures without their labels, or
# MNIST's digits with their labels, also by starting from a model that had. Figures of two kinds are never mixed.
Help: TypeAlias = Literal["alone", "unlabelled", "mnist"]
OWN_READER = "own_reader"  # key of the own test digits, read by the network and the vote of the nearest drawing


class RunError(ValueError):
    """A text is not the JSON of a run; the message says what is wrong with it."""


@dataclass(frozen=True)
class Mistake:
    """A digit that was read wrong.

    Attributes:
        index: Of the digit in its test set.
        label: What it is, 0-9.
        prediction: What it was taken for, 0-9.
        probability: That the model gave to its prediction, 0-1.
    """

    index: int
    label: int
    prediction: int
    probability: float


@dataclass(frozen=True)
class TestResult:
    """How well a test set was read.

    Attributes:
        n: Digits in the test set.
        correct: Digits read right.
        accuracy: `correct / n`, 0-1.
        low: Lower end of its 95 % interval (Wilson), 0-1.
        high: Upper end.
        confusion: 10 rows of 10 counts: rows are labels, columns predictions.
        mistakes: Those of which the model was most sure, surest first; of MNIST's test set only.
        version: Hash of the test digits; empty for MNIST's.
    """

    __test__: ClassVar[bool] = False  # pytest takes a class of such a name for tests

    n: int
    correct: int
    accuracy: float
    low: float
    high: float
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...] = ()
    version: str = ""


@dataclass(frozen=True)
class Epoch:
    """One pass over the training digits.

    Attributes:
        epoch: Number, from 1.
        loss: Mean over the digits trained on, nats.
        accuracy: On the digits trained on, 0-1.
        val_loss: On the validation digits, after the epoch.
        val_accuracy: The same.
        seconds: Since the training began.
        seen: Digits trained on: fewer than all if it was stopped in the middle.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    seen: int = 0


@dataclass(frozen=True)
class TrainedOn:
    """What a model has learnt from.

    Attributes:
        data: "mnist" or "drawings".
        n: Digits, varied copies not counted.
        version: Hash of images and labels.
        batch_ids: Batches of the drawings.
        imported: How many of all that it and the runs it started from learnt from came from a file: nobody drew them
            here, and their minutes may not be known.
    """

    data: str
    n: int
    version: str
    batch_ids: tuple[int, ...] = ()
    imported: int = 0


@dataclass(frozen=True)
class Sorting:
    """How a data set's training pictures, never their labels, were sorted into ten piles by a person's drawings.

    Attributes:
        pictures: How many were trained on.
        version: Hash of those that were sorted.
        sizes: Of the ten piles, by the digit each is called by; two piles that a person called alike are one.
        names: Where a person looked at the piles: what each of the piles 0-9 was called then, 10 if it was left out;
            empty: nobody has looked.
        seconds: Active seconds of looking; they are human seconds of the run too.
    """

    pictures: int
    version: str
    sizes: tuple[int, ...]
    names: tuple[int, ...] = ()
    seconds: float = 0.0

    @property
    def confirmed(self) -> bool:
        """Whether a person has looked at the piles."""
        return bool(self.names)


@dataclass(frozen=True)
class BroughtIn:
    """A model that was made elsewhere and came in as a file: nobody here knows what it has learnt from.

    Attributes:
        kind: Of the file: "keras" or "tflite".
        version: Hash of the file.
        reads: What it takes the values of pixels for, a key of `learning.brought_in.foreign.READINGS`.
        gives: "probabilities" or "logits".
        tried: Share of MNIST's first training digits that it reads right in each of the ways, 0-1; the best was chosen.
    """

    kind: str
    version: str
    reads: str
    gives: str
    tried: Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """One method, trained and tested.

    Attributes:
        id: Unique, such as `dense-3f9c21ab`.
        name: For the reader.
        method: Key of `learning.methods.METHODS`.
        tests: Results by test set: `mnist`, and `own` where there were own test digits; `own_reader` are the same
            digits read by the network together with the drawings it was trained on, see `learning.reader`.
        parameters: Weights and biases of its model.
        training_seconds: Of the machine.
        human_seconds: Active seconds of drawing what it was trained on, and of looking at piles of pictures.
        drawings: How many it was trained on.
        help: What helped the drawings; None where nothing was learnt from a drawing, and in what was written before
            runs told it: `with_help` finds it out.
        settings: Hyperparameters; None where nothing was trained.
        start_from: Id of the model that was trained further; None: from scratch.
        train: What it was trained on; None for a guess.
        sorting: Of pictures without labels; None where there were none.
        history: Epochs, in order; empty where nothing was trained.
        stopped: The training was stopped early.
        seed: Of a guess.
        versions: Of Python and packages, by name.
        created_at: When it was stored: UTC, ISO 8601; empty before that.
        owner_id: Of the writer who asked for it; None: on one's own machine.
        sources_erased: Some of the drawings that it, or a run it started from, was trained on were erased since.
        model_missing: Its model is gone: an earlier DigitLab kept it in a folder, where it was not found.
        demo: It belongs to the demo experiment (`storage.demo`), not to whoever uses the pages.
        brought_in: Its model was made elsewhere; None: here.
    """

    id: str
    name: str
    method: str
    tests: Mapping[str, TestResult]
    parameters: int = 0
    training_seconds: float = 0.0
    human_seconds: float = 0.0
    drawings: int = 0
    help: Help | None = None
    settings: Settings | None = None
    start_from: str | None = None
    train: TrainedOn | None = None
    sorting: Sorting | None = None
    history: tuple[Epoch, ...] = ()
    stopped: bool = False
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    created_at: str = ""
    owner_id: int | None = None
    sources_erased: bool = False
    model_missing: bool = False
    demo: bool = False
    brought_in: BroughtIn | None = None

    @property
    def is_network(self) -> bool:
        """Whether it has learnt: a network that was trained here, or a model that was brought in."""
        return bool(self.history or self.brought_in)


def with_help(run: Run, find: Callable[[str], Run | None]) -> Run:
    """Return the run with its kind of help, found out if the run does not tell.

    Args:
        run: Any run.
        find: Returns the run with an id, None if it is gone. What is not known counts as a model trained on MNIST: that
            is what comes with the project, and no figure shall be taken for the work of drawings alone by mistake.

    Example:
        >>> further = Run("one-1", "Ten", "one", tests={}, drawings=10, start_from="reference")
        >>> with_help(further, {}.get).help
        'mnist'
    """
    if run.help or not run.drawings:
        return run
    return replace(run, help=_find_help(run, find))


def _find_help(run: Run, find: Callable[[str], Run | None]) -> Help:
    """Follow a run on drawings to the first of its starts that tells."""
    passed: set[str] = set()
    step: Run | None = run
    while step and step.drawings and step.id not in passed:  # a damaged chain may lead back to itself
        passed.add(step.id)
        if step.help:
            return step.help
        if step.settings and step.settings.mnist_share > 0:
            return "mnist"
        if step.start_from is None:
            return "alone"
        step = find(step.start_from)
    return "mnist"


def to_json(run: Run) -> str:
    """Write a run as JSON.

    Raises:
        RunError: If a number in it is infinite or not a number, or a value is not of its type.

    Example:
        >>> from_json(to_json(Run("guess", "Random guess", "uniform", tests={}))).name
        'Random guess'
    """
    try:
        return json.dumps(msgspec.to_builtins(run), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RunError(f"Expected a run that can be written as JSON. Received: {run.id!r}: {error}.") from error


def from_json(text: str | bytes) -> Run:
    """Read a run from JSON, also from what an earlier DigitLab wrote; what it does not know is passed over.

    Raises:
        RunError: If the text is no JSON, lacks something or holds a value of another type.
    """
    try:
        return msgspec.json.decode(text, type=Run)
    except msgspec.DecodeError as error:  # ValidationError among them
        raise RunError(f"Expected the JSON of a run. Received: {error}.") from error
