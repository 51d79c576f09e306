"""Models leave from where they are shown, and come in on Compare."""

from dataclasses import replace

import pytest

from digitlab.learning import model_files
from digitlab.learning.model_files import REFERENCE
from digitlab.settings import Settings
from digitlab.storage.people import VISITOR
from digitlab.storage.runs import read_runs
from digitlab.storage.store import default_url
from digitlab.ui import who
from tests.drawn import draw_ten
from tests.helpers import a_run, add_run, has_key, texts, until


def opened(at, key):
    """Open one of the folded parts."""
    at.session_state[f"{key}_open"] = True
    return at.run()


@pytest.mark.parametrize(("name", "run_id"), [("dense", "dense-1"), ("inside", "reference")])
def test_where_a_network_is_shown_it_can_be_taken(visit, store, keep_model, name, run_id):
    add_run(store, a_run("dense-1"))
    keep_model("dense-1")
    at = opened(visit(name), f"take_model_{run_id}")
    assert not at.exception
    assert has_key(at, f"take_model_{run_id}_button")
    form = at.selectbox(key=f"take_model_{run_id}_form_False")
    assert form.options[:4] == ["A page with a pad", "Keras", "TensorFlow Lite", "TensorFlow Lite, 8-bit weights"]
    form.set_value("tflite-int8").run()
    assert "A quarter of the size" in texts(at)


def test_on_compare_one_of_the_networks_is_chosen(visit, store):
    add_run(store, a_run("nearest-mean-1", "nearest_mean"))
    add_run(store, a_run("dense-1", name="Mine"))
    add_run(store, replace(a_run("dense-2", name="Convolutional"), settings=Settings(network="cnn")))
    at = opened(visit("compare"), "take_model")
    assert at.selectbox(key="take_model_run").options == ["Convolutional", "Mine"]
    assert "A page with a pad" not in at.selectbox(key="take_model_form_True").options
    assert "the reader in the page computes dense layers alone" in texts(at)
    at.selectbox(key="take_model_run").set_value("dense-1").run()
    assert "A page with a pad" in at.selectbox(key="take_model_form_False").options


def test_without_a_network_nothing_is_on_offer(visit, store):
    add_run(store, a_run("nearest-mean-1", "nearest_mean"))
    assert "take_model_open" not in visit("compare").session_state


def test_who_has_not_joined_takes_and_brings_no_model(visit, store, monkeypatch):
    add_run(store, a_run("dense-1"))
    monkeypatch.setattr(who, "person", lambda: VISITOR)
    at = opened(opened(visit("compare"), "take_model"), "bring_model")
    assert not at.exception
    assert not has_key(at, "take_model_button")
    assert not has_key(at, "bring_model_start")
    assert "Join the class on the first page to take a model with you." in texts(at)
    assert "Join the class on the first page to bring a model in." in texts(at)


def upload(at, name, content):
    at.file_uploader(key="bring_model_file").upload(name, content, "application/octet-stream")
    return at.run()


def bring(at):
    """Hand a model in, under another name than that of its file."""
    opened(at, "bring_model")
    assert at.button(key="bring_model_start").disabled
    upload(at, "theirs.tflite", model_files.load_tflite(REFERENCE))
    (name,) = (field for field in at.text_input if str(field.key).startswith("bring_model_name"))
    assert name.value == "theirs"
    name.set_value("Of a friend").run()
    at.button(key="bring_model_start").click().run()
    assert not at.exception


def test_a_model_that_is_handed_in_is_asked_for_with_its_name_and_the_own_test_digits(visit, store, queue):
    test = draw_ten(store, "test")
    bring(visit("compare"))
    asked = queue.asked("bring_model")
    assert (asked.name, asked.file_name, asked.test_batch_ids) == ("Of a friend", "theirs.tflite", (test,))
    assert asked.content == model_files.load_tflite(REFERENCE)
    assert asked.database_url == default_url()


@pytest.mark.slow
def test_a_model_comes_in_and_is_compared(visit, store, worker):
    at = visit("compare")
    bring(at)
    until(at, lambda at: at.success)
    assert "Stored as Of a friend" in at.success[0].value
    assert "It is given pixels as 0 to 255: so it reads 9" in texts(at)
    (run,) = read_runs(store)
    assert run.tests["mnist"].correct == model_files.load_card(REFERENCE).tests["mnist"].correct
    assert "Of a friend" in list(at.dataframe[0].value["name"])
    assert "1 brought in from files" in texts(at)
    at = visit("inside")
    at.selectbox(key="inside_run").set_value(run.id).run()
    assert not at.exception
    assert "This network was brought in from a file" in texts(at)


@pytest.mark.slow
def test_a_file_that_is_refused_says_why_and_is_not_stored(visit, store, worker):
    at = upload(opened(visit("compare"), "bring_model"), "theirs.keras", b"no model at all")
    at.button(key="bring_model_start").click().run()
    until(at, lambda at: at.error)
    assert "theirs.keras is cut off or damaged" in at.error[0].value
    assert read_runs(store) == []
