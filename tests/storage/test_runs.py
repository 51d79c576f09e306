from dataclasses import replace

import numpy as np
import pytest

from digitlab.storage import runs, versions
from digitlab.storage.models import ModelFiles, read_model_file
from digitlab.storage.runs import delete_runs, read_run, read_runs, rename_run
from tests.helpers import a_run, add_run, put_model
from tests.storage.pads import counts


def test_runs_are_stored_renamed_and_deleted(store):
    stored = [a_run(f"dense-{number}", own=0.5) for number in range(3)]
    for run in stored:
        add_run(store, run)
    found = read_runs(store)
    assert sorted((replace(run, created_at="") for run in found), key=lambda run: run.id) == stored
    assert [run.created_at for run in found] == sorted(run.created_at for run in found) != ["", "", ""]
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


def test_a_run_comes_and_goes_with_its_model(store):
    model = ModelFiles(b"keras", b"tflite", b"piles")
    add_run(store, a_run("dense-1"), model)
    add_run(store, a_run("dense-2"))
    assert [read_model_file(store, "dense-1", kind) for kind in ("keras", "tflite", "npz")] == [
        model.keras,
        model.tflite,
        model.piles,
    ]
    assert read_model_file(store, "dense-2", "npz") is None
    delete_runs(store, ["dense-1"])
    assert counts(store)["model_files"] == 2


@pytest.mark.parametrize("model", [None, ModelFiles(b"", b"tflite"), ModelFiles(b"keras", b"")])
def test_a_trained_network_cannot_be_stored_without_its_model(store, model):
    with pytest.raises(ValueError, match="with the files of its model. Received: dense-1 without them"):
        runs.add_run(store, a_run("dense-1"), model)
    assert counts(store)["runs"] == 0


def test_a_model_that_cannot_be_stored_stores_no_run(store, monkeypatch):
    def fail(*_arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(runs, "insert_model", fail)
    with pytest.raises(OSError, match="full"):
        add_run(store, a_run("dense-1"))
    assert counts(store)["runs"] == 0


def test_a_run_without_its_model_says_so_and_one_that_never_had_one_does_not(store):
    add_run(store, a_run("dense-1"))
    add_run(store, a_run("dense-2"))
    add_run(store, a_run("nearest-mean-1", "nearest_mean"))
    before = versions.runs_version(store)
    put_model(store, "dense-1", None)
    assert {run.id: run.model_missing for run in read_runs(store)} == {
        "dense-1": True,
        "dense-2": False,
        "nearest-mean-1": False,
    }
    assert read_run(store, "dense-1").model_missing
    assert versions.runs_version(store) != before


def test_one_run_is_read_as_in_the_list_of_all(store):
    add_run(store, a_run("one-1", "one", drawings=10, helped="alone"))
    add_run(store, replace(a_run("one-2", "one", drawings=10, start_from="one-1"), help=None))
    assert [read_run(store, run.id) for run in read_runs(store)] == read_runs(store)
    assert read_run(store, "one-2").help == "alone"
    assert read_run(store, "no such run") is None
