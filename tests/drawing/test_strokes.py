import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitlab.drawing import strokes
from digitlab.drawing.preprocess import ink_to_digit
from digitlab.drawing.strokes import check_size, check_strokes, pen_widths, render, stroke_steps, strokes_to_digit
from tests.browser.drawing import human_digits
from tests.drawing.measure import centroid, longest_side

PERSONS = [human_digits(writer) for writer in (1, 5)]
DRAWINGS = [[np.array(stroke, float) for stroke in drawing] for person in PERSONS for drawing in person.values()]
LINE = [np.array([[10.0, 20.0], [10.0, 90.0]])]
SEVEN = [np.array([[20.0, 20.0], [80.0, 20.0], [40.0, 110.0]]), np.array([[30.0, 60.0], [70.0, 60.0]])]


def test_format_size_and_centre_of_real_drawings():
    for drawing in DRAWINGS:
        digit = strokes_to_digit(drawing)
        assert (digit.shape, digit.dtype) == ((28, 28), np.uint8)
        assert longest_side(digit) == 20
        assert all(14 < centre <= 15 for centre in centroid(digit))
        assert digit.max() == 255


@pytest.mark.parametrize("move", [(0, 0), (137.25, -41.5), (-1e4, 1e4)])
@pytest.mark.parametrize("scale", [0.05, 1 / 3, 1.0, 7.7, 1000.0])
def test_size_and_position_do_not_matter(move, scale):
    for drawing in DRAWINGS[:10]:
        elsewhere = [stroke * scale + move for stroke in drawing]
        assert np.array_equal(strokes_to_digit(elsewhere), strokes_to_digit(drawing))


def test_the_thickness_on_the_canvas_does_not_matter():
    """Strokes carry no thickness; the ink a canvas shows does, and so do digits made of it."""
    digits = []
    for pen in (6, 30):
        canvas = Image.new("L", (300, 300))
        ImageDraw.Draw(canvas).line([tuple(point) for point in SEVEN[0]], fill=255, width=pen)
        digits.append(ink_to_digit(np.asarray(canvas)))
    assert not np.array_equal(*digits)
    timed = [np.column_stack([stroke, np.arange(len(stroke)), np.full(len(stroke), pen)]) for stroke in SEVEN]
    assert np.array_equal(strokes_to_digit(timed), strokes_to_digit(SEVEN))


def test_order_and_direction_of_strokes_and_repeated_points_do_not_matter():
    for drawing in [SEVEN, *DRAWINGS[:10]]:
        digit = strokes_to_digit(drawing)
        assert np.array_equal(strokes_to_digit(drawing[::-1]), digit)
        assert np.array_equal(strokes_to_digit([stroke[::-1] for stroke in drawing]), digit)
        assert np.array_equal(strokes_to_digit([stroke.repeat(2, axis=0) for stroke in drawing]), digit)
        assert np.array_equal(strokes_to_digit([*drawing, np.empty((0, 2))]), digit)


def test_more_points_on_the_same_line_do_not_matter():
    fine = [np.column_stack([np.full(50, 10.0), np.linspace(20, 90, 50)])]
    assert np.abs(strokes_to_digit(fine).astype(int) - strokes_to_digit(LINE)).max() <= 1


def test_whole_numbers_and_lists_are_taken():
    whole = [stroke.astype(int).tolist() for stroke in SEVEN]
    assert np.array_equal(strokes_to_digit(whole), strokes_to_digit(SEVEN))


def test_mirrored_strokes_give_the_mirrored_ink():
    mirrored = [stroke * [-1, 1] for stroke in SEVEN]
    assert np.allclose(render(mirrored), render(SEVEN)[:, ::-1], atol=1e-3)


def test_a_rendered_line_is_as_wide_as_the_pen():
    for width in (1.5, 2.6, 4.0):
        ink = render(LINE, width)
        assert (ink.shape, ink.dtype) == ((80, 80), np.float64)
        assert ink.min() == 0
        assert ink.max() == 255
        assert ink[40].sum() / 255 == pytest.approx(4 * width, abs=0.05)  # across the line, 4 ink pixels a pixel
        assert ink.any(axis=1).all()  # from the first row to the last
        # A rectangle and two half discs.
        area = (20 - width) * width + np.pi * width**2 / 4
        assert ink.sum() / 255 == pytest.approx(16 * area, rel=0.01)


def test_renders_what_a_brute_force_distance_gives():
    """Every pixel against points laid densely on every segment."""
    ink = render(SEVEN)
    points = np.concatenate(SEVEN)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (20 - 2.6) * 4 / max(high - low)
    dense = np.concatenate(
        [np.linspace(start, end, 2000) for stroke in SEVEN for start, end in zip(stroke, stroke[1:], strict=False)]
    )
    dense = (dense - (low + high) / 2) * scale + 40
    for row, column in [(0, 5), (5, 40), (20, 60), (40, 40), (41, 22), (70, 30), (79, 79), (60, 33), (10, 68)]:
        distance = np.hypot(dense[:, 0] - column - 0.5, dense[:, 1] - row - 0.5).min()
        assert ink[row, column] == pytest.approx(255 * np.clip(2.6 * 2 - distance + 0.5, 0, 1), abs=0.5)


