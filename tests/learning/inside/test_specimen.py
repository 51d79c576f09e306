import numpy as np
import pytest

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning.inside.specimen import from_picture, from_strokes
from digitlab.mnist import load_test
from tests.helpers import human_strokes

CANVAS = 280


def drawn(label):
    return [np.array(stroke, float) for stroke in human_strokes()[label]]


def centre(picture):
    places = np.argwhere(picture > 0)
    return (places.min(axis=0) + places.max(axis=0) + 1) / 2


@pytest.mark.parametrize("label", range(10))
def test_a_drawing_is_the_digit_the_app_makes_of_it_and_lies_where_it_was_drawn(label):
    strokes = drawn(label)
    specimen = from_strokes(strokes, CANVAS, label)
    assert (specimen.digit == strokes_to_digit(strokes)).all()
    averaged = specimen.ink.reshape(28, 4, 28, 4).mean(axis=(1, 3))
    assert np.abs(averaged - specimen.digit).max() < 1
    points = np.concatenate(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2 / CANVAS * 112
    assert np.abs(centre(specimen.sheet)[::-1] - middle).max() < 1.5


def test_the_same_drawing_elsewhere_is_the_same_digit_on_another_sheet():
    strokes = drawn(3)
    here, there = from_strokes(strokes, CANVAS), from_strokes([stroke / 2 for stroke in strokes], CANVAS)
    assert (here.digit == there.digit).all()
    assert here.version != there.version
    assert (there.sheet > 100).sum() < (here.sheet > 100).sum() / 2, "half as large"
    assert from_strokes(strokes, CANVAS).version == here.version


def test_where_the_sheet_is_not_known_the_drawing_is_in_its_middle():
    specimen = from_strokes(drawn(4))
    assert np.abs(centre(specimen.sheet) - 56).max() < 1.5


def test_a_picture_lies_as_it_is():
    digit = load_test()[0][0]
    specimen = from_picture(digit, 7)
    assert (specimen.ink[::4, ::4] == digit).all()
    assert specimen.label == 7
    assert not specimen.strokes


def test_a_dot_is_refused():
    with pytest.raises(ValueError, match="only a dot"):
        from_strokes([np.array([[5.0, 5.0]])], CANVAS)
