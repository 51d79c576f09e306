"""The middle of the compare page: the one chart that holds everything, and how far its curve is trained."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison import figures, runs
from digitlab.comparison.method_results import MethodResult
from digitlab.ui import guess, query_params, resources
from digitlab.ui.comparison import figure, own_curve, tabs
from digitlab.ui.comparison.own_curve import CurveOfPage

_READ = {"mnist": "MNIST's digits", "own": "Your own digits"}


def show(results: Sequence[MethodResult], curve: CurveOfPage) -> None:
    """Show accuracy against minutes on MNIST's digits or, where there are any, on the writer's own.

    Args:
        results: As `method_results.method_results` returns them.
        curve: As `own_curve.read` returns it.
    """
    own = [result.tests["own"].n for result in results if "own" in result.tests]
    test_set = "mnist"
    if own:
        test_set = query_params.choice(
            st.segmented_control,
            "Who wrote the digits that are read",
            list(_READ),
            key="compare_read",
            show=_READ.__getitem__,
        )
    figure.show(
        figures.minutes(results, guess.share(), curve.by_test_set.get(test_set), test_set, resources.shipped_accuracy())
    )
    if test_set == "own":
        st.caption(runs.worth(max(own)))
    if not tabs.is_open("Learning curve"):  # there are its trainings, those for comparison among them
        own_curve.show_trainings(curve)
