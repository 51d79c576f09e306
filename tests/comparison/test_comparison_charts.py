"""What the charts of the comparison show: their specification, and the rows they hold."""

import json

import numpy as np
import pandas as pd
import pytest

from digitlab.comparison import comparison_charts, methods, runs
from tests.comparison.test_run_charts import fields
from tests.helpers import a_run

RUNS = [
    a_run("uniform", "uniform", right=0.1, name="Random guess"),
    a_run("dense-1", right=0.97, name="Dense"),
    a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits"),
]
METHODS = methods.methods(RUNS)
LINES = methods.reference_lines(METHODS)
CROSS = pd.DataFrame(
    [["MNIST", "MNIST test set", 10, 0.9, 0.8, 1.0, "Dense"], ["MNIST", "ana", 0, np.nan, np.nan, np.nan, "Dense"]],
    columns=["trained_on", "tested_on", "n", "accuracy", "low", "high", "run"],
)
ALL = {
    "accuracy_by_minutes": (lambda frame: comparison_charts.accuracy_by_minutes(frame, LINES), METHODS),
    "accuracy_by_method": (comparison_charts.accuracy_by_method, METHODS),
    "cross_table": (comparison_charts.cross_table, CROSS),
    "accuracy_by_digit": (comparison_charts.accuracy_by_digit, runs.accuracy_by_digit(RUNS)),
    "cost": (comparison_charts.cost, methods.cost(METHODS)),
    "confusion_matrix": (comparison_charts.confusion_matrix, runs.confusion_cells(RUNS[1].tests["mnist"].confusion)),
}


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_valid_described_and_draws_columns_that_are_there(name):
    make, frame = ALL[name]
    spec = make(frame).to_dict()  # validates against Vega-Lite's schema
    assert fields(spec) <= {*frame.columns, *LINES.columns}
    assert len(spec["description"]) > 20, "for who cannot see it"
    json.dumps(spec, allow_nan=False)
    assert make(frame.iloc[:0]).to_dict(), "of nothing it is empty"


def test_every_chart_is_tested():
    here = comparison_charts.__name__
    public = {name for name, value in vars(comparison_charts).items() if getattr(value, "__module__", "") == here}
    assert {name for name in public if not name.startswith("_")} == set(ALL)


def test_the_centre_holds_both_lines_and_tells_test_sets_apart_by_shape():
    spec = comparison_charts.accuracy_by_minutes(METHODS, LINES).to_dict()
    lines = [rows for rows in spec["datasets"].values() if "line" in rows[0]]
    assert [row["line"] for row in lines[0]] == ["Random guess", "Dense network on MNIST: MNIST test set"]
    shapes = [layer["encoding"]["shape"]["scale"]["range"] for layer in spec["layer"] if "shape" in layer["encoding"]]
    assert shapes == [["circle", "triangle-up"]]


def test_names_stand_beside_a_few_points_and_not_beside_many():
    def named(frame):
        layers = comparison_charts.accuracy_by_minutes(frame, LINES).to_dict()["layer"]
        return any(layer["encoding"].get("text", {}).get("field") == "name" for layer in layers)

    assert named(METHODS)
    assert not named(pd.concat([METHODS] * 9))


def test_a_cell_of_the_confusion_matrix_can_be_chosen():
    (selection,) = ALL["confusion_matrix"][0](ALL["confusion_matrix"][1]).to_dict()["params"]
    assert (selection["name"], selection["select"]["fields"]) == ("cell", ["label", "prediction"])
