"""The report as a file to download."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from digitlab.comparison import report
from digitlab.run import Run
from digitlab.ui import guess, hidden_names, resources, tested
from digitlab.ui.comparison.own_curve import CurveOfPage


def offer(runs: Sequence[Run], curve: CurveOfPage) -> None:
    """Offer the report as a file; it is written when it is asked for.

    Args:
        runs: To report on.
        curve: As `own_curve.read` returns it.
    """
    st.subheader("A report to download", anchor=False)
    st.markdown(
        f"One HTML file about the {len(runs)} runs shown here: the answer, the method, your drawings, all charts (they "
        "answer the pointer, without network too), and what is needed to repeat it: settings, seeds, versions, and "
        "the hashes of all data."
    )
    write = partial(
        report.write,
        runs,
        resources.runs(),
        hidden_names.batches(),
        hidden_names.sets(),
        tested.predictions,
        forecast=curve.next_goal,
        curve=curve.measured,
        own_curves=curve.by_test_set,
        guess=guess.share(),
        zone=st.context.timezone,
    )
    st.download_button(
        "Write the report",
        write,
        "digitlab-report.html",
        "text/html",
        key="compare_report",
        type="primary",
        icon=":material/description:",
        on_click="ignore",
    )
    st.caption("It takes some seconds.")
