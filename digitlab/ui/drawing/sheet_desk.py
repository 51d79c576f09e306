"""Drawing sheet by sheet: the pad, time and digits left, and the drawings that a quality check asks about."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import streamlit as st

from digitlab.digits import CLASS_NAMES, enlarge
from digitlab.drawing import quality
from digitlab.drawing.clock import in_words
from digitlab.learning import model_files
from digitlab.learning.model_files import ModelError
from digitlab.storage import sheet_saving, sheets
from digitlab.storage.batches import Batch, read_batch
from digitlab.storage.drawing_records import DrawingRow
from digitlab.storage.drawings import (
    delete_drawings,
    read_drawing_rows,
    read_images,
    relabel_drawings,
)
from digitlab.storage.found_drawings import read_latest_images
from digitlab.storage.kept_drawings import keep_drawing, read_kept_traces
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store
from digitlab.ui import curve_trainings, resources, state, who
from digitlab.ui.drawing import sheet_in_hand, sheet_pad
from digitlab.ui.training import choose

_log = logging.getLogger("digitlab.ui")

_ASKED_AT_ONCE = 6  # drawings
_CARD_WIDTH = 148  # px, of a drawing that is asked about: two side by side on a phone
_STAT_WIDTH = 148  # px, fixed: a number that grows must not push the pad down
_COMPARED_WITH = 500  # latest drawings of the writer, to find the same one twice


@dataclass(frozen=True)
class Options:
    """How to draw.

    Attributes:
        cells: On a new sheet.
        columns: Cells side by side; 0: as many as the screen has room for.
        idle_seconds: A longer gap is a break and does not count.
        autosave: Save a sheet as soon as no cell is blank.
    """

    cells: int
    columns: int
    idle_seconds: float
    autosave: bool


def draw_sheets(desk: str, batch: Batch, options: Options) -> None:
    """Let the writer fill sheet after sheet until the batch is drawn.

    Args:
        desk: Prefix of the session-state keys.
        batch: As stored.
        options: For the pad and the clock.
    """
    # The browser may show the pad anew in a run of the whole page, but not in one of the fragment.
    st.session_state[f"{desk}_restore"] = True
    _draw_sheets(desk, batch, options)


def _next_page(batch: Batch) -> None:
    if batch.kind == "test":
        st.page_link("pages/compare.py", label="See what networks read of them", icon=":material/bar_chart:")
        return
    these = {"retrain_what": choose.WHAT[batch.kind], "retrain_writer": batch.writer}
    st.page_link("pages/retrain.py", label="Train on them", icon=":material/model_training:", query_params=these)


@st.fragment
def _draw_sheets(desk: str, batch: Batch, options: Options) -> None:
    store, key = resources.store(), f"{desk}_pad_{batch.id}"
    refused = _store_messages(desk, store, key, batch)
    if refused and not refused.waits:
        state.set_message(desk, refused.why)
    with resources.messages():
        sheet = sheet_in_hand.open_sheet(store, batch, options.cells, options.idle_seconds)
        batch = read_batch(store, batch.id)
        cells = min(options.cells, len(batch.labels) - batch.drawn)
        # Only by whoever asks for another size: a visit alone stores nothing.
        asked = st.session_state.setdefault(f"{desk}_cells_at_first", options.cells) != options.cells
        if asked and sheet and not sheet.begin and not sheet.strokes and len(sheet.labels) != cells:
            sheet_saving.close_empty_sheet(store, sheet.id, by=who.person())
            sheet = sheet_in_hand.open_sheet(store, batch, options.cells, options.idle_seconds)
    stats = st.container()
    if sheet is None and batch.drawn < len(batch.labels):
        st.info("The rest is on the sheet in your other window.")
    elif sheet is None:
        st.success("All drawn.", icon=":material/check:")
        _next_page(batch)
        if state.was_drawn_in(desk, batch.id):  # not for a visit alone
            curve_trainings.begin_after(batch)
    else:
        sheet_pad.draw(
            key,
            sheet,
            more=len(batch.labels) - batch.drawn - len(sheet.labels),
            columns=options.columns,
            autosave=options.autosave,
            restore=st.session_state.pop(f"{desk}_restore", False),
            refused=refused is not None,
        )
    if refused and refused.waits:  # gone with the next message that is stored
        st.warning(f"What you draw waits in this browser, and is stored as soon as that is possible. {refused.why}")
    sheet_in_hand.show_messages(desk, batch, sheet)
    _show_stats(stats, batch, sheet)
    kept = [row for row in read_drawing_rows(store, [batch.id]) if not row.deleted]
    if sheet and (again := _labels_again(sheet, kept)):
        st.info(f"Here again, because their cell was blank or held a dot, or you chose to redraw them: {again}.")
    _show_marked(desk, store, batch.writer_id, kept)


@dataclass(frozen=True)
class _Refused:
    """Why something that the pad sent was not stored, and whether it waits: the pad sends it again."""

    why: str
    waits: bool


def _store_messages(desk: str, store: Store, key: str, batch: Batch) -> _Refused | None:
    """Store what the pad sent; return why some of it was refused, if so."""
    refused = None
    judge = partial(_check_quality, store, batch.writer_id)
    for message in sheet_pad.last_messages(key):
        try:
            stored = sheet_saving.store_message(store, message, judge, by=who.person(), planned=sheet_pad.planned(key))
            if stored.drawing_ids:
                state.note_saved(desk, batch.id)
        except (ValueError, StoreError) as error:
            _log.warning("Refused: a message of a pad of writer %d (%s).", batch.writer_id, type(error).__name__)
            refused = _Refused(str(error), isinstance(error, StoreError))
            if refused.waits:  # what comes later must not be acknowledged before it
                return refused
    return refused


def _check_quality(store: Store, writer_id: int, drawings: Sequence[quality.DrawnDigit]) -> list[list[str]]:
    """Return the marks of each drawing: what a quality check asks about it, often nothing."""
    if not drawings:
        return []
    images = np.stack([drawing.digit for drawing in drawings])
    try:
        probabilities = resources.predictor(model_files.REFERENCE).predict(images)
    except ModelError:  # the check that needs a model is left out, the others are not
        probabilities = None
    kept = cache(partial(read_kept_traces, store, writer_id))
    return quality.check(drawings, read_latest_images(store, writer_id, _COMPARED_WITH), probabilities, kept)


def _show_stats(place: st.delta_generator.DeltaGenerator, batch: Batch, sheet: sheets.Sheet | None) -> None:
    filled = len({stroke.cell for stroke in sheet.strokes}) if sheet else 0
    active = batch.seconds + (sheet.time.active if sheet else 0.0)
    done, target = batch.drawn + filled, len(batch.labels)
    left = active / done * (target - done) if done else None
    numbers = {
        "Digits": f"{done} of {target}",
        "Digits a minute": f"{60 * done / active:.0f}" if done and active else "\N{EN DASH}",
        "Your time": in_words(active),
        "Time left": "\N{EN DASH}" if left is None else in_words(left),
    }
    row = place.container(horizontal=True)
    for name, value in numbers.items():
        row.markdown(f"{name}\n#### {value}", width=_STAT_WIDTH)


def _labels_again(sheet: sheets.Sheet, kept: Sequence[DrawingRow]) -> str:
    """List the labels of a sheet that an earlier sheet asked for already."""
    last = max((row.position for row in kept), default=-1)
    return ", ".join(
        str(label) for label, position in zip(sheet.labels, sheet.positions, strict=True) if position < last
    )


def _show_marked(desk: str, store: Store, writer_id: int, kept: Sequence[DrawingRow]) -> None:
    """Show the first drawings with a mark: keep, redraw or relabel each."""
    waiting = [row for row in kept if row.marks]
    marked = [waiting[place] for place in quality.to_ask([(row.label, row.marks) for row in waiting])]
    if not marked:
        return
    st.markdown(f"**Please look at {len(marked)}:** keep, say what it is, or draw it again on a later sheet.")
    images = read_images(store, [row.id for row in marked[:_ASKED_AT_ONCE]])
    cards = st.container(horizontal=True)
    for row in marked[:_ASKED_AT_ONCE]:
        with cards.container(border=True, width=_CARD_WIDTH):
            st.image(enlarge(images[row.id], 4), width="stretch", alt=f"A {row.label}, as it was drawn")
            st.markdown(f":orange-background[**{row.label}**: {', '.join(row.marks)}]")
            key = f"{desk}_{row.id}"
            st.button(
                "Keep",
                key=f"{key}_keep",
                on_click=_keep,
                args=(store, writer_id, row, waiting),
                width="stretch",
            )
            st.button(
                "Redraw",
                key=f"{key}_redraw",
                on_click=_change,
                args=(delete_drawings, store, row.id),
                width="stretch",
            )
            st.selectbox(
                "It is a",
                CLASS_NAMES,
                index=None,
                placeholder="0-9",
                key=f"{key}_label",
                on_change=_relabel,
                args=(store, row.id, f"{key}_label"),
            )


def _keep(store: Store, writer_id: int, row: DrawingRow, waiting: Sequence[DrawingRow]) -> None:
    with resources.messages():
        keep_drawing(store, writer_id, row, waiting, by=who.person())


def _change(change: Callable[..., None], store: Store, drawing_id: int, *more: object) -> None:
    with resources.messages():
        change(store, [drawing_id], *more, by=who.person())


def _relabel(store: Store, drawing_id: int, key: str) -> None:
    if st.session_state[key] is not None:
        _change(relabel_drawings, store, drawing_id, int(st.session_state[key]))
