"""What holds for the distance of whatever a hand draws, and that it tells digits apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitlab.drawing.traces import POINTS, distances, trace
from tests.browser.drawing import human_digits
from tests.drawing.any_drawing import drawings, same_examples


def distance(drawing, other):
    return distances(trace(drawing), trace(other)[None])[0]


def by_definition(one, other):
    """The recursion of dynamic time warping, cell by cell."""
    least = np.full((POINTS, POINTS), np.inf)
    for i in range(POINTS):
        for j in range(max(0, i - 6), min(POINTS, i + 7)):
            before = [least[a, b] for a, b in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if a >= 0 and b >= 0]
            least[i, j] = ((one[i] - other[j]) ** 2).sum() + (min(before) if before else 0)
    return least[-1, -1] / POINTS


@same_examples
@given(drawings, drawings, st.floats(0.05, 1000), st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
def test_size_and_place_do_not_matter(drawing, other, scale, move):
    elsewhere = [stroke * scale + move for stroke in drawing]
    assert distance(elsewhere, other) == pytest.approx(distance(drawing, other), abs=1e-4)
    assert distance(elsewhere, drawing) < 1e-4


@same_examples
@given(drawings, drawings)
def test_a_drawing_is_itself_and_both_ways_are_as_far(drawing, other):
    assert distance(drawing, drawing) == pytest.approx(0, abs=1e-12)
    assert distance(drawing, other) == pytest.approx(distance(other, drawing))
    assert 0 <= distance(drawing, other) < 3


@same_examples
@given(drawings, st.lists(drawings, min_size=1, max_size=4))
def test_all_at_once_is_one_by_one_as_defined(drawing, others):
    one, many = trace(drawing), np.stack([trace(other) for other in others])
    assert distances(one, many) == pytest.approx([by_definition(one, other) for other in many])


@same_examples
@given(drawings)
def test_a_trace_lies_evenly_in_its_box(drawing):
    points, directions = np.split(trace(drawing), 2, axis=1)
    assert points.shape == directions.shape == (POINTS, 2)
    assert np.abs(points).max() <= 0.5 + 1e-9
    assert np.hypot(*directions.T).max() <= 0.1**0.5 + 1e-9


def test_the_way_between_strokes_has_no_points():
    bars = [np.array([[0.0, 0.0], [0.0, 100.0]]), np.array([[100.0, 0.0], [100.0, 100.0]])]
    x = trace(bars)[:, 0]
    assert sorted(set(x.round(3))) == [-0.5, 0.5]
    assert (x < 0).sum() == POINTS / 2


def test_dots_alone_have_a_trace():
    assert np.isfinite(trace([np.array([[0.0, 0.0]]), np.array([[9.0, 3.0]])])).all()


def test_the_same_hand_draws_its_digits_alike():
    known, other = (human_digits(nth=nth) for nth in (0, 1))
    labels = sorted(known)
    traces = np.stack([trace([np.array(stroke, float) for stroke in known[label]]) for label in labels])
    nearest = [
        labels[distances(trace([np.array(s, float) for s in other[label]]), traces).argmin()] for label in labels
    ]
    assert sum(near == label for near, label in zip(nearest, labels, strict=True)) >= 9


@pytest.mark.parametrize("wrong", [[], [np.zeros((1, 2))], [np.full((2, 2), np.nan)]])
def test_what_is_no_drawing_is_refused(wrong):
    with pytest.raises(ValueError, match="Expected .* Received: "):
        trace(wrong)
