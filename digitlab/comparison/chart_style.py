"""What the charts have in common: colours, and the names of the test sets.

Blue and orange of Okabe and Ito's palette, told apart by colour-blind people too.
"""

from typing import TypeAlias

import altair as alt

Chart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#8a8f98"
TEST_SETS = ["MNIST test set", "own test set"]
TEST_SET_COLOURS = alt.Scale(domain=TEST_SETS, range=[BLUE, ORANGE])
AXIS_PERCENT = alt.Axis(format=".0%")
ALL_SHARES = alt.Scale(domain=[0, 1])
