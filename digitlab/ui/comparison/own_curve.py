"""The learning curve that the comparison speaks of: the visitor's own, or that of who drew most."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from digitlab.comparison.equal_accuracy import Measured
from digitlab.comparison.kinds import way
from digitlab.comparison.own_curve import OwnCurve
from digitlab.curve import points, wording, writer_curves
from digitlab.curve.forecast import MIN_DRAWINGS
from digitlab.curve.goals import GOALS, forecast_goal
from digitlab.curve.points import Curve
from digitlab.curve.results import group_by_size
from digitlab.curve.writer_curves import WriterCurves
from digitlab.learning import training_data
from digitlab.storage.demo import without_demo
from digitlab.storage.store import default_url
from digitlab.storage.versions import batches_version, curves_version
from digitlab.ui import curve_trainings, resources, who

_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class CurveOfPage:
    """What is known of the curve now.

    Attributes:
        curves: Of the writer; None: nobody has drawn enough.
        missing: What is not trained yet of the writer's own drawings.
        measured: What they have reached, size by size.
        next_goal: What the next goal on MNIST needs, in words; empty where no curve is fully trained.
        by_test_set: For the central chart.
    """

    curves: WriterCurves | None = None
    missing: tuple[tuple[Curve, int], ...] = ()
    measured: tuple[Measured, ...] = ()
    next_goal: str = ""
    by_test_set: Mapping[str, OwnCurve] = field(default_factory=dict)


def read() -> CurveOfPage:
    """Read the curve of the visitor's own drawings or, without any, of who drew most."""
    batches = without_demo(resources.batches())
    drawn = {name: n for name, n in writer_curves.drawings_by_writer(batches).items() if n >= MIN_DRAWINGS}
    own = {batch.writer for batch in who.own_batches()}
    writer = next((name for name in drawn if name in own), next(iter(drawn), None))
    if writer is None:
        return CurveOfPage()
    curves = writer_curves.plan_curves(batches, writer, default_url())
    store, mine = resources.store(), (*curves.mine.batch_ids, *curves.mine.test_batch_ids)
    with resources.messages():
        return _read(curves, batches_version(store, mine) + curves_version(store))


def show_trainings(curve: CurveOfPage) -> None:
    """Say how far the trainings are, and let the visitor stop them, or start them where they do not run."""
    if curve.curves is None:
        return
    alive = [job for job in resources.jobs().all(curve.curves.job_tag) if not job.over]
    if alive:
        st.fragment(_follow, run_every=_POLL_SECONDS)(curve, len(alive))
    elif curve.missing and who.person().role != "visitor":
        sizes = len(points.train_sizes(curve.curves.n_drawings))
        done = sizes - len(curve.missing)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Go on with the curve" if done else "Train the learning curve", key="central_start"):
                with resources.messages():
                    curve_trainings.begin(curve.curves, curve.missing)
                st.rerun()
            st.caption(
                f"{done} of {sizes} points of the learning curve are trained: what the first 10, 16, 25 … drawings "
                "taught."
            )


def _follow(curve: CurveOfPage, alive: int) -> None:
    if curve.curves is None:
        return
    jobs = [job for job in resources.jobs().all(curve.curves.job_tag) if not job.over]
    if len(jobs) != alive:  # one more point, or all over
        st.rerun()
    bar, button = st.columns([5, 1], vertical_alignment="bottom")
    sizes = len(points.train_sizes(curve.curves.n_drawings))
    done = sizes - len(curve.missing)
    stopping = all(job.stopping for job in jobs)
    text = "Stopping; what is trained is kept" if stopping else f"The learning curve grows: {done} of {sizes} points"
    bar.progress(done / sizes, text)
    if any(who.owns(job) for job in jobs) and button.button(
        "Stop", key="central_stop", disabled=stopping, width="stretch"
    ):
        curve_trainings.stop(curve.curves)


@st.cache_resource(show_spinner=False, max_entries=8)
def _read(curves: WriterCurves, version: str) -> CurveOfPage:
    store = resources.store()
    trained = points.read_points(store, curves.mine, curves.n_drawings)
    seconds = points.cumulative_seconds(store, curves.mine.batch_ids)
    own = training_data.read_own_test_set(store, curves.mine.test_batch_ids)
    measured, goal, by_test_set = [], "", {}
    for test_set, of_set in (("mnist", ""), ("own", own.version if own else "")):
        results = group_by_size(trained, test_set)
        if not results:
            continue
        forecast = writer_curves.forecast_and_backtest(store, curves, test_set, results).forecast
        table = wording.points_table({wording.MINE: results}, seconds)
        measured += [
            Measured(way("alone"), "alone", row.minutes, test_set, of_set, row.accuracy)  # type: ignore[arg-type]
            for row in table.itertuples()
        ]
        by_test_set[test_set] = OwnCurve(test_set, _numbers(table), _numbers(wording.lines_table(forecast, seconds)))
        if forecast and test_set == "mnist":
            goals = [forecast_goal(results, forecast, each) for each in GOALS]
            goal = wording.describe_next_goal(goals, seconds, "MNIST")
    missing = tuple(writer_curves.missing_of_mine(store, curves))
    return CurveOfPage(curves, missing, tuple(measured), goal, by_test_set)


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["n", "minutes", "accuracy", "low", "high"]
    return frame[columns].astype(float)
