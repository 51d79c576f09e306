from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import model_files
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.runs import read_runs
from digitlab.storage.writers import add_writer
from digitlab.ui import resources
from tests.drawn import draw_ten
from tests.helpers import a_run, add_run, draw, human_strokes, place_of, put_model, texts, until


@pytest.fixture
def drawn(store):
    """Store a batch with a drawing of each digit: `drawn("one", "Ana")` returns its id."""

    return partial(draw_ten, store)


def train(at, store, epochs=2, key="retrain_dense_epochs"):
    """Train on few varied digits and return the new run."""
    known = {run.id for run in read_runs(store)}
    at.select_slider(key=key.replace("epochs", "pool")).set_value(1000)
    at.slider(key=key).set_value(epochs).run()
    at.button(key="retrain_start").click().run()
    assert not at.exception
    new = until(at, lambda at: at.error or [run for run in read_runs(store) if run.id not in known])
    assert not at.error, at.error[0].value
    until(at, lambda at: at.metric)
    return new[0]


def ask(at, queue):
    """Ask for the training that is set, and return what is asked for."""
    at.button(key="retrain_start").click().run()
    assert not at.exception
    return queue.asked("retrain")


def choose(at, what):
    at.segmented_control(key="retrain_what").set_value(what).run()
    assert not at.exception


def test_without_drawings_there_is_nothing_to_train_on(visit):
    at = visit("retrain")
    for what in ("one", "full", "all"):
        choose(at, what)
        assert "no such drawings" in at.info[0].value
        assert at.button(key="retrain_start").disabled


def test_an_empty_or_a_test_batch_is_nothing_to_train_on(visit, store, drawn):
    start_batch(store, add_writer(store, "Ana"), "one", range(10), seed=0)
    drawn("test")
    at = visit("retrain")
    for what in ("one", "full", "all"):
        choose(at, what)
        assert at.button(key="retrain_start").disabled


def test_what_is_chosen_is_asked_for_and_the_result_is_shown(visit, store, drawn, queue):
    batch_id = drawn("one")
    at = visit("retrain")
    assert "**10 drawings** to train on" in texts(at)
    assert "no own test digits yet" in texts(at)
    asked = ask(at, queue)
    assert (asked.name, asked.start_from) == ("One of each digit, 10 drawings", None)
    assert (asked.batch_ids, asked.test_batch_ids) == ((batch_id,), ())
    add_run(store, a_run("one-1", "one", name=asked.name, drawings=10, minutes=1 / 3))
    queue.answer("retrain", "one-1")
    assert [metric.value for metric in at.run().metric][1] == "20 s"
    assert "One of each digit, 10 drawings" in texts(at)


def test_the_button_rests_from_the_click_on_and_a_second_click_asks_for_nothing(visit, store, drawn, queue):
    drawn("one")
    at = visit("retrain")
    ask(at, queue)
    assert at.button(key="retrain_start").disabled
    at.session_state["retrain_start_clicked"] = True  # of who clicks twice, before the browser knows that it rests
    at.run()
    assert at.button(key="retrain_start").disabled
    assert len([job for job in resources.jobs().all("retrain") if not job.over]) == 1
    add_run(store, a_run("one-1", "one"))
    queue.answer("retrain", "one-1")
    assert not at.run().button(key="retrain_start").disabled


@pytest.mark.slow
def test_from_scratch_on_one_of_each(visit, store, drawn, worker):
    drawn("one")
    at = visit("retrain")
    run = train(at, store)
    assert (run.method, run.drawings, run.human_seconds) == ("one", 10, 20)
    assert run.start_from is None
    assert len(run.history) == 2
    assert list(run.tests) == ["mnist"]
    assert "One of each digit, 10 drawings" in texts(at)
    assert [metric.value for metric in at.metric][1] == "20 s"


