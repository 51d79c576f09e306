from dataclasses import replace

import numpy as np
import pytest

from digitlab.storage.runs import add_run, delete_runs, read_runs, rename_run
from tests.helpers import a_run


def test_runs_are_stored_renamed_and_deleted(store):
    stored = [a_run(f"dense-{number}", own=0.5) for number in range(3)]
    for run in stored:
        add_run(store, run)
    runs = read_runs(store)
    assert sorted((replace(run, created_at="") for run in runs), key=lambda run: run.id) == stored
    assert [run.created_at for run in runs] == sorted(run.created_at for run in runs) != ["", "", ""]
    rename_run(store, "dense-1", "  Wide  ")
    assert {run.id: run.name for run in read_runs(store)}["dense-1"] == "Wide"
    delete_runs(store, ["dense-0", "dense-2", "no such run"])
    assert [run.name for run in read_runs(store)] == ["Wide"]


def test_of_a_long_name_the_beginning_is_stored(store):
    add_run(store, a_run("dense-1", name=121 * "x"))
    assert read_runs(store)[0].name == 120 * "x"


def test_each_run_is_read_with_its_kind_of_help(store):
    """Those of earlier versions too, which did not store it: their starts are looked up."""
    old = [
        a_run("dense-1"),
        a_run("one-1", "one", drawings=10, helped="alone"),
        a_run("one-2", "one", drawings=10, start_from="one-1"),
        a_run("one-3", "one", drawings=10, start_from="dense-1"),
        a_run("one-4", "one", drawings=10, start_from="gone"),
    ]
    for run in old:
        add_run(store, replace(run, help=None))
    add_run(store, a_run("piles", "unlabelled", drawings=10, helped="unlabelled"))
    assert {run.id: run.help for run in read_runs(store)} == {
        "dense-1": None,
        "one-1": "alone",
        "one-2": "alone",
        "one-3": "mnist",
        "one-4": "mnist",
        "piles": "unlabelled",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": ""}, "an id and a name. Received: id ''"),
        ({"name": ""}, "an id and a name"),
        ({"human_seconds": float("nan")}, "written as JSON"),
        ({"drawings": np.int64(3)}, "written as JSON.*int64"),
    ],
)
def test_runs_that_are_refused(store, changes, message):
    with pytest.raises(ValueError, match=message):
        add_run(store, replace(a_run("dense-1"), **changes))
    assert read_runs(store) == []


@pytest.mark.parametrize("name", ["", " \t", 121 * "x"])
def test_run_names_that_are_refused(store, name):
    add_run(store, a_run("dense-1", name="A run"))
    with pytest.raises(ValueError, match="1 to 120 characters"):
        rename_run(store, "dense-1", name)
    assert read_runs(store)[0].name == "A run"
