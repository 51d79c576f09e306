"""Take a whole experiment along: one file to download, from which another DigitLab goes on."""

import io
from functools import partial

import streamlit as st

from digitlab.formats.experiment.manifest import ENDING
from digitlab.formats.experiment.write import write_experiment
from digitlab.storage.people import Person
from digitlab.storage.store import Store
from digitlab.ui import resources, who


def offer() -> None:
    """Offer everything that the visitor may take along as one file; it is written when it is asked for."""
    person = who.person()
    runs = resources.runs()
    there = resources.batches() or runs if person.may_do_everything else who.own_batches() or who.of_visitor(runs)
    if person.role == "visitor" or not there:
        return
    st.subheader("Take the whole experiment with you", anchor=False)
    whose = {"pupil": "everything of yours", "teacher": "everything of everybody"}.get(person.role, "everything")
    st.markdown(
        f"One file with {whose}: drawings with their strokes and times, networks with their results, learning curves. "
        "Bring it in below on another computer, and Compare shows there what it shows here."
    )
    st.download_button(
        "Write the experiment",
        partial(_write, resources.store(), person),
        f"experiment{ENDING}",
        "application/zip",
        key="take_experiment",
        icon=":material/inventory_2:",
        on_click="ignore",
    )


def _write(store: Store, by: Person) -> bytes:
    file = io.BytesIO()
    write_experiment(file, store, by=by)
    return file.getvalue()
