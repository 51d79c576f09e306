"""Try a model on a photo of handwritten digits."""

import streamlit as st

from digitlab.formats.photos import find_in_photo, outline
from digitlab.learning import model_files
from digitlab.learning.model_files import ModelError
from digitlab.look import percent
from digitlab.ui import resources


@st.fragment
def try_photo(page: str, model_id: str | None) -> None:
    """Let the visitor show a photo, and say what a model reads in it.

    Args:
        page: Prefix of the widget keys.
        model_id: Id of the run whose model reads; None: the reference model.
    """
    with st.expander("Or show it a photo of digits", icon=":material/photo_camera:"):
        file = st.file_uploader("PNG or JPEG", key=f"{page}_photo", max_upload_size=50)
        if file is None:
            return
        try:
            found = find_in_photo(file.getvalue(), file.name)
            read = resources.predictor(model_id or model_files.REFERENCE).predict(found.images)
        except (ValueError, ModelError) as error:
            st.warning(str(error))
            return
        st.image(outline(found), width=min(700, found.photo.shape[1]))
        sure = [f"{row.argmax()} ({percent(row.max(), 0)})" for row in read]
        st.markdown(f"### {', '.join(sure)}")
