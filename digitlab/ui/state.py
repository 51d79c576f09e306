"""The only place that names session-state keys other than those of widgets, and the visitor's writer name."""

import time

import streamlit as st

_JOB_PARAMETER = "job"  # in the link, so that a reload finds the job again


def writer_input() -> str:
    """Ask who is drawing; the name goes into the link, so that a reload finds it again.

    Returns:
        The name; empty if none is given.
    """
    return st.text_input(
        "Who is drawing? A name or a pseudonym",
        value="me",
        max_chars=80,
        key="writer",
        bind="query-params",
        persist_state="session",
        width=320,
    ).strip()


def remember_job(tag: str, job_id: str) -> None:
    """Keep the id of the job that a page started."""
    st.session_state[f"{tag}_job"] = job_id
    st.query_params[_JOB_PARAMETER] = job_id


def job_id(tag: str) -> str | None:
    """Return the id of the job this visitor's page last started, also after a reload."""
    return st.session_state.get(f"{tag}_job") or st.query_params.get(_JOB_PARAMETER)


def moments(desk: str) -> list[float]:
    """Return the moments (seconds) at which the visitor was seen at work on the current prompt of a desk, to add to."""
    return st.session_state.setdefault(f"{desk}_moments", [time.time()])


def restart_moments(desk: str) -> None:
    """Begin the clock of the next prompt now."""
    st.session_state[f"{desk}_moments"] = [time.time()]


def chosen_prompt(desk: str) -> tuple[int, int] | None:
    """Return the `(batch id, position)` the visitor asked to draw again, or None."""
    return st.session_state.get(f"{desk}_again")


def choose_prompt(desk: str, prompt: tuple[int, int] | None) -> None:
    """Ask for a prompt to be drawn again; None: go on with the next one."""
    st.session_state[f"{desk}_again"] = prompt
    restart_moments(desk)


def shown_prompt(desk: str) -> tuple[int, int] | None:
    """Return the `(batch id, position)` the canvas was last shown for: what a save belongs to."""
    return st.session_state.get(f"{desk}_shown")


def show_prompt(desk: str, prompt: tuple[int, int]) -> bool:
    """Note for which prompt the canvas is shown; return whether it is another one than before."""
    if shown_prompt(desk) == prompt:
        return False
    restart_moments(desk)
    st.session_state[f"{desk}_shown"] = prompt
    return True


def waiting(desk: str) -> list[tuple]:
    """Return the drawings that could not be stored yet, each as the arguments of `save_drawing`, to add to."""
    return st.session_state.setdefault(f"{desk}_waiting", [])


def tell(desk: str, message: str | None) -> None:
    """Keep a message about the last save, to be shown beside the canvas; None: there is nothing to say."""
    st.session_state[f"{desk}_message"] = message


def message(desk: str) -> str | None:
    """Return the message about the last save, or None."""
    return st.session_state.get(f"{desk}_message")


def stroke_seen(desk: str, strokes: int) -> None:
    """Add a moment when the number of strokes on the canvas has changed."""
    if st.session_state.get(f"{desk}_strokes") != strokes:
        moments(desk).append(time.time())
    st.session_state[f"{desk}_strokes"] = strokes
