import pytest

from digitlab.curve import advice
from digitlab.curve.forecast import make_forecast
from digitlab.curve.results import SizeResult


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


def test_more_of_ones_own_is_not_compared_beyond_the_reach_of_the_forecast():
    forecast = make_forecast(mine())
    mixed = [SizeResult(forecast.reach + 1, (0.7,), 10_000)]
    assert list(advice.compare_writers(mine(), forecast, mixed, [])["kind"]) == ["now", "others"]


@pytest.mark.parametrize(
    ("mnist", "said"), [(0.9, "would help more"), (0.6, "as good a teacher"), (None, "is known when")]
)
def test_without_other_writers_mnists_digits_are_the_measure(mnist, said):
    frame = advice.compare_writers(mine(), None, [], [SizeResult(40, (mnist,), 10_000)] if mnist else [])
    assert said in advice.describe_other_writers(frame, "MNIST")
