"""Charts of drawings: what a model makes of one, how long they took. DataFrame -> Altair chart."""

import altair as alt
import pandas as pd

from digitlab.comparison.chart_style import ALL_SHARES, AXIS_PERCENT, BLUE, EACH, GREY
from digitlab.digits import CLASS_NAMES


def probabilities(frame: pd.DataFrame) -> alt.Chart:
    """Ten probabilities as bars.

    Args:
        frame: Columns `digit` and `probability` (0-1).
    """
    highest = frame["probability"].max()
    bars = alt.Chart(frame).mark_bar(cornerRadiusEnd=2)
    return bars.encode(
        x=alt.X("probability:Q", title="probability", scale=ALL_SHARES, axis=AXIS_PERCENT),
        y=alt.Y("digit:N", title=None, sort=list(CLASS_NAMES), axis=EACH),
        color=alt.condition(alt.datum.probability >= highest, alt.value(BLUE), alt.value(GREY)),
        tooltip=["digit:N", alt.Tooltip("probability:Q", format=".2%")],
    ).properties(height=260)


def seconds_by_digit(frame: pd.DataFrame) -> alt.Chart:
    """Seconds a digit takes, as boxes.

    Args:
        frame: As `drawing_table.times` returns it.
    """
    return (
        alt.Chart(frame)
        .mark_boxplot(color=BLUE, size=24)
        .encode(
            x=alt.X("digit:N", title="digit", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("seconds:Q", title="seconds a digit", scale=alt.Scale(zero=True)),
        )
        .properties(height=260)
    )


def seconds_over_time(frame: pd.DataFrame) -> alt.LayerChart:
    """Seconds of each drawing in the order of drawing, and the median of the last ten: practice and fatigue.

    Args:
        frame: As `drawing_table.times` returns it.
    """
    base = alt.Chart(frame).encode(
        x=alt.X("number:Q", title="drawing number of the writer"),
        color=alt.Color("writer:N", title=None, legend=alt.Legend(orient="bottom")),
        tooltip=["writer:N", "number:Q", "digit:N", alt.Tooltip("seconds:Q", format=".2f")],
    )
    points = base.mark_point(size=18, opacity=0.45).encode(y=alt.Y("seconds:Q", title="seconds a digit"))
    return (points + base.mark_line(strokeWidth=2.5).encode(y="median:Q")).properties(height=260)
