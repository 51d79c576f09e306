import numpy as np
import pytest

from digitlab.comparison import runs as cards
from digitlab.settings import Settings
from tests.helpers import run_card

GUESS = run_card("uniform", "uniform", right=0.1, name="Random guess")
DENSE = run_card("dense-1", right=0.97, name="Dense")
ONE = run_card("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits")


def epochs(n):
    return [{"epoch": number + 1, "loss": 1, "accuracy": 0, "val_loss": 2, "val_accuracy": 1} for number in range(n)]


def test_summary_has_a_row_per_run():
    table = cards.summary([GUESS, DENSE, ONE]).set_index("id")
    assert list(table.index) == ["uniform", "dense-1", "one-1"]
    assert table.loc["one-1", "human_minutes"] == 0.5
    assert table.loc["one-1", "own_accuracy"] == 0.6
    assert np.isnan(table.loc["dense-1", "own_accuracy"])
    assert (table["low"] < table["accuracy"]).all()
    assert (table["accuracy"] < table["high"]).all()
    assert table.loc["uniform", "method"] == "Random guess"


def test_summary_tells_how_a_run_was_trained():
    stopped = {**DENSE, "stopped": True}
    further = {**ONE, "start_from": "reference"}
    told = list(cards.summary([GUESS, DENSE, stopped, further])["trained"])
    assert told == [
        "not at all",
        "on MNIST: 55,000 digits, 2 epochs",
        "on MNIST: 55,000 digits, 2 epochs (stopped early)",
        "on one drawing of each digit: 55,000 digits, 2 epochs, starting from a saved model",
    ]


def test_summary_of_no_runs_has_its_columns():
    table = cards.summary([])
    assert table.empty
    assert {"id", "name", "accuracy", "trained"} <= set(table)


def test_accuracies_have_a_row_per_run_and_test_set():
    frame = cards.accuracies([DENSE, ONE])
    assert list(zip(frame["name"], frame["test_set"], frame["accuracy"], strict=True)) == [
        ("Dense", "MNIST test set", 0.97),
        ("Ten digits", "MNIST test set", 0.4),
        ("Ten digits", "own test set", 0.6),
    ]
    assert list(frame["n"]) == [1000, 1000, 20]
    assert list(cards.accuracies([]).columns) == list(frame.columns)


def test_accuracy_by_digit_is_the_diagonal():
    frame = cards.accuracy_by_digit([DENSE])
    assert list(frame["digit"]) == list("0123456789")
    assert (frame["n"] == 100).all()
    assert np.average(frame["accuracy"], weights=frame["n"]) == pytest.approx(0.97)


def test_a_digit_that_was_not_tested_has_no_part_in_an_error():
    card = {**DENSE, "tests": {"mnist": {**DENSE["tests"]["mnist"], "confusion": np.zeros((10, 10), int).tolist()}}}
    assert (cards.accuracy_by_digit([card])["accuracy"] == 0).all()
    assert (cards.confusion(card["tests"]["mnist"])["share"] == 0).all()


def test_confusion_counts_by_label_and_prediction():
    frame = cards.confusion({"confusion": [[8, 2, *[0] * 8], *[[0] * 10] * 9]})
    assert len(frame) == 100
    cells = frame.set_index(["label", "prediction"])
    assert cells.loc[("0", "1"), "count"] == 2
    assert cells.loc[("0", "1"), "share"] == 0.2
    assert cells.loc[("1", "0"), "count"] == 0


def test_histories_have_a_row_per_run_epoch_measure_and_data():
    frame = cards.histories({"a": epochs(3), "b": epochs(1)})
    assert len(frame) == 4 * (3 + 1)
    row = frame[(frame["name"] == "a") & (frame["epoch"] == 2) & (frame["measure"] == "loss")]
    assert dict(zip(row["data"], row["value"], strict=True)) == {"training": 1, "validation": 2}
    assert list(cards.histories({}).columns) == list(frame.columns)


