"""A whole experiment leaves from My digits as one file, and comes in by it: looked at before anything is stored."""

import io

import numpy as np
import pytest

from digitlab.formats.experiment.write import write_experiment
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.people import VISITOR, Person
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer, read_writers
from digitlab.ui import who
from tests.helpers import a_run, add_run, has_key, reference_files, texts


def draw(store, name, seed):
    batch_id = start_batch(store, add_writer(store, name), "full", [3, 1], seed)
    save_drawing(store, (batch_id, 0), [np.array([[0.0, 0], [9, 7]])], np.full((28, 28), seed, np.uint8), 90.0)
    return batch_id


@pytest.fixture
def elsewhere(tmp_path):
    """Another machine's experiment: the content of its file."""
    store = Store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    add_run(store, a_run("full-1", "full", batch_ids=(draw(store, "Ana", 1),)), reference_files())
    draw(store, "**Bo**", 2)
    file = io.BytesIO()
    write_experiment(file, store)
    store.close()
    return file.getvalue()


def upload(at, content, name="mine.digitlab.zip"):
    at.file_uploader[0].upload(name, content, "application/zip")
    return at.run()


def test_it_comes_in_after_a_look_at_it(visit, store, elsewhere):
    at = upload(visit("my_digits"), elsewhere)
    assert not at.exception
    assert "2 people; 2 drawings: 2 new; 1 run: 1 new." in texts(at)
    people = at.dataframe[-1].value
    assert people["Who"].tolist() == ["Ana", "**Bo**"]
    assert people["New"].tolist() == [1, 1]
    assert read_batches(store) == []
    at.button(key="experiment_store").click().run()
    assert not at.exception
    assert "Brought in: 2 drawings, 1 run." in texts(at)
    assert sorted(batch.writer for batch in read_batches(store)) == ["**Bo**", "Ana"]
    assert [run.id for run in read_runs(store)] == ["full-1"]
    assert not has_key(at, "experiment_store")  # the field is empty again
    at = upload(visit("my_digits"), elsewhere)
    assert "2 drawings: 0 new, 2 here already" in texts(at)
    assert at.button(key="experiment_store").disabled


def test_a_name_that_is_taken_is_asked_for(visit, store, elsewhere):
    draw(store, "Ana", 7)
    at = upload(visit("my_digits"), elsewhere)
    assert not at.exception
    field = at.text_input(key="experiment_name_0")
    assert field.value == "Ana (2)"
    assert at.dataframe[-1].value["Here called"].tolist() == ["Ana (2)", "**Bo**"]
    field.set_value("Ana").run()
    assert at.dataframe[-1].value["Here called"].tolist() == ["Ana", "**Bo**"]
    at.button(key="experiment_store").click().run()
    assert sorted(read_writers(store).values()) == ["**Bo**", "Ana"]
    assert len(read_batches(store)) == 3


def test_a_name_that_cannot_be_given_is_told(visit, store, elsewhere):
    draw(store, "Ana", 7)
    at = upload(visit("my_digits"), elsewhere)
    at.text_input(key="experiment_name_0").set_value("DigitLab's demo").run()
    assert not at.exception
    assert "demo" in at.error[0].value
    assert len(read_batches(store)) == 1


def test_a_file_that_is_none_is_told(visit, store, elsewhere):
    at = upload(visit("my_digits"), elsewhere[:-200])
    assert not at.exception
    assert "cut off or damaged" in at.error[0].value
    assert not has_key(at, "experiment_store")


def test_it_is_offered_where_there_is_something(visit, store):
    at = visit("my_digits")
    assert "whole experiment with you" not in texts(at)
    add_run(store, a_run("dense-1"), reference_files())
    assert "whole experiment with you" in texts(visit("my_digits"))
    draw(store, "Ana", 1)
    assert "One file with everything: drawings" in texts(visit("my_digits"))


def test_a_pupil_takes_their_own_and_a_visitor_nothing(visit, store, monkeypatch):
    draw(store, "Ana", 1)
    ana = next(iter(read_writers(store)))
    monkeypatch.setattr(who, "person", lambda: Person(ana, "Ana", "pupil"))
    assert "everything of yours" in texts(visit("my_digits"))
    monkeypatch.setattr(who, "person", lambda: Person(ana + 1, "Bo", "pupil"))
    assert "whole experiment with you" not in texts(visit("my_digits"))
    monkeypatch.setattr(who, "person", lambda: VISITOR)
    assert "whole experiment" not in texts(visit("my_digits"))
