from dataclasses import replace

import numpy as np
import pytest

from digitlab.comparison.method_results import method_results
from digitlab.learning import presets
from digitlab.learning.evaluation import accuracy_interval
from tests.comparison.examples import DENSE, GUESS, ONE, guessing
from tests.helpers import a_run


def with_seed(run_id, seed, right, **more):
    return a_run(run_id, right=right, seed=seed, **more)


def drawn(run_id, seed=0, **more):
    return a_run(run_id, "one", **{"right": 0.4, "drawings": 10, "minutes": 1, "seed": seed, **more})


def with_own(run, own, version):
    """The run with another share read right of other own test digits."""
    test = replace(a_run("x", own=own).tests["own"], version=version)
    return replace(run, tests={**run.tests, "own": test})


def test_a_single_run_has_wilsons_interval():
    one, guess, dense = method_results([GUESS, DENSE, ONE])
    assert (one.id, guess.id, dense.id) == ("one-1", "uniform", "dense-1")
    score = dense.tests["mnist"]
    assert (score.low, score.high) == accuracy_interval(970, 1000)
    assert (score.seeds, score.n, score.interval) == (1, 1000, "95 % interval")
    assert np.isnan(score.spread)
    assert set(dense.tests) == {"mnist"}
    assert set(one.tests) == {"mnist", "own"}
    assert one.human_seconds == 30


def test_runs_that_differ_in_the_seed_alone_are_one_method():
    runs = [with_seed(f"dense-{seed}", seed, right) for seed, right in enumerate((0.80, 0.90, 0.85))]
    (result,) = method_results(runs)
    assert (result.seeds, result.name, result.id) == (3, "Run dense-0", "dense-0")
    score = result.tests["mnist"]
    assert score.accuracy == pytest.approx(0.85)
    assert score.spread == pytest.approx(0.05)
    assert (score.low, score.high) == pytest.approx((0.75, 0.95))
    assert "3 seeds" in score.interval
    assert np.sum(score.confusion) == 3000


def test_seeds_that_agree_do_not_make_the_test_digits_more():
    (result,) = method_results([with_seed(f"dense-{seed}", seed, 0.9) for seed in range(3)])
    assert (result.tests["mnist"].low, result.tests["mnist"].high) == pytest.approx(accuracy_interval(900, 1000))


def test_the_same_seed_again_is_a_repetition_not_another_seed():
    (result,) = method_results([with_seed("a", 0, 0.8), with_seed("b", 0, 0.9)])
    assert (result.id, result.seeds, result.tests["mnist"].accuracy) == ("b", 1, 0.9)


@pytest.mark.parametrize(
    "other",
    [
        {"epochs": 7},
        {"start_from": "reference"},
        {"helped": "unlabelled"},
        {"helped": "mnist"},
        {"version": "1" * 16},
        {"method": "full"},
    ],
)
def test_what_differs_in_more_than_the_seed_is_another_method(other):
    other = a_run("b", **{"method": "one", "drawings": 10, "minutes": 1, "seed": 1, **other})
    assert len(method_results([drawn("a"), other])) == 2
    assert len(method_results([drawn("a"), drawn("b", seed=1)])) == 1


def test_networks_of_another_size_are_another_method():
    """The same settings made a smaller LeNet before its second pooling kept the last row."""
    before = replace(drawn("a"), parameters=57_000)
    assert len(method_results([before, drawn("b", seed=1)])) == 2
    assert len(method_results([before, replace(drawn("b", seed=1), parameters=57_000)])) == 1


def test_a_mean_is_never_of_two_kinds():
    """Also where all but the help is the same."""
    kinds = ("alone", "unlabelled", "mnist")
    runs = [drawn(f"{kind}-{seed}", seed, helped=kind) for seed in range(2) for kind in kinds]
    results = method_results(runs)
    assert [result.kind for result in results] == list(kinds), "the drawings alone first"
    for result in results:
        assert result.run_ids == (f"{result.kind}-0", f"{result.kind}-1")


def test_seeds_that_went_on_from_seeds_of_one_method_are_one_method():
    starts = [a_run(f"dense-{seed}", seed=seed) for seed in range(2)]
    other = a_run("dense-other", epochs=9)
    further = [drawn(f"one-{start.id}", seed, start_from=start.id) for seed, start in enumerate([*starts, other])]
    results = method_results([*starts, other, *further])
    assert [result.seeds for result in results if result.kind == "mnist"] == [2, 1]


def test_a_damaged_chain_of_starts_ends():
    first, second = drawn("a", start_from="b"), drawn("b", start_from="a")
    assert method_results([first, second, drawn("c", start_from="c")])


def test_piles_put_right_by_hand_are_another_method():
    piles = [
        a_run(f"piles-{minutes}", "unlabelled", drawings=10, minutes=minutes, helped="unlabelled") for minutes in (1, 2)
    ]
    assert len(method_results(piles)) == 2


def test_seeds_tested_on_other_own_digits_are_averaged_where_most_were():
    """One row with both bars, whichever of the seeds was trained last."""
    runs = [with_own(drawn(f"one-{seed}", seed), 0.9, "today") for seed in range(2)]
    for order in (
        [*runs, with_own(drawn("lost", 2), 0.1, "before")],
        [with_own(drawn("lost", 2), 0.1, "before"), *runs],
    ):
        (result,) = method_results(order)
        assert (result.tests["mnist"].seeds, result.tests["own"].seeds) == (3, 2)
        assert (result.tests["own"].accuracy, result.tests["own"].version) == (0.9, "today")
    old, new = with_own(drawn("a", 0), 0.5, "before"), with_own(drawn("b", 1), 0.9, "today")
    (result,) = method_results([old, new])
    assert (result.tests["own"].accuracy, result.tests["own"].seeds) == (0.9, 1), "of equally many the newer"


def test_a_seed_without_own_test_does_not_take_the_bar_from_the_others():
    (result,) = method_results([drawn("a", 0, own=0.8), drawn("b", 1)])
    assert (result.tests["mnist"].seeds, result.tests["own"].seeds) == (2, 1)


def test_a_seed_that_has_learnt_nothing_or_was_stopped_is_in_no_mean():
    good, stopped = drawn("a", 0, right=0.8), replace(drawn("c", 2, right=0.3), stopped=True)
    (result,) = method_results([guessing(drawn("b", 1)), good, stopped])
    assert (result.run_ids, result.tests["mnist"].accuracy, result.works) == (("a",), 0.8, True)
    assert result.note == "without 2 trainings stopped early or no better than guessing"
    (result,) = method_results([good, replace(stopped, id="again", settings=good.settings)])
    assert result.run_ids == ("a",), "nor does it take the place of the same seed"
    (result,) = method_results([guessing(drawn("b", 1)), stopped])
    assert (result.run_ids, result.finished, result.note.split(",")[0]) == (("c",), False, "stopped early")
    (result,) = method_results([guessing(drawn("b", 1))])
    assert (result.works, result.note) == (False, "no better than guessing: train longer, and on all ten digits")


@pytest.mark.parametrize("network", ["dense", "cnn"])
def test_settings_that_are_offered_first_are_usual(network):
    run, further = drawn("a"), drawn("b", start_from="reference")
    settings = replace(presets.defaults(10, network), seed=5)
    (result,) = method_results([replace(run, settings=settings)])
    assert result.usual
    (result,) = method_results([replace(run, settings=replace(settings, epochs=3))])
    assert not result.usual
    of_start = replace(presets.defaults(10, network, from_saved=True), hidden_units=(12,), activation="tanh")
    (result,) = method_results([replace(further, settings=of_start)])
    assert result.usual, "it has the network of its start"
