from dataclasses import replace

import numpy as np
import pytest

from digitlab.comparison.guessing import advise, is_guessing
from digitlab.learning.evaluation import evaluate
from tests.comparison.examples import DENSE, FULL, GUESS, ONE, guessing


def test_a_network_that_answers_always_the_same_is_guessing():
    assert is_guessing(guessing(DENSE))
    assert is_guessing(guessing(ONE))
    assert not any(map(is_guessing, (DENSE, ONE, FULL)))
    assert not is_guessing(GUESS), "it is no network that failed"


@pytest.mark.parametrize(("right", "luck"), [(1135, True), (1190, True), (1260, False), (3000, False)])
def test_luck_is_told_from_learning_by_the_interval(right, luck):
    """MNIST's test set has 1,135 ones."""
    counts = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    labels = [label for label, n in enumerate(counts) for _ in range(n)]
    predictions = [label if place < right else (label + 1) % 10 for place, label in enumerate(labels)]
    run = replace(DENSE, tests={"mnist": evaluate(np.array(labels), np.array(predictions))})
    assert is_guessing(run) is luck


def test_what_to_do_about_it():
    fast = replace(guessing(DENSE), settings=replace(DENSE.settings, learning_rate=0.1))
    assert advise(fast) == "no better than guessing: lower the learning rate"
    assert advise(guessing(DENSE)) == "no better than guessing: train longer, and on all ten digits"
    assert advise(replace(DENSE, settings=fast.settings)) == advise(GUESS) == ""
