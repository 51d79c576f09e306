import streamlit as st

from digitlab import cards, experiment, models
from digitlab.store import default_url
from digitlab.training import PRESETS
from digitlab.ui import cached, follow, result, try_it
from digitlab.ui.hyperparameters import presets_input, settings_input

st.title("Dense network on MNIST", anchor=False)
st.markdown(
    "60,000 digits of 539 people: no minute of your time, and the summit to compare with. 5,000 of them are kept for "
    "the validation of the curves."
)

presets_input("dense", PRESETS)
with st.container():
    settings = settings_input("dense", PRESETS["Plain"], most_epochs=100, share=True)

follow.start_button(
    "dense",
    "Train",
    experiment.run,
    experiment.Experiment(
        name=cards.name_of(settings), settings=settings, database_url=default_url(), models_dir=str(models.models_dir())
    ),
)
with st.container():
    job = follow.follow("dense")
with st.container():
    run = cards.result_of(cached.runs(), job.result if job else None, "dense")
    if run:
        result.show_run(run)

st.subheader("Try it", anchor=False)
try_it.try_model("dense", run["id"] if run else None)
