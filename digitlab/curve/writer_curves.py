"""The curves of one writer that are drawn together: of the own drawings, of MNIST's digits, and with other hands."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.curve import forecast as learning_curve
from digitlab.curve import points as curve_points
from digitlab.curve.backtest import Score, hindcast
from digitlab.curve.forecast import Forecast, NoForecast, Size
from digitlab.curve.points import Curve
from digitlab.storage.batches import TRAINING_KINDS, Batch
from digitlab.storage.drawings import DrawingRow, read_drawing_rows
from digitlab.storage.store import Store

_SEEDS_OF_MANY = 3  # each needs other digits, varied anew; it is only looked at


@dataclass(frozen=True)
class Group:
    """What belongs together.

    Attributes:
        mine: The curve of the writer's drawings.
        many: That of MNIST's own digits: many writers.
        mixed: The writer's drawings and, after them, those of the other writers; None where there are none.
        drawings: How many the writer has made to train on.
        test_digits: How many to test on.
        mixed_with: Drawings of others in `mixed`.
        tag: Of the jobs.
    """

    mine: Curve
    many: Curve
    mixed: Curve | None
    drawings: int
    test_digits: int
    mixed_with: int
    tag: str


@dataclass(frozen=True)
class Measured:
    """The points in the database, and what is still to be trained, in the order of training."""

    mine: list[dict]
    many: list[dict]
    mixed: list[dict]
    missing: list[tuple[Curve, int]]
    done: int
    trainings: int


@dataclass(frozen=True)
class Foretold:
    """The forecast from sizes, or the reason why there is none; what became of earlier ones."""

    forecast: Forecast | None
    reason: str | None
    hindcast: Score | None
    scores: list[Score]


@dataclass(frozen=True)
class View:
    """All there is to show of a group on one test set.

    Attributes:
        mine: Sizes of the own drawings.
        many: Of MNIST's own digits.
        mixed: Of the own drawings and those of other writers.
        seconds: float array: of work after 1, 2, ... of the own drawings.
        rows: The own drawings, as `read_drawing_rows` returns them.
        foretold: From `mine`.
    """

    mine: list[Size]
    many: list[Size]
    mixed: list[Size]
    seconds: np.ndarray
    rows: list[DrawingRow]
    foretold: Foretold


def writers(batches: Sequence[Batch]) -> dict[str, int]:
    """Return who has drawn digits to train on, and how many, most first."""
    drawn: dict[str, int] = {}
    for batch in batches:
        if batch.kind in TRAINING_KINDS and batch.drawn:
            drawn[batch.writer] = drawn.get(batch.writer, 0) + batch.drawn
    return dict(sorted(drawn.items(), key=lambda one: (-one[1], one[0])))


def of_writer(batches: Sequence[Batch], writer: str, database_url: str) -> Group:
    """Gather the curves of a writer.

    Args:
        batches: All of the store.
        writer: Name of one with drawings to train on.
        database_url: Of the store.
    """
    drawn = [batch for batch in batches if batch.drawn]
    train = [batch for batch in drawn if batch.kind in TRAINING_KINDS]
    tests = [batch for batch in drawn if batch.kind == "test" and batch.writer == writer]
    test_ids = tuple(batch.id for batch in tests)
    mine = Curve(database_url, tuple(batch.id for batch in train if batch.writer == writer), test_ids)
    others = [batch for batch in train if batch.writer != writer]
    drawings = sum(batch.drawn for batch in train if batch.writer == writer)
    mixed_with = min(drawings, sum(batch.drawn for batch in others))
    mixed = Curve(database_url, mine.batch_ids, test_ids, tuple(batch.id for batch in others)) if others else None
    name = repr((mine, mixed, drawings))
    return Group(
        mine=mine,
        many=Curve(database_url, (), test_ids, seeds=_SEEDS_OF_MANY),
        mixed=mixed,
        drawings=drawings,
        test_digits=sum(batch.drawn for batch in tests),
        mixed_with=mixed_with,
        tag=f"curve-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
    )


def measure(store: Store, group: Group) -> Measured:
    """Read the points of a group, and find what is missing."""
    ns = curve_points.sizes(group.drawings)
    wanted = [(group.mine, ns), (group.many, ns)]
    if group.mixed:
        wanted.append((group.mixed, [group.drawings + group.mixed_with]))
    found, missing, left = [], [], 0
    for curve, sizes in wanted:
        points = curve_points.read(store, curve, most=sizes[-1])
        found.append(points)
        there = {(point["n"], point["seed"]) for point in points}
        left += sum((n, seed) not in there for n in sizes for seed in range(curve.seeds))
        missing += [(curve, n) for n in curve_points.missing(points, curve, sizes)]
    mine, many, mixed = (*found, [])[:3]
    # Of the mixed curve only what lies beyond the own drawings is mixed.
    mixed = [point for point in mixed if point["n"] == group.drawings + group.mixed_with]
    trainings = sum(len(sizes) * curve.seeds for curve, sizes in wanted)
    return Measured(mine, many, mixed, missing, trainings - left, trainings)


def view(store: Store, group: Group, measured: Measured, test_set: str) -> View:
    """Gather what there is to show; a forecast is kept by the way.

    Args:
        store: That of the group.
        group: Of one writer.
        measured: As `measure` returns it.
        test_set: "mnist" or "own".
    """
    mine, many, mixed = (
        learning_curve.sizes_of(points, test_set) for points in (measured.mine, measured.many, measured.mixed)
    )
    seconds = curve_points.seconds_at(store, group.mine.batch_ids)
    rows = read_drawing_rows(store, group.mine.batch_ids)
    return View(mine, many, mixed, seconds, rows, foretell(store, group, test_set, mine))


def foretell(store: Store, group: Group, test_set: str, sizes: Sequence[Size]) -> Foretold:
    """Foretell from the sizes of the own curve, keep the forecast, and score the earlier ones.

    Args:
        store: Where forecasts are kept.
        group: Of the sizes.
        test_set: "mnist" or "own".
        sizes: Of `group.mine`; only where they reach all drawings is something foretold.
    """
    scores = curve_points.scores(store, group.mine, test_set, sizes)
    if not sizes or sizes[-1].n < group.drawings:
        return Foretold(None, "The forecast comes when all sizes are trained.", None, scores)
    try:
        forecast = learning_curve.forecast(sizes)
    except NoForecast as error:
        return Foretold(None, str(error), None, scores)
    if min(len(size.accuracies) for size in sizes[-2:]) >= group.mine.seeds:
        curve_points.keep_forecast(store, group.mine, test_set, forecast)
    return Foretold(forecast, None, hindcast(sizes), scores)
