import pytest

from digitlab.comparison.equal_accuracy import LEVELS, Cost, Measured, compare_costs, costs_at, describe, measured
from digitlab.comparison.kinds import way
from digitlab.comparison.method_results import method_results
from tests.comparison.examples import DENSE, GUESS, ONE, guessing
from tests.helpers import a_run

ALONE, MNIST, START, PILES = way("alone"), way("none"), way("mnist"), way("unlabelled")


def points(one_way, *reached, test_set="mnist", version=""):
    return [Measured(one_way, "alone", minutes, test_set, version, accuracy) for minutes, accuracy in reached]


def test_a_cost_is_that_from_which_the_accuracy_holds():
    alone = points(ALONE, (1, 0.6), (2, 0.8), (3, 0.7), (4, 0.82), (5, 0.85))
    assert costs_at(alone, 0.8) == [Cost(ALONE, 4, at_most=False)]
    assert costs_at(alone, 0.5) == [Cost(ALONE, 1, at_most=True)], "nothing shorter was tried"
    assert costs_at(alone, 0.9) == []


def test_the_highest_accuracy_that_drawings_alone_and_another_way_reach():
    alone, start = points(ALONE, (1, 0.55), (5, 0.74)), points(START, (0.5, 0.97))
    assert compare_costs([*alone, *start]) == (0.7, [Cost(ALONE, 5, False), Cost(START, 0.5, True)])
    assert compare_costs([*alone, *points(START, (9, 0.52))])[0] == 0.5
    assert compare_costs(alone) is None
    assert compare_costs(start) is None
    assert compare_costs([*start, *points(PILES, (1, 0.97))]) is None, (
        "without drawings alone there is nothing to compare"
    )
    assert compare_costs([*points(ALONE, (5, 0.4)), *start]) is None, "below all levels"
    assert list(LEVELS) == sorted(LEVELS, reverse=True)


def test_mnists_network_without_a_drawing_costs_nothing_and_then_no_start_is_told():
    alone, start = points(ALONE, (1, 0.55), (5, 0.74)), points(START, (0.5, 0.97))
    _, costs = compare_costs([*start, *points(MNIST, (0, 0.97)), *alone])
    assert costs == [Cost(ALONE, 5, False), Cost(MNIST, 0, False)]


def test_what_is_said():
    reached = [
        *points(ALONE, (0.2, 0.85), (0.4, 0.93), test_set="own", version="v"),
        *points(MNIST, (0, 0.94), test_set="own", version="v"),
        *points(PILES, (0.4, 0.99), test_set="own", version="other"),
        *points(ALONE, (12, 0.72)),
        *points(PILES, (0.4, 0.96)),
    ]
    assert describe(reached, "v", "your own digits") == (
        "Minutes for equal accuracy: 90 % of your own digits takes 0.4 min alone, 0 min with MNIST's network; 70 % of "
        "MNIST takes 12 min or less alone, 0.4 min or less with MNIST's pictures without labels."
    )
    assert describe(reached[:1], "v", "your own digits") == ""
    assert describe([], None, "") == ""


def test_methods_are_points_of_their_kind_by_those_that_speak():
    runs = [
        GUESS,
        DENSE,
        ONE,
        a_run("odd", "one", right=0.9, minutes=0.5, drawings=10, epochs=9),
        guessing(a_run("nothing", "full", drawings=50, minutes=2)),
        a_run("further", "one", right=0.98, minutes=0.5, drawings=10, start_from="x"),
    ]
    found = {(point.way, point.test_set): (point.minutes, point.accuracy) for point in measured(method_results(runs))}
    assert found == {
        (MNIST, "mnist"): (0, 0.97),
        (ALONE, "mnist"): (0.5, 0.4),
        (ALONE, "own"): (0.5, 0.6),
        (START, "mnist"): (0.5, pytest.approx(0.98)),
    }
