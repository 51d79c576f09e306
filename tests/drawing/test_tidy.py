"""What is seen of a drawing, and what of that is the digit."""

import numpy as np
import pytest
from hypothesis import given

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.drawing.tidy import cut_at_edge, without_stray_taps
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from tests.drawing.any_drawing import drawings, same_examples
from tests.helpers import human_strokes

ONE = [np.array([[140.0, 50.0], [140.0, 230.0]])]
CORNERS = [(268, 268), (12, 12), (268, 12), (12, 268)]


def arc(x, y, rx, ry, *angles):
    turned = np.radians(np.linspace(*angles, 25))
    return np.column_stack([x + rx * np.cos(turned), y + ry * np.sin(turned)])


THREE = [np.concatenate([arc(140, 105, 45, 40, -150, 90), arc(140, 190, 50, 45, -90, 150)])]


def tap(x, y, slip=2.0):
    return np.array([[x, y], [x + slip, y + slip / 2]])


@pytest.fixture(scope="module")
def read():
    """What the reference model takes a drawing for."""
    predictor = Predictor((model_files.shipped_dir() / "reference.tflite").read_bytes(), "reference")
    return lambda strokes: int(predictor.predict(strokes_to_digit(strokes)[None])[0].argmax())


@pytest.mark.parametrize(("label", "drawn"), [(3, THREE), (1, ONE)])
@pytest.mark.parametrize("place", CORNERS)
def test_a_stray_tap_does_not_make_another_digit(read, label, drawn, place):
    tidied = without_stray_taps([*drawn, tap(*place)], 280)
    assert [stroke.tolist() for stroke in tidied] == [stroke.tolist() for stroke in drawn]
    assert read(tidied) == label


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("slip", [0.0, 2.0, 10.0])
def test_it_does_not_matter_when_it_came_or_how_it_slipped(order, slip):
    drawn = [*THREE, *ONE]
    drawn.insert(order, tap(20, 260, slip))
    assert len(without_stray_taps(drawn, 280)) == 2


def test_several_taps_do_not_hold_each_other():
    assert len(without_stray_taps([*ONE, tap(20, 20), tap(24, 22), tap(266, 20)], 280)) == 1


def test_a_dot_that_belongs_stays():
    five = [np.array([[110.0, 60.0], [100, 130], [160, 140], [180, 190], [140, 230], [90, 220]]), tap(116, 60, 10.0)]
    dotted = [*ONE, tap(140, 20)]
    for drawn in (five, dotted, [tap(140, 140, 12.0)], [tap(20, 20), tap(260, 260)], []):
        assert len(without_stray_taps(drawn, 280)) == len(drawn)


def test_a_short_line_far_away_is_no_tap():
    assert len(without_stray_taps([*ONE, np.array([[20.0, 60.0], [20.0, 90.0]])], 280)) == 2


@pytest.mark.parametrize("scale", [76 / 280, 1, 4])
def test_no_stroke_of_a_person_s_digits_is_a_stray_tap(scale):
    for strokes in human_strokes().values():
        drawn = [np.array(stroke, float) * scale for stroke in strokes]
        assert len(without_stray_taps(drawn, 280 * scale)) == len(drawn)


# The edge of the canvas


def test_half_a_ring_is_what_is_seen_of_it():
    (seen,) = cut_at_edge([arc(280, 140, 80, 100, 0, 360)], 280, 18)
    assert seen[:, 0].max() == 280
    assert seen[:, 0].min() == pytest.approx(200, abs=1)
    assert 30 < seen[:, 1].min() < 45


def test_a_stroke_that_leaves_and_comes_back_is_two():
    there, back = cut_at_edge([np.array([[200.0, 50], [400, 50], [400, 150], [200, 150]])], 280, 18)
    assert there.tolist() == [[200, 50], [280, 50]]
    assert back.tolist() == [[280, 150], [200, 150]]


def test_a_line_across_the_canvas_whose_points_are_all_outside():
    (seen,) = cut_at_edge([np.array([[-100.0, 140, 0], [380, 140, 480]])], 280, 20)
    assert seen[:, :2].tolist() == [[0, 140], [280, 140]]
    assert seen[:, 2] == pytest.approx([90, 390])  # the time it took


def test_what_is_not_seen_is_not_there():
    beside = [np.array([[300.0, 10], [320, 270]]), np.array([[-20.0, -20]])]
    assert cut_at_edge(beside, 280, 18) == []
    (edge,) = cut_at_edge([np.array([[284.0, 10], [284, 270]])], 280, 18)  # half the pen's width shows
    assert edge.tolist() == [[280, 10], [280, 270]]


@same_examples
@given(drawings)
def test_what_is_on_the_canvas_stays_as_it_is(drawing):
    for kept, stroke in zip(cut_at_edge(drawing, 280, 18), drawing, strict=True):
        assert (kept == stroke).all()


@same_examples
@given(drawings)
def test_whatever_is_cut_stays_inside_and_on_its_line(drawing):
    for stroke in cut_at_edge(drawing, 150, 0):
        assert stroke.min() >= 0
        assert stroke.max() <= 150
        ends = [np.linspace(start, end, 400) for line in drawing for start, end in zip(line, line[1:], strict=False)]
        dense = np.concatenate([*drawing, *ends])
        assert np.abs(stroke[:, None] - dense[None]).max(-1).min(1).max() <= 1
