"""Drawing digit by digit: prompt, canvas, clock, thumbnails. What is saved is on disk before the page shows it."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from digitlab.digits import NUM_CLASSES, enlarge, with_article
from digitlab.drawing.clock import IDLE_SECONDS, active_seconds, in_words
from digitlab.drawing.strokes import check_size, strokes_to_digit
from digitlab.storage import batches
from digitlab.storage.batches import Batch, read_batch, read_batches
from digitlab.storage.drawing_records import Drawing, PromptTakenError
from digitlab.storage.drawings import read_drawings, save_drawing
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer, read_writers
from digitlab.ui import resources, state, who, windows
from digitlab.ui.drawing import canvas
from digitlab.ui.plain import in_plain

WINDOWS = "You are drawing in another window too. Each window has digits of its own; nothing is mixed."
_THUMBNAILS = 10  # of the last drawings
_THUMBNAIL_WIDTH = 64  # px: five side by side on a phone


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
    _save(desk, store)
    return _newest_batch(store, writer, kind)


def start_batch(writer: str, kind: str, labels: Sequence[int], seed: int) -> Batch:
    """Begin a batch; arguments as for `storage.batches.start_batch`, the writer by name."""
    with resources.messages():
        store = resources.store()
        writer_id = add_writer(store, writer, who.person())
        batches.start_batch(store, writer_id, kind, labels, seed, by=who.person())
        return read_batches(store, writer_id, (kind,))[-1]


def one_of_each(writer: str) -> Batch:
    """Return the batch that a writer's first drawing begins: looking at a page stores nothing."""
    return Batch(0, 0, writer, "one", tuple(range(NUM_CLASSES)), 0, "", 0, 0.0)


def draw_batch(desk: str, batch: Batch) -> bool:
    """Let the writer draw what is missing in a batch, one digit after the other.

    Args:
        desk: Prefix of the session-state keys, one per canvas.
        batch: As stored, or `one_of_each`.

    Returns:
        Whether all is drawn: then nothing is shown.
    """
    store = resources.store()
    drawings = {drawing.position: drawing for drawing in read_drawings(store, [batch.id])}
    prompts = (desk, batch.writer, batch.kind)
    prompt = _next_prompt(desk, batch, drawings, windows.others(prompts))
    if prompt is None:
        return True
    windows.take(prompts, prompt.position, from_others=True)
    st.progress(len(drawings) / len(batch.labels), f"{len(drawings)} of {len(batch.labels)} drawn")
    left, right = st.columns([3, 2], gap="large")
    with left:
        _show_prompt(desk, prompt)
    with right:
        st.fragment(_show_clock, run_every=1.0)(desk, batch.id)
        # Not above the canvas: it would move under the pen when the message comes, and again when it goes.
        _show_messages(desk, batch, prompt, elsewhere=bool(windows.others(prompts)))
    show_thumbnails(desk, batch)
    return False


def _newest_batch(store: Store, writer: str, kind: str) -> Batch | None:
    known = {name: writer_id for writer_id, name in read_writers(store).items()}
    found = read_batches(store, known[writer], (kind,)) if writer in known else []
    return found[-1] if found else None


def _next_prompt(
    desk: str, batch: Batch, drawings: Mapping[int, Drawing], elsewhere: Collection[int]
) -> state.Prompt | None:
    """Return what to draw now: what the ink in hand was made for, what is to be drawn again, or what is missing."""
    shown = state.shown_prompt(desk)
    if shown and canvas.has_ink(desk):
        return shown
    again = state.redrawn_prompt(desk)
    if again and again.batch_id == batch.id:
        return again
    missing = [position for position in range(len(batch.labels)) if position not in drawings]
    free = [position for position in missing if position not in elsewhere] or missing
    return state.Prompt(batch.writer, batch.id, free[0], batch.labels[free[0]]) if free else None


def _show_prompt(desk: str, prompt: state.Prompt) -> None:
    if state.set_shown_prompt(desk, prompt):
        canvas.clear(desk)
    st.markdown(f"## Draw {with_article(prompt.label)}")
    strokes = canvas.draw(desk, label=f"Canvas: draw a {prompt.label}")
    state.note_strokes(desk, len(strokes))
    with st.container(horizontal=True):
        canvas.save_button(desk, "Save and next")
        canvas.undo_button(desk)
        canvas.redo_button(desk)
        canvas.clear_button(desk)


