"""Sliders that turn, slant, move, thicken and blur a digit until the network reads something else."""

import numpy as np
import pandas as pd
import streamlit as st

from digitlab.comparison import inside_charts
from digitlab.digits import CLASS_NAMES, enlarge, with_article
from digitlab.learning.inside import breaking
from digitlab.learning.inside.breaking import KINDS, Change, Limit
from digitlab.learning.inside.specimen import Specimen
from digitlab.look import percent
from digitlab.run import Run
from digitlab.ui import resources
from digitlab.ui.inside import findings

# Of each kind: its slider's label, its unit, what it does.
_TEXTS = {
    "turn": ("Turn", "°", "Clockwise; a digit turned by more than about 30° is often another one (a 6 is a 9)."),
    "slant": ("Slant", "°", "How far it leans to the right. Many hands slant by 10° to 20°."),
    "right": ("To the right", " px", "In pixels of 28. Preprocessing centres the digit again: switch it off to see."),
    "down": ("Down", " px", "In pixels of 28. Preprocessing centres the digit again: switch it off to see."),
    "thicker": ("Thicker", " px", "Wider lines, or thinner ones below 0. MNIST's pen is about 2.6 pixels wide."),
    "noise": ("Noise", "", "Random ink on every pixel. No training digit had any."),
}


def show(run: Run, specimen: Specimen) -> None:
    """Show the sliders, what the changed digit looks like and is read as, and how far each change can go."""
    st.markdown("Change the digit and watch the ten probabilities. The orange lines are those of the digit as it was.")
    shown, sliders = st.columns([3, 2], gap="large")  # on a phone the sliders are below what they change
    with sliders:
        values = {kind.name: _slider(kind) for kind in KINDS}
        preprocessing = st.toggle(
            "Preprocessing",
            value=True,
            key="break_preprocessing",
            help="The changed ink is made a digit as MNIST's were: 20 pixels long, in the middle. Off: the sheet is "
            "only made smaller, as simple apps do.",
        )
        st.button("Undo all", key="break_undo", on_click=_undo)
    with shown:
        _show_changed(run, specimen, Change(**values, preprocessing=preprocessing))
    st.markdown(
        "**How far each change alone can go before the reading flips.** Orange: it flips there, and becomes what "
        "stands above the bar. Blue: it does not, as far as was tried."
    )
    found = findings.limits(run, specimen, preprocessing=preprocessing)
    st.altair_chart(inside_charts.limits(_rows(found)), key="break_limits", alt=_in_words(found))


def _show_changed(run: Run, specimen: Specimen, how: Change) -> None:
    digit = breaking.change(specimen, how)
    if not digit.any():
        st.warning("Nothing is left of its lines.")
        return
    before, now = resources.predictor(run.id).predict(np.stack([specimen.digit, digit]))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(enlarge(digit, 5), width=140, alt="The changed digit, as the network is given it")
        still = "Still" if now.argmax() == before.argmax() else "Now"
        st.markdown(f"### {still} {with_article(int(now.argmax()))} ({percent(now.max(), 0)})", width="content")
    frame = pd.DataFrame({"digit": CLASS_NAMES, "probability": now, "before": before})
    st.altair_chart(
        inside_charts.changed_probabilities(frame),
        key="break_probabilities",
        alt="Probability of each digit now and before",
    )


def _slider(kind: breaking.Kind) -> float:
    label, unit, text = _TEXTS[kind.name]
    name = f"{label} ({unit.strip()})" if unit else label
    digits = {5.0: 0, 0.5: 1}.get(kind.step, 2)
    slider = st.slider(
        name, kind.least, kind.most, 0.0, kind.step, format=f"%.{digits}f", key=f"break_{kind.name}", help=text
    )
    return float(slider)


def _undo() -> None:
    for kind in KINDS:
        st.session_state[f"break_{kind.name}"] = 0.0
    st.session_state["break_preprocessing"] = True


def _rows(found: list[Limit]) -> pd.DataFrame:
    rows = []
    for limit in found:
        most = max(abs(limit.kind.least), abs(limit.kind.most))
        reached = limit.end if limit.flips_at is None else limit.flips_at
        rows.append((_TEXTS[limit.kind.name][0], reached / most, limit.flips_at is not None, _text(limit)))
    return pd.DataFrame(rows, columns=["kind", "share", "flips", "text"])


def _text(limit: Limit) -> str:
    unit = _TEXTS[limit.kind.name][1]
    if limit.flips_at is None:
        return f"{limit.end:+.3g}{unit}: stays"
    return f"{limit.flips_at:+.3g}{unit}: a {limit.becomes}"


def _in_words(found: list[Limit]) -> str:
    return "; ".join(f"{_TEXTS[limit.kind.name][0]} {_text(limit)}" for limit in found)
