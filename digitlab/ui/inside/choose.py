"""Choose the network to look into, and the digit to look at it with."""

import numpy as np
import streamlit as st

from digitlab.comparison.runs import unique_names
from digitlab.digits import enlarge
from digitlab.drawing.strokes import check_size
from digitlab.learning import model_files
from digitlab.learning.inside.specimen import Specimen, from_picture, from_strokes
from digitlab.run import Run
from digitlab.storage.batches import Batch
from digitlab.storage.datasets import read_digits_of, read_labels
from digitlab.storage.drawings import read_strokes_of
from digitlab.ui import hidden_names, query_params, resources, who
from digitlab.ui.drawing import canvas

_SOURCES = {"mnist": "MNIST's test digits", "draw": "Draw one", "mine": "My drawings"}
_SHOWN = 10  # screen pixels of a pixel of the digit: 280 px, as large as the canvas


def run_input() -> Run:
    """Ask which run to look into: the reference model first, then the newest."""
    with resources.messages():
        reference = model_files.load_card(model_files.REFERENCE)
    runs = unique_names([reference, *hidden_names.named(resources.runs())])
    by_id = {run.id: run for run in [runs[0], *runs[:0:-1]]}
    chosen = query_params.choice(
        st.selectbox, "Network", list(by_id), key="inside_run", show=lambda run_id: by_id[run_id].name
    )
    return by_id[chosen]


def specimen_input(run: Run) -> Specimen | None:
    """Ask for a digit, and show it.

    Args:
        run: Whose mistakes can be chosen.

    Returns:
        The digit; None as long as there is none.
    """
    source = query_params.choice(
        st.segmented_control, "Digit", list(_SOURCES), key="inside_source", show=_SOURCES.__getitem__
    )
    if source == "draw":
        return _drawn_now()
    with st.container():
        specimen = _of_mnist(run) if source == "mnist" else _drawn_before()
        if specimen:
            st.image(
                enlarge(specimen.digit, _SHOWN), width=canvas.CANVAS_SIZE, alt=f"The digit, meant as a {specimen.label}"
            )
    return specimen


def _drawn_now() -> Specimen | None:
    strokes = canvas.draw("inside_pad")
    with st.container(horizontal=True):
        canvas.undo_button("inside_pad", shortcut=None)
        canvas.redo_button("inside_pad", shortcut=None)
        canvas.clear_button("inside_pad")
    if not strokes:
        return None
    try:
        return from_strokes(check_size(strokes, canvas.CANVAS_SIZE), canvas.CANVAS_SIZE)
    except ValueError as error:
        st.warning(str(error))
        return None


def _of_mnist(run: Run) -> Specimen:
    images, labels = resources.test_digits()
    wrong = [mistake.index for mistake in run.tests["mnist"].mistakes if mistake.index < len(images)]
    place = query_params.number(
        st.number_input, "Number of the digit", 0, len(images) - 1, 0, key="inside_mnist", width=160
    )
    with st.container(horizontal=True):
        st.button("Another", key="inside_another", on_click=_go_to_another, args=(len(images),))
        st.button(
            "One it reads wrong", key="inside_wrong", disabled=not wrong, on_click=_go_to_next, args=(place, wrong)
        )
    return from_picture(images[place], int(labels[place]))


def _drawn_before() -> Specimen | None:
    by_id = {batch.id: batch for batch in who.own_batches()[::-1] if batch.drawn}
    if not by_id:
        st.info("Nothing is drawn yet.")
        st.page_link("pages/draw_one.py", label="Draw one of each digit", icon=":material/draw:")
        return None
    batch_id = st.selectbox("Batch", list(by_id), key="inside_batch", format_func=lambda key: _title(by_id[key]))
    ids, labels = read_labels(resources.store(), [batch_id])
    if not len(ids):
        st.info("These drawings were deleted.")
        return None
    place = st.number_input("Number of the drawing", 1, len(ids), key=f"inside_drawing_{batch_id}", width=160) - 1
    strokes = read_strokes_of(resources.store(), [int(ids[place])])[0]
    label = int(labels[place])
    if strokes:
        return from_strokes(strokes, label=label)
    return from_picture(read_digits_of(resources.store(), ids[place : place + 1])[0], label)


def _title(batch: Batch) -> str:
    kinds = {"one": "one of each", "full": "full batch", "test": "own test digits"}
    return f"{batch.writer}: {kinds.get(batch.kind, batch.kind)}, {batch.drawn} drawings (batch {batch.id})"


def _go_to_another(count: int) -> None:
    st.session_state["inside_mnist"] = int(np.random.default_rng().integers(count))


def _go_to_next(place: int, wrong: list[int]) -> None:
    later = [index for index in wrong if index > place]
    st.session_state["inside_mnist"] = min(later or wrong)
