"""How sheets are drawn: the inputs for cells, columns, saving and the clock."""

import streamlit as st

from digitlab.drawing.clock import IDLE_SECONDS
from digitlab.ui import query_params
from digitlab.ui.drawing.sheet_desk import Options


def options_input() -> Options:
    """Show the inputs, folded up, and return what is set."""
    with st.expander("Sheet and clock"):
        cells = query_params.number(
            st.slider,
            "Cells on a sheet",
            1,
            50,
            20,
            key="batch_cells",
            help="How many digits are asked for at once. Good: 20; on a phone 6 to 12.",
        )
        columns = query_params.number(
            st.slider,
            "Cells side by side (0: as the screen has room)",
            0,
            10,
            0,
            key="batch_columns",
            help="Fewer are larger. Good: 0.",
        )
        autosave = st.toggle(
            "Save when the last cell is filled",
            value=True,
            key="batch_autosave",
            help="The next sheet comes by itself. Good: on.",
        )
        idle_seconds = st.slider(
            "A longer pause is a break and does not count (s)",
            2.0,
            60.0,
            IDLE_SECONDS,
            key="batch_idle",
            help="Good: 10. With less, thinking is taken for a break; with more, a break for work.",
        )
        st.caption(
            "Think: from the sheet shown, or the pen-up before, to a digit's first pen-down. Draw: the pen is down. "
            "Pause: between the strokes of a digit. The way to a button counts too. What you clear or draw again cost "
            "its time."
        )
    return Options(cells, columns, idle_seconds, autosave)
