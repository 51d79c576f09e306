"""The learning curve of one writer, its forecast, and what would help most: a part of the compare page."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison import runs
from digitlab.curve import advice, charts, forecast, training, wording, writer_curves
from digitlab.curve import points as curve_points
from digitlab.curve.writer_curves import Group, Measured, View
from digitlab.jobs.job import Job
from digitlab.learning import models, training_data
from digitlab.learning.evaluation import evaluate
from digitlab.learning.models import ModelError
from digitlab.storage.batches import read_batches
from digitlab.storage.store import default_url
from digitlab.ui import query_params, resources

_POLL_SECONDS = 0.5
_READ = {"mnist": "MNIST", "own": "your own test digits"}
_TEST_SETS = {"mnist": "MNIST", "own": "Own test digits"}
_AGAINST = {"minutes": "Minutes", "n": "Drawings"}


def show() -> None:
    """Show all of it: the choice of the writer, the curve, its forecast and what would help most."""
    st.subheader("Learning curve and forecast", anchor=False)
    st.markdown(
        "What the first minutes of drawing bought, what the next ones would, and where one hand levels off: networks "
        "trained on the first 10, 16, 25 … drawings in the order of drawing, five times each."
    )
    store = resources.store()
    batches = read_batches(store)
    writers = writer_curves.writers(batches)
    if not writers:
        st.markdown("There are no drawings to train on yet; a learning curve begins with ten.")
        st.page_link("pages/draw_batch.py", label="Draw a full batch", icon=":material/draw:")
        return
    columns = st.columns(3, vertical_alignment="bottom")
    choice = {"required": True, "bind": "query-params"}
    writer = columns[0].selectbox("Writer", list(writers), key="curve_writer", bind="query-params")
    test_set = columns[1].segmented_control(
        "Tested on", list(_TEST_SETS), default="mnist", key="curve_test_set", format_func=_TEST_SETS.get, **choice
    )
    x = columns[2].segmented_control(
        "Against", list(_AGAINST), default="minutes", key="curve_x", format_func=_AGAINST.get, **choice
    )
    group = writer_curves.of_writer(batches, writer, default_url())
    running = any(not job.over for job in resources.jobs().all(group.tag))
    st.fragment(_follow, run_every=_POLL_SECONDS if running else None)(group, test_set, x, running)


def in_a_sentence() -> str:
    """Say what is foretold on MNIST for the writer who drew most; nothing where no curve is trained to its end."""
    batches = read_batches(resources.store())
    writer = next(iter(writer_curves.writers(batches)), None)
    if writer is None:
        return ""
    return _in_a_sentence(writer_curves.of_writer(batches, writer, default_url()), resources.store().version())


def _follow(group: Group, test_set: str, x: str, running: bool) -> None:
    jobs = resources.jobs().all(group.tag)
    alive = [job for job in jobs if not job.over]
    if running and not alive:
        st.rerun()
    with resources.messages():
        measured = _measure(group, resources.store().version())
    with st.container():
        _show_progress(group, measured, alive)
        if measured.missing and not alive and jobs and jobs[-1].status == "failed":
            st.error(jobs[-1].error, icon=":material/error:")
    if test_set == "own" and not group.test_digits:
        st.info("This writer has no own test digits yet: draw a batch of the kind “test”, two of each digit or more.")
        st.page_link("pages/draw_batch.py", label="Draw test digits", icon=":material/draw:")
    elif measured.mine:
        with resources.messages():
            view = _view(group, test_set, resources.store().version())
        _show_curve(group, test_set, x, view)
        if view.foretold.forecast:
            _show_forecast(test_set, view)
        else:
            st.info(f"No forecast. {view.foretold.reason}", icon=":material/query_stats:")
        _show_help(test_set, measured, view)


def _show_progress(group: Group, measured: Measured, alive: Sequence[Job]) -> None:
    share = measured.done / measured.trainings
    if alive:
        stopping = all(job.stopping for job in alive)
        bar, button = st.columns([5, 1], vertical_alignment="bottom")
        counted = f"{measured.done} of {measured.trainings} trainings"
        bar.progress(share, "Stopping; what is trained is kept" if stopping else counted)
        if button.button("Stop", key="curve_stop", disabled=stopping, width="stretch"):
            for job in reversed(alive):  # the waiting ones first, or the next would begin
                resources.jobs().stop(job.id)
    elif measured.missing:
        label = f"Go on: {measured.trainings - measured.done} trainings left" if measured.done else "Draw the curve"
        if st.button(label, key="curve_start", type="primary"):
            with resources.messages():
                for curve, n in measured.missing:
                    resources.jobs().submit(training.train_size, curve, n, tag=group.tag)
            st.rerun()


def _show_curve(group: Group, test_set: str, x: str, view: View) -> None:
    points = wording.points({wording.MINE: view.mine, wording.MANY: view.many}, view.seconds)
    lines = wording.lines(view.foretold.forecast, view.seconds)
    goal = st.session_state.get("curve_goal", 90) / 100
    summit = _summit(group, test_set, resources.store().version())
    chart = charts.learning_curve(points, lines, x, summit, goal)
    picture, table = st.tabs(["Chart", "Table"])
    picture.altair_chart(
        chart, alt=f"Accuracy on {_READ[test_set]} against {_AGAINST[x].lower()}, with the forecast and its 80 % band"
    )
    picture.caption(
        "Each step to the right multiplies the work. Thin lines: from the lowest to the highest training; shaded: 80 % "
        "band of the forecast; diamonds: as many of MNIST's digits, each training on other ones, at your pace. The "
        "law is fitted from where all ten digits have been drawn."
    )
    if test_set == "own":
        picture.caption(runs.worth(group.test_digits))
    table.dataframe(
        wording.table(points, lines),
        hide_index=True,
        column_config={
            "minutes": st.column_config.NumberColumn(format="%.1f"),
            **dict.fromkeys(("accuracy", "low", "high"), st.column_config.NumberColumn(format="percent")),
        },
    )


def _show_forecast(test_set: str, view: View) -> None:
    mine, seconds, foretold = view.mine, view.seconds, view.foretold
    st.markdown(wording.headline(mine, foretold.forecast, seconds, _READ[test_set]))
    goal = query_params.number(st.number_input, "A goal of your own, %", 1, 100, 90, key="curve_goal", width=200)
    goals = sorted({*forecast.GOALS, goal / 100})
    found = [forecast.target(mine, foretold.forecast, one) for one in goals]
    st.table(wording.targets(found, seconds), hide_index=True, border="horizontal")
    if foretold.hindcast:
        st.markdown(f"**Tried on what is known:** {wording.told(foretold.hindcast)}")
    if foretold.scores:
        earlier = "\n".join(f"- {wording.told(score)}" for score in foretold.scores)
        st.markdown(f"**Forecasts made earlier, now that the drawings are there:**\n{earlier}")


def _show_help(test_set: str, measured: Measured, view: View) -> None:
    st.subheader("What would help most?", anchor=False)
    foretold = view.foretold.forecast
    confusion = advice.confusion_of(measured.mine, test_set)
    gains = advice.gains(confusion, *advice.seconds_by_digit(view.rows), foretold.law if foretold else None)
    whose = advice.whose(view.mine, foretold, view.mixed, view.many)
    left, right = st.columns(2)
    left.markdown(advice.next_digit(gains, _READ[test_set]))
    if gains["gain"].any():
        left.altair_chart(charts.gains(gains), alt="Expected gain of accuracy a minute, by the digit to draw")
        left.caption(
            "A rough guide. Tried on nine writers with 50 pen drawings each: six more of the digit named "
            "brought 0.7 points on MNIST, six more of a digit at random took 0.4."
        )
    right.markdown(advice.other_hands(whose, _READ[test_set]))
    right.altair_chart(charts.whose(whose), alt="Accuracy with more of your own and with other writers' digits")
    with st.expander("As tables"):
        st.dataframe(gains, hide_index=True)
        st.dataframe(whose.drop(columns="kind"), hide_index=True)


@st.cache_resource(show_spinner=False, max_entries=8)
def _measure(group: Group, version: int) -> Measured:
    return writer_curves.measure(resources.store(), group)


@st.cache_resource(show_spinner=False, max_entries=8)
def _view(group: Group, test_set: str, version: int) -> View:
    return writer_curves.view(resources.store(), group, _measure(group, version), test_set)


@st.cache_resource(show_spinner=False, max_entries=8)
def _summit(group: Group, test_set: str, version: int) -> float | None:
    """Accuracy of the best dense network on all of MNIST, if there is one."""
    try:
        dense = [models.load_card(models.REFERENCE), *(card for card in resources.runs() if card["method"] == "dense")]
        best = max(dense, key=lambda card: card["tests"]["mnist"]["accuracy"])
        if test_set == "mnist":
            return best["tests"]["mnist"]["accuracy"]
        own = training_data.own_test_set(resources.store(), group.mine.test_batch_ids)
        return evaluate(own.labels, resources.predictor(best["id"]).predict(own.images).argmax(axis=1)).accuracy
    except ModelError:
        return None


@st.cache_resource(show_spinner=False, max_entries=8)
def _in_a_sentence(group: Group, version: int) -> str:
    sizes = forecast.sizes_of(_measure(group, version).mine, "mnist")
    foretold = writer_curves.foretell(resources.store(), group, "mnist", sizes).forecast
    if foretold is None:
        return ""
    found = [forecast.target(sizes, foretold, goal) for goal in forecast.GOALS]
    return wording.next_goal(found, curve_points.seconds_at(resources.store(), group.mine.batch_ids), "MNIST")
