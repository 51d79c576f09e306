from dataclasses import replace

import numpy as np
import pytest

from digitlab.curve.backtest import backtest_last_size, backtest_path
from digitlab.curve.forecast import MIN_TESTED, ForecastError, expect, interpolate, make_forecast
from digitlab.curve.goals import GOALS, forecast_goal
from digitlab.curve.people import read_table, to_accuracy, to_angle
from digitlab.curve.results import SizeResult, group_by_size
from digitlab.run import TestResult
from digitlab.storage.curve_points import CurvePoint

NS = (10, 16, 25, 40, 63, 100)
MNIST = read_table().test_sets["mnist"]


def curve(better=0.0, *, ns=NS, tested=10_000, noise=0.0, seed=0, test_set="mnist"):
    """Sizes on the mean curve of people, `better` by an angle, up to noise."""
    rng = np.random.default_rng(seed)
    angles = MNIST.floor + MNIST.climb * np.array(ns, float) ** -MNIST.exponent - better
    return [
        SizeResult(n, (float(to_accuracy(angle + noise * rng.normal())),), tested, test_set=test_set)
        for n, angle in zip(ns, angles, strict=True)
    ]


def flat(accuracy, ns=NS, **changed):
    return [SizeResult(n, (accuracy,), **{"tested": 10_000} | changed) for n in ns]


@pytest.mark.parametrize("accuracies", [[0.0, 0.3, 0.5, 0.99, 1.0]])
def test_angles_and_accuracies_are_the_same_thing(accuracies):
    assert to_accuracy(to_angle(accuracies)).tolist() == pytest.approx(accuracies)
    assert to_accuracy([-0.1, 2.0]).tolist() == pytest.approx([1, 0])


@pytest.mark.parametrize("better", [-0.3, -0.1, 0, 0.1])
def test_who_climbs_like_the_others_is_expected_to_go_on_like_them_at_any_level(better):
    to_come = curve(better, ns=(110, 125, 140))
    forecast = make_forecast(curve(better))
    for result in to_come:
        assert forecast.at(result.n)[0] == pytest.approx(result.accuracy, abs=0.015)


def test_a_person_far_below_the_others_is_not_drawn_up_to_them():
    """The forecast knows 30 people; the next one may be unlike them all."""
    low = make_forecast(curve(-0.4))
    (others,) = curve(ns=(low.reach,))
    assert low.at(low.reach)[0] - low.at(100)[0] < 0.15 * (others.accuracy - low.at(100)[0])


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("test_set", ["mnist", "own"])
def test_whatever_the_noise_the_band_holds_the_forecast_within_0_and_1_and_nothing_falls(seed, test_set):
    rng = np.random.default_rng(seed)
    measured = curve(rng.normal() / 5, noise=0.1 * rng.random(), seed=seed, tested=100, test_set=test_set)
    for known in range(1, len(NS) + 1):
        try:
            forecast = make_forecast(measured[:known])
        except ForecastError as error:
            assert "falls" in str(error)
            continue
        assert (forecast.low <= forecast.accuracy).all()
        assert (forecast.accuracy <= forecast.high).all()
        assert forecast.low.min() >= 0
        assert forecast.high.max() <= 1
        assert (np.diff(forecast.accuracy) >= 0).all()
        assert forecast.at(NS[known - 1]) == pytest.approx((measured[known - 1].accuracy,) * 3)


def test_the_band_widens_with_the_step():
    forecast = make_forecast(curve(ns=NS[:3]))
    widths = to_angle(forecast.low) - to_angle(forecast.high)  # near 0 and 1 the same angle is less accuracy
    doubled = np.searchsorted(forecast.sizes, 2 * NS[2])
    assert (np.diff(widths[1:doubled]) > 0).all()
    assert widths[-1] > 0.95 * widths.max()  # drawings by the hundred stray less from the others' way


