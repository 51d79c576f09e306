"""A set that lies on its side is recognised; one that stands, or is no set of digits, is left alone."""

import numpy as np
import pytest

from digitlab import mnist
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.orientation import TURNS, Lie, find_lie, stand_up
from tests.helpers import human_strokes


@pytest.mark.parametrize("n", [30, 300])
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("turn", TURNS)
def test_each_way_is_recognised_and_undone(turn, inverted, n):
    images, labels = (array[5000 : 5000 + n] for array in mnist.load_test())
    back = {"rot90": "rot270", "rot270": "rot90"}.get(turn, turn)
    lying = stand_up(images, Lie(back, inverted))
    lie = find_lie(lying, labels, mnist.mean_digits())
    assert lie == Lie(turn, inverted)
    np.testing.assert_array_equal(stand_up(lying, lie), images)


def test_ten_digits_of_one_person_stand():
    strokes = human_strokes()
    images = np.stack([strokes_to_digit([np.array(stroke, float) for stroke in strokes[label]]) for label in range(10)])
    assert find_lie(images, np.arange(10), mnist.mean_digits()).fine


@pytest.mark.parametrize("n", [0, 1, 9, 500])
def test_what_is_no_digit_is_left_as_it_is(n):
    rng = np.random.default_rng(n)
    pictures = (rng.random((n, 28, 28)) ** 3 * 255).astype(np.uint8)
    assert find_lie(pictures, rng.integers(0, 10, n), mnist.mean_digits()).fine


def test_letters_with_few_labels():
    """Zeros and ones alone look nearly the same in all ways: nobody is asked about them."""
    images, labels = mnist.load_test()
    chosen = labels == 0
    assert find_lie(images[chosen][:, :, ::-1], labels[chosen], mnist.mean_digits()).fine
