"""Each model on each set of digits, none on what it was trained on."""

import streamlit as st

from digitlab.comparison import figures, methods
from digitlab.storage.batches import read_batches
from digitlab.ui import resources
from digitlab.ui.comparison import figure


def show(runs: list[dict]) -> None:
    """Show the cross table of trained on and tested on.

    Args:
        runs: Cards of the runs on offer.
    """
    batches = read_batches(resources.store())
    chosen = methods.to_cross(runs, batches)
    if not chosen:
        st.info("No network is trained yet.")
        return
    with st.spinner("Testing each model on each writer"):
        frame = methods.cross_table(chosen, resources.runs(), batches, resources.sets(), resources.predictions)
    figure.show(figures.cross(frame))
