"""What a network makes of a digit: the answer and how sure it is, what mattered, the units, the nearest digits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from digitlab.comparison import drawing_charts, inside_charts
from digitlab.digits import CLASS_NAMES, IMAGE_SIZE, Images, enlarge, with_article
from digitlab.drawing.pictures import montage
from digitlab.learning.inside import units
from digitlab.learning.inside.likeness import nearest
from digitlab.learning.inside.specimen import Specimen
from digitlab.learning.inside.sureness import sureness
from digitlab.learning.inside.units import Unit
from digitlab.learning.reader import add_vote
from digitlab.look import percent
from digitlab.run import Run
from digitlab.storage import seen_drawings
from digitlab.ui import resources, who
from digitlab.ui.inside import findings, no_digit

_UNITS = 8  # shown
_EXCITING = 4  # digits that excite a unit most
_NEAREST = 6
_ENLARGED = 4


def show_answer(run: Run, specimen: Specimen) -> int:
    """Show the answer, its probabilities and how sure that is; return the answer."""
    probabilities = resources.predictor(run.id).predict(specimen.digit[None])[0]
    tested = findings.test_probabilities(run)
    _, y_test = resources.test_digits()
    sure = sureness(probabilities, tested, y_test[: len(tested)])
    meant = "" if specimen.label in (None, sure.answer) else f"**It is meant to be a {specimen.label}.** "
    second = percent(sure.second_probability) if sure.second_probability >= 0.001 else f"less than {percent(0.001)}"
    st.markdown(f"### This is {with_article(sure.answer)} ({percent(sure.probability, 0)})")
    st.markdown(f"{meant}The next likeliest is a {sure.second}, with {second}.")
    frame = pd.DataFrame({"digit": CLASS_NAMES, "probability": probabilities})
    st.altair_chart(
        drawing_charts.probabilities(frame), key="inside_probabilities", alt="Probability of each of the ten digits"
    )
    if sure.as_sure:
        st.caption(
            f"How much that is worth: of {len(tested):,} of MNIST's test digits this network read {sure.as_sure:,} "
            f"with at least this probability, and {percent(sure.right / sure.as_sure)} of those rightly."
        )
    else:
        st.caption(f"It was so sure of none of {len(tested):,} of MNIST's test digits.")
    if run.train and specimen.strokes and (reader := resources.reader(run.train.batch_ids)):
        mine = add_vote(reader, [specimen.strokes], probabilities[None])[0]
        st.markdown(f"**Your reader: a {mine.argmax()}.** It also compares stroke by stroke with the drawings.")
    no_digit.note(specimen.digit, run)
    return sure.answer


def show_what_mattered(run: Run, specimen: Specimen, answer: int) -> None:
    """Show which parts of the digit spoke for an answer and which against it."""
    st.markdown(
        "Small squares of the digit are covered one after the other. **Blue:** without this part the network would be "
        "less sure: it spoke for the answer. **Orange:** it would be surer: this part spoke against it."
    )
    asked = st.segmented_control(
        "For or against which answer?",
        CLASS_NAMES,
        default=str(answer),
        required=True,
        key=f"inside_answer_{specimen.version}_{run.id}",
    )
    effect = findings.effect(run, specimen, int(asked))
    row, column = np.divmod(np.arange(IMAGE_SIZE**2), IMAGE_SIZE)
    frame = pd.DataFrame(
        {"row": row, "column": column, "ink": specimen.digit.ravel() / 255, "effect": effect.ravel().round(3)}
    )
    st.altair_chart(
        inside_charts.effect_map(frame),
        width="content",
        key="inside_effect",
        alt=f"Which parts of the digit spoke for {with_article(int(asked))} and which against it",
    )
    st.caption(
        f"The strongest part changes the odds of a {asked} {_factor(float(np.abs(effect).max()))}. White: covering it "
        "changes nothing."
    )


def show_units(run: Run, specimen: Specimen, answer: int) -> None:
    """Show which hidden units fire, and what each has learnt to like."""
    network = resources.open_network(run.id)
    layers = len(network.dense) - 1
    if not layers or run.settings is None:
        st.info("This network has no hidden units: each of its ten answers weighs what it is given by itself.")
        if run.settings and units.sees_pixels(run.settings):
            st.markdown("What each answer likes: **blue** pixels speak for it, **orange** ones against it.")
            _show_tiles(units.weight_tiles(network), [Unit(0, number, 1, None) for number in range(10)], [*CLASS_NAMES])
        return
    layer = 0
    if layers > 1:
        layer = st.segmented_control(
            "Hidden layer", range(layers), default=layers - 1, required=True, key="inside_layer", format_func=_ordinal
        )
    fires = network.look(specimen.digit[None]).hidden[layer][0]
    loud = units.loudest(network, specimen.digit, layer, answer, _UNITS)
    st.markdown(
        f"**{units.count_firing(fires)} of {len(fires)} hidden units fire** at this digit, the others are (nearly) "
        "silent. A unit fires when it sees what it has learnt to like. These are the loudest:"
    )
    captions = [_describe(unit, answer) for unit in loud]
    if layer == 0 and units.sees_pixels(run.settings):
        _show_tiles(units.weight_tiles(network), loud, captions)
        straightened = " The network straightens digits before it looks." if run.settings.straighten else ""
        st.caption(
            f"What each has learnt to like: ink on **blue** makes it fire, ink on **orange** silences it.{straightened}"
        )
        return
    at_test_digits = findings.units_at_test_digits(run)[layer]
    images, _ = resources.test_digits()
    pictures: list[Images] = [
        enlarge(montage(images[units.most_exciting(at_test_digits, unit.number, _EXCITING)], 2), 2) for unit in loud
    ]
    _show_pictures(pictures, captions)
    st.caption(
        f"What each has learnt to like: the {_EXCITING} of {len(at_test_digits):,} of MNIST's test digits at which it "
        "fires most. Its weights cannot be shown as a picture: it is not given pixels."
    )


def show_nearest(run: Run, specimen: Specimen) -> None:
    """Show the digits trained on that are most like this one."""
    trained_on = run.train.batch_ids if run.train else ()
    if seen_drawings.seen_batches(resources.store(), trained_on, who.person()) != tuple(trained_on):
        st.info("This network was trained on drawings of others, too, and the teacher has hidden them.")
        return
    try:
        with st.spinner("Looking through the digits it was trained on", show_time=False):
            images, labels, blurred = findings.training_digits(run)
    except ValueError as error:
        st.info(f"The drawings it was trained on are gone. {error}")
        return
    found = nearest(specimen.digit, blurred, _NEAREST)
    drawn = bool(run.train and run.train.batch_ids)
    whose = f"{len(images):,} drawings" if drawn else f"first {len(images):,} of MNIST's digits"
    st.markdown(
        f"The {len(found)} most like it of the {whose} that this network was trained on. A network reads well "
        "what is near to what it has seen, and guesses far from it."
    )
    captions = [with_article(int(label)) for label in labels[found]]
    _show_pictures([enlarge(images[place], _ENLARGED) for place in found], captions)
    st.caption("Most alike first: pixel by pixel, both pictures a little blurred.")


def _show_tiles(tiles: np.ndarray, shown: list[Unit], captions: list[str]) -> None:
    _show_pictures([enlarge(inside_charts.tile(tiles[unit.number]), _ENLARGED) for unit in shown], captions)


def _show_pictures(pictures: Sequence[Images], captions: Sequence[str]) -> None:
    with st.container(horizontal=True, gap="small"):  # a list of pictures in one image would stand without gaps
        for picture, caption in zip(pictures, captions, strict=True):
            st.image(picture, caption, width=112, alt=caption)


def _describe(unit: Unit, answer: int) -> str:
    says = ""
    if unit.speaks is not None:
        says = f": {'for' if unit.speaks > 0 else 'against'} a {answer} ({unit.speaks:+.1f})"
    return f"unit {unit.number} fires {unit.fires:.1f}{says}"


def _factor(nats: float) -> str:
    factor = float(np.exp(nats))
    if factor < 1.1:
        return "hardly"
    return f"by a factor of {factor:,.1f}" if factor < 1000 else "by a factor of more than 1,000"


def _ordinal(layer: int) -> str:
    return ("first", "second", "third")[layer]
