import streamlit as st

from digitlab.comparison import runs
from digitlab.learning.unlabelled import experiment
from digitlab.storage.store import default_url
from digitlab.ui import query_params, resources, tour, who
from digitlab.ui.drawing import try_it
from digitlab.ui.training import choose, job_progress, piles, result

st.title("Pictures without labels", anchor=False)
st.markdown(
    "Your drawings sort MNIST's training pictures into ten piles; their labels are never looked at. Then a network "
    "learns from the piles. A few drawings go furthest this way, but they are no longer alone: pictures that others "
    "wrote and collected help. Each digit is taken to be a tenth of the pictures, as in MNIST, however often "
    "you drew it."
)
tour.show("piles")

with st.container():
    data = choose.data_input("unlabelled")
    seed = query_params.number(
        st.number_input,
        "Seed",
        0,
        999_999,
        0,
        key="unlabelled_seed",
        width=200,
        help="Same seed, same network. Another one shows how much is luck.",
    )
    ready = piles.can_sort(data)

job_progress.start_button(
    piles.TAG,
    "Sort the pictures and train",
    experiment.sort_and_train,
    experiment.SortExperiment(
        name=f"{data.name}, and pictures without labels",
        database_url=default_url(),
        batch_ids=data.batch_ids,
        test_batch_ids=data.test_batch_ids,
        seed=seed,
        owner_id=who.person().id,
    ),
    disabled=not ready,
)
with st.container():
    job = job_progress.follow(piles.TAG, curves=False)
    if job and job.status == "finished" and not job.result:
        st.info("It was stopped before the pictures were sorted: nothing was stored.")
with st.container():
    run = runs.result_of(who.of_visitor_or_demo(resources.runs()), job.result if job else None, experiment.METHOD)
    if run:
        piles.show(run, data.test_batch_ids)
        with piles.place_of_result(run):
            result.show_run(run)

st.subheader("Try it", anchor=False)
try_it.try_model("unlabelled", run.id if run else None)
