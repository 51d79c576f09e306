"""Try a model on a drawing: the prediction, all ten probabilities, and each step from ink to digit."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from digitlab.comparison import drawing_charts
from digitlab.digits import CLASS_NAMES, Labels, enlarge, with_article
from digitlab.drawing.preprocess import DigitSteps
from digitlab.drawing.strokes import check_size, stroke_steps
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import ModelError
from digitlab.learning.reader import add_vote
from digitlab.look import percent
from digitlab.run import Run
from digitlab.ui import hidden_names, resources
from digitlab.ui.drawing import canvas
from digitlab.ui.inside import no_digit
from digitlab.ui.plain import in_plain


def try_guess(page: str, guess: Callable[[int], Labels]) -> None:
    """Let the visitor draw, and guess a digit without looking at the drawing.

    Args:
        page: Prefix of the widget keys.
        guess: Takes how many digits have been guessed so far; returns the guess, an integer array of shape (1,).
    """
    strokes = _show_canvas(page)
    key = f"{page}_guesses"
    if st.button("Guess at random", key=f"{page}_guess", disabled=not strokes):
        st.session_state[key] = st.session_state.get(key, 0) + 1
        st.markdown(f"The random guess: **{guess(st.session_state[key])[0]}**. It did not look at your drawing.")


@st.fragment
def try_model(page: str, model_id: str | None) -> None:
    """Let the visitor draw, and show what a model predicts.

    Args:
        page: Prefix of the widget keys.
        model_id: Id of the run whose model predicts. For None, or if that model cannot be read, the reference model.
    """
    slot = st.container()
    predictor, run = _load(slot, model_id)
    left, right = st.columns([2, 3], gap="large")
    with left:
        strokes = _show_canvas(page)
        st.caption(f"Asked: {in_plain(hidden_names.in_text(run.name)) if run else 'no model'}")
    if not strokes or predictor is None or run is None:
        # An element in the place of each of the two below. Were nothing written there, Streamlit might leave the old
        # answer: it forgets to take it away when a run is followed at once by another one, as while a training runs.
        right.empty()
        st.empty()
        return
    answer, explanation = right.container(), st.container()
    try:
        steps = stroke_steps(check_size(strokes, canvas.CANVAS_SIZE))
    except ValueError as error:
        answer.warning(str(error))  # not above the canvas: it would move under the pen
        return
    probabilities = predictor.predict(steps.digit[None])[0]
    with answer:
        st.markdown(f"### This is {with_article(int(probabilities.argmax()))} ({percent(probabilities.max(), 0)})")
        frame = pd.DataFrame({"digit": CLASS_NAMES, "probability": probabilities})
        st.altair_chart(
            drawing_charts.probabilities(frame), key=f"{page}_probabilities", alt="Probability of each digit"
        )
        if run.train and (reader := resources.reader(run.train.batch_ids)):
            mine = add_vote(reader, [strokes], probabilities[None])[0]
            st.markdown(
                f"**Your reader: a {mine.argmax()}.** It also compares with the drawings this network was trained on, "
                "stroke by stroke: right for whoever drew them, not for others."
            )
        no_digit.note(steps.digit, run)
    with explanation:
        _show_steps(steps)


def _show_canvas(page: str) -> list[npt.NDArray[np.float64]]:
    strokes = canvas.draw(f"{page}_try")
    with st.container(horizontal=True):
        canvas.undo_button(f"{page}_try", shortcut=None)
        canvas.redo_button(f"{page}_try", shortcut=None)
        canvas.clear_button(f"{page}_try")
    return strokes


def _load(slot: st.delta_generator.DeltaGenerator, model_id: str | None) -> tuple[Predictor | None, Run | None]:
    """Return a model and its run; if it cannot be read, say so and return the reference model."""
    if model_id:
        try:
            return resources.predictor(model_id), model_files.load_card(model_id, resources.store())
        except ModelError as error:
            slot.error(f"{error} Until then the reference model answers.")
    try:
        return resources.predictor(model_files.REFERENCE), model_files.load_card(model_files.REFERENCE)
    except ModelError as error:
        slot.error(str(error))
        return None, None


def _show_steps(steps: DigitSteps) -> None:
    st.markdown("**From ink to digit**, as MNIST was made")
    row, column = steps.offset
    pictures = {
        "1. Your lines, drawn anew with MNIST's pen": steps.ink.astype(np.uint8),
        "2. Averaged to 20x20 pixels": enlarge(steps.box, 4),
        f"3. Pasted at row {row}, column {column}: its centre of mass is in the middle": enlarge(steps.digit, 4),
    }
    for place, (caption, picture) in zip(st.columns(3), pictures.items(), strict=True):
        place.image(picture, caption, width=168, alt=caption)
