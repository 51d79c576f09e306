from dataclasses import replace

import numpy as np
import pytest

from digitlab.comparison.methods import cost, methods, reference_lines
from digitlab.learning.evaluation import accuracy_interval
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1, name="Random guess")
DENSE = a_run("dense-1", right=0.97)
ONE = a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, batch_ids=[1])
FULL = a_run("full-1", "full", right=0.6, minutes=3, drawings=42, batch_ids=[2])


def with_seed(run_id, seed, right, **more):
    return a_run(run_id, right=right, seed=seed, **more)


def test_a_single_run_has_wilsons_interval():
    frame = methods([GUESS, DENSE, ONE]).set_index(["id", "test_set"])
    row = frame.loc[("dense-1", "MNIST test set")]
    assert (row["low"], row["high"]) == accuracy_interval(970, 1000)
    assert (row["seeds"], row["n"], row["interval"]) == (1, 1000, "95 % interval")
    assert np.isnan(row["spread"])
    assert len(frame) == 4
    assert frame.loc[("one-1", "own test set"), "human_minutes"] == 0.5


def test_runs_that_differ_in_the_seed_alone_are_one_method():
    runs = [with_seed(f"dense-{seed}", seed, right) for seed, right in enumerate((0.80, 0.90, 0.85))]
    (row,) = methods(runs).to_dict("records")
    assert (row["seeds"], row["name"], row["id"]) == (3, "Run dense-0", "dense-2")
    assert row["accuracy"] == pytest.approx(0.85)
    assert row["spread"] == pytest.approx(0.05)
    assert (row["low"], row["high"]) == pytest.approx((0.75, 0.95))
    assert "3 seeds" in row["interval"]


def test_seeds_that_agree_do_not_make_the_test_digits_more():
    runs = [with_seed(f"dense-{seed}", seed, 0.9) for seed in range(3)]
    (row,) = methods(runs).to_dict("records")
    assert (row["low"], row["high"]) == pytest.approx(accuracy_interval(900, 1000))


def test_the_same_seed_again_is_a_repetition_not_another_seed():
    (row,) = methods([with_seed("a", 0, 0.8), with_seed("b", 0, 0.9)]).to_dict("records")
    assert (row["id"], row["seeds"], row["accuracy"]) == ("b", 1, 0.9)


@pytest.mark.parametrize(
    "other", [{"epochs": 7}, {"method": "one", "drawings": 10, "version": "1" * 16}, {"start_from": "reference"}]
)
def test_what_differs_in_more_than_the_seed_is_another_method(other):
    runs = [with_seed("a", 0, 0.8), with_seed("b", 1, 0.9, **other)]
    assert len(methods(runs)) == 2


def test_only_tests_on_the_same_digits_are_averaged():
    old, new = with_seed("a", 0, 0.8, own=0.5), with_seed("b", 1, 0.8, own=0.9)
    newer = replace(new.tests["own"], version="newer")
    frame = methods([old, replace(new, tests={**new.tests, "own": newer})]).set_index("test_set")
    assert frame.loc["own test set", ["accuracy", "seeds"]].tolist() == [0.9, 1]
    assert frame.loc["MNIST test set", "seeds"] == 2


def test_lines_to_compare_with():
    lines = reference_lines(methods([GUESS, DENSE, replace(DENSE, id="b", start_from="c"), ONE]))
    assert lines["line"].tolist() == ["Random guess", "Dense network on MNIST: MNIST test set"]
    assert lines["accuracy"].tolist() == [0.1, 0.97]
    assert reference_lines(methods([]))["line"].tolist() == ["Random guess"]


def test_cost_adds_up_drawing_and_training():
    frame = cost(methods([DENSE, ONE]))
    assert len(frame) == 4
    assert frame["seconds"].tolist() == [0, 1.5, 30, 1.5]
    assert frame["total"].tolist() == [1.5, 1.5, 31.5, 31.5]
    assert list(cost(methods([])).columns) == list(frame.columns)
