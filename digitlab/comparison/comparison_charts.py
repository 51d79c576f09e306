"""Charts of the compare page: DataFrame -> Altair chart.

A shape or a number stands beside each colour. Each chart describes itself to a screen reader.
"""

from typing import Literal

import altair as alt
import pandas as pd

from digitlab.comparison.chart_style import (
    ALL_SHARES,
    AXIS_PERCENT,
    BLUE,
    GREY,
    ORANGE,
    TEST_SET_COLOURS,
    TEST_SETS,
    Chart,
)
from digitlab.digits import NUM_CLASSES

_SHAPES = alt.Scale(domain=TEST_SETS, range=["circle", "triangle-up"])
_LEGEND = alt.Legend(orient="top")
_NAMES = alt.Axis(labelLimit=180)
_READABLE = "#757986"  # a grey for text on a white page and on a black one
_ROOM_FOR_NAMES = alt.ExprRef("width > 450 ? 1 : 0")  # on a phone they would hide each other too
_NAMED_AT_MOST = 8  # points with their name beside them; more would hide each other
_ON_DARK = 0.6  # a share drawn so dark that its number has to be white

_METHOD_TOOLTIP: list[str | alt.Tooltip] = [
    alt.Tooltip("name:N", title="run"),
    alt.Tooltip("test_set:N", title="tested on"),
    alt.Tooltip("accuracy:Q", format=".1%"),
    alt.Tooltip("low:Q", title="from", format=".1%"),
    alt.Tooltip("high:Q", title="to", format=".1%"),
    alt.Tooltip("interval:N", title="these are"),
    alt.Tooltip("n:Q", title="test digits"),
    alt.Tooltip("drawings:Q"),
    alt.Tooltip("human_minutes:Q", title="minutes of drawing", format=".2f"),
    alt.Tooltip("training_seconds:Q", title="training, s", format=".1f"),
]


