"""Charts and pictures of what is inside a network. DataFrame -> Altair chart."""

from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from digitlab.comparison.chart_style import ALL_SHARES, AXIS_PERCENT, BLUE, EACH, GREY, ORANGE, Chart
from digitlab.digits import CLASS_NAMES, IMAGE_SIZE, Floats, Images

_SIDE = 280  # px of a digit's chart: it fits beside another one, and on a phone
_BELOW = 20  # px that Streamlit keeps free below a chart
_EDGE = 1.1  # where the axis of shares ends


def effect_map(frame: pd.DataFrame) -> alt.LayerChart:
    """What each part of a digit did: blue for the answer, orange against it, the ink as dark dots.

    There is no legend: it would take its room from the square.

    Args:
        frame: Columns `row`, `column`, `ink` (0-1) and `effect` (nats), a row for each pixel.
    """
    most = max(float(frame["effect"].abs().max()), 1e-6)
    pixel = alt.Scale(domain=list(range(IMAGE_SIZE)), paddingInner=0, paddingOuter=0)
    base = alt.Chart(frame).encode(
        x=alt.X("column:O", axis=None, scale=pixel),
        y=alt.Y("row:O", axis=None, scale=pixel),
        tooltip=[alt.Tooltip("effect:Q", title="for the answer", format="+.2f"), alt.Tooltip("ink:Q", format=".0%")],
    )
    colour = alt.Scale(domain=[-most, 0, most], range=[ORANGE, "#ffffff", BLUE], interpolate="rgb")
    parts = base.mark_rect().encode(color=alt.Color("effect:Q", scale=colour, legend=None))
    ink = base.mark_square(color="black", filled=True, size=22).encode(
        opacity=alt.Opacity("ink:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.6]), legend=None)
    )
    return (parts + ink).properties(width=_SIDE, height=_SIDE + _BELOW)


def changed_probabilities(frame: pd.DataFrame) -> alt.LayerChart:
    """Ten probabilities as bars, and a line on each where it was before the digit was changed.

    Args:
        frame: Columns `digit`, `probability` and `before` (0-1).
    """
    highest = frame["probability"].max()
    base = alt.Chart(frame).encode(
        y=alt.Y("digit:N", title=None, sort=list(CLASS_NAMES), axis=EACH),
        tooltip=[
            "digit:N",
            alt.Tooltip("probability:Q", title="now", format=".2%"),
            alt.Tooltip("before:Q", format=".2%"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X("probability:Q", title="probability", scale=ALL_SHARES, axis=AXIS_PERCENT),
        color=alt.condition(alt.datum.probability >= highest, alt.value(BLUE), alt.value(GREY)),
    )
    told = base.transform_filter("datum.before >= 0.005")  # nine lines at 0 would tell nothing
    before = told.mark_tick(color=ORANGE, thickness=3, size=16).encode(x="before:Q")
    return (bars + before).properties(height=240)


def limits(frame: pd.DataFrame) -> Chart:
    """How far each change can go before the reading flips: bars from the middle to either side.

    Args:
        frame: Columns `kind`, `share` (-1 to 1 of the most that is tried), `flips` (whether the reading flips
            there) and `text`; a row for each kind and direction.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y("kind:N", title=None, sort=None, axis=alt.Axis(labelLimit=110, labelOverlap=False))
    )
    axis = alt.Axis(values=[-1, -0.5, 0, 0.5, 1], format="+.0%")
    bars = base.mark_bar(size=12).encode(
        x=alt.X("share:Q", title="share of the most that is tried", scale=alt.Scale(domain=[-_EDGE, _EDGE]), axis=axis),
        color=alt.condition(alt.datum.flips, alt.value(ORANGE), alt.value(BLUE)),
        tooltip=["kind:N", alt.Tooltip("text:N", title="reading")],
    )
    sides: tuple[tuple[str, Literal["left", "right"], float], ...] = (("<", "left", -_EDGE), (">", "right", _EDGE))
    words = [  # at the ends of the row, above its bar: beside it they would leave the chart on a phone
        base.transform_filter(f"datum.share {side} 0")
        .mark_text(align=align, dy=-13, fontSize=11, color=GREY)
        .encode(x=alt.datum(end), text="text:N")
        for side, align, end in sides
    ]
    return alt.layer(bars, *words).properties(height=alt.Step(44))


def tile(values: Floats) -> Images:
    """Paint weights: blue where ink makes a unit fire, orange where it keeps it silent, white where it does nothing.

    Args:
        values: float array of shape (h, w).

    Returns:
        uint8 array of shape (h, w, 3), red, green and blue.

    Example:
        >>> tile(np.array([[0.0, 2.0]])).tolist()
        [[[255, 255, 255], [0, 114, 178]]]
    """
    share = (values / max(float(np.abs(values).max()), 1e-12))[..., None]
    blue, orange = (np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) for colour in (BLUE, ORANGE))
    mixed = 255 + np.maximum(share, 0) * (blue - 255) + np.maximum(-share, 0) * (orange - 255)
    return np.round(mixed).astype(np.uint8)
