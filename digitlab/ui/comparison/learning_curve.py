"""The learning curve of one writer, its forecast, and whose digits would help more: a part of the compare page."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison import runs
from digitlab.comparison.method_results import method_results
from digitlab.comparison.speaking import mnist_speaker
from digitlab.curve import advice, charts, wording, writer_curves
from digitlab.curve.forecast import Forecast
from digitlab.curve.goals import GOALS, forecast_goal
from digitlab.curve.writer_curves import CurveSummary, TrainedPoints, WriterCurves
from digitlab.jobs.job import Job
from digitlab.learning import model_files, training_data
from digitlab.learning.evaluation import evaluate
from digitlab.learning.model_files import ModelError
from digitlab.storage import demo
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.store import default_url
from digitlab.storage.versions import batches_version, curves_version, runs_version
from digitlab.ui import curve_trainings, hidden_names, query_params, resources, who
from digitlab.ui.tables import in_percent, percent_column

_POLL_SECONDS = 0.5
_TEST_SETS = {"mnist": "MNIST", "own": "Own test digits"}
_TEST_NAMES = {"mnist": "MNIST", "own": "your own test digits"}  # within a sentence
_X_AXES = {"minutes": "Minutes", "n": "Drawings"}


def show() -> None:
    """Show all of it: the choice of the writer, the curve, its forecast and the advice."""
    st.subheader("Learning curve and forecast", anchor=False)
    st.markdown(
        "What the first minutes of drawing bought, and what the next ones would: networks trained on the first 10, 16, "
        "25 … drawings in the order of drawing, five times each."
    )
    batches = hidden_names.batches()
    drawn = writer_curves.drawings_by_writer(batches)
    writers = [*demo.people(drawn), *(name for name in drawn if name == DEMO_WRITER)]  # the demo last
    if not writers:
        st.markdown("There are no drawings to train on yet; a learning curve begins with ten.")
        st.page_link("pages/draw_batch.py", label="Draw a full batch", icon=":material/draw:")
        return
    columns = st.columns(3, vertical_alignment="bottom")
    writer = columns[0].selectbox("Writer", writers, key="curve_writer", bind="query-params")
    test_set = columns[1].segmented_control(
        "Tested on",
        list(_TEST_SETS),
        default="mnist",
        required=True,
        format_func=_TEST_SETS.__getitem__,
        key="curve_test_set",
        bind="query-params",
    )
    x = columns[2].segmented_control(
        "Against",
        list(_X_AXES),
        default="minutes",
        required=True,
        format_func=_X_AXES.__getitem__,
        key="curve_x",
        bind="query-params",
    )
    batches = [batch for batch in batches if (batch.writer == DEMO_WRITER) == (writer == DEMO_WRITER)]
    curves = writer_curves.plan_curves(batches, writer, default_url())
    running = any(not job.over for job in resources.jobs().all(curves.job_tag))
    st.fragment(_show_curves, run_every=_POLL_SECONDS if running else None)(curves, test_set, x, running=running)


def _show_curves(curves: WriterCurves, test_set: str, x: str, *, running: bool) -> None:
    jobs = resources.jobs().all(curves.job_tag)
    alive = [job for job in jobs if not job.over]
    if running and not alive:
        st.rerun()
    with resources.messages():
        version = _version(curves)
        trained = _trained_points(curves, version)
    with st.container():
        _show_progress(curves, trained, alive)
        if trained.missing and not alive and jobs and jobs[-1].status == "failed":
            st.error(jobs[-1].error, icon=":material/error:")
    if test_set == "own" and not curves.n_test_digits:
        st.info("This writer has no own test digits yet: draw a batch of the kind “test”, two of each digit or more.")
        st.page_link("pages/draw_batch.py", label="Draw test digits", icon=":material/draw:")
    elif trained.mine:
        with resources.messages():
            summary = _summarize(curves, test_set, version)
            dense_accuracy = _dense_accuracy(curves, test_set, version)
        _show_chart(curves, test_set, x, summary, dense_accuracy)
        if summary.forecast.forecast:
            _show_forecast(test_set, summary, summary.forecast.forecast)
        else:
            st.info(f"No forecast. {summary.forecast.reason}", icon=":material/query_stats:")
        _show_other_writers(test_set, summary)


def _show_progress(curves: WriterCurves, trained: TrainedPoints, alive: Sequence[Job]) -> None:
    if alive:
        stopping = all(job.stopping for job in alive)
        bar, button = st.columns([5, 1], vertical_alignment="bottom")
        text = (
            "Stopping; what is trained is kept" if stopping else f"{trained.trained} of {trained.trainings} trainings"
        )
        bar.progress(trained.trained / trained.trainings, text)
        own = any(who.owns(job) for job in alive)
        if own and button.button("Stop", key="curve_stop", disabled=stopping, width="stretch"):
            curve_trainings.stop(curves)
    elif trained.missing:
        left = trained.trainings - trained.trained
        label = f"Go on: {left} trainings left" if trained.trained else "Draw the curve"
        if st.button(label, key="curve_start", type="primary", disabled=who.person().role == "visitor"):
            with resources.messages():
                curve_trainings.begin(curves, trained.missing)
            st.rerun()


def _show_chart(
    curves: WriterCurves, test_set: str, x: str, summary: CurveSummary, dense_accuracy: float | None
) -> None:
    measured = wording.points_table({wording.MINE: summary.mine, wording.MNIST: summary.mnist}, summary.seconds)
    lines = wording.lines_table(summary.forecast.forecast, summary.seconds)
    goal = st.session_state.get("curve_goal", 90) / 100
    chart = charts.learning_curve(measured, lines, x, dense_accuracy, goal)
    picture, table = st.tabs(["Chart", "Table"])
    picture.altair_chart(
        chart,
        alt=f"Accuracy on {_TEST_NAMES[test_set]} against {_X_AXES[x].lower()}, with the forecast and its 80 % band",
    )
    picture.caption(
        "Each step to the right multiplies the work. Thin lines: from the lowest to the highest training; shaded: 80 % "
        "band of the forecast; diamonds: as many of MNIST's digits, each training on other ones, at your pace."
    )
    if test_set == "own":
        picture.caption(runs.worth(curves.n_test_digits))
    table.dataframe(
        in_percent(wording.reader_table(measured, lines), ("accuracy", "low", "high")),
        hide_index=True,
        column_config={
            "minutes": st.column_config.NumberColumn(format="%.1f"),
            **dict.fromkeys(("accuracy", "low", "high"), percent_column()),
        },
    )


def _show_forecast(test_set: str, summary: CurveSummary, forecast: Forecast) -> None:
    st.markdown(wording.headline(summary.mine, forecast, summary.seconds, _TEST_NAMES[test_set]))
    goal = query_params.number(
        st.number_input,
        "A goal of your own, %",
        1,
        100,
        90,
        key="curve_goal",
        width=200,
        help="An accuracy to reach: the table says how many drawings it would take. Good: 5 to 10 points above now.",
    )
    goals = [forecast_goal(summary.mine, forecast, each) for each in sorted({*GOALS, goal / 100})]
    st.table(wording.goals_table(goals, summary.seconds), hide_index=True, border="horizontal")
    st.caption(wording.describe_calibration(forecast))
    if summary.forecast.backtest:
        st.markdown(f"**Tried on what is known:** {wording.describe_backtest(summary.forecast.backtest)}")
    if summary.forecast.earlier:
        earlier = "\n".join(f"- {wording.describe_backtest(backtest)}" for backtest in summary.forecast.earlier)
        st.markdown(f"**Forecasts made earlier, now that the drawings are there:**\n{earlier}")


def _show_other_writers(test_set: str, summary: CurveSummary) -> None:
    st.subheader("Would other hands help more?", anchor=False)
    comparison = advice.compare_writers(summary.mine, summary.forecast.forecast, summary.mixed, summary.mnist)
    st.markdown(advice.describe_other_writers(comparison, _TEST_NAMES[test_set]))
    st.altair_chart(
        charts.compare_writers(comparison), alt="Accuracy with more of your own and with other writers' digits"
    )
    with st.expander("As a table"):
        st.dataframe(comparison.drop(columns="kind"), hide_index=True)


def _version(curves: WriterCurves) -> str:
    """Return the cache key of what is made of these curves: their drawings, what is trained, and all runs."""
    store, others = resources.store(), curves.mixed.others if curves.mixed else ()
    of_drawings = batches_version(store, (*curves.mine.batch_ids, *curves.mine.test_batch_ids, *others))
    return of_drawings + curves_version(store) + runs_version(store)


@st.cache_resource(show_spinner=False, max_entries=8)
def _trained_points(curves: WriterCurves, version: str) -> TrainedPoints:
    return writer_curves.read_trained_points(resources.store(), curves)


@st.cache_resource(show_spinner=False, max_entries=8)
def _summarize(curves: WriterCurves, test_set: str, version: str) -> CurveSummary:
    return writer_curves.summarize(resources.store(), curves, _trained_points(curves, version), test_set)


@st.cache_resource(show_spinner=False, max_entries=8)
def _dense_accuracy(curves: WriterCurves, test_set: str, version: str) -> float | None:
    """Return the accuracy of the network that speaks for MNIST, 0-1; the one of the project is on offer too."""
    try:
        dense = mnist_speaker(method_results([model_files.load_card(model_files.REFERENCE), *resources.runs()]))
        if dense is None:
            return None
        if test_set == "mnist":
            return dense.tests["mnist"].accuracy
        own = training_data.read_own_test_set(resources.store(), curves.mine.test_batch_ids)
        if own is None:
            return None
        return evaluate(own.labels, resources.predictor(dense.id).predict(own.images).argmax(axis=1)).accuracy
    except ModelError:
        return None
