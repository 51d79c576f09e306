"""What holds for whatever a hand draws: size, place, order and direction do not matter, and no ink is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitlab.drawing.strokes import check_strokes, render, stroke_steps, strokes_to_digit
from tests.drawing.any_drawing import drawings, same_examples
from tests.drawing.measure import centroid, longest_side


def nearly(digit, other):
    """Rounding may go either way: by one of 255."""
    return np.abs(digit.astype(int) - other).max() <= 1


@same_examples
@given(drawings, st.floats(0.05, 1000), st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
def test_size_and_place_do_not_matter(drawing, scale, move):
    elsewhere = [stroke * scale + move for stroke in drawing]
    assert nearly(strokes_to_digit(elsewhere), strokes_to_digit(drawing))


@same_examples
@given(drawings, st.randoms(use_true_random=False))
def test_order_and_direction_of_strokes_do_not_matter(drawing, random):
    other = [stroke[::-1] if random.random() < 0.5 else stroke for stroke in drawing]
    random.shuffle(other)
    assert nearly(strokes_to_digit(other), strokes_to_digit(drawing))


@same_examples
@given(drawings, st.data())
def test_a_point_more_on_a_line_does_not_matter(drawing, data):
    number = data.draw(st.integers(0, len(drawing) - 1))
    place = data.draw(st.integers(0, len(drawing[number]) - 1))
    start, end = drawing[number][place], drawing[number][min(place + 1, len(drawing[number]) - 1)]
    between = start + data.draw(st.sampled_from([0, 0.25, 0.5, 1])) * (end - start)
    finer = list(drawing)
    finer[number] = np.insert(drawing[number], place + 1, between, axis=0)
    assert nearly(strokes_to_digit(finer), strokes_to_digit(drawing))


@same_examples
@given(drawings)
def test_a_digit_is_placed_as_mnist_was(drawing):
    steps = stroke_steps(drawing)
    assert (steps.digit.shape, steps.digit.dtype) == ((28, 28), np.uint8)
    assert longest_side(steps.digit) == 20
    for centre, offset in zip(centroid(steps.digit), steps.offset, strict=True):
        assert 14 < centre <= 15 or offset in (0, 8)  # nearly all ink at one edge: as far as the picture goes


@same_examples
@given(drawings)
def test_whatever_is_drawn_leaves_ink(drawing):
    points = np.concatenate(drawing)
    low, high = points.min(axis=0), points.max(axis=0)
    columns, rows = ((points - (low + high) / 2) * (20 - 2.6) / (high - low).max() + 10).T
    steps = stroke_steps(drawing)
    ink = steps.ink[(4 * rows).astype(int), (4 * columns).astype(int)]
    assert ink.min() == 255
    row, column = steps.offset
    assert steps.digit[(rows + row).astype(int), (columns + column).astype(int)].min() > 128


@same_examples
@given(drawings, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_a_stroke_more_takes_no_ink_away(drawing, shares):
    points = np.concatenate(drawing)
    low, high = points.min(axis=0), points.max(axis=0)
    more = render([*drawing, low + np.array(shares) * (high - low)])
    assert (more >= render(drawing) - 1e-6).all()


wrong_shapes = st.sampled_from([(1,), (2,), (9,), (3, 1), (1, 5), (4, 6), (1, 1, 1), (3, 2, 2)]).map(np.ones)
not_finite = st.sampled_from([np.nan, np.inf, -np.inf, 1e300]).map(lambda wrong: np.array([[1.0, 2.0], [wrong, 3.0]]))
no_numbers = st.sampled_from([None, "ink", [["a", "b"]], [[1, 2], [3]], {"x": 1}])


@same_examples
@given(drawings, st.one_of(wrong_shapes, not_finite, no_numbers), st.data())
def test_what_is_no_stroke_is_refused_and_named(drawing, wrong, data):
    place = data.draw(st.integers(0, len(drawing)))
    strokes = [*drawing[:place], wrong, *drawing[place:]]
    with pytest.raises(ValueError, match=rf"(?s)^Expected .*stroke {place}\b.* Received: "):
        check_strokes(strokes)
