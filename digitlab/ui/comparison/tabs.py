"""What lies behind the comparison, in four tabs; only what is open is worked out."""

from collections.abc import Sequence

import streamlit as st

from digitlab.comparison import figures
from digitlab.comparison.method_results import MethodResult
from digitlab.run import Run
from digitlab.ui import query_params
from digitlab.ui.comparison import cross_table, figure, learning_curve, report_download, two_runs
from digitlab.ui.comparison.own_curve import CurveOfPage

_TAB = "compare_tab"
TABS = ("Methods", "Who reads whom", "Learning curve", "Report")
_METHODS = ("Accuracy", "Each digit", "Cost", "Training")
_READERS = ("All networks", "Two runs")
# Where links of earlier versions lead: tab, key of the choice in it, what is chosen.
_MOVED = {
    "Digits": ("Methods", "compare_methods", "Each digit"),
    "Cost": ("Methods", "compare_methods", "Cost"),
    "Training": ("Methods", "compare_methods", "Training"),
    "Two runs": ("Who reads whom", "compare_readers", "Two runs"),
}


def is_open(tab: str) -> bool:
    """Return whether a tab is open in this run of the page, also before the tabs are shown."""
    return bool(st.session_state.get(_TAB, st.query_params.get(_TAB)) == tab)


def show(runs: Sequence[Run], results: Sequence[MethodResult], curve: CurveOfPage) -> None:
    """Show the tabs.

    Args:
        runs: Chosen, oldest first.
        results: Of these.
        curve: As `own_curve.read` returns it.
    """
    _follow_an_old_link()
    methods, readers, drawings, report = st.tabs(TABS, key=_TAB, on_change="rerun", bind="query-params")
    if methods.open:
        with methods:
            _show_methods(runs, results)
    if readers.open:
        with readers:
            what = query_params.choice(st.segmented_control, "Compare", _READERS, key="compare_readers")
            cross_table.show(runs) if what == _READERS[0] else two_runs.show(runs)
    if drawings.open:
        with drawings:
            learning_curve.show()
    if report.open:
        with report:
            report_download.offer(runs, curve)


def _show_methods(runs: Sequence[Run], results: Sequence[MethodResult]) -> None:
    what = query_params.choice(st.segmented_control, "Of each method", _METHODS, key="compare_methods")
    if what == "Each digit":
        figure.show(figures.by_digit(results))
    elif what == "Cost":
        figure.show(figures.cost(results))
    elif what == "Training":
        figure.show(figures.curves(runs))
    else:
        figure.show(figures.methods(results))


def _follow_an_old_link() -> None:
    asked = st.query_params.get(_TAB, "")
    if asked in _MOVED and _TAB not in st.session_state:
        tab, key, choice = _MOVED[asked]
        for name, value in ((_TAB, tab), (key, choice)):
            st.query_params[name] = st.session_state[name] = value
