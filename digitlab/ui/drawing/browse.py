"""Look through drawings: filters, a page of them as a table to choose from, what can be done with the chosen ones."""

import numpy as np
import pandas as pd
import streamlit as st

from digitlab.digits import CLASS_NAMES, enlarge
from digitlab.drawing import pictures
from digitlab.storage import drawing_table
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import (
    delete_drawings,
    keep_drawings,
    read_images,
    read_strokes,
    relabel_drawings,
    restore_drawings,
)
from digitlab.ui import resources

_ON_A_PAGE = 50
_SHOW = {"kept": "All", "marked": "Marked", "deleted": "Deleted"}


def filters(frame: pd.DataFrame) -> pd.DataFrame:
    """Ask which drawings to see.

    Args:
        frame: As `collection.table` returns it.

    Returns:
        The chosen rows.
    """
    names = {
        batch.id: f"{batch.kind}, {batch.writer}, {batch.created_at[:16]}" for batch in read_batches(resources.store())
    }
    left, middle, right = st.columns(3)
    writer = left.selectbox("Writer", sorted(frame["writer"].unique()), index=None, placeholder="All", key="my_writer")
    batch_id = middle.selectbox(
        "Batch", list(names), index=None, placeholder="All", format_func=names.get, key="my_batch"
    )
    show = right.segmented_control(
        "Show", list(_SHOW), default="kept", required=True, format_func=_SHOW.get, key="my_show"
    )
    labels = st.pills("Digits", CLASS_NAMES, selection_mode="multi", key="my_digits")
    return drawing_table.choose(
        frame, writer=writer, batch_id=batch_id, labels=[int(label) for label in labels], show=show
    )


def by_digit(frame: pd.DataFrame) -> None:
    """Show a page of drawings as they look, a row of pictures per digit."""
    shown = _page(frame.sort_values(["label", "id"]), "by_digit", 200)
    images = read_images(resources.store(), shown["id"].tolist())
    for label, rows in shown.groupby("label"):
        digits = pictures.montage(_stack(images, rows), columns=min(20, len(rows)))
        st.image(enlarge(digits, 2), f"{label}: {len(rows)} drawings on this page", width="content")


def choose(frame: pd.DataFrame) -> list[int]:
    """Show a page of drawings as a table and return the ids of the chosen ones."""
    shown = _page(frame.iloc[::-1], "table", _ON_A_PAGE)
    images = read_images(resources.store(), shown["id"].tolist())
    rows = pd.DataFrame(
        {
            "digit": [pictures.png_uri(images[drawing_id]) for drawing_id in shown["id"]],
            "label": shown["label"].astype(str),
            "writer": shown["writer"],
            "batch": shown["kind"],
            "seconds": shown["seconds"],
            "marks": shown["marks"].map(", ".join),
            "drawn": pd.to_datetime(shown["created_at"]),
        }
    )
    table = st.dataframe(
        rows,
        key="my_table",
        hide_index=True,
        row_height=44,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "digit": st.column_config.ImageColumn("Digit", width=60),
            "label": "Label",
            "writer": "Writer",
            "batch": "Batch",
            "seconds": st.column_config.NumberColumn("Seconds", format="%.2f"),
            "marks": "Marks",
            "drawn": st.column_config.DatetimeColumn("Drawn"),
        },
    )
    return [int(shown["id"].iloc[row]) for row in table.selection.rows if row < len(shown)]


def act(drawing_ids: list[int]) -> None:
    """Offer what can be done with the chosen drawings: relabel, keep, delete, restore, replay."""
    store = resources.store()
    st.caption(
        f"{len(drawing_ids)} chosen." if drawing_ids else "Choose rows to relabel, delete, restore or replay them."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox("They show a", CLASS_NAMES, key="my_label", width=120)
        none = not drawing_ids
        st.button(
            "Relabel", key="my_relabel", disabled=none, on_click=relabel_drawings, args=(store, drawing_ids, int(label))
        )
        st.button(
            "Marks are fine",
            key="my_keep",
            disabled=none,
            on_click=keep_drawings,
            args=(
                store,
                drawing_ids,
            ),
        )
        st.button(
            "Delete",
            key="my_delete",
            disabled=none,
            on_click=delete_drawings,
            args=(
                store,
                drawing_ids,
            ),
        )
        st.button("Restore", key="my_restore", disabled=none, on_click=_restore, args=(drawing_ids,))
    if message := st.session_state.pop("my_message", None):
        st.warning(message)
    if len(drawing_ids) == 1:
        with resources.messages():
            st.image(pictures.replay(read_strokes(store, drawing_ids[0])), "As it was drawn", width=200)


def mean_images(frame: pd.DataFrame) -> None:
    """Show the mean image of each digit."""
    images = read_images(resources.store(), frame["id"].tolist())
    means = pictures.montage(drawing_table.mean_images(images, frame), columns=10)
    st.image(enlarge(means, 3), "Mean image of each digit", width="content")


def _restore(drawing_ids: list[int]) -> None:
    try:
        restore_drawings(resources.store(), drawing_ids)
    except ValueError as error:
        st.session_state["my_message"] = str(error)


def _page(frame: pd.DataFrame, name: str, size: int) -> pd.DataFrame:
    pages = -(-len(frame) // size)
    number = st.pagination(pages, key=f"my_{name}_page") if pages > 1 else 1
    return frame.iloc[(number - 1) * size : number * size]


def _stack(images: dict[int, np.ndarray], rows: pd.DataFrame) -> np.ndarray:
    return np.stack([images[drawing_id] for drawing_id in rows["id"]])
