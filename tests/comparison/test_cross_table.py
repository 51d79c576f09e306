from dataclasses import replace

import numpy as np
import pytest

from digitlab.comparison.cross_table import cross_table, speakers_by_training_data, trained_on
from digitlab.settings import Settings
from tests.comparison.examples import BATCHES, DENSE, FULL, GUESS, ONE, digits, guessing


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (DENSE, "MNIST"),
        (ONE, "ana: one of each (10)"),
        (FULL, "ana: full batch (42)"),
        (replace(FULL, train=replace(FULL.train, batch_ids=(2, 4))), "2 people: full batch (42)"),
        (replace(FULL, help="mnist"), "ana: full batch (42), with MNIST"),
        (replace(FULL, start_from="one-1"), "ana: full batch (42)"),
        (replace(FULL, method="nearest_mean"), "ana: Nearest mean image (42)"),
        (replace(FULL, method="unlabelled", help="unlabelled"), "ana: all drawings (42), with unlabelled pictures"),
    ],
)
def test_whose_digits_a_run_was_trained_on(run, text):
    assert trained_on(run, BATCHES) == text


def test_of_what_was_trained_on_the_same_that_is_shown_which_speaks_for_it():
    newest, helped = replace(ONE, id="one-2", settings=Settings(epochs=9)), replace(ONE, id="one-3", help="mnist")
    runs = [GUESS, FULL, DENSE, ONE, newest, helped, guessing(replace(FULL, id="full-2"))]
    assert [run.id for run in speakers_by_training_data(runs, BATCHES)] == ["dense-1", "one-1", "one-3", "full-1"]
    assert speakers_by_training_data([guessing(ONE)], BATCHES) == []
    many = [replace(FULL, id=f"full-{number}", drawings=number + 1) for number in range(30)]
    assert len(speakers_by_training_data(many, BATCHES)) == 20


def test_a_cross_table_never_tests_on_what_was_trained_on():
    everything = digits("all digits of ana", [1, 1, 2, 2, 2, 3])
    seen = []

    def predict(run_id, digit_set):
        seen.append((run_id, digit_set.key))
        return digit_set.labels

    frame = cross_table([DENSE, ONE, FULL], [DENSE, ONE, FULL], BATCHES, [everything], predict)
    assert dict(zip(frame["run"], frame["n"], strict=True)) == {
        "Run dense-1": 6,
        "Run one-1": 4,
        "Run full-1": 3,
    }
    assert (frame["accuracy"] == 1).all()
    only = cross_table([ONE], [ONE], BATCHES, [digits("ana", [1, 1])], predict)
    assert only["n"].tolist() == [0]
    assert only["accuracy"].isna().all()
    assert ("one-1", "ana") not in seen


def test_a_cross_table_takes_mnist_from_the_card_and_says_where_a_model_is_gone():
    sets = [digits("mnist", [0] * 10), digits("test:ana", [3, 3])]
    frame = cross_table([ONE], [ONE], BATCHES, sets, lambda *_: None)
    assert frame["accuracy"].tolist()[0] == 0.4
    assert np.isnan(frame["accuracy"].tolist()[1])
