import numpy as np
import pytest

from digitlab.curve.backtest import backtest_last_size, backtest_path
from digitlab.curve.forecast import MAX_DRAWINGS, ForecastError, interpolate, make_forecast
from digitlab.curve.goals import GOALS, forecast_goal
from digitlab.curve.power_law import law_accuracy
from digitlab.curve.results import SizeResult, group_by_size
from digitlab.run import TestResult
from digitlab.storage.curve_points import CurvePoint

NS = (10, 16, 25, 40, 63, 100)


def curve(a=1.2, b=0.6, c=0.1, *, ns=NS, tested=10_000, noise=0.0, seed=0):
    """Sizes that obey the law, up to noise."""
    rng = np.random.default_rng(seed)
    return [
        SizeResult(n, tuple(float(np.clip(1 - a * n**-b - c + noise * rng.normal(), 0, 1)) for _ in range(3)), tested)
        for n in ns
    ]


@pytest.mark.parametrize("law", [(1.2, 0.6, 0.0), (1.2, 0.6, 0.1), (0.9, 0.3, 0.0), (2.0, 1.0, 0.25)])
def test_a_curve_that_obeys_the_law_goes_on_obeying_it(law):
    forecast = make_forecast(curve(*law))
    for n in (100, 150, 300):
        accuracy, low, high = forecast.at(n)
        assert accuracy == pytest.approx(1 - law[0] * n ** -law[1] - law[2], abs=0.03)
        assert low <= accuracy <= high


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_noise_the_band_holds_the_forecast_and_widens(seed):
    forecast = make_forecast(curve(noise=0.04, seed=seed))
    assert (forecast.low <= forecast.accuracy).all()
    assert (forecast.accuracy <= forecast.high).all()
    assert forecast.low.min() >= 0
    assert forecast.high.max() <= 1
    assert forecast.high[-1] - forecast.low[-1] > forecast.high[0] - forecast.low[0]
    assert forecast.sizes[0] == 100
    assert forecast.at(100)[0] == pytest.approx(curve(noise=0.04, seed=seed)[-1].accuracy)


def test_the_same_points_give_the_same_forecast_and_more_noise_a_wider_band():
    one, two = make_forecast(curve(noise=0.01)), make_forecast(curve(noise=0.01))
    assert one.path() == two.path()
    noisy = make_forecast(curve(noise=0.1))
    assert np.ptp(noisy.at(300)[1:]) > np.ptp(one.at(300)[1:])


def test_a_path_says_what_the_forecast_says():
    forecast = make_forecast(curve())
    for n in (100, 157, 1000, 9000):
        assert interpolate(forecast.path(), n) == pytest.approx(forecast.at(n), abs=0.003)


def test_the_fitted_law_goes_through_its_points():
    forecast = make_forecast(curve())
    assert law_accuracy(forecast.law, np.array(NS)) == pytest.approx([size.accuracy for size in curve()], abs=0.02)


@pytest.mark.parametrize("goal", GOALS)
def test_drawings_to_a_goal_come_in_order_and_by_the_law(goal):
    sizes = curve(c=0.0)
    found = forecast_goal(sizes, make_forecast(sizes), goal)
    needed = (1.2 / (1 - goal)) ** (1 / 0.6)
    if needed < 100:
        assert found.status == "reached"
    elif needed < MAX_DRAWINGS / 3:
        assert found.status in ("within reach", "perhaps")
        assert 100 <= found.low <= found.middle <= (found.high or MAX_DRAWINGS)
        assert needed / 2 < found.middle < needed * 2


def test_higher_goals_never_take_fewer_drawings():
    sizes = curve(c=0.02)
    middles = [
        forecast_goal(sizes, make_forecast(sizes), goal).middle or MAX_DRAWINGS for goal in np.linspace(0.5, 1, 30)
    ]
    assert middles == sorted(middles)


def test_a_goal_above_the_floor_is_out_of_reach():
    sizes = curve(a=2.0, b=1.0, c=0.25)
    found = forecast_goal(sizes, make_forecast(sizes), 0.95)
    assert (found.status, found.middle, found.high) == ("out of reach", None, None)


