"""What a visitor is doing, in Streamlit's session state: the only place that names its keys, those of widgets aside."""

import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.errors import StreamlitAPIException

from digitlab.digits import Images
from digitlab.storage.names import check_writer_name
from digitlab.storage.people import OWNER
from digitlab.ui import query_params, who

_JOB_PARAMETER = "job"  # in the link, so that a reload finds the job again
_WRITER = "writer"  # of the input for a name, and in the link
_NAMED = "writer_named"  # the name, also where there is no input for it
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Prompt:
    """Which digit to draw: what a drawing is made for, whatever is asked for when it is saved.

    Attributes:
        writer: Who draws, by name.
        batch_id: In the store; 0: the batch begins with this drawing.
        position: Index into its labels.
        label: What to draw, 0-9.
        replaces: Id of the drawing that is drawn again; None: there is none.
    """

    writer: str
    batch_id: int
    position: int
    label: int
    replaces: int | None = None


@dataclass(frozen=True)
class Unsaved:
    """A drawing that is not stored yet, and the active seconds that it took."""

    prompt: Prompt
    strokes: list[npt.NDArray[np.float64]]
    digit: Images
    seconds: float


def writer() -> str:
    """Return who is drawing, without asking: in a class whoever has joined; else whom link or visit name, else "you".

    Returns:
        The name; empty if the visitor has not joined the class yet, or the link's name cannot be kept.
    """
    if who.is_class():
        who.show_greeting()
        return who.person().name
    asked = st.query_params.get(_WRITER, "").strip() or st.session_state.get(_NAMED, OWNER.name)
    try:
        name = check_writer_name(asked[:_LONGEST_NAME])
    except ValueError as error:
        st.error(str(error))
        return ""
    set_writer(name)
    return name


def set_writer(name: str) -> None:
    """Say who is drawing from now on, on all pages and in the link; not while `writer_input` is shown."""
    st.session_state[_NAMED] = name
    if st.session_state.get(_WRITER) != name:
        st.session_state[_WRITER] = name
    with suppress(StreamlitAPIException):  # in the first run after a page with the input it cannot be changed yet
        if name == OWNER.name:
            st.query_params.pop(_WRITER, None)
        elif st.query_params.get(_WRITER) != name:
            st.query_params[_WRITER] = name


def writer_input() -> str:
    """Return who is drawing: in a class whoever has joined; else it is asked, and the name goes into the link.

    Returns:
        The name; empty if none is given, or if the visitor has not joined the class yet.
    """
    if who.is_class():
        who.show_greeting()
        return who.person().name
    query_params.keep_when_back()
    name = st.text_input(
        "Who is drawing? A name or a pseudonym",
        value=OWNER.name,
        max_chars=_LONGEST_NAME,
        key=_WRITER,
        bind="query-params",
        persist_state="session",
        width=320,
    )
    try:
        st.session_state[_NAMED] = check_writer_name(name) if name.strip() else ""
    except ValueError as error:
        st.error(str(error))
        return ""
    return str(st.session_state[_NAMED])


def note_click(key: str) -> None:
    """Note that a button was clicked, until `take_click`."""
    st.session_state[f"{key}_clicked"] = True


def take_click(key: str) -> bool:
    """Return, once, whether a button was clicked."""
    return bool(st.session_state.pop(f"{key}_clicked", False))


def remember_job(tag: str, job_id: str) -> None:
    """Keep the id of the job that a page started."""
    st.session_state[f"{tag}_job"] = job_id
    st.query_params[_JOB_PARAMETER] = job_id


def job_id(tag: str) -> str | None:
    """Return the id of the job this visitor's page last started, also after a reload."""
    started: str | None = st.session_state.get(f"{tag}_job")
    return started or st.query_params.get(_JOB_PARAMETER)


def moments(desk: str) -> list[float]:
    """Return the list of moments at which the visitor was at work on the current prompt; to be appended to.

    Args:
        desk: Prefix of the keys, one per canvas.

    Returns:
        Seconds since 1970, rising.
    """
    seen: list[float] = st.session_state.setdefault(f"{desk}_moments", [time.time()])
    return seen


def restart_moments(desk: str) -> None:
    """Start the clock of the next prompt now."""
    st.session_state[f"{desk}_moments"] = [time.time()]


def redrawn_prompt(desk: str) -> Prompt | None:
    """Return the prompt the visitor asked to draw again, or None."""
    prompt: Prompt | None = st.session_state.get(f"{desk}_again")
    return prompt


def redraw_prompt(desk: str, prompt: Prompt | None) -> None:
    """Ask for a prompt to be drawn again; None: go on with the next one."""
    st.session_state[f"{desk}_again"] = prompt


def shown_prompt(desk: str) -> Prompt | None:
    """Return the prompt the canvas was last shown for: what a save belongs to."""
    prompt: Prompt | None = st.session_state.get(f"{desk}_shown")
    return prompt


def set_shown_prompt(desk: str, prompt: Prompt) -> bool:
    """Note for which prompt the canvas is shown; return whether it is another one than before."""
    if shown_prompt(desk) == prompt:
        return False
    restart_moments(desk)
    st.session_state[f"{desk}_shown"] = prompt
    return True


def unsaved(desk: str) -> list[Unsaved]:
    """Return the list of drawings that could not be stored yet, oldest first; to be added to and taken from."""
    drawings: list[Unsaved] = st.session_state.setdefault(f"{desk}_waiting", [])
    return drawings


def note_saved(desk: str, batch_id: int) -> None:
    """Note in which batch a drawing was stored, until `take_saved`, and for `was_drawn_in` for the whole visit."""
    st.session_state[f"{desk}_saved_in"] = st.session_state[f"{desk}_drawn_in"] = batch_id


def take_saved(desk: str) -> int | None:
    """Return, once, the batch in which this visitor has stored a drawing last; None if there is none."""
    batch_id: int | None = st.session_state.pop(f"{desk}_saved_in", None)
    return batch_id


def was_drawn_in(desk: str, batch_id: int) -> bool:
    """Return whether this visitor has stored a drawing in a batch in this visit, and in no other since."""
    return bool(st.session_state.get(f"{desk}_drawn_in") == batch_id)


def set_message(desk: str, message: str | None) -> None:
    """Keep a message about the last save, to be shown beside the canvas; None: there is none."""
    st.session_state[f"{desk}_message"] = message


def message(desk: str) -> str | None:
    """Return the message about the last save, or None."""
    text: str | None = st.session_state.get(f"{desk}_message")
    return text


def note_strokes(desk: str, strokes: int) -> None:
    """Add a moment if the number of strokes on the canvas has changed."""
    if st.session_state.get(f"{desk}_strokes") != strokes:
        moments(desk).append(time.time())
    st.session_state[f"{desk}_strokes"] = strokes
