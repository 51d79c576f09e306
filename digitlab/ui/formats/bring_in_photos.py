"""Bring digits in from photos and scans: found, cut apart, each with what was read, to correct before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digitlab.digits import CLASS_NAMES, Floats, Images
from digitlab.drawing.pictures import png_uri
from digitlab.formats.photos import FoundDigits, find_in_photo, outline
from digitlab.learning import model_files
from digitlab.storage.digit_chunks import DigitChunk
from digitlab.storage.digit_import import Imported, find_known, gather, store_imported
from digitlab.storage.people import Person
from digitlab.storage.schema import StoreError
from digitlab.ui import resources


@dataclass(frozen=True)
class ReadPhotos:
    """What was found in photos, and what the reference model takes it for.

    Attributes:
        photos: A record for each.
        images: uint8 array of shape (n, 28, 28), of all photos.
        probabilities: float array of shape (n, 10).
    """

    photos: tuple[FoundDigits, ...]
    images: Images
    probabilities: Floats


def show(files: Sequence[UploadedFile], person: Person) -> None:
    """Show what was found in photos, let each reading be corrected, and offer to store it.

    Args:
        files: Pictures.
        person: Whoever brings them in.
    """
    these = tuple(file.file_id for file in files)
    known: tuple[tuple[str, ...], ReadPhotos] | None = st.session_state.get("photos_read")
    if known is None or known[0] != these:
        with resources.messages(), st.spinner("Looking for digits"):
            known = these, _read(files)
        st.session_state["photos_read"] = known
    read = known[1]
    for photo in read.photos:
        st.image(outline(photo), width=min(700, photo.photo.shape[1]))
    readings = read.probabilities.argmax(axis=1)
    st.markdown(
        f"**{len(readings)} digits found.** Correct what was read wrong; take off the tick of what is no digit."
    )
    rows = pd.DataFrame(
        {
            "digit": [png_uri(image) for image in read.images],
            "label": [str(reading) for reading in readings],
            "keep": True,
            "sure": np.floor(100 * read.probabilities.max(axis=1)).astype(int),
        }
    )
    edited = st.data_editor(
        rows,
        hide_index=True,
        row_height=44,
        disabled=["digit", "sure"],
        key=f"photos_table_{these[0]}_{len(these)}",
        column_config={
            "digit": st.column_config.ImageColumn("Digit", width=60),
            "label": st.column_config.SelectboxColumn("It shows a", options=list(CLASS_NAMES), required=True),
            "keep": st.column_config.CheckboxColumn("Store it"),
            "sure": st.column_config.NumberColumn("The network is sure to", format="%d\N{NO-BREAK SPACE}%%"),
        },
    )
    name = person.name
    if person.role != "pupil":
        name = st.text_input("Who wrote them?", "imported", max_chars=80, key="photos_writer")
    test = st.toggle("Keep them to test with: never trained on", key="photos_test")
    kept = edited["keep"].to_numpy(bool)
    st.button(
        f"Store {kept.sum()} digits",
        key="photos_store",
        type="primary",
        disabled=not kept.any(),
        on_click=_store,
        args=(read.images[kept], edited["label"].to_numpy()[kept].astype(np.int64), name, person),
        kwargs={"test": test},
    )
    if message := st.session_state.pop("photos_message", None):
        st.error(message)


def _read(files: Sequence[UploadedFile]) -> ReadPhotos:
    photos = tuple(find_in_photo(file.getvalue(), file.name) for file in files)
    images = np.concatenate([photo.images for photo in photos])
    return ReadPhotos(photos, images, resources.predictor(model_files.REFERENCE).predict(images))


def _store(images: Images, labels: npt.NDArray[np.int64], writer: str, person: Person, *, test: bool) -> None:
    try:
        incoming = gather([DigitChunk("test" if test else "train", images, labels)])
        store = resources.store()
        done = store_imported(store, incoming, find_known(store, incoming, by=person), writer, by=person)
    except (ValueError, StoreError) as error:
        st.session_state["photos_message"] = str(error)
        return
    st.session_state["bring_uploads"] += 1
    st.session_state.pop("photos_read", None)
    st.session_state["bring_done"] = _said(done, len(images))


def _said(done: Imported, wanted: int) -> str:
    stored = done.train + done.test
    there = f" {wanted - stored} were there already." if stored < wanted else ""
    return f"Stored: {stored} digits{' to test with' if done.test else ''}.{there}"
