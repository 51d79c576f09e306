import streamlit as st

from digitlab.digits import NUM_CLASSES
from digitlab.ui import desk, state

st.title("Draw one of each", anchor=False)
st.markdown(
    "Ten digits, once each, as you write them on paper. Save with the button or the key **S**, undo with **Z**."
)

writer = state.writer_input()
if not writer:
    st.info("Enter a name or a pseudonym to begin: every drawing belongs to a writer.")
    st.stop()

batch = desk.newest_batch("one", writer, "one")
if batch is None:
    batch = desk.start_batch(writer, "one", range(NUM_CLASSES), 0)
desk.draw_batch("one", batch)

if batch.drawn == NUM_CLASSES and st.button("Draw ten new ones", key="one_new"):
    desk.start_batch(writer, "one", range(NUM_CLASSES), 0)
    st.rerun()
