"""Take digits along: one file to download in a format of the field."""

import io
from collections.abc import Sequence
from functools import partial

import streamlit as st

from digitlab.formats import card
from digitlab.formats.write_files import FORMATS, write_zip
from digitlab.storage.digit_export import find_outgoing
from digitlab.storage.found_drawings import Wanted
from digitlab.storage.people import Person
from digitlab.storage.store import Store
from digitlab.ui import resources, who


def offer(wanted: Wanted, count: int, drawing_ids: Sequence[int]) -> None:
    """Offer the drawings that the page shows as a file; it is written when it is asked for.

    Args:
        wanted: Which drawings.
        count: How many they are.
        drawing_ids: Those that are chosen in the table; empty: none in particular.
    """
    st.subheader("Take your digits with you", anchor=False)
    if who.person().role == "visitor":
        st.info("Join the class on the first page to take digits with you.")
        return
    if wanted.show == "deleted":
        st.info("Deleted drawings stay here. Show all, or the marked ones, to take them with you.")
        return
    number = len(drawing_ids) or count
    st.markdown(
        f"The {number:,} {'chosen ' if drawing_ids else ''}drawings shown above as one zip, with a data card that says "
        "who drew them and in how many hours. What was drawn to test with stays apart from what is to train on."
    )
    left, right = st.columns(2)
    name = left.selectbox("Format", list(FORMATS), format_func=lambda key: FORMATS[key].title, key="take_format")
    licence = right.selectbox(
        "Licence: what others may do with them",
        list(card.LICENCES),
        format_func=lambda key: card.LICENCES[key][0],
        key="take_licence",
    )
    st.download_button(
        "Write the file",
        partial(
            _write,
            resources.store(),
            wanted,
            list(drawing_ids) or None,
            who.person(),
            format_name=name,
            licence=licence,
        ),
        f"digits-{name}.zip",
        "application/zip",
        key="take_button",
        icon=":material/download:",
        on_click="ignore",
    )
    if FORMATS[name].has_strokes:
        st.caption("Digits that came as pictures have no strokes: they are left out, and the card says how many.")


def _write(
    store: Store, wanted: Wanted, drawing_ids: list[int] | None, by: Person, *, format_name: str, licence: str
) -> bytes:
    file = io.BytesIO()
    outgoing = find_outgoing(store, wanted, drawing_ids, by=by)
    write_zip(file, format_name, store, outgoing, licence=licence, title="Digits drawn by hand")
    return file.getvalue()