def test_further_from_the_reference_model_is_asked_for(visit, store, drawn, queue):
    batch_id, test_id = drawn("one"), drawn("test", "Ben")
    at = visit("retrain")
    at.selectbox(key="retrain_start_from").select_index(1).run()
    assert "parameters**" not in texts(at), "the network is given"
    assert at.slider(key="retrain_dense_further_mnist_share").value == 0.5, "or it would forget MNIST"
    asked = ask(at, queue)
    assert (asked.start_from, asked.batch_ids, asked.test_batch_ids) == ("reference", (batch_id,), (test_id,))
    add_run(store, a_run("one-1", "one", drawings=10, start_from="reference", own=0.9, own_n=10))
    queue.answer("retrain", "one-1")
    assert "the model it started from (99.2\N{NO-BREAK SPACE}%)" in texts(at.run())
    assert "own test set" in texts(at)


@pytest.mark.slow
def test_further_from_the_reference_model(visit, store, drawn, worker):
    batch_id, test_id = drawn("one"), drawn("test", "Ben")
    at = visit("retrain")
    at.selectbox(key="retrain_start_from").select_index(1).run()
    run = train(at, store, key="retrain_dense_further_epochs")
    assert "the model it started from (99.2\N{NO-BREAK SPACE}%)" in texts(at)
    assert run.start_from == "reference"
    assert run.train.batch_ids == (batch_id,)
    assert run.parameters == model_files.load_card("reference").parameters
    assert run.settings.hidden_units == model_files.load_card("reference").settings.hidden_units
    assert run.tests["mnist"].accuracy > 0.9  # two epochs on ten digits forget little
    assert run.tests["own"].n == 10
    assert "own test set" in texts(at)
    assert test_id not in run.train.batch_ids


def test_your_reader_is_told_and_tried(visit, store, drawn, keep_model):
    run = a_run("one-1", "one", drawings=10, batch_ids=(drawn("one"),), own=0.9, own_n=10)
    right = a_run("all-right", own=1.0, own_n=10).tests["own"]
    add_run(store, replace(run, tests={**run.tests, "own_reader": right}))
    keep_model("one-1")
    at = visit("retrain")
    assert "Your reader: **100.0\N{NO-BREAK SPACE}%" in texts(at)
    assert "nothing about MNIST" in texts(at)
    assert texts(at).count("own test set are read right") == 1
    draw(at, "retrain_try", human_strokes()[4])
    assert "**Your reader: a 4.**" in texts(at)


def test_a_model_trained_on_mnist_has_no_drawings_to_compare_with(visit, store, drawn):
    drawn("one")
    at = visit("retrain")
    draw(at, "retrain_try", human_strokes()[4])
    assert "This is a" in texts(at)
    assert "Your reader" not in texts(at)


@pytest.mark.slow
def test_further_from_a_model_of_ones_own(visit, store, drawn, keep_model, worker):
    """The worker serves every database, not only the one its own environment names."""
    drawn("one")
    for run_id in ("dense-1", "dense-2"):
        add_run(store, a_run(run_id, name="Mine"))
    keep_model("dense-1")
    at = visit("retrain")
    names = at.selectbox(key="retrain_start_from").options
    assert len(set(names)) == len(names) == 4, "runs of the same name can be told apart"
    at.selectbox(key="retrain_start_from").select_index(3).run()
    assert train(at, store, key="retrain_dense_further_epochs").start_from == "dense-1"


@pytest.mark.slow
def test_a_start_model_that_is_damaged_is_told_and_a_lost_one_is_not_on_offer(visit, store, drawn, worker):
    drawn("one")
    for run_id in ("dense-1", "dense-2"):
        add_run(store, a_run(run_id))
    put_model(store, "dense-2", None)
    at = visit("retrain")
    assert len(at.selectbox(key="retrain_start_from").options) == 3
    at.selectbox(key="retrain_start_from").select_index(2).run()
    at.button(key="retrain_start").click().run()
    until(at, lambda at: at.error)
    assert "dense-1.keras is damaged" in at.error[0].value
    assert not at.button(key="retrain_start").disabled


