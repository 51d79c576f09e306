"""The visitor's estimate, made before anything is drawn: kept in the link and the visit, a mark in the comparison."""

import streamlit as st

from digitlab.ui import query_params

_KEY = "guess"
_IN_LINK = "guessed"  # of other pages, where no input stands for it
_MOST = 100
_MADE = "guess_made"  # the slider stands somewhere before anybody has moved it: that is no guess

_OF_LINK = "guess_of_link"  # nobody has moved the slider in this visit: it may be that of whoever sent the link


def ask() -> None:
    """Ask how many of 100 of MNIST's digits a network will read that learnt from the visitor's ten."""
    st.subheader(
        "What do you think: your ten digits against MNIST's 60,000, how many of 100 will yours read?", anchor=False
    )
    value = query_params.number(
        st.slider, "Your estimate: digits of 100", 0, _MOST, 50, key=_KEY, on_change=_note, width=420
    )
    if query_params.same(st.query_params.get(_KEY, ""), value):
        st.session_state[_MADE] = value
    made = st.session_state.get(_MADE)
    st.caption(
        "Move the slider to make your estimate."
        if made is None
        else f"Your estimate: {made} of 100; Compare will show it."
    )


def keep() -> None:
    """Have the link of another page than that of the slider say what was guessed, so that a reload keeps it."""
    asked, made = st.query_params.get(_IN_LINK, "")[:4], st.session_state.get(_MADE)
    if made is None and asked.isdecimal() and int(asked) <= _MOST:
        st.session_state[_MADE] = st.session_state[_KEY] = int(asked)
        st.session_state[_OF_LINK] = True
    elif made is not None and asked != str(made):
        st.query_params[_IN_LINK] = str(made)
    with st.container():  # what comes and goes here moves nothing below it to another place
        if st.session_state.get(_OF_LINK):
            st.caption(
                f"The estimate of {st.session_state[_MADE]} of 100 stands in the link that was opened. If it is "
                "somebody else's, make your own."
            )
            st.page_link("pages/home.py", label="Make my own estimate", icon=":material/edit:")


def share() -> float | None:
    """Return the guess as a share, 0-1; None if none was made."""
    made: int | None = st.session_state.get(_MADE)
    return None if made is None else made / _MOST


def _note() -> None:
    st.session_state[_MADE] = int(st.session_state[_KEY])
    st.session_state[_OF_LINK] = False
