"""The one chart in the middle of the comparison: accuracy against minutes of drawing, with all there is to compare.

What lies where is worked out here and not by Vega: minutes have places between 0 and 1, and names stand only where they
are in nobody's way. Names of a wide chart and those of a narrow one are both in it; its width decides which are seen.
"""

import json
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from digitlab.comparison import minutes_axis, own_curve
from digitlab.comparison.chart_style import BLUE, GREY, Chart, by_kind
from digitlab.comparison.comparison_charts import METHOD_TOOLTIP, READABLE
from digitlab.comparison.label_places import FONT_SIZE, Name, Placed, place_names
from digitlab.comparison.labels import distinct_labels
from digitlab.comparison.minutes_axis import ZERO_ENDS, MinutesAxis
from digitlab.comparison.own_curve import OwnCurve
from digitlab.digits import Floats

HEIGHT = 480  # px, with axis and legend
_TOP = 1.2  # of the axis of accuracy: above 100 % there is room for names and for what the pointer reads
_READING = 18  # px of that room that no name may take
_WIDE_FROM = 480  # px of the plot
# Sizes of the plot in px at which names are tried: what the page, the report and a phone leave of the chart.
_WIDE_SIZES = ((_WIDE_FROM, 250), (_WIDE_FROM, 430), (640, 250), (640, 480), (1000, 330), (1800, 430))
_NARROW_SIZES = ((235, 250), (235, 430), (300, 250), (300, 430), (_WIDE_FROM, 330))
# How many runs get their name beside them, and to how many characters it is cut: the first that finds a place.
_WIDE_NAMES, _NARROW_NAMES = (8, (48, 26)), (4, (26, 16))
# Where along a line its name may stand, the best place first.
_LINE_ANCHORS = (*(0.5, 0.4, 0.6, 0.35, 0.65, 0.45, 0.55), *(0.3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.08))
_READING_WIDTH = 170  # px of what the pointer reads
_PERCENT = "format(100 * datum.value, '.0f') + '\N{NO-BREAK SPACE}%'"
_ACCURACIES = [0, 0.2, 0.4, 0.6, 0.8, 1]


def accuracy_by_minutes(frame: pd.DataFrame, lines: pd.DataFrame, curve: OwnCurve | None = None) -> Chart:
    """Accuracy against minutes of drawing on one test set.

    Args:
        frame: As `method_tables.table` returns it, of one test set; those that shall have their name first, first.
        lines: As `speaking.reference_lines` returns it, of the same.
        curve: The own learning curve on the same.
    """
    axis = minutes_axis.fit([*frame["human_minutes"], *(curve.minutes() if curve else [])])
    minutes, accuracy = frame["human_minutes"].to_numpy(float), frame["accuracy"].to_numpy(float)
    frame = frame.assign(place=axis.places(minutes) + minutes_axis.spread_zeros(minutes, accuracy))
    # Below all else, so that a mark under the pointer still tells what it is.
    reading = _reading(own_curve.readings(curve, axis)) if curve else []
    layers = [*reading[:1], *_strip_of_zero(frame), *_reference_lines(lines), *(_curve(curve, axis) if curve else [])]
    layers += [*_methods(frame, axis), *_names(frame, lines, curve, axis), *reading[1:]]
    description = (
        "Points: accuracy of each method against the minutes of drawing it cost, with intervals; colour and shape tell "
        "what helped the drawings. Line: the own learning curve and its forecast. Level lines: a random guess, the "
        "dense network trained on MNIST, and the estimate made before."
    )
    chart: Chart = alt.layer(*layers, description=description, height=HEIGHT)
    return chart.configure_view(strokeOpacity=0)


def _x(axis: MinutesAxis) -> alt.X:
    """The axis of minutes: each tick stands for the round number at its place."""
    ticks = [0.0, *axis.ticks()]
    places = [round(float(place), 6) for place in axis.places(ticks)]
    words = json.dumps({f"{place:.6f}": f"{tick:g}" for place, tick in zip(places, ticks, strict=True)})
    return alt.X(
        "place:Q",
        title="minutes of drawing",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(
            values=places,
            labelExpr=f"({words})[format(datum.value, '.6f')]",
            grid=False,
            labelFontSize=12,
            titleFontSize=12,
        ),
    )


