"""What holds for the whole class: frozen or not, names and drawings of others hidden or not, and its end."""

from dataclasses import replace

import streamlit as st

from digitlab.storage import classroom
from digitlab.storage.classroom import ClassSettings
from digitlab.ui import resources, who


def show() -> None:
    """Show what holds, and the buttons that change it."""
    settings = classroom.read_settings(resources.store())
    if settings.frozen:
        st.info("The class is frozen: pupils look at everything and change nothing; nobody joins.")
    if settings.names_hidden:
        st.info("Names are hidden: pupils see “writer 7” in place of others' names.")
    if settings.drawings_hidden:
        st.info("Drawings are hidden: pupils see pictures of their own digits alone, and counts and accuracies of all.")
    with st.container(horizontal=True):
        st.button(
            "Go on" if settings.frozen else "Freeze",
            key="class_freeze",
            icon=":material/play_arrow:" if settings.frozen else ":material/ac_unit:",
            on_click=_set,
            args=(replace(settings, frozen=not settings.frozen),),
        )
        _hide_button(
            "names", "class_hide", settings.names_hidden, replace(settings, names_hidden=not settings.names_hidden)
        )
        _hide_button(
            "drawings",
            "class_hide_drawings",
            settings.drawings_hidden,
            replace(settings, drawings_hidden=not settings.drawings_hidden),
        )
    sure = st.checkbox("End the class: the pupils' personal links lead nowhere, and nobody joins", key="class_end_sure")
    st.button("End the class", key="class_end", disabled=not sure, on_click=_end)


def _hide_button(what: str, key: str, hidden: bool, changed: ClassSettings) -> None:
    """Show the button that hides something of others from pupils, or shows it again."""
    st.button(
        f"{'Show' if hidden else 'Hide'} {what}",
        key=key,
        icon=":material/visibility:" if hidden else ":material/visibility_off:",
        on_click=_set,
        args=(changed,),
    )


def _set(settings: ClassSettings) -> None:
    with resources.messages():
        classroom.set_settings(resources.store(), settings, who.person())


def _end() -> None:
    with resources.messages():
        classroom.end_class(resources.store(), who.person())
    st.session_state["class_end_sure"] = False
