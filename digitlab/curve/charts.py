"""DataFrame -> Altair chart: the learning curve and its forecast, and the advice beside it."""

import altair as alt
import pandas as pd

from digitlab.digits import NUM_CLASSES
from digitlab.look import BLUE, GREY, ORANGE, PURPLE

# Blue is what drawings alone have taught, grey what no drawing has, as on the other charts of the comparison;
# shapes and dashes say the same.
_PERCENT = alt.Axis(format=".0%")
_X = {"minutes": "minutes of drawing", "n": "drawings"}


def learning_curve(
    points: pd.DataFrame, lines: pd.DataFrame, x: str, dense_accuracy: float | None, goal: float | None = None
) -> alt.LayerChart:
    """Accuracy against minutes or drawings: what was measured, and the forecast with its band.

    Args:
        points: As `wording.points_table` returns it.
        lines: As `wording.lines_table` returns it; may be empty.
        x: "minutes" or "n".
        dense_accuracy: That of the dense network on all of MNIST, 0-1, if known.
        goal: Accuracy to draw a line at, 0-1.
    """
    names = list(dict.fromkeys(points["series"]))
    scale = alt.Scale(type="log", nice=False, padding=12)
    across = alt.X(f"{x}:Q", title=_X[x], scale=scale, axis=alt.Axis(format="~r", tickCount=8, labelOverlap=True))
    accuracy = alt.Y("accuracy:Q", title="accuracy", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]))
    place = [alt.Tooltip("n:Q", title="drawings", format=",.0f"), alt.Tooltip("minutes:Q", format=",.1f")]
    measured = alt.Chart(points).encode(
        x=across,
        color=alt.Color(
            "series:N",
            title=None,
            scale=alt.Scale(domain=names, range=[BLUE, GREY][: len(names)]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=[
            "series:N",
            *place,
            alt.Tooltip("accuracy:Q", format=".1%"),
            alt.Tooltip("low:Q", title="lowest training", format=".1%"),
            alt.Tooltip("high:Q", title="highest training", format=".1%"),
            alt.Tooltip("trainings:Q"),
            alt.Tooltip("tested:Q", title="test digits", format=","),
        ],
    )
    shape = alt.Shape("series:N", title=None, scale=alt.Scale(domain=names, range=["circle", "diamond"][: len(names)]))
    layers = [_labelled_line(1 / NUM_CLASSES, "random guess", GREY)]
    if dense_accuracy is not None:
        layers.append(_labelled_line(dense_accuracy, "dense network on all of MNIST", GREY))
    if goal is not None:
        layers.append(_labelled_line(goal, "goal", PURPLE))
    if len(lines):
        ahead = alt.Chart(lines).encode(
            x=across,
            tooltip=[
                alt.Tooltip("part:N", title="line"),
                *place,
                alt.Tooltip("accuracy:Q", format=".1%"),
                alt.Tooltip("low:Q", title="80 % band from", format=".1%"),
                alt.Tooltip("high:Q", title="to", format=".1%"),
            ],
        )
        layers.append(ahead.mark_area(color=BLUE, opacity=0.16).encode(y=alt.Y("low:Q", title="accuracy"), y2="high:Q"))
        dash = alt.StrokeDash(
            "part:N",
            title=None,
            scale=alt.Scale(domain=["forecast"], range=[[6, 4]]),
            legend=alt.Legend(orient="bottom", symbolType="stroke"),
        )
        layers.append(ahead.mark_line(color=BLUE, strokeWidth=2).encode(y=accuracy, strokeDash=dash))
    layers.append(measured.mark_rule(strokeWidth=1.5).encode(y="low:Q", y2="high:Q"))
    layers.append(measured.mark_point(filled=True, size=80, opacity=1).encode(y=accuracy, shape=shape))
    return alt.LayerChart(layer=layers, height=380)


def compare_writers(comparison: pd.DataFrame) -> alt.LayerChart:
    """Accuracy with the drawings there are, with more of the same writer, and with those of others.

    Args:
        comparison: As `advice.compare_writers` returns it.
    """
    base = alt.Chart(comparison).encode(
        y=alt.Y("what:N", title=None, sort=list(comparison["what"]), axis=alt.Axis(labelLimit=320)),
        tooltip=["what:N", "known:N", alt.Tooltip("accuracy:Q", format=".1%"),
                 alt.Tooltip("low:Q", format=".1%"), alt.Tooltip("high:Q", format=".1%")],
    )  # fmt: skip
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X("accuracy:Q", title="accuracy", axis=_PERCENT, scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "known:N",
            title=None,
            scale=alt.Scale(domain=["measured", "forecast"], range=[BLUE, ORANGE]),
            legend=alt.Legend(orient="top"),
        ),
    )
    return alt.LayerChart(
        layer=[bars, base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")], height=alt.Step(34)
    )


def _labelled_line(accuracy: float, name: str, color: str) -> alt.LayerChart:
    """A dashed horizontal line with its name."""
    base = alt.Chart(pd.DataFrame({"accuracy": [accuracy], "name": [name]})).encode(
        y=alt.Y("accuracy:Q"), tooltip=["name:N", alt.Tooltip("accuracy:Q", format=".1%")]
    )
    text = base.mark_text(align="left", dx=4, dy=-7, color=color, fontSize=11).encode(x=alt.value(0), text="name:N")
    return alt.LayerChart(layer=[base.mark_rule(strokeDash=[4, 4], color=color), text])
