import numpy as np
import pytest

from digitlab.digits import enlarge
from digitlab.drawing.preprocess import digit_steps, ink_to_digit
from digitlab.mnist import load_test
from tests.drawing.measure import centroid, longest_side


def recipe(ink):
    """How MNIST was made, step by step (Yadav and Bottou 2019): an independent reference, slow and plain."""
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(float)
    side = max(*cut.shape, 10)
    square = np.zeros((side, side))
    top, left = (side - cut.shape[0]) // 2, (side - cut.shape[1]) // 2
    square[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    while len(square) < 20:
        square = square.repeat(2, axis=0).repeat(2, axis=1)
    # Each pixel cut into 20x20 equal parts: then any area is a whole number of parts.
    fine = square.repeat(20, axis=0).repeat(20, axis=1)
    step = len(square)
    box = np.array(
        [[fine[i * step : (i + 1) * step, j * step : (j + 1) * step].mean() for j in range(20)] for i in range(20)]
    )
    assert box.max() <= ink.max() + 1e-9  # so that "scale the maximum to min(1, max)" changes nothing
    box = np.round(box)
    digit = np.zeros((28, 28), np.uint8)
    total = box.sum()
    row = int(15 - sum(box[i].sum() * (i + 0.5) for i in range(20)) / total)
    column = int(15 - sum(box[:, j].sum() * (j + 0.5) for j in range(20)) / total)
    digit[row : row + 20, column : column + 20] = box
    return digit


def scrawl(seed, height=200, width=200, pen=9):
    """Ink as a canvas would hold it: a few thick strokes through random points, here and there grey."""
    rng = np.random.default_rng(seed)
    ink = np.zeros((height, width), np.uint8)
    points = rng.uniform(0.1, 0.9, (rng.integers(3, 7), 2)) * [height - pen, width - pen]
    for start, end in zip(points, points[1:], strict=False):
        for share in np.linspace(0, 1, 150):
            row, column = (start + share * (end - start)).astype(int)
            ink[row : row + pen, column : column + pen] = rng.integers(180, 256)
    return ink


SHAPES = [(1, 30), (30, 1), (5, 5), (9, 14), (10, 10), (14, 19), (19, 20), (20, 20), (21, 13), (33, 47), (61, 40)]


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_recipe_done_step_by_step(shape):
    ink = np.random.default_rng(sum(shape)).integers(0, 256, shape).astype(np.uint8)
    ink[0, 0] = ink[-1, -1] = 255
    ours, reference = ink_to_digit(ink).astype(int), recipe(ink).astype(int)
    assert np.abs(ours - reference).max() <= 1  # a mean of exactly one half may round either way
    assert (ours != reference).mean() < 0.01


def test_equals_the_recipe_for_scrawls():
    for seed in range(6):
        ink = scrawl(seed, 53, 67, 4)
        assert np.abs(ink_to_digit(ink).astype(int) - recipe(ink)).max() <= 1


def test_mnist_comes_back_from_itself():
    same = [np.array_equal(ink_to_digit(image), image) for image in load_test()[0][:2000]]
    assert np.mean(same) >= 0.99


def test_size_centre_and_format_of_many_drawings():
    for seed in range(60):
        digit = ink_to_digit(scrawl(seed))
        assert (digit.shape, digit.dtype) == ((28, 28), np.uint8)
        assert longest_side(digit) == 20
        assert all(14 < centre <= 15 for centre in centroid(digit))
        assert digit.max() > 128


@pytest.mark.parametrize("seed", range(5))
def test_position_and_margin_do_not_matter(seed):
    ink = scrawl(seed)
    digit = ink_to_digit(ink)
    for margins in (((0, 0), (0, 37)), ((91, 3), (0, 0)), ((5, 200), (300, 7))):
        assert np.array_equal(ink_to_digit(np.pad(ink, margins)), digit)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_size_does_not_matter(factor):
    for seed in range(10):
        ink = enlarge(scrawl(seed, 90, 120, 6), 2)  # even sides: centred exactly at any size
        assert np.abs(ink_to_digit(enlarge(ink, factor)).astype(int) - ink_to_digit(ink)).max() <= 1


def test_ink_is_neither_lost_nor_made():
    for seed in range(10):
        steps = digit_steps(scrawl(seed))
        share = steps.square.mean() / 255
        assert steps.ink.sum() == steps.square.sum()
        assert steps.box.mean() / 255 == pytest.approx(share, abs=0.5 / 255)
        assert steps.digit.sum() == steps.box.sum()


def test_the_steps_lead_from_ink_to_digit():
    ink = scrawl(3)
    before = ink.copy()
    steps = digit_steps(ink)
    assert steps.ink is ink
    assert np.array_equal(ink, before)
    assert steps.square.shape[0] == steps.square.shape[1]
    assert (steps.box.shape, steps.box.dtype) == ((20, 20), np.uint8)
    row, column = steps.offset
    assert np.array_equal(steps.digit[row : row + 20, column : column + 20], steps.box)
    assert np.array_equal(steps.digit, ink_to_digit(ink))


def test_the_type_of_the_ink_does_not_matter():
    ink = scrawl(1)
    for dtype in (np.int16, np.uint16, np.float32, np.float64):
        assert np.array_equal(ink_to_digit(ink.astype(dtype)), ink_to_digit(ink))


def test_a_single_pixel_stays_small():
    ink = np.zeros((40, 40), np.uint8)
    ink[7, 30] = 255
    digit = ink_to_digit(ink)
    assert longest_side(digit) == 2  # a tenth of the smallest square
    assert all(14 < centre <= 15 for centre in centroid(digit))


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_lopsided_ink_stays_inside_the_image(corner):
    """Nearly all ink in one corner of the box: the centre of mass cannot be brought to the middle."""
    ink = np.zeros((100, 100), np.uint8)
    np.fill_diagonal(ink, 1)
    np.fill_diagonal(ink[:, ::-1], 1)
    rows, columns = (slice(0, 10) if index == 0 else slice(-10, None) for index in corner)
    ink[rows, columns] = 255
    steps = digit_steps(ink)
    assert steps.digit.sum() == steps.box.sum()


@pytest.mark.parametrize(
    ("ink", "message"),
    [
        (np.zeros((28, 28), np.uint8), "blank canvas. Draw a digit first"),
        (np.zeros((0, 0), np.uint8), "empty array"),
        (np.zeros((0, 5)), "empty array"),
        (np.full((9, 9), 256.0), "between 0 .* and 255 .* Received: values from 256.0 to 256.0"),
        (np.full((9, 9), -1), "values from -1 to -1"),
        (np.full((9, 9), np.nan), "between 0"),
        (np.full((9, 9), np.inf), "between 0"),
        (np.full((9, 9), 1e-3), "between 0 and 1. Multiply it by 255"),
        (np.eye(400, dtype=np.uint8), "too faint to see"),
        (np.full((9, 9, 4), 7, np.uint8), r"shape \(height, width\). Received: uint8 array of shape \(9, 9, 4\)"),
        (np.full(9, 7), r"int64 array of shape \(9,\)"),
        (np.full((9, 9), True), "bool array"),
        (np.full((9, 9), 1 + 1j), "complex128 array"),
        (np.full((9, 9), "1"), "<U1 array"),
        ([[0, 255]], "Received: list"),
        (None, "Received: NoneType"),
    ],
)
def test_bad_ink_is_refused(ink, message):
    with pytest.raises(ValueError, match=message):
        ink_to_digit(ink)
