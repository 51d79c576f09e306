import numpy as np
import pytest

from digitlab.comparison import methods
from digitlab.learning.evaluation import accuracy_interval
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import DigitSet
from tests.helpers import run_card

GUESS = run_card("uniform", "uniform", right=0.1, name="Random guess")
DENSE = run_card("dense-1", right=0.97)
ONE = run_card("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, batch_ids=[1])
FULL = run_card("full-1", "full", right=0.6, minutes=3, drawings=42, batch_ids=[2])
BATCHES = [
    Batch(number, 1, writer, kind, (0, 1), 0, "2026-01-01", 2, 4.0)
    for number, writer, kind in ((1, "ana", "one"), (2, "ana", "full"), (3, "ana", "test"), (4, "ben", "full"))
]


def digits(key, batch_ids, labels=None):
    n = len(batch_ids)
    labels = np.arange(n) % 10 if labels is None else np.array(labels)
    return DigitSet(key, key, np.zeros((n, 28, 28), np.uint8), labels, np.array(batch_ids), np.arange(n))


def all_right(_run_id, digit_set):
    return digit_set.labels


def with_seed(run_id, seed, right, **more):
    card = run_card(run_id, right=right, **more)
    return {**card, "settings": {**card["settings"], "seed": seed}}


def test_a_single_run_has_wilsons_interval():
    frame = methods.methods([GUESS, DENSE, ONE]).set_index(["id", "test_set"])
    row = frame.loc[("dense-1", "MNIST test set")]
    assert (row["low"], row["high"]) == accuracy_interval(970, 1000)
    assert (row["seeds"], row["n"], row["interval"]) == (1, 1000, "95 % interval")
    assert np.isnan(row["spread"])
    assert len(frame) == 4
    assert frame.loc[("one-1", "own test set"), "human_minutes"] == 0.5


def test_runs_that_differ_in_the_seed_alone_are_one_method():
    cards = [with_seed(f"dense-{seed}", seed, right) for seed, right in enumerate((0.80, 0.90, 0.85))]
    (row,) = methods.methods(cards).to_dict("records")
    assert (row["seeds"], row["name"], row["id"]) == (3, "Run dense-0", "dense-2")
    assert row["accuracy"] == pytest.approx(0.85)
    assert row["spread"] == pytest.approx(0.05)
    assert (row["low"], row["high"]) == pytest.approx((0.75, 0.95))
    assert "3 seeds" in row["interval"]


def test_seeds_that_agree_do_not_make_the_test_digits_more():
    cards = [with_seed(f"dense-{seed}", seed, 0.9) for seed in range(3)]
    (row,) = methods.methods(cards).to_dict("records")
    assert (row["low"], row["high"]) == pytest.approx(accuracy_interval(900, 1000))


def test_the_same_seed_again_is_a_repetition_not_another_seed():
    (row,) = methods.methods([with_seed("a", 0, 0.8), with_seed("b", 0, 0.9)]).to_dict("records")
    assert (row["id"], row["seeds"], row["accuracy"]) == ("b", 1, 0.9)


@pytest.mark.parametrize(
    "other", [{"epochs": 7}, {"method": "one", "drawings": 10, "version": "1" * 16}, {"start_from": "reference"}]
)
def test_what_differs_in_more_than_the_seed_is_another_method(other):
    cards = [with_seed("a", 0, 0.8), with_seed("b", 1, 0.9, **other)]
    assert len(methods.methods(cards)) == 2


def test_only_tests_on_the_same_digits_are_averaged():
    old, new = with_seed("a", 0, 0.8, own=0.5), with_seed("b", 1, 0.8, own=0.9)
    new["tests"]["own"]["version"] = "newer"
    frame = methods.methods([old, new]).set_index("test_set")
    assert frame.loc["own test set", ["accuracy", "seeds"]].tolist() == [0.9, 1]
    assert frame.loc["MNIST test set", "seeds"] == 2


def test_lines_to_measure_against():
    lines = methods.lines(methods.methods([GUESS, DENSE, {**DENSE, "id": "b", "start_from": "c"}, ONE]))
    assert lines["line"].tolist() == ["Random guess", "Dense network on MNIST: MNIST test set"]
    assert lines["accuracy"].tolist() == [0.1, 0.97]
    assert methods.lines(methods.methods([]))["line"].tolist() == ["Random guess"]


def test_cost_adds_up_drawing_and_training():
    frame = methods.cost(methods.methods([DENSE, ONE]))
    assert len(frame) == 4
    assert frame["seconds"].tolist() == [0, 1.5, 30, 1.5]
    assert frame["total"].tolist() == [1.5, 1.5, 31.5, 31.5]
    assert list(methods.cost(methods.methods([])).columns) == list(frame.columns)


@pytest.mark.parametrize(
    ("card", "text"),
    [
        (DENSE, "MNIST"),
        (ONE, "ana: one of each (10)"),
        (FULL, "ana: full batch (42)"),
        ({**FULL, "train": {"batch_ids": [2, 4]}}, "2 people: full batch (42)"),
        ({**FULL, "start_from": "reference"}, "ana: full batch (42) after MNIST"),
    ],
)
def test_whose_digits_a_run_was_trained_on(card, text):
    assert methods.trained_on(card, BATCHES) == text


def test_of_what_was_trained_on_the_same_the_newest_is_crossed():
    newer = {**ONE, "id": "one-2"}
    assert [card["id"] for card in methods.to_cross([GUESS, FULL, DENSE, ONE, newer], BATCHES)] == [
        "dense-1",
        "one-2",
        "full-1",
    ]
    many = [{**FULL, "drawings": number} for number in range(30)]
    assert len(methods.to_cross(many, BATCHES)) == 20


def test_a_cross_table_never_tests_on_what_was_trained_on():
    everything = digits("all digits of ana", [1, 1, 2, 2, 2, 3])
    seen = []

    def predict(run_id, digit_set):
        seen.append((run_id, digit_set.key))
        return digit_set.labels

    frame = methods.cross_table([DENSE, ONE, FULL], [DENSE, ONE, FULL], BATCHES, [everything], predict)
    assert dict(zip(frame["run"], frame["n"], strict=True)) == {
        "Run dense-1": 6,
        "Run one-1": 4,
        "Run full-1": 3,
    }
    assert (frame["accuracy"] == 1).all()
    only = methods.cross_table([ONE], [ONE], BATCHES, [digits("ana", [1, 1])], predict)
    assert only["n"].tolist() == [0]
    assert only["accuracy"].isna().all()
    assert ("one-1", "ana") not in seen


def test_a_cross_table_takes_mnist_from_the_card_and_says_where_a_model_is_gone():
    sets = [digits("mnist", [0] * 10), digits("test:ana", [3, 3])]
    frame = methods.cross_table([ONE], [ONE], BATCHES, sets, lambda *_: None)
    assert frame["accuracy"].tolist()[0] == 0.4
    assert np.isnan(frame["accuracy"].tolist()[1])


def test_own_digits_drawn_after_the_training_are_tested_on():
    sets = [digits("test:ana", [3, 3, 3])]
    cards = methods.tested_on_own([GUESS, DENSE, ONE, {**ONE, "id": "one-2"}], BATCHES, sets, all_right)
    owns = {card["id"]: card["tests"].get("own", {}).get("n") for card in cards}
    assert owns == {"uniform": None, "dense-1": 3, "one-1": 20, "one-2": 3}
    assert "own" not in DENSE["tests"], "the given cards are not changed"
    same = methods.tested_on_own(cards, BATCHES, sets, lambda *_: pytest.fail("tested twice"))
    assert same == cards


def test_a_writers_model_is_tested_on_that_writers_digits():
    sets = [digits("test:ana", [3]), digits("test:ben", [5, 5])]
    cards = methods.tested_on_own([DENSE, ONE], BATCHES, sets, all_right)
    assert [card["tests"]["own"]["n"] for card in cards] == [1, 1]
    cards = methods.tested_on_own([DENSE], BATCHES, sets, all_right)
    assert [card["tests"]["own"]["n"] for card in cards] == [3], "nobody's drawings are trained on: all test digits"
    assert methods.tested_on_own([ONE], BATCHES, sets[1:], all_right) == [ONE]
    assert methods.tested_on_own([ONE], BATCHES, sets, lambda *_: None) == [ONE]


def test_two_runs_read_the_digits_neither_was_trained_on():
    everything = digits("all digits of ana", [1, 1, 2, 3, 3], labels=[0, 1, 2, 3, 4])
    read = {"one-1": np.array([0, 1, 2, 3, 9]), "full-1": np.array([0, 1, 2, 9, 9])}
    pair = methods.pair(ONE, FULL, [ONE, FULL], everything, lambda run_id, _: read[run_id])
    assert pair.digits.labels.tolist() == [3, 4]
    assert (pair.first.tolist(), pair.second.tolist()) == ([3, 9], [9, 9])
    assert (pair.test.n, pair.test.first, pair.test.second) == (2, 1, 0)


def test_two_runs_without_common_digits_or_without_a_model_are_no_pair():
    assert methods.pair(ONE, FULL, [], digits("ana", [1, 2]), all_right) is None
    assert methods.pair(ONE, FULL, [], digits("ana", [3]), lambda *_: None) is None
