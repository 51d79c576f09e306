"""The first answer, on the page where the ten digits were drawn: it is trained for by itself, without a click."""

import numpy as np
import streamlit as st

from digitlab.comparison import first_answer, guessing
from digitlab.comparison.runs import ERASED
from digitlab.digits import Images, enlarge
from digitlab.jobs.engine import Jobs
from digitlab.jobs.job import Job
from digitlab.jobs.once import Once
from digitlab.learning import experiment, model_files
from digitlab.learning.model_files import ModelError
from digitlab.learning.telling_mistakes import TellingMistake, telling_mistakes
from digitlab.run import Run
from digitlab.storage import classroom
from digitlab.storage.batches import Batch, read_batches
from digitlab.storage.datasets import Dataset, read_digits
from digitlab.storage.people import OWNER
from digitlab.storage.schema import StoreError
from digitlab.storage.store import default_url
from digitlab.ui import curve_trainings, guess, query_params, resources, state, who
from digitlab.ui.drawing import drawing_desk, live_pad
from digitlab.ui.training import job_progress

_TAG = "first answer"  # of the jobs
_POLL_SECONDS = 0.2  # the training takes one or two
_GAP = 2  # pixels of MNIST's between two digits side by side
_PAIR_WIDTH = 148  # px: two pairs side by side on a phone, five on a laptop


def show(desk: str, batch: Batch) -> None:
    """Show what ten drawings have taught; train on them if this visitor has just drawn the last one.

    Args:
        desk: Prefix of the session-state keys of the canvas.
        batch: With all its drawings.
    """
    with resources.messages():
        digits = read_digits(resources.store(), [batch.id])
        run = first_answer.find_answer(resources.runs(), batch.id, digits.version)
    place = st.container()
    if state.take_saved(desk) == batch.id and run is None:
        with place:
            _begin(batch, digits)
    with place:
        if run:
            _show_sentence(run)
        else:
            _show_training(batch, digits)
    st.subheader("Your ten digits", anchor=False)
    drawing_desk.show_thumbnails(desk, batch)
    if run:
        _show_mistakes(run, digits)
        st.subheader("Your own network reads while you write", anchor=False)
        st.markdown("Write a digit as you always do, then as somebody else would. It has seen your ten alone.")
        live_pad.show(f"{desk}_pad", run.id, examples=False)
        _show_offer(run, digits, batch)
        if state.was_drawn_in(desk, batch.id):  # not for a visit alone
            curve_trainings.begin_after(batch)  # not before the answer: nothing may stand in its way


def tell_of_earlier(batch: Batch) -> None:
    """While a drawing is missing again: say what the answer before is of."""
    earlier = first_answer.find_earlier(resources.runs(), batch.id) if batch.id else None
    if earlier:
        st.caption(f"{_told(earlier)} When all ten are drawn, a new network is trained on them.")


def _show_sentence(run: Run) -> None:
    st.header(first_answer.headline(run), anchor=False)
    reference = model_files.load_card(model_files.REFERENCE).tests["mnist"].accuracy
    st.markdown(first_answer.compared(reference, guess.share()))
    if guessing.is_guessing(run):
        st.warning(
            "That is no better than luck, which reads 10. Is each of your ten what it is called? Draw those again "
            "that are not.",
            icon=":material/rule:",
        )
    if run.sources_erased:
        st.warning(f"The network was {ERASED}.", icon=":material/rule:")


def _show_training(batch: Batch, digits: Dataset) -> None:
    """Show how the training stands; where there is none, offer it."""
    job = _begun(resources.jobs()).job(_about(batch, digits))
    if job and not job.over:
        st.fragment(_watch, run_every=_POLL_SECONDS)(job.id)
        return
    earlier = first_answer.find_earlier(resources.runs(), batch.id)
    label = "Train on these ten"
    if job and job.error:
        st.error(job.error, icon=":material/error:")
        label = "Try again"
    elif earlier:
        st.info(f"{_told(earlier)} Since then some of them were changed.", icon=":material/edit:")
        label = "Train on them as they are now"
    if st.button(label, key="one_train", type="primary"):
        _begin(batch, digits)
        st.rerun()


