import pytest

from digitlab.comparison import method_tables
from digitlab.comparison.method_results import method_results
from tests.comparison.examples import DENSE, GUESS, ONE, guessing
from tests.helpers import a_run


def test_a_row_per_method_and_test_set_that_tells_its_kind():
    frame = method_tables.table(method_results([GUESS, DENSE, ONE])).set_index(["id", "test_set"])
    assert len(frame) == 4
    assert frame.loc[("one-1", "own test set"), "human_minutes"] == 0.5
    assert frame.loc[("one-1", "MNIST test set"), ["kind", "label"]].tolist() == [
        "drawings alone",
        "Run one-1\ndrawings alone",
    ]
    assert frame.loc[("dense-1", "MNIST test set"), ["kind", "label"]].tolist() == ["no drawing", "Run dense-1"]
    assert list(method_tables.table([]).columns) == [
        *frame.index.names[:1],
        *frame.columns[:4],
        "test_set",
        *frame.columns[4:],
    ]


def test_labels_on_an_axis_differ_where_names_or_kinds_do():
    name = "Full batches, 140 drawings by somebody, from Reference: dense network on MNIST"
    runs = [
        a_run(f"{kind}-{more}", "full", drawings=140, helped=kind, name=f"{name}{more}", epochs=3 + len(more))
        for kind in ("alone", "unlabelled", "mnist")
        for more in ("", " (2)", " (10)")
    ]
    results = method_results(runs)
    labels = method_tables.labels(results)
    assert len(set(labels)) == 9
    assert all(len(line) <= 34 for label in labels for line in label.split("\n"))
    frames = method_tables.table(results), method_tables.cost(results), method_tables.accuracy_by_digit(results)
    for frame in frames:
        assert list(dict.fromkeys(frame["label"])) == labels
        assert all(kind in label for kind, label in zip(frame["kind"], frame["label"], strict=True))


def test_what_has_learnt_nothing_says_so_on_the_axis_and_in_the_table():
    results = method_results([guessing(DENSE), ONE])
    assert method_tables.labels(results) == ["Run one-1\ndrawings alone", "Run dense-1\nno better than guessing"]
    assert method_tables.table(results)["note"].tolist()[-1].startswith("no better than guessing: ")


def test_cost_adds_up_drawing_and_training():
    frame = method_tables.cost(method_results([DENSE, ONE]))
    assert len(frame) == 4
    assert frame["seconds"].tolist() == [30, 1.5, 0, 1.5]
    assert frame["total"].tolist() == [31.5, 31.5, 1.5, 1.5]
    assert list(method_tables.cost([]).columns) == list(frame.columns)


def test_accuracy_by_digit_is_the_mean_of_the_seeds():
    seeds = [a_run(f"dense-{seed}", right=right, seed=seed) for seed, right in enumerate((0.9, 0.8))]
    frame = method_tables.accuracy_by_digit(method_results(seeds))
    assert list(frame["digit"]) == list("0123456789")
    assert (frame["n"] == 100).all()
    assert frame["accuracy"].mean() == pytest.approx(0.85)
    nothing = method_tables.accuracy_by_digit([])
    assert list(nothing.columns) == list(frame.columns)
