"""Charts of one run, or of the trainings of several: curves, confusion, accuracy. DataFrame -> Altair chart."""

from typing import Literal

import altair as alt
import pandas as pd

from digitlab.comparison.chart_style import ALL_SHARES, AXIS_PERCENT, BLUE, EACH, ORANGE, Chart, on_shade, shade

_MISTAKES = 0.5  # a few mistakes shall be seen too


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


def confusion_matrix(frame: pd.DataFrame, *, choose: bool = False) -> Chart:
    """Confusion matrix with counts; mistakes are coloured by their share of the label.

    Args:
        frame: As `runs.confusion_cells` returns it.
        choose: A cell can be chosen: selection `cell` of `label` and `prediction`.
    """
    cursor: Literal["pointer", "default"] = "pointer" if choose else "default"
    base = alt.Chart(frame).encode(
        x=alt.X("prediction:N", title="prediction", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("label:N", title="label", axis=EACH),
    )
    cells = base.mark_rect(cursor=cursor, strokeWidth=2).encode(
        color=alt.Color("share:Q", legend=None, scale=shade(exponent=_MISTAKES)),
        tooltip=["label:N", "prediction:N", "count:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    if choose:
        cell = alt.selection_point(name="cell", fields=["label", "prediction"], on="click", clear="dblclick")
        chosen = alt.condition(cell, alt.value(ORANGE), alt.value("transparent"), empty=False)
        cells = cells.encode(stroke=chosen).add_params(cell)
    counts = base.mark_text(fontSize=10, cursor=cursor).encode(
        text="count:Q", color=on_shade("share", exponent=_MISTAKES)
    )
    return alt.layer(cells, counts, description="Confusion matrix: rows are labels, columns predictions.").properties(
        height=330
    )


def accuracy_by_digit(frame: pd.DataFrame) -> alt.Chart:
    """Accuracy per digit of one run.

    Args:
        frame: As `method_tables.accuracy_by_digit` returns it, of one.
    """
    chart = alt.Chart(frame).mark_bar(cornerRadiusEnd=2, color=BLUE)
    return chart.encode(
        x=alt.X("digit:N", title="digit", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=ALL_SHARES),
        tooltip=["digit:N", "n:Q", alt.Tooltip("accuracy:Q", format=".1%")],
    ).properties(height=330)
