"""All of us against MNIST: a network trained on the full batches of everybody."""

import streamlit as st

from digitlab.learning import experiment, presets
from digitlab.storage.batches import read_batches
from digitlab.storage.demo import without_demo
from digitlab.storage.store import default_url
from digitlab.ui import resources, who
from digitlab.ui.training import job_progress, result

_TAG = "class"


def show() -> None:
    """Show how much there is to train on, the button, and what came of it."""
    batches = [batch for batch in without_demo(read_batches(resources.store())) if batch.drawn]
    full = [batch for batch in batches if batch.kind == "full"]
    drawings, people = sum(batch.drawn for batch in full), len({batch.writer_id for batch in full})
    st.markdown(
        f"The full batches of everybody: **{drawings} drawings by {people} people**, for one dense network. MNIST was "
        "written by about 500."
    )
    job = job_progress.start_and_follow(
        _TAG,
        "Train on all of us",
        experiment.run,
        experiment.Experiment(
            name=f"All of us, {drawings} drawings by {people} people",
            settings=presets.defaults(drawings),
            database_url=default_url(),
            owner_id=who.person().id,
            batch_ids=tuple(batch.id for batch in full),
            test_batch_ids=tuple(batch.id for batch in batches if batch.kind == "test"),
        ),
        disabled=not full,
    )
    if run := next((run for run in resources.runs() if job and run.id == job.result), None):
        result.show_run(run)
        st.page_link("pages/compare.py", label="Compare it with MNIST's", icon=":material/compare_arrows:")
