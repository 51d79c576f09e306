"""What holds for any ink: place and size do not matter, none is lost or made, and what is no ink is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitlab.drawing.preprocess import digit_steps, ink_to_digit
from tests.drawing.any_drawing import inks, same_examples
from tests.drawing.measure import centroid, longest_side

margins = st.tuples(*[st.tuples(st.integers(0, 50), st.integers(0, 50))] * 2)


@same_examples
@given(inks, margins)
def test_place_and_margin_do_not_matter(ink, margin):
    assert np.array_equal(ink_to_digit(np.pad(ink, margin)), ink_to_digit(ink))


@same_examples
@given(inks, st.sampled_from([np.int16, np.int64, np.float32, np.float64]))
def test_the_type_of_the_ink_does_not_matter_and_it_stays_as_it_is(ink, dtype):
    before = ink.copy()
    assert np.array_equal(ink_to_digit(ink.astype(dtype)), ink_to_digit(ink))
    assert np.array_equal(ink, before)


@same_examples
@given(inks)
def test_a_digit_is_placed_as_mnist_was(ink):
    steps = digit_steps(ink)
    assert (steps.digit.shape, steps.digit.dtype) == ((28, 28), np.uint8)
    side = longest_side(ink)
    assert longest_side(steps.digit) == (20 if side >= 10 else 2 * side)
    assert steps.digit.max() <= ink.max()
    for centre, offset in zip(centroid(steps.digit), steps.offset, strict=True):
        assert 14 < centre <= 15 or offset in (0, 8)  # nearly all ink at one edge: as far as the picture goes


@same_examples
@given(inks)
def test_ink_is_neither_lost_nor_made(ink):
    steps = digit_steps(ink)
    assert steps.square.sum() == ink.sum()
    assert steps.box.mean() == pytest.approx(steps.square.mean(), abs=0.5)  # each pixel is rounded
    assert steps.digit.sum() == steps.box.sum()


wrong_shapes = st.sampled_from([(9,), (1, 9, 9), (2, 3, 4)]).map(lambda shape: np.full(shape, 9, np.uint8))
out_of_range = st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 255.5]).map(
    lambda wrong: np.array([[0.0, wrong, 200.0]])
)
no_numbers = st.sampled_from([None, "ink", 5, [[0, 255]], np.eye(9) > 0, np.eye(9) * 1j, np.array([["a"]])])
too_little = st.sampled_from([np.zeros((5, 5)), np.zeros((0, 5)), np.eye(5), np.eye(5) / 2])


@same_examples
@given(st.one_of(wrong_shapes, out_of_range, no_numbers, too_little))
def test_what_is_no_ink_is_refused_and_named(wrong):
    with pytest.raises(ValueError, match=r"(?s)^Expected .* Received: "):
        ink_to_digit(wrong)