@pytest.mark.parametrize("n", [1, 99, 100, 101, 250, 500])
def test_a_long_history_is_thinned_evenly_and_keeps_its_end(n):
    kept = sorted(set(cards.histories({"a": epochs(n)})["epoch"]))
    assert kept[-1] == n
    assert len(kept) <= 100
    assert len(kept) >= min(n, 50)
    assert len(set(np.diff(kept))) <= 1


def test_percent_with_its_interval():
    assert cards.percent({"accuracy": 0.978, "low": 0.975, "high": 0.9806}) == "97.8% (97.5\N{EN DASH}98.1)"


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (["a", "a", "b", "a"], ["a", "a (2)", "b", "a (3)"]),
        (["a (2)", "a", "a"], ["a (2)", "a", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (2)", "a (2) (2)"]),
    ],
)
def test_names_that_tell_runs_apart(names, unique):
    runs = [{"id": str(number), "name": name} for number, name in enumerate(names)]
    named = cards.unique_names(runs)
    assert [card["name"] for card in named] == unique
    assert [card["id"] for card in named] == [card["id"] for card in runs]
    assert [card["name"] for card in runs] == names, "the given cards are not changed"


def test_the_newest_of_each_method_in_the_order_asked_for():
    runs = [{"id": "old", "method": "dense"}, {"id": "one", "method": "one"}, {"id": "new", "method": "dense"}]
    assert [card["id"] for card in cards.newest_by_method(runs, ("one", "full", "dense"))] == ["one", "new"]


def test_the_result_of_a_job_else_the_newest():
    runs = [{"id": "a", "method": "one"}, {"id": "b", "method": "full"}, {"id": "c", "method": "dense"}]
    assert cards.result_of(runs, "a", "one", "full")["id"] == "a"
    assert cards.result_of(runs, None, "one", "full")["id"] == "b"
    assert cards.result_of(runs, "gone", "one")["id"] == "a"
    assert cards.result_of(runs, None, "nearest_mean") is None
    assert cards.result_of([], None, "one") is None


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(), "Dense 128 on MNIST"),
        (Settings(hidden_units=(128, 64), train_share=0.1), "Dense 128-64 on 10% of MNIST"),
        (Settings(hidden_units=()), "Dense without hidden layer on MNIST"),
    ],
)
def test_name_of_a_run_on_mnist(settings, name):
    assert cards.name_of(settings) == name


def test_steps_tell_where_each_method_stands():
    told = cards.steps([GUESS, DENSE, run_card("dense-2", right=0.8), ONE])
    assert [step.title for step in told] == [
        "1. Random guess",
        "2. Dense network on MNIST",
        "3. One of each digit",
        "4. Full batch",
    ]
    assert [step.accuracy for step in told] == ["10.0%", "97.0%", "40.0%", "not yet"]
    assert [step.done for step in told] == [True, True, True, False]
    assert told[1].text == "Best of 2 runs, no drawing."
    assert "30.0 s of drawing" in told[2].text


def test_the_next_step_is_the_first_not_done():
    assert cards.next_step(cards.steps([GUESS])).page == "pages/dense.py"
    assert cards.next_step(cards.steps([GUESS, ONE])).page == "pages/dense.py"
    assert cards.next_step(cards.steps([GUESS, DENSE, ONE])).page == "pages/draw_batch.py"
    everything = [GUESS, DENSE, ONE, run_card("full-1", "full")]
    assert cards.next_step(cards.steps(everything)).page == "pages/compare.py"


def test_a_method_stands_where_drawings_alone_brought_it():
    alone = run_card("one-1", "one", right=0.6, drawings=10)
    further = run_card("one-2", "one", right=0.97, drawings=10) | {"start_from": "reference"}
    joined = run_card("one-3", "one", right=0.98, drawings=10)
    joined["settings"] = {**joined["settings"], "mnist_share": 0.5}
    step = cards.steps([alone, further, joined])[2]
    assert step.accuracy == "60.0%"
    assert "Best of 1 run," in step.text
