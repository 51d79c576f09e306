"""Bring digits in from photos of filled sheets: made straight, doubtful cells to look at, then stored."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digitlab.digits import CLASS_NAMES
from digitlab.drawing.pictures import montage, png_uri
from digitlab.formats.paper.cells import EMPTY
from digitlab.formats.paper.read_sheet import ReadSheet, read_sheet
from digitlab.formats.paper.sheet_digits import (
    MOST_MINUTES,
    doubts,
    frame_cells,
    stored_before,
    to_incoming,
    worth_storing,
)
from digitlab.learning import model_files
from digitlab.storage.digit_import import find_known, store_imported
from digitlab.storage.people import Person
from digitlab.storage.schema import StoreError
from digitlab.ui import resources
from digitlab.ui.formats import paper
from digitlab.ui.plain import in_plain

Chosen: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]  # the label of each cell, whether to store it


def read(files: Sequence[UploadedFile]) -> dict[str, ReadSheet]:
    """Look for sheets in pictures, once for as long as these are the same; a message ends the page if one is cut off.

    Returns:
        The sheets by the ids of the files; a picture without a sheet is left out.
    """
    these = tuple(file.file_id for file in files)
    known: tuple[tuple[str, ...], dict[str, ReadSheet]] | None = st.session_state.get("sheets_read")
    if known is None or known[0] != these:
        before = known[1] if known else {}
        with resources.messages(), st.spinner("Looking for sheets"):
            found = {file.file_id: before.get(file.file_id) or read_sheet(file.getvalue(), file.name) for file in files}
        known = these, {file_id: sheet for file_id, sheet in found.items() if sheet}
        st.session_state["sheets_read"] = known
    return known[1]


def is_stored(file_id: str) -> bool:
    """Return whether the sheet of a picture was stored since the picture was uploaded."""
    return bool(st.session_state.get(f"sheet_done_{file_id}"))


def show(file_id: str, sheet: ReadSheet, person: Person, *, last: bool) -> None:
    """Show what is on a sheet, let doubtful cells be looked at, and offer to store it.

    Args:
        file_id: Of the picture.
        sheet: What was read in it.
        person: Whoever brings it in.
        last: Nothing else that was uploaded waits to be stored.
    """
    with resources.messages():
        doubtful = doubts(sheet, resources.predictor(model_files.REFERENCE).predict(sheet.cells.images))
    empty = doubtful.count(EMPTY)
    st.markdown(
        f"**Sheet {sheet.code.seed} of {in_plain(sheet.code.writer)}:** {len(doubtful) - empty} digits"
        + (f"; empty cells: {empty}." if empty else ".")
    )
    with st.expander("The sheet, made straight; doubtful cells are framed", icon=":material/crop_free:"):
        st.image(frame_cells(sheet, doubtful), "The sheet, made straight", alt="The sheet, made straight")
    labels, keep = _look_at_doubts(file_id, sheet, doubtful)
    sure = np.array([not doubt for doubt in doubtful], bool)
    if sure.any():
        order = np.argsort(labels[sure], kind="stable")
        title = f"The other {sure.sum()}, from 0 to 9"
        st.image(montage(sheet.cells.images[sure][order], 20), title, width="content", alt=title)
    with st.container(key=f"sheet_form_{file_id}"):
        _offer_to_store(file_id, sheet, (labels, keep), person, last=last)


def _look_at_doubts(file_id: str, sheet: ReadSheet, doubtful: Sequence[str]) -> Chosen:
    """Show the doubtful cells in a table to correct; return the label of each cell and whether to store it."""
    labels, keep = np.array(sheet.code.labels, np.int64), worth_storing(sheet)
    places = [place for place, doubt in enumerate(doubtful) if doubt not in ("", EMPTY)]
    if not places:
        return labels, keep
    st.markdown(
        f"Look at {len(places)} of them. Take off the tick of what is no digit; correct what shows another one."
    )
    rows = pd.DataFrame(
        {
            "digit": [png_uri(sheet.cells.images[place]) for place in places],
            "label": [str(labels[place]) for place in places],
            "keep": keep[places],
            "why": [doubtful[place] for place in places],
            "cell": [place + 1 for place in places],
        }
    )
    edited = st.data_editor(
        rows,
        hide_index=True,
        row_height=44,
        disabled=["digit", "why", "cell"],
        key=f"sheet_table_{file_id}",
        column_config={
            "digit": st.column_config.ImageColumn("Digit", width=60),
            "label": st.column_config.SelectboxColumn("It shows a", options=list(CLASS_NAMES), required=True),
            "keep": st.column_config.CheckboxColumn("Store it"),
            "why": st.column_config.TextColumn("Why look"),
            "cell": st.column_config.NumberColumn("Cell"),
        },
    )
    labels[places] = edited["label"].to_numpy().astype(np.int64)
    keep[places] = edited["keep"].to_numpy(bool)
    return labels, keep


def _offer_to_store(file_id: str, sheet: ReadSheet, chosen: Chosen, person: Person, *, last: bool) -> None:
    left, right = st.columns(2)
    name = person.name
    if person.role != "pupil":
        name = left.text_input("Who wrote it?", sheet.code.writer, max_chars=80, key=f"sheet_name_{file_id}")
    elif sheet.code.writer != name:
        st.warning("The sheet was printed for somebody else. Its digits are stored under your name.")
    minutes = right.number_input(
        "Minutes it took, by a clock (0: not known)",
        0.0,
        float(MOST_MINUTES),
        round(paper.written_minutes(), 1),
        0.5,
        format="%.1f",
        key=f"sheet_minutes_{file_id}",
    )
    test = st.toggle("Keep them to test with: never trained on", key=f"sheet_test_{file_id}")
    again = not stored_before(resources.store(), sheet.code, name.strip()) or st.toggle(
        "Digits of this sheet are stored already. This is another copy of it that was filled, too",
        key=f"sheet_again_{file_id}",
    )
    st.button(
        f"Store {chosen[1].sum()} digits",
        key=f"sheet_store_{file_id}",
        type="primary",
        disabled=not chosen[1].any() or not again,
        on_click=_store,
        args=(file_id, sheet, chosen, name, person),
        kwargs={"minutes": minutes, "test": test, "last": last},
    )
    if message := st.session_state.pop(f"sheet_message_{file_id}", None):
        st.error(message)


def _store(
    file_id: str,
    sheet: ReadSheet,
    chosen: Chosen,
    writer: str,
    person: Person,
    *,
    minutes: float,
    test: bool,
    last: bool,
) -> None:
    try:
        incoming = to_incoming(sheet, *chosen, minutes=minutes, test=test)
        known = find_known(resources.store(), incoming, by=person)
        done = store_imported(resources.store(), incoming, known, writer, seed=sheet.code.seed, by=person)
    except (ValueError, StoreError) as error:
        st.session_state[f"sheet_message_{file_id}"] = str(error)
        return
    paper.forget_minutes()
    stored = done.train + done.test
    there = f" {len(incoming) - stored} were there already." if stored < len(incoming) else ""
    st.session_state["bring_done"] = (
        f"Stored: {stored} digits of sheet {sheet.code.seed}{' to test with' if done.test else ''}.{there}"
    )
    st.session_state[f"sheet_done_{file_id}"] = True
    if last:
        st.session_state["bring_uploads"] += 1
        st.session_state.pop("sheets_read", None)
