"""Drawing digit by digit: prompt, canvas, clock, thumbnails. What is saved is on disk before the page shows it."""

import time
from collections.abc import Sequence

import streamlit as st

from digitlab.digits import enlarge
from digitlab.drawing.clock import IDLE_SECONDS, active_seconds, in_words
from digitlab.drawing.strokes import check_size, strokes_to_digit
from digitlab.storage import batches
from digitlab.storage.batches import Batch, read_batch, read_batches
from digitlab.storage.drawings import Drawing, read_drawings, save_drawing
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer, read_writers
from digitlab.ui import resources, state
from digitlab.ui.drawing import canvas

_THUMBNAILS = 10  # of the last drawings, in one row


def save_and_find_batch(desk: str, writer: str, kind: str) -> Batch | None:
    """Store the drawing of the last click on Save, then return the writer's newest batch of this kind, to go on with.

    Args:
        desk: Prefix of the session-state keys, one per canvas.
        writer: Name.
        kind: One of `digitlab.storage.batches.KINDS`.

    Returns:
        The batch; None if the writer has none of this kind.
    """
    store = resources.store()
    state.set_message(desk, _save(desk, store))
    known = {name: writer_id for writer_id, name in read_writers(store).items()}
    found = read_batches(store, known[writer], (kind,)) if writer in known else []
    return found[-1] if found else None


def start_batch(writer: str, kind: str, labels: Sequence[int], seed: int) -> Batch:
    """Begin a batch; arguments as for `storage.batches.start_batch`, the writer by name."""
    with resources.messages():
        store = resources.store()
        writer_id = add_writer(store, writer)
        batches.start_batch(store, writer_id, kind, labels, seed)
        return read_batches(store, writer_id, (kind,))[-1]


def draw_batch(desk: str, batch: Batch) -> None:
    """Let the writer draw what is missing in a batch, one digit after the other.

    Args:
        desk: Prefix of the session-state keys, one per canvas.
        batch: As stored.
    """
    store = resources.store()
    drawings = {drawing.position: drawing for drawing in read_drawings(store, [batch.id])}
    again = state.redrawn_prompt(desk)
    missing = [position for position in range(len(batch.labels)) if position not in drawings]
    if again and again[0] == batch.id:
        missing = [again[1], *missing]
    st.progress(len(drawings) / len(batch.labels), f"{len(drawings)} of {len(batch.labels)} drawn")
    left, right = st.columns([3, 2], gap="large")
    if missing:
        with left:
            _show_prompt(desk, batch, missing[0])
    with right:
        st.fragment(_show_clock, run_every=1.0 if missing else None)(desk, batch.id, running=bool(missing))
        # Not above the canvas: it would move under the pen when the message comes, and again when it goes.
        if message := state.message(desk):
            st.warning(message)
    if not missing:
        left.success("All drawn.", icon=":material/check:")
        left.page_link("pages/retrain.py", label="Train on them", icon=":material/model_training:")
    _show_thumbnails(desk, sorted(drawings.values(), key=lambda drawing: drawing.id)[-_THUMBNAILS:])


def _show_prompt(desk: str, batch: Batch, position: int) -> None:
    if state.set_shown_prompt(desk, (batch.id, position)):
        canvas.clear(desk)  # strokes for another prompt (another writer, draw again) must not be saved for this one
    st.markdown(f"## Draw a {batch.labels[position]}")
    strokes = canvas.draw(desk, label=f"Canvas: draw a {batch.labels[position]}")
    state.note_strokes(desk, len(strokes))
    with st.container(horizontal=True):
        canvas.save_button(desk, "Save and next")
        canvas.undo_button(desk)
        canvas.redo_button(desk)
        canvas.clear_button(desk)


def _save(desk: str, store: Store) -> str | None:
    """Store the drawing of the last click on Save; return why it was not stored, if so.

    A drawing that the database refuses is kept and tried again with the next click.
    """
    unsaved = state.unsaved(desk)
    strokes, prompt = canvas.take(desk), state.shown_prompt(desk)
    if strokes and prompt:
        try:
            digit = strokes_to_digit(check_size(strokes, canvas.CANVAS_SIZE))
        except ValueError as error:
            return str(error)
        unsaved.append((prompt, strokes, digit, active_seconds([*state.moments(desk), time.time()])))
        state.redraw_prompt(desk, None)
    while unsaved:
        try:
            save_drawing(store, *unsaved[0])
        except StoreError as error:
            return f"{error} Your drawing is kept here and saved with the next click."
        unsaved.pop(0)
    return None


def _show_clock(desk: str, batch_id: int, *, running: bool) -> None:
    seconds = read_batch(resources.store(), batch_id).seconds
    if running:
        seconds += active_seconds([*state.moments(desk), time.time()])
    st.metric("Your time", in_words(seconds))
    st.caption(
        f"From the prompt to Save, thinking included. A pause longer than {IDLE_SECONDS:.0f} s is a break and does not "
        "count. A digit drawn again costs its time again."
    )


def _show_thumbnails(desk: str, drawings: list[Drawing]) -> None:
    for place, drawing in zip(st.columns(_THUMBNAILS), drawings, strict=False):
        place.image(enlarge(drawing.digit, 4), str(drawing.label), width="stretch")
        place.button(
            "",
            icon=":material/redo:",
            key=f"{desk}_again_{drawing.position}",
            help=f"Draw this {drawing.label} again",
            on_click=state.redraw_prompt,
            args=(desk, (drawing.batch_id, drawing.position)),
        )
