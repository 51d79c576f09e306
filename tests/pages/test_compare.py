import pytest

from digitlab import models
from tests.helpers import charted, run_card, texts


def names(at):
    return list(at.dataframe[0].value["name"])


def choose_rows(at, rows):
    at.session_state["compare_runs"] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    at.run()
    assert not at.exception


@pytest.fixture
def four(store):
    for run_id, method, more in (
        ("dense-1", "dense", {"right": 0.97}),
        ("one-1", "one", {"right": 0.4, "minutes": 0.5, "drawings": 10, "own": 0.6}),
        ("full-1", "full", {"right": 0.7, "minutes": 12, "drawings": 100}),
        ("nearest-mean-1", "nearest_mean", {"right": 0.82}),
    ):
        store.add_run(run_card(run_id, method, **more))


def test_without_runs_there_is_the_random_guess(visit):
    at = visit("compare")
    assert names(at) == ["Random guess"]
    assert "No run is stored yet" in at.info[0].value
    assert len(at.get("vega_lite_chart")) == 3
    assert "Training curves" not in texts(at)


def test_one_run(visit, store):
    store.add_run(run_card("dense-1"))
    at = visit("compare")
    assert names(at) == ["Random guess", "Run dense-1"]
    assert not at.info
    assert "Training curves" in texts(at)


def test_the_table_tells_what_a_method_is_and_costs(visit, four):
    table = visit("compare").dataframe[0].value.set_index("name")
    one = table.loc["Run one-1"]
    assert (one["method"], one["drawings"], one["human_minutes"]) == ("One of each digit", 10, 0.5)
    assert (one["accuracy"], one["own_accuracy"], one["parameters"]) == (0.4, 0.6, 101_770)
    assert one["low"] < 0.4 < one["high"]
    assert one["input"] == "28x28 pixels"
    assert "epochs" in one["trained"]
    assert table.loc["Random guess", "trained"] == "not at all"


def test_fifty_runs(visit, store):
    for number in range(50):
        store.add_run(run_card(f"dense-{number}", name=f"Run {number % 40}", right=0.5 + number / 100, epochs=200))
    at = visit("compare")
    assert not at.exception
    assert len(set(names(at))) == 51, "runs of the same name can be told apart"
    assert len(charted(at, "low")) == 51


def test_chosen_rows_are_what_is_compared(visit, four):
    at = visit("compare")
    assert len(charted(at, "low")) == 6  # the one with its own test set counts twice
    choose_rows(at, [0, 2])
    assert {row["name"] for row in charted(at, "low")} == {"Random guess", "Run one-1"}
    assert {row["name"] for row in charted(at, "digit")} == {"Random guess", "Run one-1"}
    assert {row["name"] for row in charted(at, "epoch")} == {"Run one-1"}
    assert at.selectbox(key="compare_run").options == ["Run one-1"]
    choose_rows(at, [])
    assert len(charted(at, "low")) == 6


def test_a_choice_of_rows_that_are_gone_is_no_error(visit, four, store):
    at = visit("compare")
    choose_rows(at, [0, 4])
    store.delete_runs(["nearest-mean-1"])
    assert not at.run().exception
    assert {row["name"] for row in charted(at, "low")} == {"Random guess"}


def test_a_run_can_be_renamed(visit, four, store):
    at = visit("compare")
    at.selectbox(key="compare_run").set_value("one-1").run()
    at.text_input(key="compare_name_one-1").set_value("My ten digits").run()
    at.button(key="compare_rename").click().run()
    assert "My ten digits" in names(at)
    assert {card["id"]: card["name"] for card in store.runs()}["one-1"] == "My ten digits"


def test_an_empty_name_is_refused(visit, four, store):
    at = visit("compare")
    at.text_input(key="compare_name_dense-1").set_value(" ").run()
    at.button(key="compare_rename").click().run()
    assert not at.exception
    assert "1 to 120 characters" in at.error[0].value
    assert "Run dense-1" in {card["name"] for card in store.runs()}
    assert "Run dense-1" in names(at.run())


def test_a_run_is_deleted_with_its_files_and_only_when_sure(visit, four, store, folder):
    (folder / "models").mkdir()
    for run_id in ("dense-1", "one-1"):
        for ending in ("keras", "tflite", "json"):
            (folder / f"models/{run_id}.{ending}").touch()
    at = visit("compare")
    at.selectbox(key="compare_run").set_value("one-1").run()
    assert at.button(key="compare_delete").disabled
    at.checkbox(key="compare_sure_one-1").check().run()
    at.button(key="compare_delete").click().run()
    assert not at.exception
    assert "Run one-1" not in names(at)
    assert {path.stem for path in (folder / "models").iterdir()} == {"dense-1"}
    assert "one-1" not in {card["id"] for card in store.runs()}
    assert at.button(key="compare_delete").disabled, "the next run is not deleted by the same check"
    assert models.load_card("reference")
