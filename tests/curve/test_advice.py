import numpy as np
import pytest

from digitlab.curve import advice
from digitlab.curve.forecast import make_forecast
from digitlab.curve.results import SizeResult
from digitlab.run import TestResult
from digitlab.storage.curve_points import CurvePoint
from digitlab.storage.drawing_records import DrawingRow

EVEN, SECOND = np.full(10, 10), np.ones(10)


def confusion(**mistakes):
    """100 of each digit; `_3_5=20`: 20 of the threes are taken for fives."""
    matrix = np.diag(np.full(10, 100))
    for name, count in mistakes.items():
        label, prediction = map(int, name[1:].split("_"))
        matrix[label, prediction] += count
        matrix[label, label] -= count
    return matrix


def gains(matrix, drawn=EVEN, seconds=SECOND, law=None):
    return advice.expected_gains(matrix, drawn, seconds, law).set_index("digit")


def test_digits_that_are_mistaken_gain_and_those_mistaken_for_gain_too():
    frame = gains(confusion(_3_5=20, _4_9=10))
    assert frame["gain"]["3"] == frame["gain"]["5"] == 2 * frame["gain"]["9"] > 0
    assert frame["gain"]["0"] == 0
    assert frame["wrong"]["3"] == 0.2
    assert frame["wrong"]["5"] == 0


def test_what_takes_long_or_has_been_drawn_often_gains_less():
    even = gains(confusion(_3_5=20, _5_3=20))["gain"]
    slow = gains(confusion(_3_5=20, _5_3=20), seconds=np.where(np.arange(10) == 3, 2.0, 1.0))["gain"]
    often = gains(confusion(_3_5=20, _5_3=20), drawn=np.where(np.arange(10) == 3, 40, 10))["gain"]
    assert even["3"] == even["5"] == 2 * slow["3"] == 4 * often["3"]


def test_all_gains_together_are_the_slope_of_the_law():
    """Drawing all digits in turn brings what the curve says."""
    a, b, c = 1.0, 0.6, 0.02
    n, matrix = 100, confusion(_3_5=60, _8_1=40, _0_6=30, _2_7=20)
    wrong = 0.15
    per_drawing = gains(matrix, law=(a, b, c))["gain"].mean() / 60 / 100
    assert per_drawing == pytest.approx((wrong - c) * b / n)


def test_nothing_is_gained_where_there_are_no_mistakes_or_none_that_can_be_cured():
    for frame in (gains(confusion()), gains(confusion(_3_5=20), law=(1.0, 0.6, 0.5))):
        assert (frame["gain"] == 0).all()
        assert "No digit stands out" in advice.describe_next_digit(frame.reset_index(), "MNIST")


def test_the_digit_to_draw_next_is_named_with_its_reason():
    matrix = confusion(_3_5=20, _3_8=20, _5_3=8)
    said = advice.describe_next_digit(advice.expected_gains(matrix, EVEN, np.full(10, 2.5), None), "MNIST")
    assert said.startswith("**Draw more of the 3**: 40% of them are read wrong on MNIST, and one takes 2.5 s.")


def test_confusion_of_the_most_drawings_is_added_up():
    def point(n, matrix):
        test = TestResult(100, 50, 0.5, 0.4, 0.6, tuple(map(tuple, matrix.tolist())))
        return CurvePoint(n, 0, 10, {"mnist": test}, 1.0)

    points = [point(10, confusion(_1_2=50)), point(16, confusion(_1_2=5)), point(16, confusion(_1_2=3))]
    assert advice.sum_confusion(points, "mnist")[1, 2] == 8


def test_seconds_of_a_digit_drawn_once_are_those_of_all():
    def row(label, seconds, *, deleted=False):
        return DrawingRow(1, 1, "full", "Ana", 0, label, seconds, None, None, None, (), "", deleted)

    rows = [*(row(1, seconds) for seconds in (1.0, 2.0, 9.0)), row(7, 30.0), row(7, 1.0, deleted=True)]
    drawn, seconds = advice.count_and_time_by_digit(rows)
    assert drawn.tolist() == [0, 3, 0, 0, 0, 0, 0, 1, 0, 0]
    assert (seconds[1], seconds[7], seconds[0]) == (2.0, 5.5, 5.5)


def mine():
    return [SizeResult(n, (0.8 - 1.5 * n**-0.7,), 10_000) for n in (10, 16, 25, 40)]


@pytest.mark.parametrize(
    ("others", "said"),
    [(0.95, "other people's digits would help more"), (0.4, "more of your own would help more"), (None, "no clear")],
)
def test_other_writers_help_more_only_if_they_are_outside_the_band(others, said):
    forecast = make_forecast(mine())
    mixed = [SizeResult(80, (others or forecast.at(80)[0],), 10_000)]
    frame = advice.compare_writers(mine(), forecast, mixed, [])
    assert list(frame["kind"]) == ["now", "more", "others"]
    assert said in advice.describe_other_writers(frame, "MNIST")


@pytest.mark.parametrize(
    ("mnist", "said"), [(0.9, "would help more"), (0.6, "as good a teacher"), (None, "is known when")]
)
def test_without_other_writers_mnists_digits_are_the_measure(mnist, said):
    frame = advice.compare_writers(mine(), None, [], [SizeResult(40, (mnist,), 10_000)] if mnist else [])
    assert said in advice.describe_other_writers(frame, "MNIST")
