"""Each model on each set of digits, none on what it was trained on."""

import streamlit as st

from digitlab import comparison, figures
from digitlab.ui import cached, figure


def show(runs: list[dict]) -> None:
    """Show the cross table of trained on and tested on.

    Args:
        runs: Cards of the runs on offer.
    """
    batches = cached.store().batches()
    chosen = comparison.to_cross(runs, batches)
    if not chosen:
        st.info("No network is trained yet.")
        return
    with st.spinner("Testing each model on each writer"):
        frame = comparison.cross_table(chosen, cached.runs(), batches, cached.sets(), cached.predictions)
    figure.show(figures.cross(frame))
