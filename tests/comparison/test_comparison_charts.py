"""What the charts beside the central one show: their specification, and the rows they hold."""

import json

import numpy as np
import pandas as pd
import pytest

from digitlab.comparison import comparison_charts, method_tables
from digitlab.comparison.chart_style import BLUE
from digitlab.comparison.method_results import method_results
from tests.comparison.test_run_charts import fields
from tests.helpers import a_run

RUNS = [
    a_run("uniform", "uniform", right=0.1, name="Random guess"),
    a_run("dense-1", right=0.97, name="Dense"),
    a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits"),
    a_run("one-2", "one", right=0.9, minutes=0.5, drawings=10, own=0.9, name="Ten digits further", start_from="x"),
    a_run("piles", "unlabelled", right=0.8, minutes=0.5, drawings=10, name="Piles", helped="unlabelled"),
]
RESULTS = method_results(RUNS)
METHODS = method_tables.table(RESULTS)
CROSS = pd.DataFrame(
    [["MNIST", "MNIST test set", 10, 0.9, 0.8, 1.0, "Dense"], ["MNIST", "ana", 0, np.nan, np.nan, np.nan, "Dense"]],
    columns=["trained_on", "tested_on", "n", "accuracy", "low", "high", "run"],
)
ALL = {
    "accuracy_by_method": (comparison_charts.accuracy_by_method, METHODS),
    "cross_table": (comparison_charts.cross_table, CROSS),
    "digit_table": (comparison_charts.digit_table, method_tables.accuracy_by_digit(RESULTS)),
    "cost": (comparison_charts.cost, method_tables.cost(RESULTS)),
}


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_valid_described_and_draws_columns_that_are_there(name):
    make, frame = ALL[name]
    spec = make(frame).to_dict()  # validates against Vega-Lite's schema
    assert fields(spec) <= {*frame.columns}
    assert len(spec["description"]) > 20, "for who cannot see it"
    json.dumps(spec, allow_nan=False)
    assert make(frame.iloc[:0]).to_dict(), "of nothing it is empty"


def test_every_chart_is_tested():
    here = comparison_charts.__name__
    public = {name for name, value in vars(comparison_charts).items() if getattr(value, "__module__", "") == here}
    assert {name for name in public if not name.startswith("_")} == set(ALL)


def channel(spec, name):
    """A channel of the layer of a chart that has marks of all kinds."""
    (found,) = [layer["encoding"][name] for layer in spec["layer"] if "fillOpacity" in layer["encoding"]]
    return found


@pytest.mark.parametrize("name", ["accuracy_by_method", "cross_table", "digit_table", "cost"])
def test_every_row_has_its_name(name):
    """Vega leaves out names that come too close to each other, if it is let."""
    make, frame = ALL[name]
    spec = make(frame).to_dict()
    axes = [layer["encoding"]["y"]["axis"] for layer in spec.get("layer", [spec]) if "y" in layer["encoding"]]
    assert axes
    assert all(axis["labelOverlap"] is False for axis in axes)
    assert spec["height"]["step"] >= 34, "room for two lines"


def test_the_legend_names_the_kinds_that_are_there():
    alone = METHODS[METHODS["kind"] == "drawings alone"]
    scale = channel(comparison_charts.accuracy_by_method(alone).to_dict(), "fill")["scale"]
    assert scale == {"domain": ["drawings alone"], "range": [BLUE]}


def test_bars_are_coloured_by_kind_and_rows_never_hold_two():
    spec = comparison_charts.accuracy_by_method(METHODS).to_dict()
    assert channel(spec, "fill")["field"] == channel(spec, "stroke")["field"] == "kind"
    assert channel(spec, "y")["field"] == "label"
    assert (METHODS.groupby("label")["kind"].nunique() == 1).all()
    assert (METHODS.groupby(["label", "test_set"]).size() == 1).all(), "one bar for each test set"
