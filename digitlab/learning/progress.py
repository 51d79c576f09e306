"""What long work reports while it runs: typed records, which travel from the worker to the page as plain values."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from digitlab.run import Epoch


@dataclass(frozen=True)
class Stage:
    """What is done now, for the reader.

    Attributes:
        stage: Such as "Training".
    """

    stage: str


@dataclass(frozen=True)
class Progress:
    """How far the training is.

    Attributes:
        progress: Share that is done, 0-1.
        seconds_left: An estimate.
    """

    progress: float
    seconds_left: float


Report = Stage | Progress | Epoch


@dataclass(frozen=True)
class State:
    """All that was reported up to now.

    Attributes:
        stage: The newest; empty before the first.
        progress: The newest; None before the first.
        history: Epochs, in order.
    """

    stage: str
    progress: Progress | None
    history: tuple[Epoch, ...]


def to_event(report: Report) -> dict[str, Any]:
    """Return a report as the plain values that a job may report."""
    return asdict(report)


def from_event(event: Mapping[str, Any]) -> Report:
    """Return the report that became this event.

    Raises:
        ValueError: If it is none.

    Example:
        >>> from_event({"stage": "Training"})
        Stage(stage='Training')
    """
    kinds: tuple[type[Stage], type[Progress], type[Epoch]] = (Stage, Progress, Epoch)
    for kind in kinds:
        if fields(kind)[0].name in event:
            return kind(**event)
    raise ValueError(f"Expected the event of a stage, of progress or of an epoch. Received: {dict(event)!r:.80}.")


def state(events: Iterable[Mapping[str, Any]]) -> State:
    """Sum up the events of a job.

    Args:
        events: In the order in which they were reported.
    """
    reports = [from_event(event) for event in events]
    stages = [report.stage for report in reports if isinstance(report, Stage)]
    progress = [report for report in reports if isinstance(report, Progress)]
    history = tuple(report for report in reports if isinstance(report, Epoch))
    return State(stages[-1] if stages else "", progress[-1] if progress else None, history)


def estimate(share: float, seconds: float) -> Progress:
    """Estimate how long the rest takes.

    Args:
        share: Done until now, above 0 to 1.
        seconds: What that took.

    Example:
        >>> estimate(0.25, 10.0)
        Progress(progress=0.25, seconds_left=30.0)
    """
    return Progress(share, seconds * (1 - share) / share)


def at_most_every(seconds: float, call: Callable[[float], None]) -> Callable[[float], None]:
    """Return a function that calls `call` unless the last call was less than `seconds` ago."""
    last = -seconds

    def throttled(value: float) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            call(value)

    return throttled


def begin(stage: str, report: Callable[[dict[str, Any]], None]) -> Callable[[float], None]:
    """Report that a stage begins.

    Args:
        stage: As in `Stage`.
        report: Called with each report as an event.

    Returns:
        A function to be called often with the share of the stage that is done, 0-1: it reports `Progress`.
    """
    report(to_event(Stage(stage)))
    started = time.perf_counter()

    def tell(share: float) -> None:
        if share > 0:
            report(to_event(estimate(share, time.perf_counter() - started)))

    return at_most_every(0.2, tell)


def stops_at(tell: Callable[[float], None], should_stop: Callable[[], bool]) -> Callable[[float], bool]:
    """Return a function that does both: tells the share that is done, and asks whether to stop there."""

    def ask(share: float) -> bool:
        tell(share)
        return should_stop()

    return ask
