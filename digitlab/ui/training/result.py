"""What a run reached: numbers, charts and its most confident mistakes."""

from collections.abc import Sequence

import streamlit as st

from digitlab import mnist
from digitlab.comparison import run_charts, runs
from digitlab.comparison.method_results import method_results
from digitlab.comparison.method_tables import accuracy_by_digit
from digitlab.digits import enlarge
from digitlab.drawing.clock import in_words
from digitlab.jobs.job import Job
from digitlab.learning import model_files
from digitlab.look import percent
from digitlab.mnist import DataFileError
from digitlab.run import OWN_READER, Mistake, Run
from digitlab.ui import hidden_names, resources, who
from digitlab.ui.formats import take_model
from digitlab.ui.plain import in_plain
from digitlab.ui.training import help_texts, job_progress

_MISTAKES_SHOWN = 20


def show_result(tag: str, job: Job | None, *methods: str) -> Run | None:
    """Show what the page's job ended as; without one the newest run of these methods, and say that it is that.

    Args:
        tag: Of the page's jobs.
        job: That is over, or None.
        methods: Keys of `learning.methods.METHODS`.

    Returns:
        The run shown; None if there is none, or if the page was opened for a training that is lost.
    """
    own = job.result if job else None
    if job_progress.lost(tag):
        return None
    run = runs.result_of(who.of_visitor_or_demo(resources.runs()), own, *methods)
    if run is None:
        return None
    if run.id != own and not run.demo:
        st.caption("The newest run that is kept here; it is not of a training of this page:")
    show_run(run)
    return run


def show_run(run: Run) -> None:
    """Show the result of one run."""
    st.subheader(in_plain(hidden_names.in_text(run.name)), anchor=False)
    if run.demo:
        st.info("This is a run of the demo, not yours.", icon=":material/science:")
    for key, title in runs.TEST_SETS.items():
        if test := run.tests.get(key):
            st.markdown(
                f"**{runs.percent_with_interval(test)}** of the {test.n:,} digits of the {title} are read right (in "
                "brackets the 95\N{NO-BREAK SPACE}% interval: where it would most likely be on other digits of the "
                "same kind)."
            )
    if test := run.tests.get(OWN_READER):
        st.markdown(
            f"Your reader: **{runs.percent_with_interval(test)}** of the same {test.n:,} own digits. It is this "
            "network and, beside it, a comparison with the drawings it was trained on, stroke by stroke: that says "
            "nothing about MNIST or about other people's digits."
        )
    if advice := runs.to_know(run):
        st.warning(f"{advice[0].upper()}{advice[1:]}.", icon=":material/rule:")
    if run.start_from:
        _show_change(run, run.start_from)
    numbers = st.columns(4)
    share = percent(run.tests["mnist"].accuracy)
    numbers[0].metric("Accuracy on MNIST", share, help="The share of MNIST's test digits that is read right.")
    numbers[1].metric("Human work", in_words(run.human_seconds), help="Time of drawing, breaks left out.")
    numbers[2].metric("Training", in_words(run.training_seconds), help="Time of the computer.")
    numbers[3].metric("Parameters", f"{run.parameters:,}", help="Numbers that the training adjusts.")
    take_model.offer(run)
    if run.history:
        frame = runs.histories({hidden_names.in_text(run.name): run.history})
        st.altair_chart(run_charts.training_curves(frame), alt="Accuracy and loss by epoch")
        st.caption(help_texts.CURVES)
    show_test(run)
    _show_mistakes(run.tests["mnist"].mistakes[:_MISTAKES_SHOWN])


def show_test(run: Run) -> None:
    """Show the confusion matrix and the accuracy per digit on MNIST's test set."""
    left, right = st.columns(2)
    left.markdown("**Confusion matrix**, MNIST test set")
    left.altair_chart(run_charts.confusion_matrix(runs.confusion_cells(run.tests["mnist"].confusion)))
    right.markdown("**Accuracy per digit**, MNIST test set")
    right.altair_chart(
        run_charts.accuracy_by_digit(accuracy_by_digit(method_results([run]))), alt="Accuracy of each digit"
    )
    st.caption(help_texts.CONFUSION)


def _show_change(run: Run, start_id: str) -> None:
    """Say what training further cost on MNIST, if the model it started from is still known."""
    start = next((each for each in resources.runs() if each.id == start_id), None)
    if start is None and start_id == model_files.REFERENCE:
        start = model_files.load_card(start_id)
    if start:
        st.markdown(runs.change_on_mnist(start.tests["mnist"], run.tests["mnist"]))


def _show_mistakes(mistakes: Sequence[Mistake]) -> None:
    try:
        x_test, _ = mnist.load_test()
    except DataFileError as error:
        st.error(str(error))
        return
    if mistakes and max(mistake.index for mistake in mistakes) < len(x_test):
        st.markdown("**Most confident mistakes** on the MNIST test set: label → prediction")
        st.image(
            [enlarge(x_test[mistake.index], 3) for mistake in mistakes],
            [f"{each.label} → {each.prediction} ({percent(each.probability, 0)})" for each in mistakes],
            alt=[f"A {each.label} that was read as {each.prediction}" for each in mistakes],
            width=84,
        )
