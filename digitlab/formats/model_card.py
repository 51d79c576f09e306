"""The model card: a README.md that says what a model has learnt from, how well it reads, and how to read with it."""

from dataclasses import dataclass

from digitlab.formats.card import plain
from digitlab.learning.methods import METHODS
from digitlab.look import percent
from digitlab.run import OWN_READER, Run, TestResult

_TEST_SETS = {
    "mnist": "MNIST's test digits",
    "own": "own test digits",
    OWN_READER: "own test digits, beside a comparison with the drawings",
}
_HELPED = {
    "alone": "these alone",
    "unlabelled": "and MNIST's training pictures without their labels",
    "mnist": "with the help of MNIST's digits and their labels",
}


@dataclass(frozen=True)
class AboutFile:
    """What a card tells of the file of a model.

    Attributes:
        title: What kind of file it is.
        library: That reads it, as Hugging Face calls it.
        how_to_read: A snippet that reads examples with it.
        sha256: Of its content.
        n: Digits of MNIST's test set that it was tried on.
        right: Of these, read right by the file.
        app_right: Read right by the model in the app.
        same: Read alike by both.
        examples: Digits that come with it.
    """

    title: str
    library: str
    how_to_read: str
    sha256: str
    n: int
    right: int
    app_right: int
    same: int
    examples: int


def facts(run: Run) -> list[tuple[str, str]]:
    """Return what there is to know of a run, a title and a sentence each.

    Example:
        >>> facts(Run("one-1", "Ten", "one", tests={}, drawings=10, human_seconds=60, help="alone"))[0]
        ('Learnt from', '10 drawings, these alone.')
    """
    found = [("Learnt from", _learnt_from(run))]
    if run.drawings:
        found.append(("Human work", f"{run.human_seconds / 60:.2f} minutes of drawing, breaks left out."))
    found += [(f"Tested on {_TEST_SETS[key]}", f"{_score(run.tests[key])}.") for key in _TEST_SETS if key in run.tests]
    if run.settings:
        found += [("Network", _network(run)), ("Training", _training(run))]
    if run.versions:
        found.append(("Made with", ", ".join(f"{name} {number}" for name, number in run.versions.items()) + "."))
    return found


def write_card(run: Run, about: AboutFile) -> str:
    """Return the card as Markdown, with the lines at its head that Hugging Face reads.

    Args:
        run: Of the model; its name is shown as it is.
        about: The file.
    """
    lost = about.app_right - about.right
    change = "as many as" if not lost else f"{abs(lost)} {'fewer' if lost > 0 else 'more'} than"
    parts = [
        f"---\nlibrary_name: {about.library}\npipeline_tag: image-classification\n---\n\n# {plain(run.name)}",
        "A network that reads one handwritten digit. Made with DigitLab.",
        f"**The file.** {about.title}. Of MNIST's {about.n:,} test digits it reads {about.right:,} right "
        f"({percent(about.right / about.n, 2)}), {change} the model in the app ({about.app_right:,}): an accuracy lost "
        f"of {100 * lost / about.n:.2f} points. It gives the same label for {about.same:,} of them.",
        "**It takes** images of shape (n, 28, 28), light on dark: 0 blank to 255 full ink. Images of 0 to 1 are scaled "
        "by the model itself: it takes an image without a pixel above 1 for one of these.",
        "**It gives** ten probabilities for each image, of the digits 0 to 9, also where there is no digit at all.",
        f"**To read with it** (`examples.npz` holds {about.examples} of MNIST's test digits, CC BY-SA 3.0, and what "
        f"the app reads in them):\n\n```python\n{about.how_to_read}\n```",
        "**How a drawing becomes an image.** Strokes are rendered at the width of MNIST's pen, scaled so that the "
        "longer side is 20 pixels, and placed so that the centre of mass is in the middle of 28x28 pixels, as MNIST's "
        "digits were. What is prepared in another way is read worse.",
        *(f"**{title}.** {plain(text)}" for title, text in facts(run)),
        f"**Hash.** sha256 of the model file: `{about.sha256}`",
    ]
    return "\n\n".join(parts) + "\n"


def _learnt_from(run: Run) -> str:
    if not run.drawings:
        n = f"{run.train.n:,} of MNIST's training digits" if run.train else METHODS[run.method].trained
        return f"{n}, no drawing."
    imported = run.train.imported if run.train else 0
    told = f" {imported:,} digits were imported, not drawn here." if imported else ""
    return f"{run.drawings:,} drawings, {_HELPED[run.help or 'mnist']}.{told}"


def _score(test: TestResult) -> str:
    between = f"{percent(test.low)} to {percent(test.high)}"
    return f"{test.correct:,} of {test.n:,} read right: {percent(test.accuracy)} (95 % interval {between})"


def _network(run: Run) -> str:
    settings = run.settings
    if settings is None:
        return ""
    units = "-".join(map(str, settings.hidden_units)) or "none"
    front = []
    if settings.straighten:
        front.append("each digit is given a standard slant and size first")
    if settings.directions and settings.network == "dense":
        front.append("it is told directions of lines, not pixels")
    told = "".join(f"; {each}" for each in front)
    kind = "Dense" if settings.network == "dense" else "Convolutional"
    return f"{kind}, hidden units {units}, {settings.activation}, {run.parameters:,} parameters{told}."


def _training(run: Run) -> str:
    settings = run.settings
    if settings is None:
        return ""
    epochs = run.history[-1].epoch if run.history else settings.epochs
    copies = f"{settings.copies} varied copies of each digit, variation {settings.variation:g}"
    parts = [
        f"{epochs} epochs in {run.training_seconds:.1f} s",
        f"{settings.optimizer}, learning rate {settings.learning_rate:g}, batch size {settings.batch_size}",
        f"dropout {settings.dropout:g}, label smoothing {settings.label_smoothing:g}",
        copies if settings.copies else "each digit as it is",
        *([f"varied anew in each epoch, strength {settings.vary_anew:g}"] if settings.vary_anew else []),
        *(["in half precision if the processor could"] if settings.half_precision else []),
        f"seed {settings.seed}",
        *([f"started from {run.start_from}"] if run.start_from else []),
        *([f"its figure on MNIST is of {settings.views} varied views of each picture"] if settings.views else []),
        *(["stopped early"] if run.stopped else []),
    ]
    return "; ".join(parts) + "."
