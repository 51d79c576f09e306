"""Each model on each set of digits, none on what it was trained on."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison import figures
from digitlab.comparison.cross_table import cross_table, speakers_by_training_data
from digitlab.run import Run
from digitlab.ui import hidden_names, resources, tested
from digitlab.ui.comparison import figure


def show(runs: Sequence[Run]) -> None:
    """Show the cross table of trained on and tested on.

    Args:
        runs: On offer.
    """
    batches = hidden_names.batches()
    networks = speakers_by_training_data(runs, batches)
    if not networks:
        st.info("No network is trained yet.")
        return
    with st.spinner("Testing each model on each writer"):
        sets = hidden_names.sets()
        predict = tested.predict_all([run.id for run in networks], sets)
        frame = cross_table(networks, resources.runs(), batches, sets, predict)
    figure.show(figures.cross_table(frame))
