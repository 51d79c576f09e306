"""A live wall: everybody's latest digits, how many they have drawn, what their newest network reads."""

import streamlit as st

from digitlab.digits import enlarge
from digitlab.drawing import pictures
from digitlab.look import percent
from digitlab.storage.store import default_url
from digitlab.storage.wall import OnWall, read_wall
from digitlab.ui import resources
from digitlab.ui.plain import in_plain

_SECONDS = 2.0  # between two looks
_COLUMNS = 5
_CARD_WIDTH = 330  # px


def show() -> None:
    """Show the wall, and look again every two seconds."""
    st.fragment(_show, run_every=_SECONDS)()


def _show() -> None:
    with resources.messages():
        latest = _latest(default_url())
        latest[:] = wall = read_wall(resources.store(), tuple(latest))
    newest = {run.owner_id: run for run in resources.runs() if run.owner_id is not None and run.history}
    if not wall:
        st.info("Nobody has joined yet.")
    with st.container(horizontal=True):
        for person in wall:
            run = newest.get(person.id)
            reads = f"; newest network: {percent(run.tests['mnist'].accuracy)} of MNIST" if run else ""
            with st.container(border=True, width=_CARD_WIDTH):
                st.markdown(f"**{in_plain(person.name)}**")
                _show_digits(person)
                st.caption(f"{person.drawings} drawing{'s' * (person.drawings != 1)}{reads}")


def _show_digits(person: OnWall) -> None:
    if len(person.digits):
        digits = enlarge(pictures.montage(person.digits, _COLUMNS), 2)
        st.image(digits, width="content", alt=f"Latest digits of {person.name}")
    else:
        st.markdown("Nothing drawn yet.")


@st.cache_resource(show_spinner=False)
def _latest(url: str) -> list[OnWall]:
    return []  # filled by `_show`: who draws changes one card, the others stay
