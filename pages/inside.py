import streamlit as st

from digitlab.ui import resources, tour
from digitlab.ui.formats import take_model
from digitlab.ui.inside import break_it, choose, look, no_digit

st.title("Look inside", anchor=False)
st.markdown(
    "What does a network look at when it reads a digit? Choose one, draw or choose a digit, and see which parts of it "
    "mattered, what its hidden units like, what misleads it, and what it cannot say."
)
tour.show("inside")

with st.container():
    run = choose.run_input()
if run.brought_in:
    st.info("This network was brought in from a file: only networks that were trained here can be looked into.")
    st.stop()
if run.settings is None:
    st.info(
        "There is no network in this run: it is one of the simple methods that a network must beat, and has no hidden "
        "units, weights or probabilities to look at. Choose another run."
    )
    st.stop()

left, right = st.columns([2, 3], gap="large")
with left:
    specimen = choose.specimen_input(run)
with right:
    if specimen is None:
        st.info("Draw a digit, and what is inside appears here.")
        st.stop()
    with resources.messages():
        answer = look.show_answer(run, specimen)
take_model.offer(run)

mattered, units, nearest, broken, none = st.tabs(
    ["What mattered", "Hidden units", "Nearest digits", "Break it", "What is no digit"],
    key="inside_tab",
    on_change="rerun",
    bind="query-params",
)
with resources.messages():
    if mattered.open:
        with mattered:
            look.show_what_mattered(run, specimen, answer)
    if units.open:
        with units:
            look.show_units(run, specimen, answer)
    if nearest.open:
        with nearest:
            look.show_nearest(run, specimen)
    if broken.open:
        with broken:
            break_it.show(run, specimen)
    if none.open:
        with none:
            no_digit.explain()
