"""Say where a drawing looks like no digit at all, and what the ten probabilities do not mean."""

import streamlit as st

from digitlab.digits import Images
from digitlab.run import Run
from digitlab.ui.inside import findings

NOTE = (
    "**This looks like no digit.** It is far from all digits that are known here. The ten probabilities still sum to "
    "one: they say which digit fits best, not that it is one."
)


def note(digit: Images, run: Run | None) -> None:
    """Show a note if a drawing is far from all digits that are known.

    Args:
        digit: uint8 array of shape (28, 28).
        run: That reads it; what is like its own drawings is known too.
    """
    if findings.far_from_all_digits(digit, run):
        st.info(NOTE, icon=":material/question_mark:")


def explain() -> None:
    """Say what the note is made of, and how often it is right.

    Raises:
        ModelError: If there can be no notes, for want of a file.
    """
    findings.known_digits()
    st.markdown(
        "**The ten probabilities always sum to one**, also for a letter, a scribble or two digits side by side: the "
        "network has ten answers and no way to say “none of them”. So the reference model reads an A as a 4 and an X "
        "as an 8, with 99 % each."
    )
    st.markdown(
        "DigitLab therefore looks at something else: how unlike the drawing is to the most similar ones of MNIST's "
        "training digits, whether its lines run where no digit has any, and how faintly all ten answers speak. Where "
        "this is too much, a note stands beside the answer. What is like a drawing that the network was trained on "
        "gets no note, however strange. The note is sometimes wrong: about 3 of 100 real digits get it, and about a "
        "quarter of letters do not."
    )
    st.markdown(
        "Try it: draw a letter, a star, a scribble, a 1 and a 0 side by side. An O, an S or a Z gets no note: no look "
        "at the picture alone can tell it from a 0, a 5 or a 2."
    )