def _y(field: str = "accuracy") -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        title="accuracy",
        scale=alt.Scale(domain=[0, _TOP], nice=False),
        axis=alt.Axis(values=_ACCURACIES, labelExpr=_PERCENT, labelFontSize=12, titleFontSize=12),
    )


def _methods(frame: pd.DataFrame, axis: MinutesAxis) -> list[alt.Chart]:
    colours, shapes, legend = by_kind(frame)
    base = alt.Chart(frame).encode(x=_x(axis), color=alt.Color("kind:N", title=None, scale=colours, legend=legend))
    intervals = base.mark_rule(opacity=0.7, aria=False).encode(y=_y("low"), y2="high:Q")
    points = base.mark_point(size=110, strokeWidth=1.5, fillOpacity=0.85).encode(
        y=_y(),
        shape=alt.Shape("kind:N", title=None, scale=shapes, legend=legend),
        fill=alt.Fill("kind:N", title=None, scale=colours, legend=legend),
        tooltip=METHOD_TOOLTIP,
    )
    return [intervals, points]


def _strip_of_zero(frame: pd.DataFrame) -> list[alt.Chart]:
    """A line between what took no drawing and what did."""
    if not len(frame):
        return []
    edge = alt.Chart(pd.DataFrame({"place": [ZERO_ENDS]})).mark_rule(color=GREY, opacity=0.6, aria=False)
    return [edge.encode(x="place:Q")]


def _reference_lines(lines: pd.DataFrame) -> list[alt.Chart]:
    rules = alt.Chart(lines.drop(columns="shorter")).mark_rule(color=GREY, strokeWidth=1.5, strokeDash=[5, 4])
    return [rules.encode(y=_y(), tooltip=["line:N", alt.Tooltip("accuracy:Q", format=".1%")])]


def _curve(curve: OwnCurve, axis: MinutesAxis) -> list[alt.Chart]:
    layers = []
    if len(curve.forecast):
        ahead = alt.Chart(curve.forecast.assign(place=axis.places(curve.forecast["minutes"])))
        layers += [
            ahead.mark_area(color=BLUE, opacity=0.16, aria=False).encode(x=_x(axis), y=_y("low"), y2="high:Q"),
            ahead.mark_line(color=BLUE, strokeWidth=2, strokeDash=[6, 4], aria=False).encode(x=_x(axis), y=_y()),
        ]
    measured = alt.Chart(curve.measured.assign(place=axis.places(curve.measured["minutes"])))
    line = measured.mark_line(color=BLUE, strokeWidth=2, aria=False).encode(x=_x(axis), y=_y())
    dots = measured.mark_circle(color=BLUE, size=26, opacity=1).encode(
        x=_x(axis),
        y=_y(),
        tooltip=[
            alt.Tooltip("n:Q", title="learning curve: drawings"),
            alt.Tooltip("minutes:Q", format=".1f"),
            alt.Tooltip("accuracy:Q", format=".1%"),
            alt.Tooltip("low:Q", title="lowest training", format=".1%"),
            alt.Tooltip("high:Q", title="highest training", format=".1%"),
        ],
    )
    return [*layers, line, dots]


def _reading(readings: pd.DataFrame) -> list[alt.Chart]:
    """What the pointer reads from the curve: invisible places to be near to, a rule, a dot and the words above it."""
    near = alt.selection_point(
        name="reading", nearest=True, on="pointermove", clear="pointerout", encodings=["x"], empty=False
    )
    base = alt.Chart(readings).encode(x=alt.X("place:Q"))
    places = base.mark_point(opacity=0, size=1, aria=False, tooltip=None).encode(y=_y()).add_params(near)
    at = base.transform_filter(near)
    here, room = "datum.place * width", _READING_WIDTH
    align = f"{here} + {room} < width ? 'left' : {here} > {room} ? 'right' : 'center'"
    words = at.mark_text(
        align=alt.ExprRef(align),
        dx=alt.ExprRef(f"{here} + {room} < width ? 6 : {here} > {room} ? -6 : 0"),
        fontSize=13,
        fontWeight="bold",
        color=READABLE,
        aria=False,
    )
    return [
        places,
        at.mark_rule(color=READABLE, strokeWidth=1, aria=False, tooltip=None),
        at.mark_circle(color=BLUE, size=60, opacity=1, aria=False, tooltip=None).encode(y=_y()),
        words.encode(y=alt.value(9), text="text:N"),
    ]


