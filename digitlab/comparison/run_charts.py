"""Charts of runs: their training, their confusion, their accuracy. DataFrame -> Altair chart."""

import altair as alt
import pandas as pd

from digitlab.comparison.chart_style import ALL_SHARES, AXIS_PERCENT, BLUE, GREY, ORANGE, TEST_SET_COLOURS, TEST_SETS
from digitlab.digits import NUM_CLASSES

_ACCURACY_TOOLTIP: list[str | alt.Tooltip] = [
    "name:N",
    "test_set:N",
    alt.Tooltip("accuracy:Q", format=".1%"),
    alt.Tooltip("low:Q", format=".1%"),
    alt.Tooltip("high:Q", format=".1%"),
    alt.Tooltip("n:Q", title="test digits"),
    alt.Tooltip("human_minutes:Q", format=".2f"),
]


def training_curves(frame: pd.DataFrame) -> alt.VConcatChart:
    """Accuracy and loss of one training, side by side.

    Args:
        frame: As `runs.histories` returns it, of one run.
    """
    return _curves(
        frame,
        alt.Scale(nice=False),
        color=alt.Color("data:N", title=None, scale=alt.Scale(domain=["training", "validation"], range=[BLUE, ORANGE])),
    )


def training_curves_overlaid(frame: pd.DataFrame) -> alt.VConcatChart:
    """Accuracy and loss of several trainings; validation is dashed.

    Args:
        frame: As `runs.histories` returns it.
    """
    return _curves(
        frame,
        alt.Scale(type="log", nice=False),  # 5 epochs of one run beside 500 of another
        color=alt.Color("name:N", title=None, legend=alt.Legend(orient="bottom", columns=3, labelLimit=260)),
        dash=alt.StrokeDash("data:N", title=None, scale=alt.Scale(domain=["training", "validation"])),
    )


def _curves(
    frame: pd.DataFrame, epochs: alt.Scale, color: alt.Color, dash: alt.StrokeDash | None = None
) -> alt.VConcatChart:
    def one(measure: str, axis: alt.Axis, title: str) -> alt.Chart:
        chart = alt.Chart(frame[frame["measure"] == measure], height=220, width="container")
        lines = chart.mark_line(point=frame["epoch"].nunique() < 30).encode(
            x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=epochs),
            y=alt.Y("value:Q", title=title, axis=axis, scale=alt.Scale(zero=False)),
            tooltip=["name:N", "data:N", "epoch:Q", alt.Tooltip("value:Q", title=measure, format=".4f")],
            color=color,
        )
        return lines.encode(strokeDash=dash) if dash else lines

    accuracy = one("accuracy", AXIS_PERCENT, "accuracy")
    return alt.vconcat(accuracy, one("loss", alt.Axis(), "loss (nats)"))


def confusion_matrix(frame: pd.DataFrame) -> alt.LayerChart:
    """Confusion matrix with counts; mistakes are coloured by their share of the label.

    Args:
        frame: As `runs.confusion_cells` returns it.
    """
    base = alt.Chart(frame).encode(
        x=alt.X("prediction:N", title="prediction", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("label:N", title="label"),
    )
    cells = base.mark_rect().encode(
        # By the root of the share: a few mistakes shall be seen beside many right predictions.
        color=alt.Color(
            "share:Q", legend=None, scale=alt.Scale(type="pow", exponent=0.5, scheme="blues", domain=[0, 1])
        ),
        tooltip=["label:N", "prediction:N", "count:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    counts = base.mark_text(fontSize=10).encode(
        text="count:Q", color=alt.condition(alt.datum.share > 0.3, alt.value("white"), alt.value("#333333"))
    )
    return (cells + counts).properties(height=330)


def accuracy_by_digit(frame: pd.DataFrame) -> alt.Chart:
    """Accuracy per digit of one run.

    Args:
        frame: As `runs.accuracy_by_digit` returns it.
    """
    chart = alt.Chart(frame).mark_bar(cornerRadiusEnd=2, color=BLUE)
    return chart.encode(
        x=alt.X("digit:N", title="digit", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=ALL_SHARES),
        tooltip=["digit:N", "n:Q", alt.Tooltip("accuracy:Q", format=".1%")],
    ).properties(height=330)


def accuracy_by_run(frame: pd.DataFrame) -> alt.LayerChart:
    """Accuracy of each run with its 95 % interval, and the line of chance at 10 %.

    Args:
        frame: As `runs.accuracies` returns it.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        yOffset=alt.YOffset("test_set:N", sort=TEST_SETS),
        color=alt.Color("test_set:N", title=None, scale=TEST_SET_COLOURS, legend=alt.Legend(orient="top")),
        tooltip=_ACCURACY_TOOLTIP,
    )
    x = alt.X("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=ALL_SHARES)
    bars = base.mark_bar(opacity=0.75, cornerRadiusEnd=2).encode(x=x)
    intervals = base.mark_rule(strokeWidth=2, color="black").encode(x="low:Q", x2="high:Q", color=alt.value("#444444"))
    return _chance() + bars + intervals


def _chance() -> alt.Chart:
    line = alt.Chart(pd.DataFrame({"chance": [1 / NUM_CLASSES]})).mark_rule(strokeDash=[4, 4], color=GREY)
    return line.encode(x="chance:Q")
