"""What copies of a 1, a 7 and a 9 lose, told by the path that is left."""

import numpy as np
import pytest

from digitlab.drawing import drop_parts
from digitlab.drawing.pen_path import even_path, stack
from digitlab.drawing.stroke_variation import vary_drawings
from tests.drawing.measure import DRAWINGS

COPIES = 1000
PLAIN_ONE = [[[50, 0], [45, 50], [40, 100]]]
FLAGGED_ONE = [[[30, 30], [50, 0], [50, 100]]]
ONE_WITH_FOOT = [[[50, 0], [50, 100], [75, 98]]]
ONE_OF_THREE_STROKES = [[[30, 25], [50, 0]], [[50, 0], [50, 100]], [[30, 100], [70, 100]]]
PLAIN_SEVEN = [[[0, 0], [60, 0], [25, 100]]]
SEVEN_OF_TWO_STROKES = [[[20, 0], [50, 2]], [[50, 2], [25, 100]]]
BARRED_SEVEN = [[[0, 0], [60, 0], [25, 100]], [[20, 50], [55, 50]]]
NINE = [[[50, 20], [30, 0], [10, 20], [30, 40], [50, 20], [50, 80], [30, 100], [0, 90]]]


def rng(seed=0):
    return np.random.default_rng(seed)


def left_of(drawing, label, seed=0):
    """The points of the path, and for each copy which of them are left."""
    drawing = [np.array(stroke, float) for stroke in drawing]
    path, n = even_path(drawing), COPIES
    kept = drop_parts.drop_parts(stack([path] * n), np.tile(drop_parts.find_parts(path, label), (n, 1)), rng(seed))
    left = np.zeros(kept.shape, bool)
    left[np.arange(n)[:, None], kept] = True
    return path, left


@pytest.mark.parametrize(("drawing", "label"), [(PLAIN_ONE, 1), (PLAIN_SEVEN, 7), (SEVEN_OF_TWO_STROKES, 7), (NINE, 9)])
def test_where_there_is_nothing_to_lose_all_stays(drawing, label):
    assert left_of(drawing, label)[1].all()


@pytest.mark.parametrize("label", [0, 2, 3, 4, 5, 6, 8, 9, drop_parts.UNKNOWN])
def test_other_digits_lose_no_part(label):
    for drawing in (DRAWINGS[label], DRAWINGS[1], DRAWINGS[7], FLAGGED_ONE, BARRED_SEVEN):
        assert left_of(drawing, label)[1].all()


@pytest.mark.parametrize(
    ("drawing", "label", "lost"),
    [
        (FLAGGED_ONE, 1, lambda path: path.points[:, 0] < 0.05),  # the flag is left of the stem
        (ONE_WITH_FOOT, 1, lambda path: path.points[:, 0] > -0.1),
        (BARRED_SEVEN, 7, lambda path: path.numbers == 1),
    ],
)
def test_about_every_second_copy_loses_its_flag_its_foot_or_its_bar(drawing, label, lost):
    path, left = left_of(drawing, label)
    part = lost(path)
    assert np.mean(~left[:, part].any(axis=1)) == pytest.approx(0.45, abs=0.05)
    assert left[:, ~part].mean() > 0.9, "the rest stays"


def test_a_one_of_three_strokes_keeps_its_stem():
    path, left = left_of(ONE_OF_THREE_STROKES, 1)
    assert left[:, path.numbers == 1].all()
    assert 0.4 < np.mean(~left[:, path.numbers == 0].any(axis=1)) < 0.5


@pytest.mark.parametrize("label", [1, 7])
@pytest.mark.parametrize("drawing", [FLAGGED_ONE, ONE_WITH_FOOT, BARRED_SEVEN, ONE_OF_THREE_STROKES, *DRAWINGS])
def test_most_of_a_drawing_is_left_and_no_stroke_is_a_dot(drawing, label):
    path, left = left_of(drawing, label)
    assert left.mean(axis=1).min() >= 0.4
    whole = left.mean(axis=1) >= 0.58
    assert whole.mean() > 0.75, "more only where a flag and a foot are lost together"
    for number in range(path.numbers[-1] + 1):
        assert not (left[:, path.numbers == number].sum(axis=1) == 1).any()


def test_tails_get_shorter_those_of_a_nine_more():
    nine = even_path([np.array(stroke, float) for stroke in NINE])
    last = drop_parts.shorten_tails(stack([nine] * 2 * COPIES), np.tile([9, 5], COPIES), 1.0, rng())[:, 0]
    share = 1 - (last + 1).reshape(COPIES, 2) / len(nine.points)
    assert (share > 0).mean(axis=0) == pytest.approx([0.4, 0.3], abs=0.05)
    assert share.max(axis=0) == pytest.approx([0.25, 0.15], abs=0.02)
    unknown = drop_parts.shorten_tails(stack([nine] * COPIES), np.full(COPIES, drop_parts.UNKNOWN), 1.0, rng())[:, 0]
    assert 1 - (unknown.min() + 1) / len(nine.points) == pytest.approx(0.15, abs=0.02)
    assert (drop_parts.shorten_tails(stack([nine] * 9), np.full(9, 9), 0.0, rng()) == len(nine.points) - 1).all()


def test_no_tail_ends_with_the_first_point_of_a_stroke():
    dotted = even_path([np.array([[0, 0], [50, 100]], float), np.array([[60, 90], [60, 99]], float)])
    last = drop_parts.shorten_tails(stack([dotted] * COPIES), np.full(COPIES, drop_parts.UNKNOWN), 1.0, rng())[:, 0]
    begins = dotted.ends[-1, 0]
    assert begins not in last
    assert begins - 1 in last


def test_copies_know_the_digit_only_when_told():
    drawings = [[np.array(stroke, float) for stroke in drawing] for drawing in (FLAGGED_ONE, BARRED_SEVEN, *DRAWINGS)]
    labels = np.array([1, 7, *range(10)])
    told, again, other = (
        vary_drawings(drawings, 20, 0.0, rng(seed), labels).reshape(20, -1, 28, 28) for seed in (1, 1, 2)
    )
    untold = vary_drawings(drawings, 20, 0.0, rng(1)).reshape(20, -1, 28, 28)
    assert (told == again).all()
    assert (told != other).any()
    assert (untold == untold[0]).all()
    changed = (told != untold).any(axis=(2, 3))
    assert 3 < changed[:, 0].sum() < 17
    assert 3 < changed[:, 1].sum() < 17
    assert not changed[:, np.isin(labels, [0, 2, 3, 4, 5, 6, 8, 9])].any()
