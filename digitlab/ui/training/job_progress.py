"""Follow a job on a page: progress, live curves, Stop; and what became of it."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from digitlab.comparison import run_charts, runs
from digitlab.jobs.job import Job
from digitlab.learning import progress
from digitlab.ui import resources
from digitlab.ui import state as page_state

_POLL_SECONDS = 0.5
_CURVES_HEIGHT = 616  # pixels; held from the start, or the first epoch would push a canvas below away from the pen


def start_button(
    tag: str, label: str, function: Callable[..., Any], *args: object, disabled: bool = False, key: str | None = None
) -> None:
    """Show the button that submits a job; it rests while this visitor's last one is not over.

    Args:
        tag: Of the page's jobs.
        label: Text on the button.
        function: What to run on the worker, as `Jobs.submit` takes it.
        *args: Its arguments.
        disabled: True while it cannot be started.
        key: Of the button, where a page has a second one that starts jobs with this tag.
    """
    job = _own(tag)
    busy = job is not None and not job.over
    if st.button(label, key=key or f"{tag}_start", type="primary", disabled=disabled or busy):
        with resources.messages():
            page_state.remember_job(tag, resources.jobs().submit(function, *args, tag=tag))
        st.rerun()


def follow(tag: str, *, curves: bool = True) -> Job | None:
    """Show how the page's job stands.

    Args:
        tag: Of the page's jobs.
        curves: Hold a place for live curves.

    Returns:
        The job when it is over, else None.
    """
    # After a visit elsewhere and a reload the id is lost: then it may be the newest one that is not over.
    job = _own(tag) or resources.jobs().latest(tag)
    panel = st.container()
    if job is None:
        return None
    if not job.over:
        with panel:
            st.fragment(_watch, run_every=_POLL_SECONDS)(job.id, curves)
        return None
    if job.error:
        show = panel.info if job.status == "cancelled" else panel.error
        show(job.error)
    return job


def _own(tag: str) -> Job | None:
    job = resources.jobs().get(page_state.job_id(tag) or "")
    return job if job and job.tag == tag else None


def _watch(job_id: str, curves: bool) -> None:
    job = resources.jobs().get(job_id)
    if job is None or job.over:
        st.rerun()
    state = progress.state(job.events)
    if job.status == "queued":
        text = f"Waiting: {job.place} before this one" if job.place else "Waiting for the worker"
    elif job.stopping:
        text = "Stopping; what was learnt is kept"
    elif state.progress and state.stage != "Testing":
        text = f"{state.stage}: about {state.progress.seconds_left:.0f} s left"
    else:
        text = state.stage or "Starting"
    bar, button = st.columns([5, 1], vertical_alignment="bottom")
    bar.progress(state.progress.progress if state.progress else 0.0, text)
    if button.button("Stop", key=f"stop_{job_id}", disabled=job.stopping, width="stretch"):
        resources.jobs().stop(job_id)
    place = st.container(height=_CURVES_HEIGHT, border=False) if curves else st.container()
    if state.history:
        frame = runs.histories({job.tag: state.history})
        place.altair_chart(run_charts.training_curves(frame), key=f"live_{job_id}", alt="Accuracy and loss by epoch")
