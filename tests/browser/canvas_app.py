"""Two pages for the tests of digitlab/ui/canvas.py: one canvas with its buttons, and a page to go to."""

import json
import time

import streamlit as st

from digitlab.ui.drawing import canvas


def pad():
    messages = st.container()
    saved = st.session_state.setdefault("saved", [])
    strokes = canvas.take("pad")
    if strokes:
        saved.append([stroke.tolist() for stroke in strokes])
    time.sleep(float(st.query_params.get("seconds", 0)))  # a slow page
    st.subheader(f"Digit {len(saved) % 10}")
    strokes = canvas.draw("pad")
    with st.container(horizontal=True):
        canvas.save_button("pad", "Save")
        canvas.undo_button("pad")
        canvas.redo_button("pad")
        canvas.clear_button("pad")
    if st.checkbox("warn"):
        messages.warning("Something above the canvas")
    st.text(f"{len(strokes)} strokes, {len(saved)} saved")
    with st.container(key="report"):
        st.text(json.dumps({"strokes": [stroke.tolist() for stroke in strokes], "saved": saved}))


def other():
    st.text("the other page")


st.set_page_config(layout="wide")
st.navigation([st.Page(pad, title="pad", default=True), st.Page(other, title="other")]).run()
