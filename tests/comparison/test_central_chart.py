"""The central chart as it is drawn: what it holds, and that no text lies on another, on a mark, or beyond the edge."""

import functools
import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest

from digitlab.comparison import figures
from digitlab.comparison.method_results import method_results
from digitlab.comparison.minutes_axis import ZERO_ENDS
from digitlab.comparison.own_curve import OwnCurve
from digitlab.comparison.speaking import SHIPPED
from tests.comparison.scene import lay_out
from tests.helpers import a_run

GUESS = 0.6
HELPED = (None, "mnist", "unlabelled")
REACHED = {None: 0.6, "mnist": 0.97, "unlabelled": 0.95}


def a_curve(forecast=True):
    """From 10 to 100 drawings of three seconds, and on to 400."""
    n = np.array([10, 16, 25, 40, 63, 100])
    accuracy = 0.8 - 1.5 * n**-0.7
    measured = {"n": n, "minutes": n / 20, "accuracy": accuracy, "low": accuracy - 0.02, "high": accuracy + 0.02}
    ahead, middle = np.geomspace(100, 400, 30), np.linspace(accuracy[-1], 0.8, 30)
    band = np.linspace(0, 0.06, 30)
    coming = {"n": ahead, "minutes": ahead / 20, "accuracy": middle, "low": middle - band, "high": middle + band}
    frame = pd.DataFrame(coming)
    return OwnCurve("mnist", pd.DataFrame(measured), frame if forecast else frame.iloc[:0])


def some_runs(count, name):
    """So many runs beside the guess: on 10 to 160 drawings, each kind of help, every fifth without a drawing."""
    rng = np.random.default_rng(count)
    runs = [a_run("uniform", "uniform", right=0.1, name="Random guess")]
    for number in range(count):
        if number % 5 == 4:
            right = 0.95 + rng.uniform(0, 0.04)
            runs.append(a_run(f"dense-{number}", right=right, name=name(number), epochs=number + 3))
            continue
        drawn, helped = (10, 50, 100, 160)[number % 4], HELPED[number % 3]
        right = REACHED[helped] + rng.uniform(-0.05, 0.15) * (1 - REACHED[helped])
        more = {"minutes": drawn / 20, "drawings": drawn, "helped": helped, "epochs": number + 3}
        method = "one" if drawn == 10 else "full"
        runs.append(a_run(f"run-{number}", method, right=right, name=name(number), version=f"{drawn:016}", **more))
    return runs


def long_name(number):
    return f"{'WM a long name QO ' * 8}"[:117] + f"{number:03}"


def short_name(number):
    return f"Full batches ({number})"


def chart_of(count, name, *, guess=GUESS, curve=None):
    return figures.minutes(method_results(some_runs(count, name)), guess, curve or a_curve()).chart


@functools.cache
def scene_of(count, name, width):
    return lay_out(chart_of(count, name), width)


SCENES = pytest.mark.parametrize("width", [340, 700])
RUNS = pytest.mark.parametrize(
    ("count", "name"),
    [
        (1, long_name),
        (9, long_name),
        pytest.param(9, short_name, marks=pytest.mark.slow),
        pytest.param(50, long_name, marks=pytest.mark.slow),
    ],
)


@SCENES
@RUNS
def test_no_text_lies_on_another_or_is_cut(count, name, width):
    scene = scene_of(count, name, width)
    assert {"0", "0.5"} < {each.text for each in scene.texts}, "the axis is among them"
    for each in scene.texts:
        assert each.left >= 0 and each.right <= scene.width + 1, each
        assert each.top >= 0 and each.bottom <= scene.height + 1, each
    overlapping = [pair for pair in itertools.combinations(scene.texts, 2) if pair[0].overlaps(pair[1])]
    assert not overlapping


@SCENES
@RUNS
def test_no_name_lies_on_a_mark_or_on_a_line(count, name, width):
    """A name on the line of the guess, as it was once, belongs to nothing and hides it."""
    scene = scene_of(count, name, width)
    names = [each for each in scene.texts if each.role == "mark"]
    assert names
    for x, y, item in scene.marks["symbol"]:
        if item.get("size", 0) > 1:
            assert not [each for each in names if each.left < x < each.right and each.top < y < each.bottom]
    levels = [y for _, y, item in scene.marks["rule"] if "x2" in item]
    assert len(levels) == (3 if count > 1 else 2)
    for y in levels:
        assert not [each for each in names if each.top + 1 < y < each.bottom - 1], f"on the line at {y}"


@SCENES
@RUNS
def test_every_level_line_has_its_name(count, name, width):
    texts = " ".join(each.text for each in scene_of(count, name, width).texts)
    assert re.search(r"stimate|\byou\b", texts), "what the person expects"
    assert "Random guess" in texts or "luck" in texts
    if count > 1:
        assert "MNIST" in texts.replace("with MNIST", "")


