"""Two runs on the same digits: which is better, what each confuses, and the digits behind a cell."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from digitlab.comparison import run_charts
from digitlab.comparison.pairs import Pair, pair
from digitlab.comparison.runs import confusion_cells
from digitlab.digits import enlarge
from digitlab.drawing import pictures
from digitlab.learning.evaluation import confusion_matrix
from digitlab.run import Run
from digitlab.storage.digit_sets import MNIST, DigitSet
from digitlab.storage.drawings import read_strokes
from digitlab.ui import hidden_names, query_params, resources, tested
from digitlab.ui.plain import in_plain
from digitlab.ui.training import help_texts

_SHOWN = 12  # digits of a cell


@st.fragment
def show(runs: Sequence[Run]) -> None:
    """Let the visitor choose two runs and digits, and compare them.

    Args:
        runs: On offer, with names that tell them apart.
    """
    by_name = {run.name: run for run in runs if run.is_network}
    if len(by_name) < 2:
        st.info("Two trained networks are needed for this; train another one, or choose more rows above.")
        return
    sets = {digits.title: digits for digits in hidden_names.sets()}
    names = list(by_name)
    places = st.columns(3)
    with places[0]:
        first = query_params.choice(st.selectbox, "First run", names, key="versus_first", default=names[-1])
    with places[1]:
        second = query_params.choice(st.selectbox, "Second run", names, key="versus_second", default=names[-2])
    with places[2]:
        title = query_params.choice(st.selectbox, "On which digits", list(sets), key="versus_digits")
    compared = pair(by_name[first], by_name[second], resources.runs(), sets[title], tested.predictions)
    if first == second:
        st.info("Choose two different runs.")
    elif compared is None:
        st.info("They cannot be compared here: one was trained on all of these digits, or its model file is gone.")
    else:
        _show(compared, first, second)


def _show(compared: Pair, first: str, second: str) -> None:
    (st.success if compared.test.significant else st.info)(compared.test.in_words(in_plain(first), in_plain(second)))
    st.caption(f"{help_texts.CONFUSION} A click on a cell shows its digits; a double click lets go of it.")
    for place, side, name, predictions in zip(
        st.columns(2), ("first", "second"), (first, second), (compared.first, compared.second), strict=True
    ):
        with place:
            right = int((predictions == compared.digits.labels).sum())
            st.markdown(f"**{in_plain(name)}**: {right:,} of {len(compared.digits):,} right")
            counts = confusion_matrix(compared.digits.labels, predictions)
            chart = run_charts.confusion_matrix(confusion_cells(counts.tolist()), choose=True)
            key = f"versus_{side}_{name}_{compared.digits.key}"  # of other runs or digits nothing is chosen yet
            event = st.altair_chart(chart, key=key, on_select="rerun")
            for cell in list(event["selection"].get("cell", []))[:1]:  # an empty dict while none is chosen
                label, prediction = int(cell["label"]), int(cell["prediction"])
                chosen = (compared.digits.labels == label) & (predictions == prediction)
                _show_cell(compared.digits.only(chosen), label, prediction)


def _show_cell(digits: DigitSet, label: int, prediction: int) -> None:
    """Show digits of a cell; of drawn ones how they were drawn."""
    how = "read right" if label == prediction else f"read as {prediction}"
    st.markdown(f"**{label}**, {how}: {min(_SHOWN, len(digits))} of {len(digits)}")
    if not digits.shown:
        st.info("The teacher has hidden the drawings of others.")
        return
    images = [enlarge(image, 3) for image in digits.images[:_SHOWN]]
    if not images:
        return
    st.image(images, width=84, alt=[f"A {label}, {how}"] * len(images))
    if digits.key != MNIST:
        st.markdown("How they were drawn:")
        with resources.messages():
            replays = _replays(digits.drawing_ids[:_SHOWN])
            st.image(replays, width=84, alt=[f"A {label} as it was drawn"] * len(replays))


def _replays(drawing_ids: npt.NDArray[np.int64]) -> list[bytes]:
    store = resources.store()
    return [pictures.replay(read_strokes(store, int(drawing_id)), size=84) for drawing_id in drawing_ids]
