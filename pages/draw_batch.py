import streamlit as st

from digitlab.comparison import runs
from digitlab.drawing.clock import IDLE_SECONDS
from digitlab.storage.batches import balanced_labels
from digitlab.ui import query_params, state
from digitlab.ui.drawing import drawing_desk, sheet_desk

st.title("Draw a full batch", anchor=False)
st.markdown(
    "Sheets of digits in random balanced order, on the clock. Write one digit in each cell, as fast as you like."
)

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
    per_digit = query_params.number(st.slider, "Drawings per digit", 1, 100, 10, key="batch_per_digit")
    seed = st.number_input("Seed of the order", 0, 999_999, 0, key="batch_seed", width=200)
    if st.button(f"Start {10 * per_digit} drawings", key="batch_start", type="primary"):
        drawing_desk.start_batch(writer, kind, balanced_labels(per_digit, int(seed)), int(seed))
        st.rerun()
    if kind == "test":
        st.caption(f"{runs.worth(10 * per_digit)} Best drawn on another day than what you train on, or after a break.")
with st.expander("Sheet and clock"):
    cells = query_params.number(st.slider, "Cells on a sheet", 1, 50, 20, key="batch_cells")
    columns = query_params.number(
        st.slider, "Cells side by side (0: as the screen has room)", 0, 10, 0, key="batch_columns"
    )
    autosave = st.toggle("Save when the last cell is filled", value=True, key="batch_autosave")
    idle_seconds = st.slider(
        "A longer pause is a break and does not count (s)", 2.0, 60.0, IDLE_SECONDS, key="batch_idle"
    )
    st.caption(
        "Think: from the sheet shown, or the pen-up before, to a digit's first pen-down. Draw: the pen is down. Pause: "
        "between the strokes of a digit. The way to a button counts too. What you clear or draw again cost its time."
    )

if batch is None:
    st.info("Start a batch above.")
    st.stop()
sheet_desk.draw_sheets("batch", batch, sheet_desk.Options(cells, columns, idle_seconds, autosave))
