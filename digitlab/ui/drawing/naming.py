"""Whose drawings they are, on one's own machine: a name is asked when there is something to keep under it."""

import streamlit as st

from digitlab.storage.batches import Batch
from digitlab.storage.people import OWNER
from digitlab.storage.writers import give_batches
from digitlab.ui import resources, state, who
from digitlab.ui.plain import in_plain

_NEW = ""  # whoever is not known yet: no name is empty


def ask(batch: Batch) -> None:
    """Ask for a name to keep a batch under, if it has none yet; in a class everybody has one.

    Args:
        batch: Whose drawings are shown.
    """
    if who.is_class() or batch.writer != OWNER.name:
        return
    others = [each.id for each in who.own_batches() if each.writer == OWNER.name and each.id != batch.id]
    drawn = sum(each.drawn for each in who.own_batches() if each.id in others)
    st.subheader("Whose digits are these?", anchor=False)
    st.markdown("A name or a pseudonym keeps them apart from those of others here, and brings you back to them.")
    with st.form("one_naming", width=420, border=False):
        name = st.text_input("Your name", max_chars=80, key="one_name")
        together = bool(drawn) and st.checkbox(
            f"The {drawn} other drawings without a name are mine too", key="one_name_all"
        )
        if st.form_submit_button("Keep them under this name", key="one_name_keep"):
            with resources.messages():
                give_batches(resources.store(), [batch.id, *(others if together else [])], name, by=who.person())
            state.set_writer(name.strip())
            st.rerun()


def choose(writer: str) -> None:
    """Let somebody else go on who has drawn here before, or begin; in a class nobody can.

    Args:
        writer: Who draws now.
    """
    if who.is_class():
        return
    known = sorted({batch.writer for batch in who.own_batches() if batch.drawn} - {writer, OWNER.name})
    options = [*known, *([_NEW] if writer != OWNER.name else [])]
    if not options:
        return
    now = f"{in_plain(writer)} draws here now." if writer != OWNER.name else "You draw here without a name."
    st.caption(now)
    st.selectbox(
        "Somebody else?",
        options,
        index=None,
        format_func=lambda name: name or "somebody new",
        placeholder="Choose who goes on",
        key="one_whose",
        on_change=_change,
        width=320,
    )


def _change() -> None:
    chosen: str | None = st.session_state["one_whose"]
    if chosen is not None:
        state.set_writer(chosen or OWNER.name)
    st.session_state["one_whose"] = None