def test_a_goal_that_is_reached_says_with_how_many():
    sizes = curve()
    assert sizes[2].accuracy < 0.75 < sizes[3].accuracy
    found = forecast_goal(sizes, make_forecast(sizes), 0.75)
    assert (found.status, found.middle) == ("reached", 40)


@pytest.mark.parametrize("goal", [0, -0.1, 1.01, 95])
def test_goals_that_are_none(goal):
    with pytest.raises(ValueError, match="above 0 % and of at most 100 %"):
        forecast_goal(curve(), make_forecast(curve()), goal)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([], "there are 0"),
        (curve(ns=(10, 16, 20)), "Too little to go on.*there are 3"),
        ([SizeResult(n, (0.12,), 100) for n in NS], "better than guessing, and there are 0"),
        ([SizeResult(n, (0.1,), 10_000, digits=1) for n in NS], "Only 1 of the 10 digits"),
        ([SizeResult(n, (0.8,), 100) for n in NS], r"equally well \(80%\)"),
        ([SizeResult(n, (0.9 - n / 500,), 100) for n in NS], "falls, from 88% with 10 .* to 70% with"),
    ],
    ids=["nothing", "three sizes", "guessing", "one digit", "equal", "falling"],
)
def test_where_there_is_nothing_to_go_on_it_refuses_and_says_why(sizes, message):
    with pytest.raises(ForecastError, match=message):
        make_forecast(sizes)
    assert backtest_last_size(sizes) is None


def test_all_right_at_last_is_no_error_and_no_certainty():
    sizes = [SizeResult(n, (accuracy,), 100) for n, accuracy in zip(NS, (0.4, 0.6, 0.8, 0.9, 1.0, 1.0), strict=True)]
    forecast = make_forecast(sizes)
    assert forecast.at(150)[0] > 0.95
    assert forecast.at(150)[1] < 1


def test_sizes_without_all_digits_hardly_count_and_the_law_is_said_to_hold_after_them():
    sizes = curve()
    odd = [SizeResult(size.n, (size.accuracy - 0.2,), size.tested, 8) for size in sizes[:2]] + sizes[2:]
    assert make_forecast(odd).law_from == 25
    assert make_forecast(odd).at(200)[0] == pytest.approx(make_forecast(sizes[2:]).at(200)[0], abs=0.03)


def test_hidden_points_are_forecast_from_the_others():
    assert backtest_last_size(curve(ns=NS[:4])) is None, "three are too few"
    five, six = backtest_last_size(curve(ns=NS[:5])), backtest_last_size(curve())
    assert (five.made_from, five.n) == (40, 63)
    assert (six.made_from, six.n) == (40, 100)
    for backtest in (five, six):
        assert abs(backtest.error) < 0.02
        assert backtest.in_band


def test_a_kept_forecast_is_compared_with_what_is_measured_later():
    forecast = make_forecast(curve())
    came = SizeResult(150, (0.5, 0.6), 10_000)
    backtest = backtest_path(100, forecast.path(), came)
    assert backtest.measured == pytest.approx(0.55)
    assert backtest.error == pytest.approx(forecast.at(150)[0] - 0.55, abs=0.003)
    assert not backtest.in_band
    assert backtest_path(100, forecast.path(), SizeResult(100, (0.5,), 100)) is None


def test_points_are_gathered_by_size():
    def point(n, seed, **tests):
        results = {name: TestResult(50, round(50 * share), share, 0.0, 1.0, ()) for name, share in tests.items()}
        return CurvePoint(n, seed, 9, results, 1.0)

    points = [point(16, 0, mnist=0.5), point(10, 0, mnist=0.2, own=0.4), point(10, 1, mnist=0.4)]
    assert group_by_size(points, "mnist") == [SizeResult(10, (0.2, 0.4), 50, 9), SizeResult(16, (0.5,), 50, 9)]
    assert group_by_size(points, "own") == [SizeResult(10, (0.4,), 50, 9)]
