"""Bring digits in: upload files, look at what is in them, then store it."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digitlab.digits import CLASS_NAMES, enlarge
from digitlab.drawing.pictures import montage
from digitlab.formats import bring_in
from digitlab.formats.bring_in import Preview
from digitlab.formats.experiment.read import is_experiment
from digitlab.formats.parts import Part, part_of_bytes
from digitlab.formats.pictures import ENDINGS
from digitlab.orientation import Lie
from digitlab.storage.digit_import import Incoming, store_imported
from digitlab.storage.people import Person
from digitlab.storage.schema import StoreError
from digitlab.storage.versions import batches_version
from digitlab.ui import resources, who
from digitlab.ui.formats import bring_in_experiment, bring_in_photos, bring_in_sheets, paper

_PER_LABEL = 20  # digits of each label in the preview
_MOST_MB = 200


def offer() -> None:
    """Offer to upload files, and show what would be stored before anything is."""
    st.subheader("Bring digits in", anchor=False)
    person = who.person()
    if person.role == "visitor":
        st.info("Join the class on the first page to bring digits in.")
        return
    st.markdown(
        "Digits that others or another computer of yours have: a zip from here, IDX files such as MNIST's, `.npz`, "
        "`.csv`, `.ndjson`, `.parquet`, a zip of pictures in folders named 0 to 9. Or photos and scans of handwritten "
        "digits (PNG, JPEG), on a sheet from here or on any paper. Or a whole experiment (`.digitlab.zip`). Imported "
        "digits count no minutes of drawing unless their file or you tell them."
    )
    paper.offer(person)
    if done := st.session_state.pop("bring_done", None):
        st.success(done)
    uploads = st.session_state.setdefault("bring_uploads", 0)  # another key empties the field
    files = st.file_uploader(
        "Files", accept_multiple_files=True, max_upload_size=_MOST_MB, key=f"bring_files_{uploads}"
    )
    pictures = [file.name.lower().endswith(ENDINGS) for file in files]
    if not files:
        bring_in_experiment.forget()
    elif is_experiment([_part(file) for file in files]):
        bring_in_experiment.show(files[0], person)
    elif all(pictures):
        _show_pictures(files, person)
    else:
        read = _read(files)
        if read is not None:
            _show_digits(*read, person)


def _show_pictures(files: Sequence[UploadedFile], person: Person) -> None:
    """Show sheets of paper first; what else is in pictures when these are stored."""
    sheets = bring_in_sheets.read(files)
    waiting = [file for file in files if not bring_in_sheets.is_stored(file.file_id)]
    with_sheet = [file for file in waiting if file.file_id in sheets]
    for file in with_sheet:
        bring_in_sheets.show(file.file_id, sheets[file.file_id], person, last=len(waiting) == 1)
    if waiting and not with_sheet:
        bring_in_photos.show(waiting, person)


def _read(files: Sequence[UploadedFile]) -> tuple[Incoming, Lie] | None:
    """Read the files, once for as long as they are the same; None, and a message, if they cannot be read."""
    these = tuple(file.file_id for file in files)
    known: tuple[tuple[str, ...], tuple[Incoming, Lie]] | None = st.session_state.get("bring_read")
    if known and known[0] == these:
        return known[1]
    try:
        with st.spinner("Reading"):
            read = bring_in.read([_part(file) for file in files])
    except ValueError as error:
        st.error(str(error), icon=":material/error:")
        return None
    st.session_state["bring_read"] = these, read
    return read


def _part(file: UploadedFile) -> Part:
    return part_of_bytes(file.name, file.getvalue())


def _show_digits(incoming: Incoming, lie: Lie, person: Person) -> None:
    if not lie.fine:
        st.warning(f"These digits are {lie.describe()}.")
        if not st.toggle("Stand them up, light on dark", True, key="bring_upright"):
            lie = Lie()
    preview = _preview(incoming, lie, person)
    st.markdown(f"**{preview.summary()}**")
    show_sample(preview.incoming)
    with_test = not preview.new_tests or st.toggle(
        f"Store the {preview.new_tests:,} digits to test with as own test digits of their writer: never trained on",
        True,
        key="bring_test",
    )
    name = person.name
    if person.role != "pupil" and "" in incoming.writers:
        name = st.text_input("Under whose name? The files do not tell", "imported", max_chars=80, key="bring_writer")
    new = preview.new - (0 if with_test else preview.new_tests)
    st.button(
        f"Store {new:,} digits",
        key="bring_store",
        type="primary",
        disabled=not new,
        on_click=_store,
        args=(preview, name, with_test, person),
    )
    if message := st.session_state.pop("bring_message", None):
        st.error(message)


def _preview(incoming: Incoming, lie: Lie, person: Person) -> Preview:
    """Look which digits are there already, once for as long as files and drawings are the same."""
    with resources.messages():
        state = id(incoming), lie, batches_version(resources.store())
        known: tuple[object, Preview] | None = st.session_state.get("bring_preview")
        if known is None or known[0] != state:
            known = state, bring_in.preview(resources.store(), incoming, lie, by=person)
            st.session_state["bring_preview"] = known
    return known[1]


def show_sample(incoming: Incoming) -> None:
    """Show some digits of each label, and how many of each there are."""
    counts = np.bincount(incoming.labels, minlength=10)
    st.dataframe(pd.DataFrame([counts], columns=list(CLASS_NAMES)), hide_index=True, key="bring_counts")
    each = int(min(_PER_LABEL, *counts[counts > 0]))  # a row for each digit that there is
    places = list(chain.from_iterable(np.flatnonzero(incoming.labels == label)[:each] for label in range(10)))
    title = "The first of each digit"
    st.image(enlarge(montage(incoming.images[places], each), 2), title, width="content", alt=title)


def _store(preview: Preview, writer: str, test: bool, person: Person) -> None:
    try:
        done = store_imported(resources.store(), preview.incoming, preview.known, writer, test=test, by=person)
    except (ValueError, StoreError) as error:
        st.session_state["bring_message"] = str(error)
        return
    st.session_state["bring_uploads"] += 1
    for key in ("bring_read", "bring_preview"):
        st.session_state.pop(key, None)
    tests = f" and {done.test:,} to test with" if done.test else ""
    st.session_state["bring_done"] = f"Stored: {done.train:,} digits to train on{tests}."
