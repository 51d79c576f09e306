import numpy as np
import pytest

from digitlab.storage.runs import add_card, delete_runs, read_cards, rename_run
from tests.storage.samples import card


def test_runs_are_stored_renamed_and_deleted(store):
    for number in range(3):
        add_card(store, card(f"dense-{number}", history=[{"loss": 0.1 + 0.2}]))
    runs = {run["id"]: run for run in read_cards(store)}
    assert set(runs) == {"dense-0", "dense-1", "dense-2"}
    assert runs["dense-1"]["history"] == [{"loss": 0.1 + 0.2}]
    assert [run["created_at"] for run in read_cards(store)] == sorted(run["created_at"] for run in read_cards(store))
    rename_run(store, "dense-1", "  Wide  ")
    assert {run["id"]: run["name"] for run in read_cards(store)}["dense-1"] == "Wide"
    delete_runs(store, ["dense-0", "dense-2", "no such run"])
    assert [run["name"] for run in read_cards(store)] == ["Wide"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"name": "x"}, r"an id and a name. Received keys: \['name'\]"),
        (card(""), "an id and a name"),
        (card(loss=float("nan")), "written as JSON"),
        (card(n=np.int64(3)), "written as JSON.*int64"),
    ],
)
def test_cards_that_are_refused(store, bad, message):
    with pytest.raises(ValueError, match=message):
        add_card(store, bad)
    assert read_cards(store) == []


@pytest.mark.parametrize("name", ["", " \t", 121 * "x"])
def test_run_names_that_are_refused(store, name):
    add_card(store, card())
    with pytest.raises(ValueError, match="1 to 120 characters"):
        rename_run(store, "dense-1", name)
    assert read_cards(store)[0]["name"] == "A run"
