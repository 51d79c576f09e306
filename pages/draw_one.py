import streamlit as st

from digitlab.digits import NUM_CLASSES
from digitlab.ui import state
from digitlab.ui.drawing import drawing_desk

st.title("Draw one of each", anchor=False)
st.markdown(
    "Ten digits, once each, as you write them on paper. Save with the button or the key **S**, undo with **Z**, redo "
    "with **Y**."
)

writer = state.writer_input()
if not writer:
    st.info("Enter a name or a pseudonym to begin: every drawing belongs to a writer.")
    st.stop()

batch = drawing_desk.save_and_find_batch("one", writer, "one") or drawing_desk.one_of_each(writer)
drawing_desk.draw_batch("one", batch)

if batch.drawn == NUM_CLASSES and st.button("Draw ten new ones", key="one_new"):
    drawing_desk.start_batch(writer, "one", range(NUM_CLASSES), 0)
    st.rerun()
