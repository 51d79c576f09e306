from dataclasses import replace

import numpy as np
import pytest

from digitlab.drawing.quality import DUPLICATE, LEAVES_CELL, TINY, DrawnDigit, check
from digitlab.drawing.strokes import strokes_to_digit
from tests.helpers import human_strokes

NONE = np.zeros((0, 28, 28), np.uint8)


def drawing(label, *, scale=1.0, shift=(0.0, 0.0), size=280):
    strokes = [np.array(stroke, float) * scale + shift for stroke in human_strokes()[label]]
    return DrawnDigit(label, strokes, size, strokes_to_digit(strokes))


def sure_of(*labels, how=0.9):
    table = np.full((len(labels), 10), (1 - how) / 9)
    table[range(len(labels)), labels] = how
    return table


def test_ordinary_digits_are_not_asked_about():
    drawings = [drawing(label) for label in range(10)]
    assert check(drawings, NONE, None) == [[]] * 10
    assert check(drawings, NONE, sure_of(*range(10))) == [[]] * 10


def test_no_drawings():
    assert check([], NONE, None) == []


@pytest.mark.parametrize("label", range(10))
def test_a_tiny_scribble(label):
    (found,) = check([drawing(label, scale=0.1, shift=(100, 100))], NONE, None)
    assert found == [TINY]


@pytest.mark.parametrize("shift", [(-120, 0), (120, 0), (0, -120), (0, 120)])
def test_ink_that_leaves_its_cell(shift):
    (found,) = check([drawing(8, shift=shift)], NONE, None)
    assert found == [LEAVES_CELL]


def test_the_pen_may_slip_a_little():
    strokes = [np.array([[10.0, -3.0], [50.0, 103.0]])]
    assert check([replace(drawing(1), strokes=strokes, size=100)], NONE, None) == [[]]


def test_the_same_digit_again_whether_earlier_or_on_the_same_sheet():
    again = drawing(3, shift=(5, 5))
    assert check([again], np.stack([drawing(2).digit, drawing(3).digit]), None) == [[DUPLICATE]]
    assert check([drawing(3), drawing(4), again], NONE, None) == [[], [], [DUPLICATE]]


def test_a_model_that_is_sure_of_another_label_asks():
    nine = drawing(9)
    drawings = [replace(nine, digit=np.roll(nine.digit, shift, axis=1)) for shift in (0, 6, 12)]
    probabilities = np.concatenate([sure_of(4), sure_of(4, how=0.6), sure_of(9)])
    assert check(drawings, NONE, probabilities) == [["looks like a 4"], [], []]


def test_all_reasons_are_given():
    one = drawing(1, scale=0.05, shift=(-100, 0))
    assert check([one], one.digit[None], sure_of(7)) == [[TINY, LEAVES_CELL, DUPLICATE, "looks like a 7"]]


def test_nothing_is_changed():
    one = drawing(5)
    before = one.digit.copy()
    check([one], NONE, sure_of(5))
    assert (one.digit == before).all()
