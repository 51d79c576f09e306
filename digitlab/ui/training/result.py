"""What a run reached: numbers, charts and its most confident mistakes."""

import streamlit as st

from digitlab import mnist
from digitlab.comparison import charts, runs
from digitlab.digits import enlarge
from digitlab.drawing import training_warnings
from digitlab.drawing.clock import in_words
from digitlab.learning import models
from digitlab.mnist import DataFileError
from digitlab.ui import resources

_MISTAKES_SHOWN = 20


def show_run(card: dict) -> None:
    """Show the result of one run.

    Args:
        card: As stored.
    """
    st.subheader(card["name"], anchor=False)
    for key, test in card["tests"].items():
        st.markdown(
            f"**{runs.percent(test)}** of the {test['n']:,} digits of the {runs.TEST_SETS[key]} are read right "
            "(95 % interval in brackets)."
        )
    if card.get("start_from"):
        _show_cost(card)
    numbers = st.columns(4)
    numbers[0].metric("Accuracy on MNIST", f"{card['tests']['mnist']['accuracy']:.1%}")
    numbers[1].metric("Human work", in_words(card["human_seconds"]))
    numbers[2].metric("Training", in_words(card["training_seconds"]))
    numbers[3].metric("Parameters", f"{card['parameters']:,}")
    if "history" in card:
        frame = runs.histories({card["name"]: card["history"]})
        st.altair_chart(charts.training_curves(frame), alt="Accuracy and loss by epoch")
    show_test(card)
    _show_mistakes(card["tests"]["mnist"].get("mistakes", [])[:_MISTAKES_SHOWN])


def show_test(card: dict) -> None:
    """Show the confusion matrix and the accuracy per digit on MNIST's test set."""
    left, right = st.columns(2)
    left.markdown("**Confusion matrix**, MNIST test set")
    left.altair_chart(
        charts.confusion(runs.confusion(card["tests"]["mnist"])),
        alt="Confusion matrix: rows labels, columns predictions",
    )
    right.markdown("**Accuracy per digit**, MNIST test set")
    right.altair_chart(charts.accuracy_by_digit(runs.accuracy_by_digit([card])), alt="Accuracy of each digit")


def _show_cost(card: dict) -> None:
    start = next((run for run in resources.runs() if run["id"] == card["start_from"]), None)
    if start or card["start_from"] == models.REFERENCE:
        start = start or models.load_card(models.REFERENCE)
        st.markdown(training_warnings.cost(start["tests"]["mnist"], card["tests"]["mnist"]))


def _show_mistakes(mistakes: list[dict]) -> None:
    try:
        x_test, _ = mnist.load_test()
    except DataFileError as error:
        st.error(str(error))
        return
    if mistakes and max(mistake["index"] for mistake in mistakes) < len(x_test):
        st.markdown("**Most confident mistakes** on the MNIST test set: label → prediction")
        st.image(
            [enlarge(x_test[mistake["index"]], 3) for mistake in mistakes],
            [f"{m['label']} → {m['prediction']} ({m['probability']:.0%})" for m in mistakes],
            width=84,
        )
