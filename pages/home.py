import streamlit as st

from digitlab.comparison import next_steps
from digitlab.learning.model_files import REFERENCE
from digitlab.ui import demo, guess, resources, story, tour, who
from digitlab.ui.drawing import live_pad

st.title("Your own MNIST", anchor=False)
st.markdown(
    "**Write a digit.** A network trained on MNIST, 60,000 digits of 539 people, reads it while you write. Nothing you "
    "write here is sent or kept."
)
live_pad.show("home_pad", REFERENCE)

tour.show("home")
guess.ask()
with st.container(horizontal=True):
    following = st.container(width="content")
    tour.offer()
who.show_greeting()

st.subheader("How long does an MNIST of your own take, and how good is a model trained on it?", anchor=False)
steps = next_steps.steps([resources.guess(0), *resources.runs()], who.own_batches())
with following:
    story.lead_on(steps)
story.show(steps)
demo.offer()