def test_a_long_scribble_needs_little_memory():
    scribble = [np.random.default_rng(0).uniform(0, 280, (4000, 2))]
    tracemalloc.start()
    strokes_to_digit(scribble)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


def test_the_steps_lead_to_the_digit():
    steps = stroke_steps(SEVEN)
    assert np.array_equal(steps.ink, render(SEVEN))
    assert np.array_equal(steps.digit, strokes_to_digit(SEVEN))


def test_a_tap_beside_a_line_is_drawn():
    """The dot of an i: a stroke of one point, or of one point twice."""
    dotted = [*LINE, np.array([[10.0, 1.0]])]
    assert strokes_to_digit(dotted)[5:8].any()
    assert np.array_equal(strokes_to_digit([*LINE, np.array([[10.0, 1.0], [10.0, 1.0]])]), strokes_to_digit(dotted))


BLANK = "blank canvas. Draw a digit first"


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([], BLANK),
        ([np.empty((0, 2))], BLANK),
        ([[]], BLANK),
        (None, "list of strokes. Received: NoneType"),
        (5, "list of strokes. Received: int"),
        ("12", "stroke 0"),
        ([None], "stroke 0"),
        ([[["a", "b"]]], "stroke 0 as rows of numbers"),
        ([[[1, 2], [3]]], "stroke 0 as rows of numbers"),
        ([[1, 2]], r"stroke 0 of shape \(n, 2..4\). Received: an array of shape \(2,\)"),
        ([*SEVEN, np.ones((3, 1))], r"stroke 2 .*\(3, 1\)"),
        ([np.ones((3, 5))], r"\(3, 5\)"),
        ([np.ones((1, 3, 2))], r"\(1, 3, 2\)"),
        (LINE[0], r"stroke 0 .*\(2,\)"),
        ([[[1, 2], [np.nan, 3]]], "finite numbers in stroke 0"),
        ([*LINE, [[1, 2], [1, -np.inf]]], "finite numbers in stroke 1"),
        ([[[1e308, 0], [-1e308, 0]]], "finite numbers in stroke 0"),
        ([[[1, 2, np.nan], [1, 3, 4]]], "finite numbers in stroke 0"),
    ],
)
@pytest.mark.parametrize("use", [strokes_to_digit, check_strokes, lambda strokes: check_size(strokes, 280)])
def test_bad_strokes_are_refused(use, strokes, message):
    with pytest.raises(ValueError, match=message):
        use(strokes)


@pytest.mark.parametrize("dot", [[[5, 5]], [[5, 5], [5, 5]], [[5, 5], [5 + 1e-300, 5]]])
def test_a_dot_is_no_digit(dot):
    with pytest.raises(ValueError, match="only a dot"):
        strokes_to_digit([dot])


def test_check_strokes_keeps_all_columns_and_drops_empty_strokes():
    checked = check_strokes([[[1, 2, 3, 0.5]], [], SEVEN[0]])
    assert [stroke.shape for stroke in checked] == [(1, 4), (3, 2)]
    assert all(stroke.dtype == np.float64 for stroke in checked)
    assert checked[0].tolist() == [[1, 2, 3, 0.5]]


def test_check_size_measures_against_the_canvas():
    assert len(check_size(LINE, 280)) == 1
    with pytest.raises(ValueError, match="a dot, 70 of 1500 pixels long. Draw the digit larger"):
        check_size(LINE, 1500)
    with pytest.raises(ValueError, match="a dot, 0 of 280"):
        check_size([[[5, 5]]], 280)


def test_where_no_pressure_tells_the_pen_stays_as_wide_as_it_is():
    """A mouse and most fingers: half throughout, nothing when they are lifted."""
    line = np.column_stack([np.linspace(0, 90, 10), np.zeros(10), 10 * np.arange(10), np.full(10, 0.5)])
    line[-1, 3] = 0
    for drawn in ([line], [line, line + [0, 40, 500, 0]], [line[:, :3], line], [line[:1], line]):
        assert all((widths == 1).all() for widths in pen_widths(drawn))


def test_a_pen_that_is_lifted_is_as_wide_as_before():
    line = np.column_stack([np.linspace(0, 90, 4), np.zeros(4), 10 * np.arange(4), [0.2, 0.8, 0.6, 0.6]])
    lifted = line.copy()
    lifted[-1, 3] = 0
    (expected,), (widths,) = pen_widths([line]), pen_widths([lifted])
    assert widths == pytest.approx(expected)
    assert np.ptp(widths) > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_short_segments_are_rendered_like_long_ones(seed, monkeypatch):
    """Each in a patch of the image alone: to the last bit the same."""
    rng = np.random.default_rng(seed)
    drawing = [rng.normal(0, 10**seed, (1 + 30 * place, 2)).cumsum(axis=0) for place in range(3)]
    quick = [strokes.render(drawing, width) for width in (1.0, strokes.PEN_WIDTH, 6.0)]
    monkeypatch.setattr(strokes, "_SHORT", -1.0)  # none is short
    for one, width in zip(quick, (1.0, strokes.PEN_WIDTH, 6.0), strict=True):
        np.testing.assert_array_equal(one, strokes.render(drawing, width))