def _names(
    frame: pd.DataFrame, lines: pd.DataFrame, curve: OwnCurve | None, axis: MinutesAxis
) -> list[alt.Chart]:  # fmt: skip
    marks = np.column_stack([frame["place"], _down(frame["accuracy"])]).astype(float)
    kept_free = [np.array([[ZERO_ENDS, 0.0], [ZERO_ENDS, 1.0]])]
    kept_free += [np.array([[0, down], [1, down]], float) for down in _down(lines["accuracy"])]
    for place, low, high in zip(frame["place"], _down(frame["low"]), _down(frame["high"]), strict=True):
        kept_free.append(np.array([[place, low], [place, high]], float))
    if curve:
        for part in (curve.measured, curve.forecast):
            if len(part):
                kept_free.append(np.column_stack([axis.places(part["minutes"]), _down(part["accuracy"])]))
    made = []
    for sizes, (most, lengths), wide in (
        (_WIDE_SIZES, _WIDE_NAMES, True),
        (_NARROW_SIZES, _NARROW_NAMES, False),
    ):
        names = [*_of_lines(lines, wide=wide), *_of_runs(frame, most, lengths), *_of_curve(curve, axis)]
        placed = place_names(names, marks, kept_free, sizes, top=_READING)
        made += _texts(placed, f"width {'>=' if wide else '<'} {_WIDE_FROM} ? 1 : 0")
    return made


def _of_lines(lines: pd.DataFrame, *, wide: bool) -> list[Name]:
    return [
        Name(
            (line, *shorter) if wide else shorter,
            tuple((x, float(down)) for x in _LINE_ANCHORS),
            along=True,
        )
        for line, shorter, down in zip(lines["line"], lines["shorter"], _down(lines["accuracy"]), strict=True)
    ]


def _of_runs(frame: pd.DataFrame, most: int, lengths: Sequence[int]) -> list[Name]:
    drawn = frame[frame["drawings"] > 0].head(most)
    cut = zip(*(distinct_labels(list(drawn["name"]), longest) for longest in lengths), strict=True)
    return [
        Name(texts, ((float(place), float(down)),))
        for texts, place, down in zip(cut, drawn["place"], _down(drawn["accuracy"]), strict=True)
    ]


def _of_curve(curve: OwnCurve | None, axis: MinutesAxis) -> list[Name]:
    if curve is None:
        return []
    measured = curve.measured if curve.has_line else curve.measured.head(0)
    named = [("your learning curve", measured), ("forecast", curve.forecast)]
    names = []
    for text, part in named:
        places, downs = axis.places(part["minutes"]), _down(part["accuracy"])
        middle_first = sorted(range(len(part)), key=lambda place: abs(place - len(part) / 2))
        anchors = tuple((float(places[place]), float(downs[place])) for place in middle_first)
        names += [Name((text,), anchors)] if anchors else []
    return names


def _texts(placed: Sequence[Placed], opacity: str) -> list[alt.Chart]:
    if not placed:
        return []
    rows = [(each.text, each.x, (1 - each.y) * _TOP, each.align, each.dx, each.dy) for each in placed]
    frame = pd.DataFrame(rows, columns=["text", "place", "accuracy", "align", "dx", "dy"])
    text = alt.Chart(frame).mark_text(
        align=alt.ExprRef("datum.align"),
        dx=alt.ExprRef("datum.dx"),
        dy=alt.ExprRef("datum.dy"),
        fontSize=FONT_SIZE,
        color=READABLE,
        opacity=alt.ExprRef(opacity),
        aria=False,
        tooltip=None,
    )
    return [text.encode(x="place:Q", y=_y(), text="text:N")]


def _down(accuracy: pd.Series) -> Floats:
    """Return how far down from the top of the plot accuracies are, as shares of its height."""
    return np.asarray(1 - accuracy.to_numpy(float) / _TOP)
