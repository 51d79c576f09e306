import streamlit as st

from digitlab.comparison import runs
from digitlab.learning import experiment
from digitlab.learning.presets import PRESETS
from digitlab.storage.store import default_url
from digitlab.ui import tour, who
from digitlab.ui.drawing import try_it
from digitlab.ui.formats import try_photo
from digitlab.ui.training import job_progress, result
from digitlab.ui.training.hyperparameters import presets_input, settings_input

st.title("Dense network on MNIST", anchor=False)
st.markdown(
    "60,000 digits of 539 people: no minute of your time, and the summit to compare with. 5,000 of them are kept for "
    "the validation of the curves."
)
tour.show("dense")

presets_input("dense", PRESETS)
with st.container():
    settings = settings_input("dense", PRESETS["Plain"], most_epochs=100, share=True)

job = job_progress.start_and_follow(
    "dense",
    "Train",
    experiment.run,
    experiment.Experiment(
        name=runs.name_of(settings),
        settings=settings,
        database_url=default_url(),
        owner_id=who.person().id,
    ),
)
with st.container():
    run = result.show_result("dense", job, "dense")

st.subheader("Try it", anchor=False)
try_it.try_model("dense", run.id if run else None)
try_photo.try_photo("dense", run.id if run else None)
