"""Digits on paper: a sheet to print, and a clock for whoever fills it."""

import time
from contextlib import suppress
from functools import partial

import streamlit as st

from digitlab.formats.paper.code import SheetCode
from digitlab.formats.paper.layout import CELLS, PAPERS, Layout
from digitlab.formats.paper.print_sheet import new_seed, print_sheet
from digitlab.formats.paper.sheet_digits import MOST_MINUTES
from digitlab.storage.people import Person
from digitlab.ui import state

_TITLES = {"a4": "A4", "letter": "Letter"}
_SEED, _MINUTES = "sheet_seed", "sheet_written_minutes"
_STARTED = "paper_started"  # also in the link: a phone that sleeps while one writes loads the page anew


def offer(person: Person) -> None:
    """Offer a sheet to print, and a clock.

    Args:
        person: Who will write on it, or who prints it for somebody.
    """
    with st.expander("Write on paper: print a sheet, fill it with a pen", icon=":material/print:"):
        st.markdown(
            "1. Print the sheet.\n"
            "2. Press “I start writing”, write one digit into each cell with a dark pen, press “I have finished”.\n"
            "3. Photograph the whole sheet from above and bring the photo in below: its digits are found by themselves."
        )
        left, middle, right = st.columns(3)
        name = person.name
        if person.role != "pupil":
            before = state.writer() if person.role == "owner" else name
            name = left.text_input("Who will write?", before, max_chars=80, key="sheet_writer")
        paper = middle.segmented_control(
            "Paper", list(PAPERS), format_func=_TITLES.__getitem__, default="a4", required=True, key="sheet_paper"
        )
        cells = right.segmented_control("Digits", list(CELLS), default=CELLS[0], required=True, key="sheet_cells")
        seed = st.session_state.setdefault(_SEED, new_seed())
        try:
            code = SheetCode(name, seed, Layout(paper, cells))
        except ValueError as error:
            st.error(str(error))
            return
        st.download_button(
            "Download the sheet (PDF)",
            partial(print_sheet, code),
            f"sheet-{seed}.pdf",
            "application/pdf",
            key="sheet_download",
            icon=":material/download:",
            on_click=_take_another_seed,
        )
        _show_clock()


def written_minutes() -> float:
    """Return how long the visitor wrote by the clock of this page, in minutes; 0 if it was not used."""
    return float(st.session_state.get(_MINUTES, 0.0))


def forget_minutes() -> None:
    """Let the clock's minutes count for one sheet only."""
    st.session_state.pop(_MINUTES, None)


def _take_another_seed() -> None:
    """The next sheet is another one."""
    st.session_state[_SEED] = new_seed()


def _show_clock() -> None:
    started = _started()
    if started is None:
        st.button("I start writing", key="sheet_start", icon=":material/timer:", on_click=_start)
        if written_minutes():
            st.caption(f"You wrote for {written_minutes():.1f} minutes: they count for the next sheet that comes in.")
        return
    st.button("I have finished", key="sheet_end", icon=":material/timer_off:", type="primary", on_click=_finish)
    st.caption("The clock is running. Leave this page open, or write the times down on the sheet.")


def _started() -> float | None:
    """Return when the visitor began to write, in seconds since 1970; None if the clock is not running."""
    with suppress(ValueError):
        started = float(st.session_state.get(_STARTED) or st.query_params.get(_STARTED, ""))
        if 0 <= time.time() - started <= 60 * MOST_MINUTES:
            return started
    return None


def _start() -> None:
    now = int(time.time())  # not rounded up: it would not have begun yet
    st.session_state[_STARTED] = now
    st.query_params[_STARTED] = str(now)


def _finish() -> None:
    started = _started()
    if started is not None:
        st.session_state[_MINUTES] = (time.time() - started) / 60
    st.session_state.pop(_STARTED, None)
    st.query_params.pop(_STARTED, None)
