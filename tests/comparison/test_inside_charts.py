"""Charts and pictures of what is inside a network."""

import json

import numpy as np
import pandas as pd
import pytest

from digitlab.comparison import inside_charts
from digitlab.comparison.chart_style import BLUE, ORANGE
from tests.comparison.test_run_charts import fields

EFFECT = pd.DataFrame({"row": [0, 0], "column": [0, 1], "ink": [0.0, 1.0], "effect": [-0.5, 2.0]})
CHANGED = pd.DataFrame({"digit": list("0123456789"), "probability": [0.1] * 10, "before": [1.0] + [0.0] * 9})
LIMITS = pd.DataFrame(
    [["Turn", -0.25, True, "-22.5°: a 1"], ["Turn", 1.0, False, "+90°: stays"]],
    columns=["kind", "share", "flips", "text"],
)
ALL = {
    "effect_map": (inside_charts.effect_map, EFFECT),
    "changed_probabilities": (inside_charts.changed_probabilities, CHANGED),
    "limits": (inside_charts.limits, LIMITS),
}


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_valid_and_draws_columns_that_are_there(name):
    make, frame = ALL[name]
    spec = make(frame).to_dict()  # validates against Vega-Lite's schema
    assert fields(spec) <= {*frame.columns}
    json.dumps(spec, allow_nan=False)


def test_every_chart_is_tested():
    here = inside_charts.__name__
    public = {name for name, value in vars(inside_charts).items() if getattr(value, "__module__", "") == here}
    assert {name for name in public if not name.startswith("_")} == {*ALL, "tile"}


def test_for_and_against_are_equally_strong_in_colour():
    """White is what changes nothing, whichever side is the stronger one."""
    spec = inside_charts.effect_map(EFFECT).to_dict()
    assert spec["layer"][0]["encoding"]["color"]["scale"] == {
        "domain": [-2.0, 0, 2.0],
        "range": [ORANGE, "#ffffff", BLUE],
        "interpolate": "rgb",
    }
    assert inside_charts.effect_map(EFFECT.assign(effect=0.0)).to_dict()


def test_words_of_a_limit_stand_at_its_own_side():
    _, left, right = inside_charts.limits(LIMITS).to_dict()["layer"]
    for layer, side, align in ((left, "<", "left"), (right, ">", "right")):
        assert layer["transform"] == [{"filter": f"datum.share {side} 0"}]
        assert layer["mark"]["align"] == align


def test_a_tile_paints_weights():
    painted = inside_charts.tile(np.array([[-1.0, -0.5, 0.0, 1.0]]))
    assert painted.dtype == np.uint8
    assert painted[0, 2].tolist() == [255, 255, 255]
    colours = ["#{:02X}{:02X}{:02X}".format(*painted[0, place]) for place in (0, 3)]
    assert colours == [ORANGE, BLUE]
    assert (painted[0, 1] > painted[0, 0]).any(), "half as strong is paler"
    assert (inside_charts.tile(np.zeros((2, 2))) == 255).all()
