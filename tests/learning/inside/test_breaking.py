from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning.inside import breaking
from digitlab.learning.inside.breaking import KINDS, Change, change, find_limits
from digitlab.learning.inside.plane import thicken
from digitlab.learning.inside.specimen import from_picture, from_strokes
from digitlab.mnist import load_test
from tests.helpers import human_strokes


@pytest.fixture
def seven():
    return from_picture(load_test()[0][0], 7)


@pytest.fixture
def drawing():
    return from_strokes([np.array(stroke, float) for stroke in human_strokes()[3]], 280, 3)


def bar(rows, columns):
    digit = np.zeros((28, 28), np.uint8)
    digit[rows, columns] = 255
    return from_picture(digit)


UPRIGHT = bar(slice(4, 24), slice(13, 15))


def extent(digit, least=60):
    rows, columns = np.flatnonzero((digit > least).any(axis=1)), np.flatnonzero((digit > least).any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_nothing_is_done_to_what_is_not_changed():
    for digit in load_test()[0][:50]:
        assert (change(from_picture(digit), Change()) == digit).all()
        assert (change(from_picture(digit), Change(preprocessing=False)) == digit).all()


def test_a_drawing_that_is_not_changed_is_the_digit_the_app_reads(drawing):
    assert (change(drawing, Change()) == drawing.digit).all()


def test_clockwise_is_clockwise():
    """Of an L, whose foot points to the right, the foot then points down."""
    letter = np.zeros((28, 28), np.uint8)
    letter[4:24, 8:10], letter[22:24, 8:20] = 255, 255
    turned = change(from_picture(letter), Change(turn=90, preprocessing=False))
    top, bottom, left, right = extent(turned)
    assert (bottom - top, right - left) == (11, 19)
    assert turned[bottom, left] > 100, "the foot is at the left, and points down"
    assert turned[bottom, right] == 0


def test_slant_leans_to_the_right():
    slanted = change(UPRIGHT, Change(slant=30, preprocessing=False))
    upper, lower = slanted[5].argmax(), slanted[22].argmax()
    assert upper - lower == pytest.approx(17 * np.tan(np.pi / 6), abs=1.5)


def test_a_shift_is_seen_without_preprocessing_and_undone_by_it():
    moved = change(UPRIGHT, Change(right=5, down=3, preprocessing=False))
    assert extent(moved) == (7, 26, 18, 19)
    assert (change(UPRIGHT, Change(right=5, down=3)) == UPRIGHT.digit).all()


def test_lines_get_wider_and_thinner_by_so_many_pixels():
    def ink(pixels):
        return change(UPRIGHT, replace(Change(preprocessing=False), thicker=pixels)).astype(float).sum() / 255

    assert ink(2) == pytest.approx(22 * 4, rel=0.05)
    assert ink(-1) == pytest.approx(19 * 1, rel=0.05)
    assert ink(-2) == 0, "nothing is left"
    assert not change(UPRIGHT, Change(thicker=-2.5)).any()


def test_thicker_lines_stay_round():
    ink = np.zeros((112, 112), np.float32)
    ink[56, 56] = 255
    rows, columns = np.nonzero(thicken(ink, 8))
    distance = np.hypot(rows - 56, columns - 56)
    assert 7.5 <= distance.max() <= 9.5
    assert distance[np.abs(rows - 56) == np.abs(columns - 56)].max() >= 6.5


def test_with_preprocessing_all_that_is_changed_is_a_digit_as_mnist_has_them(drawing):
    for how in (Change(turn=45), Change(turn=-90, slant=45), Change(thicker=4), Change(slant=-45, thicker=-1)):
        top, bottom, left, right = extent(change(drawing, how), 0)
        assert max(bottom - top, right - left) == 19


def test_noise_is_the_same_each_time_and_as_strong_as_it_is_said(seven):
    noisy = change(seven, Change(noise=0.2))
    assert (change(seven, Change(noise=0.2)) == noisy).all()
    middle = noisy[(seven.digit > 120) & (seven.digit < 140)].astype(float)
    assert len(middle)
    blank = noisy[seven.digit == 0].astype(float)
    assert blank[blank > 0].std() == pytest.approx(0.2 * 255 * 0.6, rel=0.1)  # the half of it above 0


def test_limits_are_where_the_reading_flips(seven, predictor):
    limits = find_limits(predictor, seven, preprocessing=True)
    assert [limit.kind for limit in limits] == [kind for kind in KINDS for end in (kind.least, kind.most) if end]
    assert {limit.flips_at for limit in limits if limit.kind.name in ("right", "down")} == {None}
    flipping = [limit for limit in limits if limit.flips_at is not None]
    assert "turn" in {limit.kind.name for limit in flipping}
    for limit in flipping:
        step = limit.end / breaking.STEPS
        before, there = (
            predictor.predict(change(seven, Change(**{limit.kind.name: value}))[None])[0].argmax()
            for value in (limit.flips_at - step, limit.flips_at)
        )
        assert (before, there) == (7, limit.becomes)
        assert there != 7
    for limit in limits:
        if limit.flips_at is None:
            assert predictor.predict(change(seven, Change(**{limit.kind.name: limit.end}))[None])[0].argmax() == 7


def test_without_preprocessing_a_shift_breaks_what_it_did_not_break_before(predictor):
    """Of five digits, moved by up to ten pixels."""
    flips = {True: 0, False: 0}
    for digit in load_test()[0][:5]:
        for preprocessing in flips:
            limits = find_limits(predictor, from_picture(digit), preprocessing=preprocessing)
            moved = [limit for limit in limits if limit.kind.name in ("right", "down")]
            flips[preprocessing] += sum(limit.flips_at is not None for limit in moved)
    assert flips[True] == 0
    assert flips[False] >= 2