def test_points_that_scatter_make_a_wider_band():
    deviations = []
    for noise in (0, 0.02, 0.05, 0.1):
        zigzag = [replace(result, accuracies=(result.accuracy + noise * (-1) ** place,))
                  for place, result in enumerate(curve())]  # fmt: skip
        deviations.append(expect(zigzag, np.array([140.0]), MNIST)[1][0])
    assert deviations == sorted(deviations)
    assert deviations[-1] > 1.3 * deviations[0]


def test_fewer_test_digits_make_a_wider_band():
    many, few = (make_forecast(flat(0.9, ns=NS[:4], tested=tested, test_set="own")) for tested in (100, 25))
    assert np.ptp(few.at(60)[1:]) > 1.2 * np.ptp(many.at(60)[1:])


def test_one_point_is_enough_for_a_wide_band():
    one, four = make_forecast(curve(ns=(40,))), make_forecast(curve(ns=NS[:4]))
    assert np.ptp(one.at(100)[1:]) > np.ptp(four.at(100)[1:])


def test_a_path_says_what_the_forecast_says():
    forecast = make_forecast(curve())
    for n in (100, 117, 140):
        assert interpolate(forecast.path(), n) == pytest.approx(forecast.at(n), abs=0.005)


@pytest.mark.parametrize("n", [99, 100_000])
def test_it_says_nothing_beyond_its_reach(n):
    with pytest.raises(ValueError, match=rf"Expected 100 to {MNIST.most} drawings. Received: {n}"):
        make_forecast(curve()).at(n)


@pytest.mark.parametrize("goal", [0, -0.1, 1.01, 95])
def test_goals_that_are_none(goal):
    with pytest.raises(ValueError, match="above 0 % and of at most 100 %"):
        forecast_goal(curve(), make_forecast(curve()), goal)


def test_higher_goals_never_take_fewer_drawings_nor_sooner():
    sizes = flat(0.85, ns=(10,), tested=100, test_set="own")
    forecast = make_forecast(sizes)
    found = [forecast_goal(sizes, forecast, goal) for goal in np.linspace(0.8, 1, 60)]
    for end in ("low", "middle", "high"):
        drawings = [getattr(goal, end) or 10_000 for goal in found]
        assert drawings == sorted(drawings)
    order = ("reached", "within reach", "perhaps", "not in sight")
    places = [order.index(goal.status) for goal in found]
    assert places == sorted(places)
    assert set(places) == {0, 1, 2, 3}
    for goal in found:
        assert (goal.low or 0) <= (goal.middle or 10_000) <= (goal.high or 10_000)


def test_a_goal_that_is_reached_says_with_how_many():
    sizes = [replace(result, accuracies=(accuracy,)) for result, accuracy in
             zip(curve(), (0.5, 0.6, 0.7, 0.76, 0.8, 0.82), strict=True)]  # fmt: skip
    found = forecast_goal(sizes, make_forecast(sizes), 0.75)
    assert (found.status, found.middle) == ("reached", 40)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([], "begins with 10 drawings"),
        (flat(0.5, ns=(3,)), "begins with 10 drawings"),
        (flat(0.8, digits=8), "Only 8 of the 10 digits"),
        (flat(0.9, tested=MIN_TESTED - 1, test_set="own"), "19 test digits are too few.*at least 20"),
        (flat(0.8, ns=(10, 100, 5000)), f"up to {MNIST.most} drawings.*With 5000 you are where their curves end"),
        (flat(0.12), r"no better than guessing \(12\s%\)"),
        ([SizeResult(n, (0.9 - n / 500,), 10_000) for n in NS], "falls, from 88.% with 10 .* to 70.% with 100"),
    ],
    ids=["nothing", "three drawings", "two missing", "few tests", "too many", "guessing", "falling"],
)
def test_where_there_is_nothing_to_go_on_it_refuses_and_says_why(sizes, message):
    with pytest.raises(ForecastError, match=message):
        make_forecast(sizes)


