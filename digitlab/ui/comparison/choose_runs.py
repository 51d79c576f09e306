"""Choose the runs to compare; rename and delete them."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison.runs import summary
from digitlab.run import Run
from digitlab.storage.runs import delete_runs, rename_run
from digitlab.ui import resources, who
from digitlab.ui.tables import choose_rows, in_percent, percent_column

_INTERVAL = "95\N{NO-BREAK SPACE}% interval: where the accuracy would most likely be on other digits of the same kind"


def runs_input(runs: Sequence[Run]) -> Sequence[Run]:
    """Show the runs as a table and let the visitor choose some.

    Args:
        runs: With names that tell them apart.

    Returns:
        The chosen runs, all if none is chosen.
    """
    frame = summary(runs).drop(columns="id")
    frame = frame.loc[:, ~(frame.isna() | (frame == "")).all()]  # no column that says nothing
    chosen = choose_rows(
        in_percent(frame, ("accuracy", "low", "high", "own_accuracy")),
        [run.id for run in runs],
        key="compare_runs",
        column_config={
            "name": st.column_config.TextColumn("Run", width="medium"),
            "method": "Method",
            "input": "Input",
            "output": "Output",
            "trained": st.column_config.TextColumn("How it was trained", width="medium"),
            "drawings": st.column_config.NumberColumn("Drawings"),
            "note": "To know",
            "learnt_from": "Learnt from",
            "human_minutes": st.column_config.NumberColumn("Human minutes", format="%.2f"),
            "training_seconds": st.column_config.NumberColumn("Training s", format="%.1f"),
            "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
            "accuracy": percent_column("Accuracy, MNIST", help="Share of MNIST's test digits that is read right"),
            "low": percent_column("from", help=_INTERVAL),
            "high": percent_column("to", help=_INTERVAL),
            "own_accuracy": percent_column("Accuracy, own test"),
        },
    )
    st.caption(
        f"{len(chosen)} of {len(runs)} runs chosen." if chosen else "All runs are shown; choose rows to see fewer."
    )
    st.caption(":material/swipe: The table goes on at the right: scroll it sideways.")
    return [run for run in runs if run.id in chosen] or runs


def manage_runs(runs: Sequence[Run]) -> None:
    """Let the visitor rename or delete stored runs.

    Args:
        runs: On offer.
    """
    if not runs:
        st.info("No run is stored yet: train a network, and it appears here.")
        return
    with st.expander("Rename or delete"):
        by_id = {run.id: run for run in runs}
        run_id = st.selectbox("Run", list(by_id), key="compare_run", format_func=lambda key: by_id[key].name)
        name = st.text_input("New name", by_id[run_id].name, max_chars=120, key=f"compare_name_{run_id}")
        with st.container(horizontal=True):
            st.button("Rename", key="compare_rename", on_click=_rename, args=(run_id, name))
            sure = st.checkbox("Delete it with its model", key=f"compare_sure_{run_id}")
            st.button("Delete", key="compare_delete", disabled=not sure, on_click=_delete, args=(run_id,))


def _rename(run_id: str, name: str) -> None:
    with resources.messages():
        rename_run(resources.store(), run_id, name, by=who.person())


def _delete(run_id: str) -> None:
    with resources.messages():
        delete_runs(resources.store(), [run_id], by=who.person())
