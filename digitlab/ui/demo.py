"""The demo experiment on the pages: a button that adds it, how far its trainings are, a button that removes it."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison import answer
from digitlab.curve import training, writer_curves
from digitlab.jobs.job import Job
from digitlab.learning import demo as demo_runs
from digitlab.run import Run
from digitlab.storage import demo
from digitlab.storage.batches import Batch
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.store import default_url
from digitlab.ui import resources, who

_TAG = "demo"
_POLL_SECONDS = 1.0


def offer() -> None:
    """Offer the demo to whoever may add it, or show how it stands and offer to remove it."""
    if not who.person().may_do_everything:
        return
    with st.container(border=True):
        if _batches():
            alive = _alive()
            st.fragment(_show, run_every=_POLL_SECONDS if alive else None)(waits=bool(alive))
            return
        st.markdown(
            "**See every page filled: add the demo experiment.** Thirty digits made for this app, which are nobody's "
            "handwriting, and networks trained on them. It is marked as a demo everywhere, never counts as yours, and "
            "goes with one click."
        )
        st.button("Add the demo", key="demo_add", icon=":material/science:", on_click=_add)


def show_answer(runs: Sequence[Run]) -> None:
    """Show what the demo answers, or offer it, as long as nobody's drawings were trained on.

    Args:
        runs: As on the page that compares.
    """
    if any(run.drawings and not run.demo for run in runs):
        return
    of_demo = [run for run in runs if run.demo]
    if not of_demo:
        offer()
    else:
        st.info(f"The demo's answer, not yours: {answer.of_demo(of_demo)}", icon=":material/science:")


def _show(*, waits: bool) -> None:
    alive = _alive()
    if (waits and not alive) or not _batches():
        st.rerun()  # the pages show what has been trained, or that it is gone
    left = f" {len(alive)} of its trainings are still to come." if alive else ""
    st.markdown(f"**The demo experiment is here.** What belongs to it is called {DEMO_WRITER} or Demo.{left}")
    with st.container(horizontal=True):
        st.button("Remove the demo", key="demo_remove", icon=":material/delete:", on_click=_remove)
        if not alive and _missing():
            st.button("Train what is missing", key="demo_train", on_click=_train)


def _add() -> None:
    with resources.messages():
        demo.add_demo(resources.store(), who.person())
    _train()


def _train() -> None:
    """Submit its trainings; they give way to those of people."""
    with resources.messages():
        for each in _missing():
            resources.jobs().submit(each.function, each.argument, tag=_TAG, owner=who.job_owner(), gives_way=True)
        curves = writer_curves.plan_curves(_batches(), DEMO_WRITER, default_url())
        for curve, n in writer_curves.read_trained_points(resources.store(), curves).missing:
            resources.jobs().submit(training.train_size, curve, n, tag=_TAG, owner=who.job_owner(), gives_way=True)


def _remove() -> None:
    with resources.messages():
        for job in _alive():
            resources.jobs().stop(job.id)
        if _batches():  # a second click, or another window, finds it gone
            demo.remove_demo(resources.store(), who.person())


def _batches() -> list[Batch]:
    return [batch for batch in resources.batches() if batch.writer == DEMO_WRITER]


def _missing() -> list[demo_runs.Training]:
    batches = _batches()
    return demo_runs.missing_trainings(batches, resources.runs(), default_url()) if batches else []


def _alive() -> list[Job]:
    return [job for job in resources.jobs().all(_TAG) if not job.over]
