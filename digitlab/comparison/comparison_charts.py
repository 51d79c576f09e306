"""Charts of the compare page beside the central one: DataFrame -> Altair chart.

A shape, a word or a number stands beside each colour. Each chart describes itself to a screen reader.
"""

import altair as alt
import pandas as pd

from digitlab.comparison.chart_style import (
    ALL_SHARES,
    GREY,
    NAMES,
    PURPLE,
    ROW,
    SKY,
    TEST_SETS,
    Chart,
    by_kind,
    filled_by_test_set,
    on_shade,
    shade,
)
from digitlab.digits import NUM_CLASSES

READABLE = "#757986"  # a grey for text on a white page and on a black one
_ROOM_FOR_NUMBERS = alt.ExprRef("bandwidth('x') > 25 ? 1 : 0")  # where not, the colour tells them, and a touch

METHOD_TOOLTIP: list[str | alt.Tooltip] = [
    alt.Tooltip("name:N", title="run"),
    alt.Tooltip("kind:N", title="learnt from"),
    alt.Tooltip("test_set:N", title="tested on"),
    alt.Tooltip("accuracy:Q", format=".1%"),
    alt.Tooltip("low:Q", title="from", format=".1%"),
    alt.Tooltip("high:Q", title="to", format=".1%"),
    alt.Tooltip("interval:N", title="these are"),
    alt.Tooltip("n:Q", title="test digits"),
    alt.Tooltip("drawings:Q"),
    alt.Tooltip("human_minutes:Q", title="minutes of drawing", format=".2f"),
    alt.Tooltip("training_seconds:Q", title="training, s", format=".1f"),
    alt.Tooltip("note:N", title="to know"),
]


# Where there is no room for five labels every other one is left out: 0 % and 100 % stay.
_ENDS_LABELLED = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], labelOverlap="parity", labelFlush=True)


def accuracy_by_method(frame: pd.DataFrame) -> Chart:
    """Accuracy of each method with its interval, and the line of chance.

    Args:
        frame: As `method_tables.table` returns it.
    """
    colours, _, legend = by_kind(frame, columns=1)  # on a phone the names leave no room for two
    base = alt.Chart(frame).encode(
        y=alt.Y("label:N", title=None, sort=None, axis=NAMES),
        yOffset=alt.YOffset("test_set:N", sort=TEST_SETS),
    )
    bars = base.mark_bar(cornerRadiusEnd=2, strokeWidth=1.5).encode(
        x=alt.X("accuracy:Q", title="accuracy", axis=_ENDS_LABELLED, scale=ALL_SHARES),
        fill=alt.Fill("kind:N", title=None, scale=colours, legend=legend),
        stroke=alt.Stroke("kind:N", title=None, scale=colours, legend=None),
        tooltip=METHOD_TOOLTIP,
        **filled_by_test_set(columns=1),
    )
    intervals = [  # dark in light: seen on a bar, on a white page and on a black one
        base.mark_rule(strokeWidth=width, color=colour, aria=False).encode(x="low:Q", x2="high:Q")
        for width, colour in ((5, "white"), (2, "#333333"))
    ]
    chance = (
        alt.Chart(pd.DataFrame({"accuracy": [1 / NUM_CLASSES]}))
        .mark_rule(strokeDash=[4, 4], color=GREY)
        .encode(x="accuracy:Q")
    )
    return alt.layer(
        *(chance, bars, *intervals),
        description="Bars: accuracy of each method on each test set, with its interval; the colour and the name tell "
        "what helped the drawings.",
    ).properties(height=alt.Step(40, **{"for": "position"}))


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
    ).properties(height=ROW)


def digit_table(frame: pd.DataFrame) -> Chart:
    """Accuracy per digit (columns) of several methods (rows).

    Args:
        frame: As `method_tables.accuracy_by_digit` returns it.
    """
    tooltip: list[str | alt.Tooltip] = ["name:N", "kind:N", "digit:N", "n:Q", alt.Tooltip("accuracy:Q", format=".1%")]
    return _table(frame, "digit", "label", tooltip, "Table: accuracy of each method on each digit.").properties(
        height=ROW
    )


def cost(frame: pd.DataFrame) -> alt.Chart:
    """Seconds of drawing and of training, added up.

    Args:
        frame: As `method_tables.cost` returns it.
    """
    description = "Bars: seconds of drawing and of training that each method cost."
    chart = alt.Chart(frame, description=description, height=ROW).mark_bar(stroke="white")
    return chart.encode(
        x=alt.X("seconds:Q", title="seconds"),
        y=alt.Y("label:N", title=None, sort=None, axis=NAMES),
        color=alt.Color(  # none of the colours of a kind: a bar here is time
            "part:N",
            title=None,
            scale=alt.Scale(domain=["your drawing", "training"], range=[PURPLE, SKY]),
            legend=alt.Legend(orient="top"),
        ),
        order=alt.Order("part:N", sort="descending"),
        tooltip=[
            *("name:N", alt.Tooltip("kind:N", title="learnt from"), alt.Tooltip("part:N", title="what")),
            *(alt.Tooltip("seconds:Q", format=".1f"), alt.Tooltip("total:Q", title="both, s", format=".1f")),
        ],
    )


def _table(frame: pd.DataFrame, column: str, row: str, tooltip: list[str | alt.Tooltip], description: str) -> Chart:
    base = alt.Chart(frame).encode(
        x=alt.X(f"{column}:N", title=column.replace("_", " "), sort=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y(f"{row}:N", title=None, sort=None, axis=NAMES),
    )
    cells = base.mark_rect().encode(color=alt.Color("accuracy:Q", legend=None, scale=shade()), tooltip=tooltip)
    numbers = (
        base.transform_filter("isValid(datum.accuracy)")
        .mark_text(fontSize=11, opacity=_ROOM_FOR_NUMBERS)
        .encode(
            text=alt.Text("accuracy:Q", format=".0%"),
            color=on_shade("accuracy"),
        )
    )
    return alt.layer(cells, numbers, description=description)