def test_all_drawings_but_never_those_of_a_test_batch(visit, store, drawn, queue):
    one, full, _, test = drawn("one"), drawn("full"), drawn("full", "Ben"), drawn("test")
    at = visit("retrain")
    choose(at, "all")
    assert "**30 drawings** to train on; tested on MNIST's test set and on 10 own test digits" in texts(at)
    at.selectbox(key="retrain_writer").set_value("Ana").run()
    assert "**20 drawings** to train on" in texts(at)
    asked = ask(at, queue)
    assert (asked.batch_ids, asked.test_batch_ids) == ((one, full), (test,))
    assert asked.name == "All drawings, 20 drawings by Ana"


def test_of_one_writer_only_the_newest_ten_count_as_one_of_each(visit, drawn, queue):
    drawn("one")
    newest = (drawn("one"), drawn("one", "Ben"))
    at = visit("retrain")
    assert "**20 drawings**" in texts(at)
    assert ask(at, queue).batch_ids == newest


def test_the_canvas_keeps_its_place_whatever_is_chosen(visit, drawn):
    drawn("one")
    at = visit("retrain")
    place = place_of(at, "retrain_try-canvas-0")
    for what in ("full", "all"):  # a message comes, a message goes
        choose(at, what)
        assert place_of(at, "retrain_try-canvas-0") == place
    at.selectbox(key="retrain_start_from").select_index(1).run()
    assert place_of(at, "retrain_try-canvas-0") == place
    at = visit("retrain", retrain_dense_epochs="9999")
    assert at.warning
    assert place_of(at, "retrain_try-canvas-0") == place


@pytest.mark.slow
def test_drawings_that_lack_something_are_told_and_trained_on_all_the_same(visit, store, worker):
    batch_id = start_batch(store, add_writer(store, "Ana"), "one", [4], seed=0)
    strokes = [np.array(stroke, float) for stroke in human_strokes()[4]]
    save_drawing(store, (batch_id, 0), strokes, strokes_to_digit(strokes), 2.0)
    at = visit("retrain")
    assert "All of them are a 4" in at.warning[0].value
    assert "What the network will see" in [expander.label for expander in at.expander]
    assert train(at, store).tests["mnist"].accuracy == pytest.approx(0.0982), "the share of fours"


def test_the_data_and_the_network_are_in_the_link(visit, store):
    add_writer(store, "ana")
    at = visit("retrain", retrain_what="Full batches", retrain_network="Convolutional", retrain_cnn_straighten="false")
    assert not at.exception
    assert not at.warning
    assert at.segmented_control(key="retrain_what").value == "full"
    assert at.segmented_control(key="retrain_network").value == "cnn"
    assert at.toggle(key="retrain_cnn_straighten").value is False


def test_how_others_write_is_used_unless_switched_off(visit, drawn, queue):
    drawn("one")
    at = visit("retrain")
    assert at.toggle(key="retrain_dense_forms").value is True
    assert "1, 7, 9" in at.toggle(key="retrain_dense_forms").label
    assert at.slider(key="retrain_dense_label_smoothing").value == 0.3
    at = visit("retrain", retrain_dense_forms="false", retrain_dense_label_smoothing="0.1")
    assert not at.warning
    settings = ask(at, queue).settings
    assert (settings.forms, settings.label_smoothing) == (False, 0.1)
    at.selectbox(key="retrain_start_from").select_index(1).run()
    assert at.toggle(key="retrain_dense_further_forms").value is False


def test_a_link_to_another_choice_is_refused_with_a_message(visit):
    at = visit("retrain", retrain_what="everything", retrain_writer="eve")
    assert not at.exception
    told = [warning.value for warning in at.warning]
    left, right = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"
    assert told == [
        f"The link asks for drawings {left}everything{right}, which is not on offer.",
        f"The link asks for writer {left}eve{right}, which is not on offer.",
    ]
    assert at.segmented_control(key="retrain_what").value == "one"
