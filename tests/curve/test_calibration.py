from dataclasses import asdict, fields

import numpy as np
import pytest

from digitlab.curve import calibration
from digitlab.curve.people import People, read_table, to_accuracy
from digitlab.curve.results import SizeResult
from digitlab.learning import presets

NS = (10, 16, 25, 50, 100, 150, 250)


def person(rng, better=0.0):
    """A curve that strays as people's do: its own level, and a walk in the logarithm of the drawings."""
    straying = np.exp(-0.5 * np.abs(np.subtract.outer(np.log(NS), np.log(NS)))) + 0.5 * np.eye(len(NS))
    angles = 0.38 + 0.2 * np.array(NS) ** -0.4 - better + 0.08 * rng.normal()
    angles = angles + 0.03 * rng.multivariate_normal(np.zeros(len(NS)), straying)
    return [[SizeResult(n, (float(to_accuracy(angle)),), 10_000) for n, angle in zip(NS, angles, strict=True)]]


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(1)
    return [person(rng) for _ in range(30)]


def test_the_mean_curve_and_the_straying_of_people_are_found(people):
    learnt = calibration.learn(people)
    n = np.array([10.0, 50.0, 250.0])
    found = learnt.floor + learnt.climb * n**-learnt.exponent
    assert found == pytest.approx(0.38 + 0.2 * n**-0.4, abs=0.04)
    assert learnt.spread == pytest.approx(0.03, abs=0.015)
    assert learnt.low < 0 < learnt.high
    assert (learnt.people, learnt.most, learnt.tested) == (30, 250, 10_000)


@pytest.mark.slow
def test_four_fifths_of_what_comes_of_people_left_out_lies_in_the_band(people):
    outcomes = calibration.leave_out(people, [range(0, 30, 2), range(1, 30, 2)])
    inside = [backtest.in_band for each in outcomes for _, backtest in each if backtest]
    assert len(inside) > 300
    assert 0.75 < np.mean(inside) < 0.9


@pytest.mark.slow
def test_people_much_worse_than_those_learnt_from_are_covered_too(people):
    learnt, rng = calibration.learn(people), np.random.default_rng(2)
    worse = [backtest for _ in range(20) for _, backtest in calibration.backtest_pairs(person(rng, -0.2), learnt)]
    assert np.mean([backtest.in_band for backtest in worse if backtest]) > 0.7


def test_nothing_is_learnt_from_who_is_left_out(people):
    """Were anything learnt from them, other curves of theirs would change it."""
    one = calibration.leave_out([*people[:9], people[9]], [[9]])
    other = calibration.leave_out([*people[:9], [*people[9], *person(np.random.default_rng(3), -0.5)]], [[9]])
    assert one[0] == other[0][: len(one[0])]


def test_pairs_go_from_all_starts_to_all_later_sizes(people):
    found = [(pair.known[-1].n, pair.came.n) for pair in calibration.pairs(people[0])]
    assert {(10, 16), (25, 50), (50, 100), (100, 150), (100, 250)} <= set(found)
    assert all(goal >= 1.4 * start for start, goal in found)
    unfinished = [[SizeResult(n, (0.4,), 100, digits) for n, digits in ((10, 5), (25, 9), (50, 10))]]
    assert [(pair.known[-1].n, pair.came.n) for pair in calibration.pairs(unfinished)] == [(25, 50)]


def test_the_table_is_of_networks_as_the_app_trains_them():
    """Else `python tests/benchmarks/forecast.py --data WRITERS.ndjson.gz --calibrate` makes it anew."""
    settings = asdict(presets.defaults(100))
    learnt_with = read_table().settings
    assert learnt_with
    assert {name: settings[name] for name in learnt_with} == learnt_with


@pytest.mark.parametrize("test_set", ["mnist", "own"])
def test_the_table_says_what_the_code_asks_for(test_set):
    learnt = read_table().test_sets[test_set]
    assert {field.name for field in fields(People)} == set(asdict(learnt))
    assert learnt.people >= 20
    assert learnt.most >= 140
    assert min(learnt.floor, learnt.climb, learnt.exponent, learnt.spread, learnt.decay, learnt.noise) > 0
    assert learnt.low < 0 < learnt.high
    assert 0.75 <= learnt.inside <= 0.9
