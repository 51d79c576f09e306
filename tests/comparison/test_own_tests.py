from dataclasses import replace

import pytest

from digitlab.comparison.method_results import method_results
from digitlab.comparison.own_tests import retest_on_own
from tests.comparison.examples import BATCHES, DENSE, GUESS, ONE, all_right, digits


def test_own_digits_drawn_after_the_training_are_tested_on():
    sets = [digits("test:ana", [3, 3, 3])]
    runs = retest_on_own([GUESS, DENSE, ONE, replace(ONE, id="one-2")], BATCHES, sets, all_right)
    owns = {run.id: run.tests["own"].n if "own" in run.tests else None for run in runs}
    assert owns == {"uniform": None, "dense-1": 3, "one-1": 3, "one-2": 3}
    assert "own" not in DENSE.tests, "the given runs are not changed"
    same = retest_on_own(runs, BATCHES, sets, lambda *_: pytest.fail("tested twice"))
    assert same == runs


def test_a_writers_model_is_tested_on_that_writers_digits():
    sets = [digits("test:ana", [3]), digits("test:ben", [5, 5])]
    runs = retest_on_own([DENSE, ONE], BATCHES, sets, all_right)
    assert [run.tests["own"].n for run in runs] == [1, 1]
    runs = retest_on_own([DENSE], BATCHES, sets, all_right)
    assert [run.tests["own"].n for run in runs] == [3], "nobody's drawings are trained on: all test digits"
    assert retest_on_own([ONE], BATCHES, sets[1:], all_right) == [ONE]
    assert retest_on_own([ONE], BATCHES, sets, lambda *_: None) == [ONE]


def test_all_seeds_of_a_method_are_tested_on_the_same_digits_and_are_one_row_with_both_bars():
    """Those trained before the test digits were drawn, those after, and the one whose model is gone."""
    sets = [digits("test:ana", [3] * 10)]
    seeds = [replace(ONE, id=f"one-{seed}", settings=replace(ONE.settings, seed=seed)) for seed in range(3)]
    seeds[1] = replace(seeds[1], tests={"mnist": ONE.tests["mnist"]})

    def predict(run_id, digit_set):
        return None if run_id == "one-2" else digit_set.labels

    (result,) = method_results(retest_on_own(seeds, BATCHES, sets, predict))
    assert (result.tests["mnist"].seeds, result.tests["own"].seeds) == (3, 2)
    assert (result.tests["own"].n, result.tests["own"].version) == (10, sets[0].version)
