"""Look through drawings: filter them, choose some from a table, relabel, delete, restore or replay these."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from digitlab.comparison import drawing_charts
from digitlab.digits import CLASS_NAMES, Images, enlarge
from digitlab.drawing import pictures
from digitlab.drawing.clock import local_time
from digitlab.storage import drawing_table, seen_drawings
from digitlab.storage.drawings import (
    delete_drawings,
    keep_drawings,
    read_images,
    read_strokes,
    relabel_drawings,
    restore_drawings,
)
from digitlab.storage.found_drawings import (
    LATEST,
    PRACTICE,
    Wanted,
    count_by_writer,
    count_wanted,
    read_mean_images,
    read_page,
    read_times,
)
from digitlab.storage.schema import StoreError
from digitlab.ui import hidden_names, resources, who
from digitlab.ui.tables import choose_rows

_ROWS_PER_PAGE = 50
_PICTURES_PER_PAGE = 200
_SHOW = {"kept": "All", "marked": "Marked", "deleted": "Deleted"}


def count_drawings() -> pd.DataFrame:
    """Return how many drawings there are, as `drawing_table.counts`, with the names that the visitor may see."""
    names = hidden_names.hidden()
    counted = count_by_writer(resources.store())
    return drawing_table.counts([(names.get(writer, writer), label, count) for writer, label, count in counted])


def wanted_input(writers: Sequence[str]) -> Wanted:
    """Ask which drawings to see.

    Args:
        writers: Names on offer.
    """
    names = {
        batch.id: f"{batch.kind}, {batch.writer}, {local_time(batch.created_at, st.context.timezone)}"
        for batch in hidden_names.batches()
    }
    real = {shown: name for name, shown in hidden_names.hidden().items()}
    left, middle, right = st.columns(3)
    writer = left.selectbox("Writer", writers, index=None, placeholder="All", key="my_writer")
    batch_id = middle.selectbox(
        "Batch", list(names), index=None, placeholder="All", format_func=names.__getitem__, key="my_batch"
    )
    show = right.segmented_control(
        "Show", list(_SHOW), wrap=True, default="kept", required=True, format_func=_SHOW.__getitem__, key="my_show"
    )
    labels = st.pills("Digits", CLASS_NAMES, selection_mode="multi", key="my_digits")
    return Wanted(real.get(writer or "", writer), batch_id, tuple(int(label) for label in labels), show)


def show_by_digit(wanted: Wanted, count: int) -> None:
    """Show a page of drawings as pictures, a row per digit.

    Args:
        wanted: Which drawings.
        count: How many they are.
    """
    wanted, count = _seen(wanted, count)
    if not count:
        return  # `show_mean_images` has said why
    shown = _page(wanted, count, "by_digit", _PICTURES_PER_PAGE)
    images = read_images(resources.store(), shown["id"].tolist())
    for label, rows in shown.groupby("label"):
        digits = pictures.montage(_stack(images, rows), columns=min(20, len(rows)))
        caption = f"{label}: {len(rows)} drawings on this page"
        st.image(enlarge(digits, 2), caption, width="content", alt=f"Drawings of {label}")


def choose_drawings(wanted: Wanted, count: int) -> list[int]:
    """Show a page of drawings as a table to choose from.

    Args:
        wanted: Which drawings.
        count: How many they are.

    Returns:
        Ids of the chosen drawings.
    """
    shown = _page(wanted, count, "table", _ROWS_PER_PAGE)
    seen = seen_drawings.seen_drawings(resources.store(), shown["id"].tolist(), who.person())
    images = read_images(resources.store(), list(seen))
    rows = pd.DataFrame(
        {
            "digit": [pictures.png_uri(images[each]) if each in images else None for each in shown["id"]],
            "label": shown["label"].astype(str),
            "writer": shown["writer"],
            "batch": shown["kind"],
            "seconds": shown["seconds"].where(shown["seconds"] > 0),  # of what came from a file none may be known
            "marks": shown["marks"].map(", ".join),
            "drawn": [local_time(moment, st.context.timezone) for moment in shown["created_at"]],
        }
    )
    return choose_rows(
        rows,
        shown["id"].tolist(),
        key="my_table",
        row_height=44,
        column_config={
            "digit": st.column_config.ImageColumn("Digit", width=60),
            "label": "Label",
            "writer": "Writer",
            "batch": "Batch",
            "seconds": st.column_config.NumberColumn("Seconds", format="%.2f"),
            "marks": "Marks",
            "drawn": "Drawn",
        },
    )


def edit_drawings(drawing_ids: list[int]) -> None:
    """Offer to relabel, keep, delete or restore the chosen drawings; replay a single one."""
    store = resources.store()
    st.caption(
        f"{len(drawing_ids)} chosen." if drawing_ids else "Choose rows to relabel, delete, restore or replay them."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox("They show a", CLASS_NAMES, index=None, placeholder="digit", key="my_label", width=120)
        button = partial(st.button, disabled=not drawing_ids)
        asked = partial(st.button, disabled=not drawing_ids or label is None)
        asked(
            "Relabel",
            key="my_relabel",
            on_click=_change,
            args=("Relabelled", relabel_drawings, drawing_ids, int(label or 0)),
        )
        button("Marks are fine", key="my_keep", on_click=_change, args=("Marked as fine", keep_drawings, drawing_ids))
        button(
            "Delete",
            key="my_delete",
            on_click=_change,
            args=("Deleted, to be restored under Show", delete_drawings, drawing_ids),
        )
        button("Restore", key="my_restore", on_click=_change, args=("Restored", restore_drawings, drawing_ids))
    if message := st.session_state.pop("my_message", None):
        st.warning(message)
    if done := st.session_state.pop("my_done", None):
        st.success(done, icon=":material/check:")
    if len(drawing_ids) == 1 and seen_drawings.seen_drawings(store, drawing_ids, who.person()):
        with resources.messages():
            strokes = read_strokes(store, drawing_ids[0])
            if strokes:
                st.image(pictures.replay(strokes), "As it was drawn", width=200, alt="The drawing, stroke by stroke")
            else:
                st.caption("It came as a picture: how it was drawn is not known.")


def show_mean_images(wanted: Wanted, count: int) -> None:
    """Show the mean image of each digit.

    Args:
        wanted: Which drawings.
        count: How many they are.
    """
    wanted, count = _seen(wanted, count)
    if not count:
        st.info("The teacher has hidden the drawings of others.")
        return
    means = pictures.montage(read_mean_images(resources.store(), wanted), columns=10)
    caption = f"Mean image of each digit{_of_the_latest(count)}"
    st.image(enlarge(means, 3), caption, width="content", alt="Mean image of each digit")


def show_times(wanted: Wanted, count: int) -> None:
    """Show how long drawings took, by digit and one after the other.

    Args:
        wanted: Which drawings.
        count: How many they are.
    """
    left_out = st.toggle(f"Leave out each writer's first {PRACTICE} digits (practice)", key="my_practice")
    times, names = read_times(resources.store(), wanted, practice=not left_out), hidden_names.hidden()
    seconds = drawing_table.times([replace(each, writer=names.get(each.writer, each.writer)) for each in times])
    st.altair_chart(drawing_charts.seconds_by_digit(seconds), alt="Seconds for each digit")
    st.altair_chart(
        drawing_charts.seconds_over_time(seconds), alt="Seconds from the first drawing of a writer to the last"
    )
    if note := _of_the_latest(count):
        st.caption(f"Seconds{note}.")


def _seen(wanted: Wanted, count: int) -> tuple[Wanted, int]:
    """Return what of these drawings the visitor may look at, and how many they are."""
    own = seen_drawings.narrow(resources.store(), wanted, who.person())
    return own, count if own == wanted else count_wanted(resources.store(), own)


def _change(told: str, change: Callable[..., None], drawing_ids: list[int], *more: object) -> None:
    try:
        change(resources.store(), drawing_ids, *more, by=who.person())
        st.session_state["my_done"] = f"{told}: {len(drawing_ids):,} drawing{'s' * (len(drawing_ids) > 1)}."
    except (ValueError, StoreError) as error:
        st.session_state["my_message"] = str(error)


def _of_the_latest(count: int) -> str:
    return f", of the latest {LATEST:,}" if count > LATEST else ""


def _page(wanted: Wanted, count: int, name: str, size: int) -> pd.DataFrame:
    pages = -(-count // size)
    number = st.pagination(pages, key=f"my_{name}_page") if pages > 1 else 1
    rows = read_page(resources.store(), wanted, (number - 1) * size, size, by_label=name == "by_digit")
    names = hidden_names.hidden()
    return drawing_table.table([replace(row, writer=names.get(row.writer, row.writer)) for row in rows])


def _stack(images: dict[int, Images], rows: pd.DataFrame) -> Images:
    return np.stack([images[drawing_id] for drawing_id in rows["id"]])
