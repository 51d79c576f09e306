"""What the charts show: their specification, and the rows they hold."""

import json

import altair as alt
import pandas as pd
import pytest

from digitlab.comparison import drawing_charts, run_charts, runs
from digitlab.comparison.method_results import method_results
from digitlab.comparison.method_tables import accuracy_by_digit
from tests.helpers import a_run

RUNS = [
    a_run("dense-1", right=0.97, name="Dense"),
    a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits"),
]
HISTORIES = runs.histories({run.name: run.history for run in RUNS})
PROBABILITIES = pd.DataFrame({"digit": list("0123456789"), "probability": [0.05] * 4 + [0.55] + [0.05] * 5})
SECONDS = pd.DataFrame(
    {"number": [1, 2], "digit": ["3", "4"], "writer": ["Ana", "Ana"], "seconds": [1.0, 2.0], "median": [1.0, 1.5]}
)
ALL = {
    "probabilities": (drawing_charts.probabilities, PROBABILITIES),
    "training_curves": (run_charts.training_curves, HISTORIES),
    "training_curves_overlaid": (run_charts.training_curves_overlaid, HISTORIES),
    "confusion_matrix": (run_charts.confusion_matrix, runs.confusion_cells(RUNS[0].tests["mnist"].confusion)),
    "accuracy_by_digit": (run_charts.accuracy_by_digit, accuracy_by_digit(method_results(RUNS[:1]))),
    "seconds_by_digit": (drawing_charts.seconds_by_digit, SECONDS),
    "seconds_over_time": (drawing_charts.seconds_over_time, SECONDS),
}


def fields(spec):
    """Names of all columns a specification draws, tooltips included."""
    if isinstance(spec, dict):
        own = {spec["field"]} if isinstance(spec.get("field"), str) else set()
        return own.union(*(fields(value) for key, value in spec.items() if key != "datasets"))
    return set().union(*map(fields, spec)) if isinstance(spec, list) else set()


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_valid_and_draws_columns_that_are_there(name):
    make, frame = ALL[name]
    spec = make(frame).to_dict()  # validates against Vega-Lite's schema
    assert fields(spec) <= {*frame.columns}
    json.dumps(spec, allow_nan=False)


@pytest.mark.parametrize("name", [name for name in ALL if name != "probabilities"])
def test_a_chart_of_nothing_is_an_empty_chart(name):
    make, frame = ALL[name]
    assert make(frame.iloc[:0]).to_dict()


def test_every_chart_is_tested():
    public = set()
    for module in (run_charts, drawing_charts):
        functions = {name for name, made in vars(module).items() if getattr(made, "__module__", "") == module.__name__}
        public |= {name for name in functions if not name.startswith("_")}
    assert public == set(ALL)


def test_the_highest_probability_stands_out():
    condition = drawing_charts.probabilities(PROBABILITIES).to_dict()["encoding"]["color"]["condition"]
    assert condition["test"] == "(datum.probability >= 0.55)"


def test_a_cell_of_the_confusion_matrix_can_be_chosen_where_that_is_wanted():
    cells = runs.confusion_cells(RUNS[0].tests["mnist"].confusion)
    (selection,) = run_charts.confusion_matrix(cells, choose=True).to_dict()["params"]
    assert (selection["name"], selection["select"]["fields"]) == ("cell", ["label", "prediction"])
    assert "params" not in run_charts.confusion_matrix(cells).to_dict()


@pytest.mark.parametrize("name", ["accuracy_by_digit", "probabilities"])
def test_shares_are_shown_on_the_whole_scale(name):
    make, frame = ALL[name]
    spec = make(frame).to_dict()
    scales = [
        encoding["scale"]
        for layer in spec.get("layer", [spec])
        for encoding in layer["encoding"].values()
        if isinstance(encoding, dict) and encoding.get("field") in {"accuracy", "probability"} and "scale" in encoding
    ]
    assert scales
    assert all(scale["domain"] == [0, 1] for scale in scales)


def test_curves_show_accuracy_and_loss_apart():
    spec = run_charts.training_curves(HISTORIES).to_dict()
    assert len(spec["vconcat"]) == 2
    shown = [spec["datasets"][chart["data"]["name"]] for chart in spec["vconcat"]]
    assert [{row["measure"] for row in rows} for rows in shown] == [{"accuracy"}, {"loss"}]


def test_a_table_is_not_changed():
    for make, frame in ALL.values():
        before = frame.copy()
        assert isinstance(make(frame), alt.TopLevelMixin)
        pd.testing.assert_frame_equal(frame, before)