def accuracy_by_minutes(frame: pd.DataFrame, lines: pd.DataFrame) -> Chart:
    """Accuracy against minutes of drawing, with intervals, the line of chance and that of the network on MNIST.

    Args:
        frame: As `methods.methods` returns it.
        lines: As `methods.reference_lines` returns it.
    """
    base = alt.Chart(frame).encode(
        x=alt.X("human_minutes:Q", title="minutes of drawing", scale=alt.Scale(zero=True, nice=True)),
        color=alt.Color("test_set:N", title=None, scale=TEST_SET_COLOURS, legend=_LEGEND),
    )
    y = alt.Y("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=ALL_SHARES)
    shape = alt.Shape("test_set:N", title=None, scale=_SHAPES, legend=_LEGEND)
    points = base.mark_point(filled=True, size=110, opacity=0.9).encode(y=y, shape=shape, tooltip=_METHOD_TOOLTIP)
    intervals = base.mark_rule(opacity=0.7, aria=False).encode(y="low:Q", y2="high:Q")
    layers = [*_reference_lines(lines), intervals, points]
    drawn = frame[(frame["test_set"] == TEST_SETS[0]) & (frame["drawings"] > 0)]
    if len(drawn) <= _NAMED_AT_MOST:
        layers += _names_beside(drawn)
    return alt.layer(
        *layers,
        description="Points: accuracy of each method against the minutes of drawing it cost, with intervals. Lines: a "
        "random guess, and the dense network trained on MNIST.",
    ).properties(height=380)


def accuracy_by_method(frame: pd.DataFrame) -> Chart:
    """Accuracy of each method with its interval, and the line of chance.

    Args:
        frame: As `methods.methods` returns it.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=_NAMES),
        yOffset=alt.YOffset("test_set:N", sort=TEST_SETS),
        color=alt.Color("test_set:N", title=None, scale=TEST_SET_COLOURS, legend=alt.Legend(orient="top", columns=1)),
    )
    x = alt.X("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=ALL_SHARES)
    bars = base.mark_bar(opacity=0.75, cornerRadiusEnd=2).encode(x=x, tooltip=_METHOD_TOOLTIP)
    intervals = [  # dark in light: seen on a bar, on a white page and on a black one
        base.mark_rule(strokeWidth=width, aria=False).encode(x="low:Q", x2="high:Q", color=alt.value(colour))
        for width, colour in ((5, "white"), (2, "#333333"))
    ]
    chance = (
        alt.Chart(pd.DataFrame({"accuracy": [1 / NUM_CLASSES]}))
        .mark_rule(strokeDash=[4, 4], color=GREY)
        .encode(x="accuracy:Q")
    )
    return alt.layer(
        *(chance, bars, *intervals), description="Bars: accuracy of each method on each test set, with its interval."
    )


def cross_table(frame: pd.DataFrame) -> Chart:
    """Accuracy of each model (rows) on each set of digits (columns).

    Args:
        frame: As `cross_table.cross_table` returns it.
    """
    tooltip: list[str | alt.Tooltip] = [
        *("run:N", "trained_on:N", "tested_on:N", alt.Tooltip("accuracy:Q", format=".1%")),
        *(alt.Tooltip("low:Q", format=".1%"), alt.Tooltip("high:Q", format=".1%"), alt.Tooltip("n:Q", title="digits")),
    ]
    return _table(
        frame, "tested_on", "trained_on", tooltip, "Table: accuracy by what a model was trained on and tested on."
    ).properties(height=alt.Step(34))


def accuracy_by_digit(frame: pd.DataFrame) -> Chart:
    """Accuracy per digit (columns) of several runs (rows).

    Args:
        frame: As `runs.accuracy_by_digit` returns it.
    """
    tooltip: list[str | alt.Tooltip] = ["name:N", "digit:N", "n:Q", alt.Tooltip("accuracy:Q", format=".1%")]
    return _table(frame, "digit", "name", tooltip, "Table: accuracy of each run on each digit.")


def cost(frame: pd.DataFrame) -> alt.Chart:
    """Seconds of drawing and of training, added up.

    Args:
        frame: As `methods.cost` returns it.
    """
    chart = alt.Chart(frame, description="Bars: seconds of drawing and of training that each method cost.").mark_bar(
        stroke="white"
    )
    return chart.encode(
        x=alt.X("seconds:Q", title="seconds"),
        y=alt.Y("name:N", title=None, sort=None, axis=_NAMES),
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=["your drawing", "training"], range=[ORANGE, BLUE]),
            legend=_LEGEND,
        ),
        order=alt.Order("part:N", sort="descending"),
        tooltip=[
            *("name:N", alt.Tooltip("part:N", title="what")),
            *(alt.Tooltip("seconds:Q", format=".1f"), alt.Tooltip("total:Q", title="both, s", format=".1f")),
        ],
    )


def confusion_matrix(frame: pd.DataFrame) -> Chart:
    """Confusion matrix of which a cell can be chosen: selection `cell` of `label` and `prediction`.

    Args:
        frame: As `runs.confusion_cells` returns it.
    """
    cell = alt.selection_point(name="cell", fields=["label", "prediction"], on="click", clear="dblclick")
    base = alt.Chart(frame).encode(
        x=alt.X("prediction:N", title="prediction", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("label:N", title="label"),
    )
    colour = alt.Scale(type="pow", exponent=0.5, scheme="blues", domain=[0, 1])  # a few mistakes shall be seen too
    cells = base.mark_rect(cursor="pointer", strokeWidth=2).encode(
        color=alt.Color("share:Q", legend=None, scale=colour),
        stroke=alt.condition(cell, alt.value(ORANGE), alt.value("transparent"), empty=False),
        tooltip=["label:N", "prediction:N", "count:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    counts = base.mark_text(fontSize=10, cursor="pointer").encode(
        text="count:Q", color=alt.condition(alt.datum.share > 0.3, alt.value("white"), alt.value("#333333"))
    )
    return alt.layer(
        cells.add_params(cell), counts, description="Confusion matrix: rows are labels, columns predictions."
    ).properties(height=340)


def _names_beside(points: pd.DataFrame) -> list[alt.Chart]:
    """Write names on that side of the points where there is room, by turns below and above."""
    right = points["human_minutes"] > points["human_minutes"].max() / 2
    below = points["human_minutes"].rank(method="first") % 2 == 1
    sides: tuple[tuple[pd.Series, Literal["left", "right"], int], ...] = ((right, "right", -9), (~right, "left", 9))
    return [
        alt.Chart(some)
        .mark_text(
            align=align, dx=dx, dy=dy, fontSize=11, limit=220, color=_READABLE, aria=False, opacity=_ROOM_FOR_NAMES
        )
        .encode(x="human_minutes:Q", y="accuracy:Q", text="name:N")
        for side, align, dx in sides
        for height, dy in ((below, 12), (~below, -12))
        if len(some := points[side & height])
    ]


def _reference_lines(lines: pd.DataFrame) -> list[alt.Chart]:
    """Draw lines from left to right with their names in the middle: points crowd at both ends."""
    by_test_set = [
        {"test": f"datum.test_set == '{test_set}'", "value": colour}
        for test_set, colour in zip(TEST_SETS, (BLUE, ORANGE), strict=True)
    ]
    base = alt.Chart(lines).encode(y="accuracy:Q", color=alt.ColorValue(GREY, condition=by_test_set))
    rules = base.mark_rule(strokeDash=[5, 4], strokeWidth=1.5).encode(
        tooltip=["line:N", "test_set:N", alt.Tooltip("accuracy:Q", format=".1%")]
    )
    middle = alt.value(alt.ExprRef("width / 2"))
    own = lines["test_set"] == TEST_SETS[1]  # below its line: the lines of the two test sets often lie close together
    names = [
        base.properties(data=some).mark_text(dy=dy, fontSize=11).encode(x=middle, text="line:N")
        for some, dy in ((lines[~own], -8), (lines[own], 9))
        if len(some)
    ]
    return [rules, *names]


def _table(frame: pd.DataFrame, column: str, row: str, tooltip: list[str | alt.Tooltip], description: str) -> Chart:
    base = alt.Chart(frame).encode(
        x=alt.X(f"{column}:N", title=column.replace("_", " "), sort=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y(f"{row}:N", title=None, sort=None, axis=_NAMES),
    )
    scale = alt.Scale(scheme="blues", domain=[0, 1])
    cells = base.mark_rect().encode(color=alt.Color("accuracy:Q", legend=None, scale=scale), tooltip=tooltip)
    numbers = (
        base.transform_filter("isValid(datum.accuracy)")
        .mark_text(fontSize=11)
        .encode(
            text=alt.Text("accuracy:Q", format=".0%"),
            color=alt.condition(alt.datum.accuracy > _ON_DARK, alt.value("white"), alt.value("#333333")),
        )
    )
    return alt.layer(cells, numbers, description=description)