def _show_messages(desk: str, batch: Batch, prompt: state.Prompt, *, elsewhere: bool) -> None:
    if message := state.message(desk):
        st.warning(message)
        st.button("I have read it", key=f"{desk}_read", on_click=state.set_message, args=(desk, None))
    again = state.redrawn_prompt(desk)
    if prompt.writer != batch.writer:
        st.info(f"This {prompt.label} is still {in_plain(prompt.writer)}'s: save or clear it first.")
    elif again and again != prompt:
        st.info(f"Save or clear this {prompt.label} first, then draw the {again.label} again.")
    if elsewhere:
        st.info(WINDOWS, icon=":material/select_window:")


def _save(desk: str, store: Store) -> None:
    """Store the drawing of the last click on Save, or keep a message that says why it is not stored.

    A drawing that the database refuses is kept and tried again with the next click.
    """
    unsaved = state.unsaved(desk)
    strokes, prompt = canvas.take(desk), state.shown_prompt(desk)
    if strokes and prompt:
        try:
            digit = strokes_to_digit(check_size(strokes, canvas.CANVAS_SIZE))
        except ValueError as error:
            state.set_message(desk, str(error))
            return
        seconds = active_seconds([*state.moments(desk), time.time()])
        unsaved.append(state.Unsaved(prompt, strokes, digit, seconds))
        if prompt == state.redrawn_prompt(desk):
            state.redraw_prompt(desk, None)
        state.restart_moments(desk)
    stored: dict[state.Prompt, int] = {}  # what waited for the database may be there twice: the later one counts
    while unsaved:
        first = unsaved[0]
        prompt, replaces = first.prompt, stored.get(first.prompt, first.prompt.replaces)
        try:
            place = (prompt.batch_id or _begin_batch(store, prompt.writer), prompt.position)
            stored[prompt] = save_drawing(
                store, place, first.strokes, first.digit, first.seconds, replaces=replaces, by=who.person()
            )
        except PromptTakenError as error:
            state.set_message(desk, _keep_beside(desk, replace(prompt, replaces=error.drawing_id)))
        except StoreError as error:
            state.set_message(desk, f"{error} Your drawing is kept here and saved with the next click.")
            return
        except ValueError as error:  # a name that cannot be kept, another's batch, a frozen class
            state.set_message(desk, str(error))
            canvas.put_back(desk)
        else:
            state.set_message(desk, None)
            state.note_saved(desk, place[0])
        unsaved.pop(0)


def _begin_batch(store: Store, writer: str) -> int:
    """Return the id of the batch that a first drawing is for; another window may have begun it."""
    batch = _newest_batch(store, writer, "one")
    if batch:
        return batch.id
    writer_id = add_writer(store, writer, who.person())
    return batches.start_batch(store, writer_id, "one", range(NUM_CLASSES), 0, by=who.person())


def _keep_beside(desk: str, prompt: state.Prompt) -> str:
    """Put a drawing back on the canvas whose prompt was drawn in another window meanwhile; return what to say."""
    state.set_shown_prompt(desk, prompt)
    canvas.put_back(desk)
    return (
        f"This {prompt.label} was drawn in another window meanwhile, and that one is kept. Yours is still on the "
        "canvas: save it once more to put it in the other's place, or clear it to go on."
    )


def _show_clock(desk: str, batch_id: int) -> None:
    with resources.messages():  # somebody may have erased the batch meanwhile
        seconds = read_batch(resources.store(), batch_id).seconds if batch_id else 0.0
    seconds += active_seconds([*state.moments(desk), time.time()])
    st.metric("Your time", in_words(seconds))
    st.caption(
        f"From the prompt to Save, thinking included. A pause longer than {IDLE_SECONDS:.0f} s is a break and does not "
        "count. A digit drawn again costs its time again."
    )


def show_thumbnails(desk: str, batch: Batch) -> None:
    """Show the last ten drawings of a batch, each with a button to draw it again."""
    drawings = read_drawings(resources.store(), [batch.id])[-_THUMBNAILS:]
    row = st.container(horizontal=True, gap="xsmall")
    if drawings:  # on a touch screen nothing else says what the buttons do
        st.caption("Press a number to draw that digit again.")
    for drawing in drawings:
        place = row.container(width=_THUMBNAIL_WIDTH, gap="xsmall")
        place.image(enlarge(drawing.digit, 4), width=_THUMBNAIL_WIDTH, alt=f"Your {drawing.label}")
        place.button(
            str(drawing.label),
            icon=":material/redo:",
            key=f"{desk}_again_{drawing.position}",
            help=f"Draw this {drawing.label} again",
            width="stretch",
            on_click=state.redraw_prompt,
            args=(desk, state.Prompt(batch.writer, batch.id, drawing.position, drawing.label, drawing.id)),
        )
