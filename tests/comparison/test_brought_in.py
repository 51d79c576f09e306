"""A model that was brought in stands beside the others, and never in the place of one of them."""

from dataclasses import replace

import pytest

from digitlab.comparison import answer, figures
from digitlab.comparison.cross_table import cross_table, speakers_by_training_data, trained_on
from digitlab.comparison.equal_accuracy import measured
from digitlab.comparison.kinds import KIND_TITLES, kind_of, with_kind
from digitlab.comparison.method_results import method_results
from digitlab.comparison.own_tests import retest_on_own
from digitlab.comparison.runs import summary, to_know
from digitlab.comparison.speaking import mnist_speaker, reference_lines, speaker
from digitlab.run import BroughtIn, from_json, to_json
from tests.comparison.examples import BATCHES, DENSE, FULL, GUESS, ONE, all_right, digits, guessing
from tests.helpers import a_run

ITS_FILE = BroughtIn("keras", "0123", "0 to 1", "probabilities", {"0 to 255": 0.2, "0 to 1": 0.99})
THEIRS = replace(a_run("uniform", "uniform", right=0.995, name="Theirs"), id="brought-in-1", method="brought_in")
THEIRS = replace(THEIRS, brought_in=ITS_FILE, parameters=7850)
OTHER = replace(THEIRS, id="brought-in-2", name="Another", brought_in=replace(ITS_FILE, version="4567"))
RUNS = [GUESS, THEIRS, DENSE, ONE, FULL, OTHER]


def test_it_is_kept_as_it_is():
    assert from_json(to_json(THEIRS)) == THEIRS
    assert THEIRS.is_network
    assert not GUESS.is_network


def test_it_has_a_kind_of_its_own_and_is_never_averaged():
    assert kind_of(THEIRS) == "elsewhere"
    assert with_kind("Theirs", THEIRS) == "Theirs"
    results = [each for each in method_results(RUNS) if each.kind == "elsewhere"]
    assert [(each.name, each.seeds, each.tests["mnist"].accuracy) for each in results] == [
        ("Theirs", 1, 0.995),
        ("Another", 1, 0.995),
    ]
    assert "what it has learnt from is not known" in results[0].note


def test_it_speaks_for_nothing_though_it_is_the_best():
    results = method_results(RUNS)
    assert mnist_speaker(results).id == "dense-1"
    assert mnist_speaker(method_results([THEIRS])) is None
    assert [speaker(method_results([THEIRS]), kind) for kind in KIND_TITLES] == [None] * 5
    assert list(reference_lines(method_results([GUESS, THEIRS]), "mnist")["accuracy"]) == [0.1]
    assert measured(results) == measured(method_results([GUESS, DENSE, ONE, FULL]))
    with_it, without = (answer.tell(runs, ["ana"]).text() for runs in (RUNS, [GUESS, DENSE, ONE, FULL]))
    assert with_it == without


def test_no_chart_gives_it_minutes():
    made = {figure.key: figure for figure in figures.of_runs(RUNS)}
    assert "2 brought in from files; what work is in them is not known" in made["minutes"].note
    for key in ("minutes", "cost"):
        assert "Theirs" not in set(made[key].table["Run"])
        assert "Run dense-1" in set(made[key].table["Run"])
    for key in ("methods", "digits"):
        assert {"Theirs", "Another"} <= set(made[key].table["Run"])
        assert "trained elsewhere" in set(made[key].table["Learnt from"])


def test_the_tables_say_what_it_is():
    row = summary([THEIRS]).iloc[0]
    assert (row["method"], row["learnt_from"], row["human_minutes"]) == ("Brought in", "trained elsewhere", 0)
    assert row["trained"] == "elsewhere: on what is not known"
    assert to_know(THEIRS) == "brought in: what it has learnt from is not known"
    assert to_know(guessing(THEIRS)).startswith("no better than guessing: is it one for upright digits")


@pytest.mark.parametrize("run", [THEIRS, OTHER])
def test_each_is_a_row_of_the_cross_table(run):
    assert trained_on(run, BATCHES) == f"elsewhere: {run.name}"
    shown = speakers_by_training_data(RUNS, BATCHES)
    assert {THEIRS.id, OTHER.id, "dense-1"} <= {each.id for each in shown}
    frame = cross_table([run], RUNS, BATCHES, [digits("ana's", [1, 2, 3])], all_right)
    assert list(frame["n"]) == [3]  # nothing is known of what it was trained on


def test_it_is_tested_on_the_own_digits_of_today():
    runs = retest_on_own([THEIRS, FULL], BATCHES, [digits("test:ana", [3, 3])], all_right)
    assert [(run.tests["own"].n, run.tests["own"].accuracy) for run in runs] == [(2, 1.0), (2, 1.0)]
