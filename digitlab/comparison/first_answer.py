"""The first answer: what ten drawings alone have taught a network, beside the guess and MNIST; and what comes next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from digitlab.comparison.kinds import kind_of
from digitlab.curve.forecast import ForecastError, make_forecast
from digitlab.curve.results import SizeResult
from digitlab.digits import NUM_CLASSES
from digitlab.drawing.clock import in_words
from digitlab.learning import presets
from digitlab.run import Run
from digitlab.settings import Settings

PER_DIGIT = 5  # drawings, of the batch that is offered next
_PEOPLE = 539  # whose digits MNIST's training digits are
_USUAL_PACE = 2.5  # s a digit, until somebody's own is known
_LITTLE = 0.05  # of accuracy: what more of the same hand brings is less


@dataclass(frozen=True)
class Offer:
    """What to do next.

    Attributes:
        drawings: How many.
        price: In time, by the person's own pace, such as "about 2 minutes more".
        gain: What other people's curves let expect of it, in a sentence or two; empty if they say nothing.
    """

    drawings: int
    price: str
    gain: str


def settings() -> Settings:
    """Return how the network of the first answer is trained: what was found to read most with ten drawings alone."""
    return presets.defaults(NUM_CLASSES)


def find_answer(runs: Sequence[Run], batch_id: int, version: str) -> Run | None:
    """Return the run that was trained on these drawings as they are now, and on nothing else; None if there is none.

    Args:
        runs: Oldest first.
        batch_id: Of the ten drawings.
        version: Of their digits and labels, as `digits.data_version` tells it.
    """
    return next((run for run in _answers(runs, batch_id) if run.train and run.train.version == version), None)


def find_earlier(runs: Sequence[Run], batch_id: int) -> Run | None:
    """Return the newest run that was trained on this batch, whatever its drawings were then; None if there is none."""
    return next(reversed(_answers(runs, batch_id)), None)


def headline(run: Run) -> str:
    """Say what ten drawings have taught.

    Args:
        run: As `find_answer` returns it.
    """
    read = of_hundred(run.tests["mnist"].accuracy)
    return f"{in_words(run.human_seconds)} of drawing: your network reads {read} of 100 of MNIST's digits."


def compared(reference: float, guess: float | None = None) -> str:
    """Say what the first answer is to be held against.

    Args:
        reference: Share of MNIST's digits that a network trained on MNIST reads, 0-1.
        guess: What the person guessed, 0-1; None: nothing.
    """
    guessed = f"Your estimate was {of_hundred(guess)}. " if guess is not None else ""
    return f"{guessed}A network trained on {_PEOPLE} people's digits: {of_hundred(reference)}."


def of_hundred(share: float) -> int:
    """Return how many of 100 that is; never all or none if it is not quite that.

    Example:
        >>> of_hundred(0.664), of_hundred(0.998), of_hundred(1.0)
        (66, 99, 100)
    """
    return round(100 * share) if share in (0, 1) else min(99, max(1, round(100 * share)))


def next_offer(run: Run, labels: Collection[int]) -> Offer:
    """Say what five drawings of each digit would cost this person, and what they would bring.

    Args:
        run: As `find_answer` returns it.
        labels: Of its drawings.
    """
    drawings = PER_DIGIT * NUM_CLASSES
    price = f"{price_of_more(run.human_seconds, run.drawings)} more"
    return Offer(drawings, price, _gain(run, labels, drawings))


def price_of_more(seconds: float = 0.0, drawn: int = 0) -> str:
    """Say how long drawing five of each takes: at the person's own pace or, before anything is drawn, at a usual one.

    Args:
        seconds: Active seconds of what is drawn.
        drawn: How many drawings.

    Example:
        >>> price_of_more(), price_of_more(15.0, 10)
        ('about 2 minutes', 'about 1 minute')
    """
    return _about(PER_DIGIT * NUM_CLASSES * (seconds / drawn if drawn else _USUAL_PACE))


def _answers(runs: Sequence[Run], batch_id: int) -> list[Run]:
    return [
        run
        for run in runs
        if run.train
        and run.train.batch_ids == (batch_id,)
        and kind_of(run) == "alone"
        and run.settings == settings()
        and not run.stopped
    ]


def _gain(run: Run, labels: Collection[int], drawings: int) -> str:
    test = run.tests["mnist"]
    try:
        forecast = make_forecast([SizeResult(run.drawings, (test.accuracy,), test.n, len(set(labels)))])
        middle, low, high = forecast.at(drawings)
    except (ForecastError, ValueError):  # too little is known of such a curve
        return ""
    told = (
        f"As it went with {forecast.people.people} other people, it will then read {of_hundred(low)} to "
        f"{of_hundred(high)} of 100 (four times in five)."
    )
    if middle - test.accuracy < _LITTLE:
        told += " It is the same hand again: what the network misses is how other people write."
    return told


def _about(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"about {minutes} minute{'s' if minutes > 1 else ''}"
