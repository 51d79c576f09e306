"""Colours, computed: seen on both pages, told apart by colour-blind people, numbers read on every shade."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from digitlab import look
from digitlab.comparison import chart_style

THEME = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text())["theme"]
# What is left of linear RGB for who lacks a kind of cones: Machado, Oliveira and Fernandes 2009, severity 1.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    """A colour such as #0072B2, or its three parts, as linear RGB."""
    if isinstance(colour, str):
        colour = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    share = np.array(colour) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light, dark = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(colour, blindness):
    x, y, z = TO_XYZ @ np.clip(np.array(BLINDNESS[blindness]) @ linear(colour), 0, 1) / [0.9505, 1, 1.089]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_yardstick_is_right():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21, abs=0.01)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert lab("#FFFFFF", "none") == pytest.approx([100, 0, 0], abs=0.1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mark", look.MARKS)
def test_each_mark_stands_out_from_the_page(theme, mark):
    assert contrast(mark, THEME[theme]["backgroundColor"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_links_are_read_on_the_page_and_on_what_lies_on_it(theme):
    for text, page in itertools.product(("textColor", "linkColor"), ("backgroundColor", "secondaryBackgroundColor")):
        assert contrast(THEME[theme][text], THEME[theme][page]) >= 4.5
    assert contrast(THEME[theme]["primaryColor"], THEME[theme]["backgroundColor"]) >= 3


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_colours_of_the_kinds_are_told_apart(blindness):
    kinds = [colour for colour, _ in chart_style._MARKS.values()]
    for one, other in itertools.combinations(kinds, 2):
        assert np.linalg.norm(lab(one, blindness) - lab(other, blindness)) > 12, (one, other)


def test_a_number_is_read_on_every_shade():
    ends = [
        np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
        for colour in (look.LIGHTEST, look.DARKEST)
    ]
    for share in np.linspace(0, 1, 101):
        cell = ends[0] + share * (ends[1] - ends[0])
        assert contrast(cell, "#FFFFFF" if share > look.WHITE_FROM else "#000000") >= 4.5, share


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.91, 0, "91"),
        (0.9949, 0, "99"),
        (0.995, 0, "99.5"),
        (0.998, 0, "99.8"),
        (0.9999, 0, "99.99"),
        (0.9999, 1, "99.99"),
        (1.0, 0, "100"),
        (1.0, 1, "100.0"),
        (0.0, 0, "0"),
        (0.005, 0, "0.5"),
        (0.0001, 1, "0.01"),
        (0.99994, 0, "99.99"),
        (0.99996, 0, "over 99.99"),
        (np.float32(0.9999999), 2, "over 99.99"),
        (0.000001, 1, "under 0.01"),
        (1 - 2**-53, 1, "100.0"),  # as sums of rounded numbers come out
        (2**-55, 1, "0.0"),
    ],
)
def test_a_percentage_never_claims_all_or_nothing_of_what_is_not_quite_that(share, decimals, text):
    assert look.percent(share, decimals) == f"{text}\N{NO-BREAK SPACE}%"


def test_streamlit_has_the_same_colours():
    assert tuple(THEME["chartCategoricalColors"]) == look.MARKS
    assert [THEME["chartSequentialColors"][end] for end in (0, -1)] == [look.LIGHTEST, look.DARKEST]