def test_all_right_at_last_is_no_error_and_no_certainty():
    sizes = [SizeResult(n, (accuracy,), 100, test_set="own")
             for n, accuracy in zip(NS, (0.8, 0.9, 0.97, 0.99, 1.0, 1.0), strict=True)]  # fmt: skip
    accuracy, low, high = make_forecast(sizes).at(140)
    assert accuracy > 0.99
    assert low < accuracy
    assert high == 1


def test_a_digit_without_drawings_is_counted_on_with_a_wider_band():
    ten = make_forecast(flat(0.8, ns=(25,)))
    nine = make_forecast(flat(0.72, ns=(25,), digits=9, readable=0.9))
    assert (ten.missing, nine.missing) == (0, 1)
    assert nine.at(25)[0] == pytest.approx(0.72), "what was measured stays"
    assert nine.at(50)[0] == pytest.approx(ten.at(50)[0], abs=0.01)
    assert np.ptp(nine.at(50)[1:]) > np.ptp(ten.at(50)[1:])


def test_hidden_points_are_forecast_from_the_others():
    assert backtest_last_size(curve(ns=NS[:1])) is None
    two, six = backtest_last_size(curve(ns=NS[:2])), backtest_last_size(curve())
    assert (two.made_from, two.n) == (10, 16)
    assert (six.made_from, six.n) == (40, 100)
    for backtest in (two, six):
        assert abs(backtest.error) < 0.02
        assert backtest.in_band


def test_a_kept_forecast_is_compared_with_what_is_measured_later():
    forecast = make_forecast(curve())
    came = SizeResult(140, (0.5, 0.6), 10_000)
    backtest = backtest_path(100, forecast.path(), came)
    assert backtest.measured == pytest.approx(0.55)
    assert backtest.error == pytest.approx(forecast.at(140)[0] - 0.55, abs=0.003)
    assert not backtest.in_band
    assert backtest_path(100, forecast.path(), SizeResult(100, (0.5,), 100)) is None
    assert backtest_path(100, forecast.path(), SizeResult(100_000, (0.5,), 100)) is None


@pytest.mark.parametrize("goal", GOALS)
def test_drawings_to_a_goal_are_where_the_forecast_and_its_band_get_there(goal):
    sizes = curve(0.02, ns=NS[:3])
    forecast, found = make_forecast(sizes), forecast_goal(sizes, make_forecast(sizes), goal)
    if found.status != "reached":
        for place, drawings in enumerate((found.middle, found.high, found.low)):  # forecast, its low and its high end
            if drawings is None:
                assert forecast.at(forecast.reach)[place] < goal
            else:
                assert forecast.at(drawings)[place] >= goal > forecast.at(max(25, drawings - 2))[place]


def test_points_are_gathered_by_size():
    def point(n, seed, **tests):
        results = {name: TestResult(50, round(50 * share), share, 0.0, 1.0, ()) for name, share in tests.items()}
        return CurvePoint(n, seed, 9, results, 1.0)

    points = [point(16, 0, mnist=0.5), point(10, 0, mnist=0.2, own=0.4), point(10, 1, mnist=0.4)]
    assert group_by_size(points, "mnist") == [
        SizeResult(10, (0.2, 0.4), 50, 9, readable=0.9),
        SizeResult(16, (0.5,), 50, 9, readable=0.9),
    ]
    assert group_by_size(points, "own") == [SizeResult(10, (0.4,), 50, 9, "own", 0.9)]


def test_of_a_digit_without_drawings_it_is_known_how_many_are_tested():
    confusion = np.diag([10] * 10)
    confusion[7] = [0, 13, 0, 0, 0, 0, 0, 0, 0, 0]  # thirteen sevens, none read
    test = TestResult(103, 90, 90 / 103, 0.0, 1.0, tuple(map(tuple, confusion.tolist())))
    (result,) = group_by_size([CurvePoint(25, 0, 9, {"own": test}, 1.0)], "own")
    assert result.readable == pytest.approx(90 / 103)
