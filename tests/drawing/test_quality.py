from dataclasses import replace

import numpy as np
import pytest

from digitlab.drawing.quality import DUPLICATE, LEAVES_CELL, TINY, DrawnDigit, check, to_ask
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.drawing.traces import POINTS, trace
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


def flagged(seed):
    """A 1 as many people write it, with a long flag: the model that comes with the project takes it for a 7."""
    points = np.array([(75.0, 72.0), (150.0, 60.0), (150.0, 230.0)]) + np.random.default_rng(seed).normal(0, 4, (3, 2))
    return DrawnDigit(1, [points], 280, strokes_to_digit([points]))


def seven(bar=False):
    strokes = [np.array([(70.0, 60.0), (200.0, 60.0), (110.0, 230.0)])]
    strokes += [np.array([(100.0, 150.0), (190.0, 150.0)])] if bar else []
    return DrawnDigit(1, strokes, 280, strokes_to_digit(strokes))


def kept_as(**drawn):
    """What `check` asks for: the traces of drawings by label, `ones=...` or `sevens=...`."""
    traces = {{"ones": 1, "sevens": 7}[name]: [trace(each.strokes) for each in some] for name, some in drawn.items()}
    return lambda label: np.stack(traces[label]) if traces.get(label) else np.empty((0, POINTS, 4))


@pytest.mark.parametrize("known", [0, 1, 2, 10])
def test_nobody_is_asked_a_third_time_about_the_way_they_write_a_one(known):
    mine = kept_as(ones=[flagged(seed) for seed in range(known)], sevens=[seven()] * 3)
    found = check([flagged(100 + seed) for seed in range(10)], NONE, sure_of(*[7] * 10), mine)
    assert found == [["looks like a 7"] if known < 2 else []] * 10


@pytest.mark.parametrize(
    "wrong", [seven(), seven(bar=True), replace(drawing(4), label=1), replace(drawing(0), label=1)]
)
def test_another_form_is_still_asked_about(wrong):
    ones = [flagged(seed) for seed in range(10)]
    assert check([wrong], NONE, sure_of(7), kept_as(ones=ones)) == [["looks like a 7"]]


def test_what_is_more_like_the_writers_own_sevens_is_asked_about():
    one = flagged(0)
    mine = kept_as(ones=[flagged(1), flagged(2)], sevens=[one])
    assert check([one], NONE, sure_of(7), mine) == [["looks like a 7"]]


def test_the_other_checks_still_ask():
    ones = [flagged(seed) for seed in range(3)]
    assert check([ones[0]], ones[0].digit[None], sure_of(7), kept_as(ones=ones)) == [[DUPLICATE]]


def test_of_one_form_two_are_asked_about_at_a_time():
    sevens = (1, ["looks like a 7"])
    assert to_ask([sevens] * 7) == [0, 1]
    assert to_ask([sevens, (7, ["looks like a 1"]), sevens, (2, ["looks like a 7"]), sevens]) == [0, 1, 2, 3]
    assert to_ask([(1, [TINY])] * 5) == [0, 1, 2, 3, 4]
    assert to_ask([]) == []