def _begin(batch: Batch, digits: Dataset) -> None:
    """Train on the ten, unless it is done already in another window."""
    store, person = resources.store(), who.person()

    def submit() -> str:
        classroom.check_may_begin(store, who.person())
        tests = [each.id for each in read_batches(store, batch.writer_id, ("test",)) if each.drawn]
        whose = "" if batch.writer == OWNER.name else f" by {batch.writer}"
        return resources.jobs().submit(
            experiment.run,
            experiment.Experiment(
                name=f"One of each digit, {len(digits.labels)} drawings{whose}",
                settings=first_answer.settings(),
                database_url=default_url(),
                owner_id=person.id,
                batch_ids=(batch.id,),
                test_batch_ids=tuple(tests),
            ),
            tag=_TAG,
            owner=who.job_owner(),
        )

    try:
        _begun(resources.jobs()).begin(_about(batch, digits), submit)
    except (StoreError, ConnectionError, ValueError) as error:
        st.error(str(error), icon=":material/error:")


@st.cache_resource(show_spinner=False, hash_funcs={Jobs: id})
def _begun(jobs: Jobs) -> Once:
    return Once(jobs)


@st.cache_resource(show_spinner=False, max_entries=200)
def _mistakes(url: str, run_id: str) -> tuple[TellingMistake, ...]:
    x_test, y_test = resources.test_digits()
    return telling_mistakes(y_test, resources.predictor(run_id).predict(x_test))


def _about(batch: Batch, digits: Dataset) -> tuple[str, int, str]:
    return default_url(), batch.id, digits.version


def _watch(job_id: str) -> None:
    job = resources.jobs().get(job_id)
    if job is None or job.over:
        st.rerun()
    st.progress(*_describe(job))


def _describe(job: Job) -> tuple[float, str]:
    share, text = job_progress.describe(job)
    others = any(each.status == "running" for each in resources.jobs().alive())
    if job.status == "queued" and not others and any(not each.over for each in resources.jobs().all("warm-up")):
        text = "Getting ready to train: after a start of the server this takes some seconds longer"
    return share, f"{text}. The answer comes here by itself."


def _told(earlier: Run) -> str:
    accuracy = first_answer.of_hundred(earlier.tests["mnist"].accuracy)
    return f"Your ten as they were before read {accuracy} of 100 of MNIST's digits."


def _show_mistakes(run: Run, digits: Dataset) -> None:
    try:
        mistakes = _mistakes(default_url(), run.id)
    except ModelError as error:
        st.error(str(error), icon=":material/error:")
        return
    x_test, _ = resources.test_digits()
    if not mistakes:
        return
    st.subheader("The mistakes that tell most", anchor=False)
    st.markdown(
        "On the left a digit of MNIST's, on the right the one of yours that your network took it for: of each of its "
        "most frequent mistakes the one it was surest of."
    )
    row = st.container(horizontal=True, gap="small")
    for each in mistakes:
        label, prediction = each.mistake.label, each.mistake.prediction
        row.image(
            _side_by_side(x_test[each.mistake.index], digits, prediction),
            f"A {label}, taken for your {prediction}: so are {each.count:,} of {each.of:,}",
            _PAIR_WIDTH,
            alt=f"A {label} of MNIST's beside your {prediction}",
        )


def _side_by_side(theirs: Images, digits: Dataset, label: int) -> Images:
    mine = digits.images[digits.labels == label]
    gap = np.full((len(theirs), _GAP), 128, np.uint8)
    return enlarge(np.hstack([theirs, gap, mine[0] if len(mine) else np.zeros_like(theirs)]), 3)


def _show_offer(run: Run, digits: Dataset, batch: Batch) -> None:
    offer = first_answer.next_offer(run, digits.labels.tolist())
    st.subheader("Next: five of each", anchor=False)
    pace = run.human_seconds / len(digits.labels)
    st.markdown(f"**{offer.price[0].upper()}{offer.price[1:]}**, at your pace of {pace:.1f} s a digit. {offer.gain}")
    if st.button("Draw five of each", key="one_next", type="primary", icon=":material/grid_on:"):
        link = {"batch_per_digit": str(first_answer.PER_DIGIT)}
        if not who.is_class() and batch.writer != OWNER.name:
            link["writer"] = batch.writer
        query_params.go("pages/draw_batch.py", **link)
    st.page_link("pages/compare.py", label="Compare: accuracy against minutes", icon=":material/compare_arrows:")
