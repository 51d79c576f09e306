"""Bring a whole experiment in: look at who and what is in it, then store it."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digitlab.formats.experiment.preview import Preview, preview
from digitlab.formats.experiment.read import ExperimentFile, read_experiment
from digitlab.formats.parts import part_of_bytes
from digitlab.storage.experiment.coming import store_experiment
from digitlab.storage.experiment.contents import Contents
from digitlab.storage.people import Person
from digitlab.storage.schema import StoreError
from digitlab.storage.versions import batches_version, curves_version, runs_version
from digitlab.ui import resources
from digitlab.ui.plain import in_plain


def show(file: UploadedFile, person: Person) -> None:
    """Show what is in an experiment, ask for names that are taken, and offer to store it."""
    read = _read(file)
    if read is None:
        return
    told = st.container()
    with resources.messages():
        found = _preview(read, {}, person)
        said = _ask_names(found)
        if said:
            found = _preview(read, said, person)
    yours = " Everything in it becomes yours." if person.role == "pupil" else ""
    told.markdown(f"**An experiment. {found.summary()}** What is here already stays as it is.{yours}")
    st.dataframe(
        pd.DataFrame(
            [(each.name, each.drawings, each.new, each.becomes or "?") for each in found.people],
            columns=["Who", "Drawings", "New", "Here called"],
        ),
        hide_index=True,
        key="experiment_people",
    )
    st.button(
        "Bring the experiment in",
        key="experiment_store",
        type="primary",
        disabled=not found.is_new or bool(found.free_names),
        on_click=_store,
        args=(found, said, person),
    )
    if message := st.session_state.pop("bring_message", None):
        st.error(message)


def forget() -> None:
    """Let go of a file that was taken back: it may be large."""
    for key in ("experiment_read", "experiment_preview"):
        st.session_state.pop(key, None)


def _read(file: UploadedFile) -> tuple[ExperimentFile, Contents] | None:
    """Read the file, once for as long as it is the same; None, and a message, if it cannot be read."""
    known: tuple[str, tuple[ExperimentFile, Contents]] | None = st.session_state.get("experiment_read")
    if known and known[0] == file.file_id:
        return known[1]
    try:
        with st.spinner("Reading the experiment"):
            read = read_experiment(part_of_bytes(file.name, file.getvalue()))
    except ValueError as error:
        st.error(str(error), icon=":material/error:")
        return None
    st.session_state["experiment_read"] = file.file_id, read
    return read


def _preview(read: tuple[ExperimentFile, Contents], said: Mapping[str, str], person: Person) -> Preview:
    """Compare with what is here, once for as long as file, names and database are the same."""
    store = resources.store()
    state = id(read), tuple(said.items()), batches_version(store), runs_version(store), curves_version(store)
    known: dict[bool, tuple[object, Preview]] = st.session_state.setdefault("experiment_preview", {})
    named = bool(said)  # as the file has it, and with the names that are given
    if named not in known or known[named][0] != state:
        known[named] = state, preview(store, *read, said, by=person)
    return known[named][1]


def _ask_names(found: Preview) -> Mapping[str, str]:
    """Ask who is meant where somebody here has the name of somebody in the experiment."""
    said = {}
    for place, (name, free) in enumerate(found.free_names.items()):
        said[name] = st.text_input(
            f"Somebody here is called {in_plain(name)}, with other drawings. Call the one who comes in",
            free,
            max_chars=80,
            key=f"experiment_name_{place}",
            help="Write the same name if both are the same person.",
        )
    return said


def _store(found: Preview, said: Mapping[str, str], person: Person) -> None:
    try:
        done = store_experiment(resources.store(), found.file, found.contents, said, by=person)
    except (ValueError, StoreError) as error:
        st.session_state["bring_message"] = str(error)
        return
    st.session_state["bring_uploads"] += 1
    forget()
    aside = f", {done.aside:,} more to the deleted ones" if done.aside else ""
    parts = [
        f"{done.drawings:,} {'drawing' if done.drawings == 1 else 'drawings'}{aside}",
        f"{done.runs:,} {'run' if done.runs == 1 else 'runs'}",
        f"{done.points:,} points of learning curves" if done.points else "",
    ]
    st.session_state["bring_done"] = f"Brought in: {', '.join(filter(None, parts))}."
