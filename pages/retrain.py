import streamlit as st

from digitlab.learning import experiment, presets
from digitlab.storage.store import default_url
from digitlab.ui import tour, who
from digitlab.ui.drawing import try_it
from digitlab.ui.formats import try_photo
from digitlab.ui.training import choose, job_progress, result
from digitlab.ui.training.hyperparameters import settings_input

st.title("Train on your digits", anchor=False)
st.markdown(
    "Networks trained on what you drew instead of MNIST: on varied copies of it, so that ten drawings go a long way. "
    "Tested on MNIST and on your own test digits; the validation of the curves are 5,000 of MNIST's training digits."
)
tour.show("retrain")

with st.container():
    data = choose.data_input("retrain")
    start_from = choose.start_input("retrain")
    network = choose.network_input("retrain", start_from)
    settings = settings_input(
        f"retrain_{network}" if start_from is None else f"retrain_{network}_further",
        presets.defaults(data.drawings, network, from_saved=start_from is not None),
        most_epochs=500,
        network=start_from is None,
        varied=data.drawings,
    )
    choose.show_data(data, settings)

job = job_progress.start_and_follow(
    "retrain",
    "Train",
    experiment.run,
    experiment.Experiment(
        name=data.name if start_from is None else f"{data.name}, from {start_from.name}",
        settings=settings,
        database_url=default_url(),
        owner_id=who.person().id,
        batch_ids=data.batch_ids,
        test_batch_ids=data.test_batch_ids,
        start_from=start_from and start_from.id,
    ),
    disabled=not data.batch_ids,
)
with st.container():
    run = result.show_result("retrain", job, "one", "full")

st.subheader("Try it", anchor=False)
try_it.try_model("retrain", run.id if run else None)
try_photo.try_photo("retrain", run.id if run else None)
