"""Bring a model in: a file from elsewhere, opened by the worker, tested and compared beside the others."""

from pathlib import PurePath

import streamlit as st

from digitlab.comparison.runs import percent_with_interval
from digitlab.learning.brought_in import checks, experiment
from digitlab.storage.store import default_url
from digitlab.ui import hidden_names, resources, who
from digitlab.ui.plain import in_plain
from digitlab.ui.training import job_progress

_TAG = "bring_model"


def offer() -> None:
    """Offer to bring a model in, and say what became of it."""
    details = st.expander("Bring a model in", icon=":material/upload:", key="bring_model_open", on_change="rerun")
    if not details.open:
        return
    with details:
        if who.person().role == "visitor":
            st.info("Join the class on the first page to bring a model in.")
            return
        st.markdown(
            "A `.keras` or `.tflite` file that takes one digit of 28x28 pixels and gives ten answers, also in the zip "
            "in which a model leaves here. It is tested on MNIST's test digits and on your own, and compared with the "
            "others. Code in a file is never run."
        )
        file = st.file_uploader(
            "The file", ["keras", "tflite", "zip"], key="bring_model_file", max_upload_size=checks.MOST_BYTES // 10**6
        )
        name = ""
        if file:  # another file, another name to begin with
            name = st.text_input(
                "Its name here", PurePath(file.name).stem[:120], max_chars=120, key=f"bring_model_name_{file.file_id}"
            )
        tests = [batch.id for batch in who.own_batches() if batch.kind == "test" and batch.drawn]
        asked = experiment.ModelToBring(
            name=name,
            file_name=file.name if file else "",
            content=file.getvalue() if file else b"",
            database_url=default_url(),
            test_batch_ids=tuple(tests),
            owner_id=who.person().id,
        )
        job_progress.start_button(_TAG, "Bring it in", experiment.run, asked, disabled=file is None or not name.strip())
        job = job_progress.follow(_TAG, curves=False)
        run = next((each for each in resources.runs() if job and each.id == job.result), None)
        if run and run.brought_in:
            st.success(
                f"Stored as {in_plain(hidden_names.in_text(run.name))}: it reads "
                f"{percent_with_interval(run.tests['mnist'])} of MNIST's test digits."
            )
            st.markdown(experiment.describe(run.brought_in))