def test_few_round_ticks():
    for width in (340, 700):
        ticks = [each.text for each in scene_of(9, long_name, width).texts if each.role == "axis-label"]
        minutes = [tick for tick in ticks if "%" not in tick]
        assert 3 <= len(minutes) <= 6
        assert all(tick.strip("0.") in ("", "1", "2", "5") for tick in minutes)
        assert len(ticks) - len(minutes) == 6


def test_runs_of_no_minutes_stand_apart_from_the_others_and_from_each_other():
    chart = chart_of(50, short_name)
    rows = [row for rows in chart.to_dict()["datasets"].values() for row in rows if "human_minutes" in row]
    zero = {row["id"]: row["place"] for row in rows if row["human_minutes"] == 0}
    drawn = {row["id"]: row["place"] for row in rows if row["human_minutes"] > 0}
    assert len(zero) == 11 and len(drawn) == 40
    assert max(zero.values()) < ZERO_ENDS < min(drawn.values()) - 0.05
    assert len(set(zero.values())) == 3, "three columns of those that read alike"


def layer_with(spec, field):
    return [layer for layer in spec["layer"] if field in json.dumps(layer["encoding"])]


def test_it_holds_everything():
    chart = chart_of(9, short_name)
    spec = chart.to_dict()
    points = [layer for layer in spec["layer"] if "shape" in layer["encoding"]]
    for name in ("color", "fill", "shape"):
        scale = points[0]["encoding"][name]["scale"]
        assert scale["domain"] == ["drawings alone", "with unlabelled pictures", "with MNIST", "no drawing"]
        assert len(set(scale["range"])) == 4
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks.count("line") == 2, "the curve and its forecast"
    assert marks.count("area") == 1, "the band"
    (lines,) = [rows for rows in spec["datasets"].values() if "line" in rows[0]]
    assert [row["line"] for row in lines] == [
        "Random guess",
        "Dense network on MNIST",
        "Your estimate of ten drawings: 60\N{NO-BREAK SPACE}%",
    ]
    (param,) = spec["params"]
    assert param["name"] == "reading" and param["select"]["nearest"]
    json.dumps(spec, allow_nan=False)


def test_only_lines_that_are_drawn_are_named():
    curve = a_curve()
    one_size = OwnCurve("mnist", curve.measured.head(1), curve.forecast)
    for shown, named in ((curve, True), (one_size, False)):
        figure = figures.minutes(method_results(some_runs(1, short_name)), None, shown)
        assert ("Blue line: your learning curve" in figure.text) == named
        assert ("your learning curve" in json.dumps(figure.chart.to_dict()["datasets"])) == named
        assert "Dashed blue line" in figure.text


def test_a_narrow_chart_of_methods_has_both_ends_of_its_axis():
    chart = figures.methods(method_results(some_runs(2, long_name))).chart
    for width in (340, 700):
        texts = {each.text for each in lay_out(chart, width).texts}
        assert {"0\N{NO-BREAK SPACE}%", "100\N{NO-BREAK SPACE}%"} <= texts


def test_without_a_network_of_ones_own_on_mnist_the_one_that_comes_along_stands_there_as_such():
    ten = some_runs(1, short_name)
    for runs, there in ((ten, True), ([*ten, a_run("dense-1", right=0.9)], False)):
        figure = figures.minutes(method_results(runs), shipped=0.9916)
        assert (SHIPPED in json.dumps(figure.chart.to_dict()["datasets"])) == there
        assert (SHIPPED in figure.note) == there


def test_without_a_curve_or_runs_it_is_still_a_chart():
    results = method_results(some_runs(0, short_name))
    assert lay_out(figures.minutes(results).chart, 340).texts
    assert figures.minutes([]).chart.to_dict()
    assert lay_out(figures.minutes(results, None, a_curve(forecast=False)).chart, 340).texts


def test_of_the_own_digits_it_shows_what_was_tested_on_them_and_not_the_guess_about_mnist():
    runs = [
        a_run("dense-1", own=0.9),
        a_run("one-1", "one", drawings=10, minutes=0.5, own=0.8),
        a_run("dense-2", epochs=9),
    ]
    spec = figures.minutes(method_results(runs), GUESS, None, "own").chart.to_dict()
    (rows,) = [rows for rows in spec["datasets"].values() if "human_minutes" in rows[0]]
    assert sorted(row["accuracy"] for row in rows) == [0.8, 0.9]
    (lines,) = [rows for rows in spec["datasets"].values() if "line" in rows[0]]
    assert [row["accuracy"] for row in lines] == [0.1, 0.9]
