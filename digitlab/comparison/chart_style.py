"""What the charts have in common: colours and shapes of the kinds of help, how the test sets are told apart.

The colours are those of `digitlab.look`; a shape, a place or a word says the same. Where this is imported, charts write
shares as `look.percent` does: 91.2 %.
"""

from typing import TypeAlias

import altair as alt
import pandas as pd
from altair.typing import ChannelColor

from digitlab.comparison import runs
from digitlab.comparison.kinds import KIND_TITLES
from digitlab.look import BLUE, DARKEST, GREEN, GREY, LIGHTEST, ORANGE, PURPLE, SKY, VIOLET, WHITE_FROM

__all__ = ("BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "SKY")  # charts take them from here

Chart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart

TEST_SETS = list(runs.TEST_SETS.values())
AXIS_PERCENT = alt.Axis(format=".0%")
EACH = alt.Axis(labelOverlap=False, labelFlush=False)  # a label for each, beside its row
ALL_SHARES = alt.Scale(domain=[0, 1])
# Room for a name of `labels.distinct_labels`, and a second line below it.
NAMES = alt.Axis(labelLimit=180, labelOverlap=False, labelExpr="split(datum.label, '\\n')")
ROW = alt.Step(34)  # px of a row with two lines of name

_MARKS = dict(
    zip(
        KIND_TITLES.values(),
        ((BLUE, "circle"), (GREEN, "diamond"), (ORANGE, "triangle-up"), (GREY, "square"), (VIOLET, "cross")),
        strict=True,
    )
)
# Of Vega's way to write numbers only the sign is changed; Vega wants all of it or nothing.
_NUMBERS = {
    "decimal": ".",
    "thousands": ",",
    "grouping": [3],
    "currency": ["$", ""],
    "percent": "\N{NO-BREAK SPACE}%",
}

_FILLED, _PALER = (alt.Scale(domain=TEST_SETS, range=[mnist, own]) for mnist, own in ((0.9, 0.15), (1, 0.6)))


@alt.theme.register("digitlab", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """Return what all charts have in common, as Altair asks for it."""
    return {"config": {"locale": {"number": _NUMBERS}}}  # type: ignore[typeddict-item]


def shade(*, exponent: float = 1.0) -> alt.Scale:
    """Return how a share, 0-1, colours a cell of a table.

    Args:
        exponent: Below 1, small shares are seen too.
    """
    return alt.Scale(
        type="pow",
        exponent=exponent,
        domain=[0, 1],
        range=[LIGHTEST, DARKEST],
        interpolate="rgb",
    )


def on_shade(field: str, *, exponent: float = 1.0) -> ChannelColor:
    """Return the colour of a number in a cell that `shade` has coloured by a field.

    Args:
        field: Name of the column, a share.
        exponent: As of `shade`.
    """
    dark = alt.datum[field] > WHITE_FROM ** (1 / exponent)
    return alt.condition(dark, alt.value("white"), alt.value("black"))


def by_kind(frame: pd.DataFrame, columns: int = 2) -> tuple[alt.Scale, alt.Scale, alt.Legend]:
    """Return how to colour and to shape marks by their kind, and the legend: of the kinds that are there.

    Args:
        frame: With a column `kind`.
        columns: Of the legend.
    """
    there = [title for title in KIND_TITLES.values() if title in set(frame["kind"])]
    colours, shapes = ([_MARKS[title][place] for title in there] for place in (0, 1))
    legend = alt.Legend(orient="top", columns=columns, columnPadding=6, labelFontSize=11, symbolOpacity=1)
    return alt.Scale(domain=there, range=colours), alt.Scale(domain=there, range=shapes), legend


def filled_by_test_set(columns: int = 2) -> dict[str, alt.FillOpacity | alt.Opacity]:
    """Return how to fill marks: those of MNIST's test set fully, those of the own one pale and nearly empty.

    Args:
        columns: Of the legend.
    """
    legend = alt.Legend(  # Vega draws none for how far marks are filled
        orient="bottom",
        columns=columns,
        labelFontSize=12,
        symbolFillColor=GREY,
        symbolStrokeWidth=0,
        symbolType="square",
    )
    return {
        "fillOpacity": alt.FillOpacity("test_set:N", scale=_FILLED, legend=None),
        "opacity": alt.Opacity("test_set:N", title=None, scale=_PALER, legend=legend),
    }
