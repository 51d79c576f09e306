"""Follow a job on a page: progress, live curves, Stop; and what became of it."""

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from digitlab.comparison import run_charts, runs
from digitlab.jobs.job import Job
from digitlab.learning import progress
from digitlab.storage import classroom
from digitlab.ui import hidden_names, resources, who
from digitlab.ui import state as page_state
from digitlab.ui.plain import in_plain

_POLL_SECONDS = 0.5
_CURVES_HEIGHT = 616  # pixels; held from the start, or the first epoch would push a canvas below away from the pen
_CURVES_AFTER, _CURVES_FOR = 2.0, 4.0  # s; a training expected to take less ends sooner if nothing is drawn meanwhile
_SOON, _AT_MOST = 0.3, 0.4  # s, see `_watch`


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
    if _button(tag, label, function, *args, disabled=disabled, key=key):
        st.rerun()


def start_and_follow(
    tag: str, label: str, function: Callable[..., Any], *args: object, disabled: bool = False
) -> Job | None:
    """Show the button that submits a job, and below it how the job stands.

    A click shows these two anew and not the page: what the rest of it costs, here and in the browser, a short training
    on the same machine would have to wait for.

    Args:
        tag: Of the page's jobs.
        label: Text on the button.
        function: What to run on the worker, as `Jobs.submit` takes it.
        *args: Its arguments.
        disabled: True while it cannot be started.

    Returns:
        The job when it is over, else None.
    """

    @st.fragment
    def both() -> Job | None:
        _button(tag, label, function, *args, disabled=disabled)
        return follow(tag)

    return both()


def follow(tag: str, *, curves: bool = True) -> Job | None:
    """Show how the page's job stands.

    Args:
        tag: Of the page's jobs.
        curves: Hold a place for live curves.

    Returns:
        The job when it is over, else None.
    """
    job = _own(tag)
    panel = st.container()
    with panel:
        _show_others(job)
    if job is None:
        if lost(tag):
            panel.warning(
                "That training is lost: the server was restarted since. If it had ended before, its run is on the page "
                "Compare. Start it again here.",
                icon=":material/link_off:",
            )
        return None
    if not job.over:
        with panel:
            st.fragment(_watch, run_every=_POLL_SECONDS)(job.id, curves)
        return None
    if job.error:
        show = panel.info if job.status == "cancelled" else panel.error
        show(job.error)
    return job


def describe(job: Job) -> tuple[float, str]:
    """Return how far a job is, 0-1, and what it does now."""
    state = progress.state(job.events)
    if job.status == "queued":
        text = f"Waiting: {job.place} before this one" if job.place else "Waiting for the worker"
    elif job.stopping:
        text = "Stopping; what was learnt is kept"
    elif state.progress and state.stage != "Testing":
        text = f"{state.stage}: about {state.progress.seconds_left:.0f} s left"
    else:
        text = state.stage or "Starting"
    return state.progress.progress if state.progress else 0.0, text


def lost(tag: str) -> bool:
    """Return whether the page was opened for a job that this server does not know: it was restarted."""
    job_id = page_state.job_id(tag)
    return bool(job_id) and resources.jobs().get(job_id or "") is None


def _button(
    tag: str, label: str, function: Callable[..., Any], *args: object, disabled: bool, key: str | None = None
) -> bool:
    """Show the button of `start_button`; return whether a job was submitted, after which it rests already."""
    if who.person().role == "visitor":
        who.show_greeting()
        return False
    key = key or f"{tag}_start"
    job = _remembered(tag)
    rests = disabled or (job is not None and not job.over)
    # Whether it was clicked is asked before it is drawn: so nothing needs to be drawn twice to let it rest.
    submits = page_state.take_click(key) and not rests
    place = st.container()
    try:
        if submits:
            with resources.messages():
                classroom.check_may_begin(resources.store(), who.person())
                job_id = resources.jobs().submit(function, *args, tag=tag, owner=who.job_owner())
                page_state.remember_job(tag, job_id)
                rests = True
    finally:  # also where a message ends the page
        place.button(label, key=key, type="primary", disabled=rests, on_click=page_state.note_click, args=(key,))
    return submits


def _own(tag: str) -> Job | None:
    """Return the page's job if it is the visitor's."""
    # After a visit elsewhere and a reload the id is lost: then it may be the newest one that is not over.
    found = [_remembered(tag), *reversed([job for job in resources.jobs().alive() if job.tag == tag])]
    return next((job for job in found if job and who.owns(job)), None)


def _remembered(tag: str) -> Job | None:
    job = resources.jobs().get(page_state.job_id(tag) or "")
    return job if job and job.tag == tag and who.owns(job) else None


def _show_others(own: Job | None) -> None:
    """Say whose trainings come before the visitor's, or keep the worker busy; nobody stops those of others."""
    others = [job for job in resources.jobs().alive() if not who.owns(job)]
    if not others or (own and (own.over or own.status == "running")):
        return
    first = others[0]
    whose = f"of {in_plain(hidden_names.in_text(first.owner))}" if who.person().role != "owner" else "of another window"
    more = f", {len(others) - 1} more wait" if len(others) > 1 else ""
    st.info(f"A training {whose} is running{more}; yours is next.", icon=":material/hourglass:")
    if who.person().may_do_everything:
        st.button("Look after it here", key=f"take_{first.id}", on_click=_take, args=(first,))


def _take(job: Job) -> None:
    resources.jobs().give(job.id, who.job_owner())


def _watch(job_id: str, curves: bool) -> None:
    job = resources.jobs().get(job_id)
    if job is None or job.over:
        st.rerun()
    state = progress.state(job.events)
    bar, button = st.columns([5, 1], vertical_alignment="bottom")
    bar.progress(*describe(job))
    if button.button("Stop", key=f"stop_{job_id}", disabled=job.stopping, width="stretch"):
        with resources.messages():
            resources.jobs().stop(job_id, by=job.owner if who.owns(job) else who.job_owner())
    place = st.container(height=_CURVES_HEIGHT, border=False) if curves else st.container()
    running = time.time() - job.started_at if job.started_at else 0.0
    left = state.progress.seconds_left if state.progress else 0.0
    if state.history and running > _CURVES_AFTER and running + left > _CURVES_FOR:
        frame = runs.histories({job.tag: state.history})
        place.altair_chart(run_charts.training_curves(frame), key=f"live_{job_id}", alt="Accuracy and loss by epoch")
    elif running > _SOON:  # not at once: the rest of the page comes first
        # The page is shown anew as soon as the job is over, instead of when the browser asks the next time.
        job = resources.jobs().wait(job_id, _AT_MOST)
        if job is None or job.over:
            st.rerun()
