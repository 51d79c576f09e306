"""The learning curves of one writer, shown together: own drawings, MNIST's digits, and own with others' drawings."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from digitlab import mnist
from digitlab.curve import points
from digitlab.curve.backtest import Backtest, backtest_last_size
from digitlab.curve.forecast import Forecast, ForecastError, make_forecast
from digitlab.curve.points import Curve
from digitlab.curve.results import SizeResult, group_by_size
from digitlab.digits import Floats
from digitlab.storage.batches import DRAWN_KINDS, Batch
from digitlab.storage.curve_points import CurvePoint
from digitlab.storage.store import Store

_MNIST_SEEDS = 3  # each needs other digits, varied anew; this curve is only looked at


@dataclass(frozen=True)
class WriterCurves:
    """Which curves belong to a writer.

    Attributes:
        mine: The curve of the writer's drawings.
        mnist: That of MNIST's own training digits, drawn by many writers.
        mixed: The writer's drawings and, after them, those of the other writers; None where there are none.
        n_drawings: How many the writer has made to train on.
        n_test_digits: How many to test on.
        n_others: Drawings of others in `mixed`.
        job_tag: Of the jobs that train them.
    """

    mine: Curve
    mnist: Curve
    mixed: Curve | None
    n_drawings: int
    n_test_digits: int
    n_others: int
    job_tag: str


@dataclass(frozen=True)
class TrainedPoints:
    """The points of a writer's curves that are in the database, and what is still to be trained.

    Attributes:
        mine: Points of the writer's drawings.
        mnist: Of MNIST's training digits.
        mixed: Of the own drawings together with those of others.
        missing: Curve and number of drawings, in the order of training.
        trained: Trainings that are done.
        trainings: Trainings in all.
    """

    mine: list[CurvePoint]
    mnist: list[CurvePoint]
    mixed: list[CurvePoint]
    missing: list[tuple[Curve, int]]
    trained: int
    trainings: int


@dataclass(frozen=True)
class ForecastResult:
    """A forecast and how far such forecasts missed.

    Attributes:
        forecast: None if there is none yet.
        reason: Why there is none; empty where there is one.
        backtest: A forecast of the last size from the earlier ones; None where these are too few.
        earlier: The forecasts that were kept when there were fewer drawings, beside what was measured since.
    """

    forecast: Forecast | None
    reason: str
    backtest: Backtest | None
    earlier: list[Backtest]


@dataclass(frozen=True)
class CurveSummary:
    """All there is to show of a writer's curves on one test set.

    Attributes:
        mine: Results with the writer's drawings.
        mnist: With MNIST's training digits.
        mixed: With the own drawings and those of other writers.
        seconds: float64 array of shape (n_drawings,): seconds of drawing until the drawings 1, 2, ... were done.
        forecast: Made from `mine`.
    """

    mine: list[SizeResult]
    mnist: list[SizeResult]
    mixed: list[SizeResult]
    seconds: Floats
    forecast: ForecastResult


def drawings_by_writer(batches: Sequence[Batch]) -> dict[str, int]:
    """Return how many drawings to train on each writer has made, most first; writers without any are left out."""
    drawn: dict[str, int] = {}
    for batch in batches:
        if batch.kind in DRAWN_KINDS and batch.drawn:
            drawn[batch.writer] = drawn.get(batch.writer, 0) + batch.drawn
    return dict(sorted(drawn.items(), key=lambda item: (-item[1], item[0])))


def plan_curves(batches: Sequence[Batch], writer: str, database_url: str) -> WriterCurves:
    """Say which curves to train for a writer.

    Args:
        batches: All of the store.
        writer: Name of one with drawings to train on.
        database_url: Of the store.
    """
    drawn = [batch for batch in batches if batch.drawn]
    train = [batch for batch in drawn if batch.kind in DRAWN_KINDS]
    tests = [batch for batch in drawn if batch.kind == "test" and batch.writer == writer]
    own, others = ([batch for batch in train if (batch.writer == writer) is is_own] for is_own in (True, False))
    test_ids = tuple(batch.id for batch in tests)
    mine = Curve(database_url, tuple(batch.id for batch in own), test_ids)
    mixed = Curve(database_url, mine.batch_ids, test_ids, tuple(batch.id for batch in others)) if others else None
    n_drawings = sum(batch.drawn for batch in own)
    # Not the others' drawings: they come while this writer's are trained on.
    name = repr((database_url, mine, n_drawings))
    return WriterCurves(
        mine=mine,
        mnist=Curve(database_url, (), test_ids, seeds=_MNIST_SEEDS),
        mixed=mixed,
        n_drawings=n_drawings,
        n_test_digits=sum(batch.drawn for batch in tests),
        n_others=min(n_drawings, sum(batch.drawn for batch in others)),
        job_tag=f"curve-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
    )


def read_trained_points(store: Store, curves: WriterCurves) -> TrainedPoints:
    """Read the points of a writer's curves, and find what is missing.

    Args:
        store: That of the curves.
        curves: Of one writer.
    """
    sizes = points.train_sizes(curves.n_drawings)
    wanted = [(curves.mine, sizes), (curves.mnist, sizes)]
    if curves.mixed:
        wanted.append((curves.mixed, [curves.n_drawings + curves.n_others]))
    found, missing, trained = [], [], 0
    for curve, ns in wanted:
        of_curve = points.read_points(store, curve, max_n=ns[-1])
        found.append(of_curve)
        there = {(point.n, point.seed) for point in of_curve}
        trained += sum((n, seed) in there for n in ns for seed in range(curve.seeds))
        missing += [(curve, n) for n in points.missing_sizes(of_curve, curve, ns)]
    mine, mnist, mixed = (*found, [])[:3]
    # Of the mixed curve only what lies beyond the own drawings is mixed.
    mixed = [point for point in mixed if point.n == curves.n_drawings + curves.n_others]
    trainings = sum(len(ns) * curve.seeds for curve, ns in wanted)
    return TrainedPoints(mine, mnist, mixed, missing, trained, trainings)


def missing_of_mine(store: Store, curves: WriterCurves) -> list[tuple[Curve, int]]:
    """Return the curve of the writer's own drawings with each size for which a training is missing.

    Args:
        store: That of the curves.
        curves: Of one writer.
    """
    sizes = points.train_sizes(curves.n_drawings)
    there = points.read_points(store, curves.mine, max_n=curves.n_drawings)
    return [(curves.mine, n) for n in points.missing_sizes(there, curves.mine, sizes)]


def summarize(store: Store, curves: WriterCurves, trained: TrainedPoints, test_set: str) -> CurveSummary:
    """Gather what there is to show on one test set; a forecast made on the way is kept in the database.

    Args:
        store: That of the curves.
        curves: Of one writer.
        trained: As `read_trained_points` returns it.
        test_set: "mnist" or "own".
    """
    mine, mnist, mixed = (group_by_size(found, test_set) for found in (trained.mine, trained.mnist, trained.mixed))
    return CurveSummary(
        mine=mine,
        mnist=mnist,
        mixed=mixed,
        seconds=points.cumulative_seconds(store, curves.mine.batch_ids),
        forecast=forecast_and_backtest(store, curves, test_set, mine),
    )


def forecast_and_backtest(
    store: Store, curves: WriterCurves, test_set: str, results: Sequence[SizeResult]
) -> ForecastResult:
    """Forecast the writer's curve, keep the forecast, and compare the earlier ones with what was measured since.

    Args:
        store: Where forecasts are kept.
        curves: Of one writer.
        test_set: "mnist" or "own".
        results: Of `curves.mine`, by growing number of drawings; only where they reach all drawings is there a
            forecast.
    """
    earlier = points.backtest_kept_forecasts(store, curves.mine, test_set, results)
    if not results or results[-1].n < curves.n_drawings:
        return ForecastResult(None, "The forecast comes when all sizes are trained.", None, earlier)
    if test_set == "mnist" and mnist.is_another():
        return ForecastResult(None, "It was learnt on MNIST, and DIGITLAB_MNIST_DIR names other digits.", None, earlier)
    if curves.mine.network != "dense":
        return ForecastResult(None, "It was learnt from dense networks, and this is another one.", None, earlier)
    try:
        forecast = make_forecast(results)
    except ForecastError as error:
        return ForecastResult(None, str(error), None, earlier)
    if min(len(result.accuracies) for result in results[-2:]) >= curves.mine.seeds:
        points.keep_forecast(store, curves.mine, test_set, forecast)
    return ForecastResult(forecast, "", backtest_last_size(results), earlier)
