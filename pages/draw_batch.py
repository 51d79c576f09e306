import streamlit as st

from digitlab.store import balanced_labels
from digitlab.ui import desk, link, state

st.title("Draw a full batch", anchor=False)
st.markdown("Many of each digit, in random balanced order, on the clock. Save with the key **S**, undo with **Z**.")

writer = state.writer_input()
if not writer:
    st.info("Enter a name or a pseudonym to begin: every drawing belongs to a writer.")
    st.stop()

kind = st.segmented_control(
    "What for?",
    ["full", "test"],
    default="full",
    required=True,
    key="batch_kind",
    format_func={"full": "To train on", "test": "To test with: never trained on"}.get,
)
batch = desk.newest_batch(f"batch_{kind}", writer, kind)
with st.expander("Start a new batch", expanded=batch is None or batch.drawn == len(batch.labels)):
    per_digit = link.number(st.slider, "Drawings per digit", 1, 100, 10, key="batch_per_digit")
    seed = st.number_input("Seed of the order", 0, 999_999, 0, key="batch_seed", width=200)
    if st.button(f"Start {10 * per_digit} drawings", key="batch_start", type="primary"):
        desk.start_batch(writer, kind, balanced_labels(per_digit, int(seed)), int(seed))
        st.rerun()

if batch is None:
    st.info("Start a batch above.")
    st.stop()
desk.draw_batch(f"batch_{kind}", batch)
