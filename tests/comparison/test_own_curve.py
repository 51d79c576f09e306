"""What a pointer reads from the learning curve."""

import pytest

from digitlab.comparison import minutes_axis, own_curve
from tests.comparison.test_central_chart import a_curve


def test_between_two_sizes_it_is_read_along_the_line_and_beyond_the_last_as_a_band():
    curve = a_curve()
    axis = minutes_axis.fit(curve.minutes())
    readings = own_curve.readings(curve, axis)
    first, last = readings.iloc[0], readings.iloc[-1]
    assert first["text"] == "at 0.5 min: 50 %"
    assert last["text"] == "at 20 min: 74\N{EN DASH}86 %, forecast"
    assert readings["place"].is_monotonic_increasing and readings["accuracy"].is_monotonic_increasing
    assert readings["accuracy"].min() == pytest.approx(curve.measured["accuracy"].min())
    at_three = readings[readings["text"].str.startswith("at 3 min:")]
    assert len(at_three), "a round number of minutes is among them"
    measured = curve.measured.set_index("n")["accuracy"]
    assert at_three["accuracy"].between(measured[40], measured[63]).all()


def test_a_curve_of_one_size_is_read_at_that():
    curve = a_curve(forecast=False)
    one = own_curve.OwnCurve("mnist", curve.measured.iloc[:1], curve.forecast)
    (text,) = own_curve.readings(one, minutes_axis.fit(one.minutes()))["text"]
    assert text == "at 0.5 min: 50 %"
