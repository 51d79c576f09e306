"""Take a model along: one file to download, written by the worker when it is asked for."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from digitlab.formats import model_page, write_model
from digitlab.formats.write_model import FORMS, Wanted
from digitlab.jobs.engine import Jobs
from digitlab.jobs.waiting import take_result
from digitlab.run import Run
from digitlab.storage.store import default_url
from digitlab.ui import hidden_names, resources, who

_WAIT = 600.0  # seconds: trainings may come before it
_MIME = {"zip": "application/zip", "html": "text/html"}


def offer(run: Run) -> None:
    """Offer the network of a run as a file.

    Args:
        run: With a network or without: then nothing is offered.
    """
    if run.settings is None or run.model_missing:
        return
    key = f"take_model_{run.id}"
    details = _folded("Take this model along", key)
    if details.open:
        with details:
            _offer(run, key)


def offer_one_of(runs: Sequence[Run]) -> None:
    """Offer the network of one of these runs, to be chosen.

    Args:
        runs: With names that tell them apart, oldest first.
    """
    by_id = {run.id: run for run in reversed(runs) if run.settings and not run.model_missing}
    if not by_id:
        return
    details = _folded("Take a model along", "take_model")
    if details.open:
        with details:
            chosen = st.selectbox("Which", list(by_id), key="take_model_run", format_func=lambda key: by_id[key].name)
            _offer(by_id[chosen], "take_model")


def _folded(label: str, key: str) -> ExpanderContainer:
    """Return what is filled when somebody opens it: a page that only shows a result starts no worker."""
    return st.expander(label, icon=":material/download:", key=f"{key}_open", on_change="rerun")


def _offer(run: Run, key: str) -> None:
    if who.person().role == "visitor":
        st.info("Join the class on the first page to take a model with you.")
        return
    no_page = model_page.why_not(run)
    forms = [form for form in write_model.on_offer() if not (no_page and form == "html")]
    form = st.selectbox(
        "In which form", forms, key=f"{key}_form_{bool(no_page)}", format_func=lambda each: FORMS[each].title
    )
    st.markdown(FORMS[form].says)
    if no_page:
        st.caption(no_page)
    if form != "html" and any(job.status == "running" for job in resources.jobs().alive()):
        st.caption("A training is running: the file comes after it.")
    wanted = Wanted(run.id, form, hidden_names.in_text(run.name), default_url())
    st.download_button(
        "Write the file",
        partial(_write, resources.jobs(), wanted, who.job_owner()),
        f"{run.id}-{form}.{FORMS[form].ending}",
        _MIME[FORMS[form].ending],
        key=f"{key}_button",
        icon=":material/download:",
        on_click="ignore",
    )


def _write(jobs: Jobs, wanted: Wanted, owner: str) -> bytes:
    """Write the file; a page needs no TensorFlow, and so no worker."""
    if wanted.form == "html":
        return write_model.write(wanted, report=lambda _: None, should_stop=lambda: False)
    job_id = jobs.submit(write_model.write, wanted, tag="take model", owner=owner)
    content: bytes = take_result(jobs, job_id, _WAIT)
    return content
