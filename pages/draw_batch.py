import streamlit as st

from digitlab.comparison import runs
from digitlab.storage.batches import balanced_labels
from digitlab.ui import query_params, state, tour
from digitlab.ui.drawing import drawing_desk, sheet_desk, sheet_options

st.title("Draw a full batch", anchor=False)
st.markdown(
    "Sheets of digits in random balanced order, on the clock. Write one digit in each cell, as fast as you like."
)
tour.show("draw_batch")
st.page_link("pages/my_digits.py", label="Or write on paper: print a sheet", icon=":material/print:")

left, right = st.columns(2)
with left:
    writer = state.writer_input()
if not writer:
    st.info("Enter a name or a pseudonym to begin: every drawing belongs to a writer.")
    st.stop()

with right:
    kind = query_params.choice(
        st.segmented_control,
        "What for?",
        ["full", "test"],
        key="batch_kind",
        show={"full": "To train on", "test": "To test with: never trained on"}.__getitem__,
    )
batch = drawing_desk.save_and_find_batch(f"batch_{kind}", writer, kind)
with st.expander("Start a new batch", expanded=batch is None or batch.drawn == len(batch.labels)):
    per_digit = query_params.number(
        st.slider,
        "Drawings per digit",
        1,
        100,
        10,
        key="batch_per_digit",
        help="Good: 5 for a first batch (about 2 minutes), 10 if you have the patience. To test with: 5 or more.",
    )
    seed = st.number_input(
        "Seed of the order",
        0,
        999_999,
        0,
        key="batch_seed",
        width=200,
        help="Same seed, same order of the digits. Any number is good; another one for each batch.",
    )
    if st.button(f"Start {10 * per_digit} drawings", key="batch_start", type="primary"):
        drawing_desk.start_batch(writer, kind, balanced_labels(per_digit, int(seed)), int(seed))
        st.rerun()
    if kind == "test":
        st.caption(f"{runs.worth(10 * per_digit)} Best drawn on another day than what you train on, or after a break.")
options = sheet_options.options_input()

if batch is None:
    st.info("Start a batch above.")
    st.stop()
sheet_desk.draw_sheets("batch", batch, options)
