from dataclasses import replace

import numpy as np
import pytest

from digitlab.comparison import runs
from digitlab.comparison.method_results import method_results
from digitlab.comparison.method_tables import accuracy_by_digit
from digitlab.run import Epoch, TestResult
from digitlab.settings import Settings
from tests.comparison.examples import guessing
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1, name="Random guess")
DENSE = a_run("dense-1", right=0.97, name="Dense")
ONE = a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, name="Ten digits")


def epochs(n):
    return [Epoch(number + 1, loss=1, accuracy=0, val_loss=2, val_accuracy=1, seconds=1) for number in range(n)]


def test_summary_has_a_row_per_run():
    table = runs.summary([GUESS, DENSE, ONE]).set_index("id")
    assert list(table.index) == ["uniform", "dense-1", "one-1"]
    assert table.loc["one-1", "human_minutes"] == 0.5
    assert table.loc["one-1", "own_accuracy"] == 0.6
    assert np.isnan(table.loc["dense-1", "own_accuracy"])
    assert (table["low"] < table["accuracy"]).all()
    assert (table["accuracy"] < table["high"]).all()
    assert table.loc["uniform", "method"] == "Random guess"


def test_summary_tells_how_a_run_was_trained():
    stopped = replace(DENSE, stopped=True)
    further = replace(ONE, start_from="reference")
    told = list(runs.summary([GUESS, DENSE, stopped, further])["trained"])
    assert told == [
        "not at all",
        "on MNIST: 55,000 digits, 2 epochs",
        "on MNIST: 55,000 digits, 2 epochs (stopped early)",
        "on one drawing of each digit: 55,000 digits, 2 epochs, starting from a saved model",
    ]


def test_summary_of_no_runs_has_its_columns():
    table = runs.summary([])
    assert table.empty
    assert {"id", "name", "accuracy", "trained"} <= set(table)


def test_summary_tells_kinds_apart_and_what_has_learnt_nothing():
    table = runs.summary([GUESS, guessing(DENSE), ONE, replace(ONE, id="one-2", help="mnist")]).set_index("id")
    assert table["learnt_from"].tolist() == ["no drawing", "no drawing", "drawings alone", "with MNIST"]
    assert table["note"].tolist() == ["", "no better than guessing: train longer, and on all ten digits", "", ""]


def test_a_digit_that_was_not_tested_has_no_part_in_an_error():
    confusion = ((0,) * 10,) * 10
    run = replace(DENSE, tests={"mnist": replace(DENSE.tests["mnist"], confusion=confusion)})
    assert (accuracy_by_digit(method_results([run]))["accuracy"] == 0).all()
    assert (runs.confusion_cells(confusion)["share"] == 0).all()


def test_confusion_counts_by_label_and_prediction():
    frame = runs.confusion_cells([[8, 2, *[0] * 8], *[[0] * 10] * 9])
    assert len(frame) == 100
    cells = frame.set_index(["label", "prediction"])
    assert cells.loc[("0", "1"), "count"] == 2
    assert cells.loc[("0", "1"), "share"] == 0.2
    assert cells.loc[("1", "0"), "count"] == 0


def test_histories_have_a_row_per_run_epoch_measure_and_data():
    frame = runs.histories({"a": epochs(3), "b": epochs(1)})
    assert len(frame) == 4 * (3 + 1)
    row = frame[(frame["name"] == "a") & (frame["epoch"] == 2) & (frame["measure"] == "loss")]
    assert dict(zip(row["data"], row["value"], strict=True)) == {"training": 1, "validation": 2}
    assert list(runs.histories({}).columns) == list(frame.columns)


@pytest.mark.parametrize("n", [1, 99, 100, 101, 250, 500])
def test_a_long_history_is_thinned_evenly_and_keeps_its_end(n):
    kept = sorted(set(runs.histories({"a": epochs(n)})["epoch"]))
    assert kept[-1] == n
    assert len(kept) <= 100
    assert len(kept) >= min(n, 50)
    assert len(set(np.diff(kept))) <= 1


def test_percent_with_its_interval():
    assert (
        runs.percent_with_interval(TestResult(1000, 978, 0.978, 0.975, 0.9806, ()))
        == "97.8\u00a0% (97.5\N{EN DASH}98.1)"
    )


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
    given = [a_run(str(number), name=name) for number, name in enumerate(names)]
    named = runs.unique_names(given)
    assert [run.name for run in named] == unique
    assert [run.id for run in named] == [run.id for run in given]


def test_the_newest_of_each_method_in_the_order_asked_for():
    given = [a_run("old"), a_run("one", "one"), a_run("new")]
    assert [run.id for run in runs.newest_by_method(given, ("one", "full", "dense"))] == ["one", "new"]


def test_the_result_of_a_job_else_the_newest():
    given = [a_run("a", "one"), a_run("b", "full"), a_run("c", "dense")]
    assert runs.result_of(given, "a", "one", "full").id == "a"
    assert runs.result_of(given, None, "one", "full").id == "b"
    assert runs.result_of(given, "gone", "one").id == "a"
    assert runs.result_of(given, None, "nearest_mean") is None
    assert runs.result_of([], None, "one") is None


@pytest.mark.parametrize(
    ("accuracy", "said"), [(0.95, "3.0 points less than"), (0.981, "0.1 points more than"), (0.9801, "the same as")]
)
def test_what_training_further_cost(accuracy, said):
    before = DENSE.tests["mnist"]
    told = runs.change_on_mnist(replace(before, accuracy=0.98), replace(before, accuracy=accuracy))
    assert told == f"On MNIST that is {said} the model it started from (98.0\u00a0%)."


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(), "Dense 128 on MNIST"),
        (Settings(hidden_units=(128, 64), train_share=0.1), "Dense 128-64 on 10% of MNIST"),
        (Settings(hidden_units=()), "Dense without hidden layer on MNIST"),
        (Settings(network="lenet"), "LeNet 128 on MNIST"),
    ],
)
def test_name_of_a_run_on_mnist(settings, name):
    assert runs.name_of(settings) == name
