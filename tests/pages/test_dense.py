from dataclasses import replace

import psutil
import pytest

from digitlab.digits import with_article
from digitlab.learning.networks import count_parameters
from digitlab.learning.presets import PRESETS
from digitlab.look import percent
from digitlab.storage.models import read_model_file
from digitlab.storage.runs import read_runs
from digitlab.storage.store import default_url
from digitlab.ui import resources, windows
from tests.comparison.examples import guessing
from tests.helpers import a_run, add_run, draw, human_strokes, place_of, put_model, reference_files, texts, until

LONG, SHORT = 100, 1  # epochs


def start(at, epochs, share=0.01):
    at.select_slider(key="dense_train_share").set_value(share)
    at.slider(key="dense_epochs").set_value(epochs)
    at.run()
    at.button(key="dense_start").click().run()
    assert not at.exception


def stop_button(at):
    return next((button for button in at.button if (button.key or "").startswith("stop_")), None)


def learning(at):
    """The button Stop, as soon as the live curves are there."""
    return at.get("vega_lite_chart") and stop_button(at)


def result(at):
    return not stop_button(at) and at.metric


def test_the_number_of_parameters_is_known_before_training(visit):
    at = visit("dense")
    assert "**101,770 parameters**" in texts(at)
    at.slider(key="dense_hidden_layers").set_value(2).run()
    assert "**109,386 parameters**" in texts(at)
    at.slider(key="dense_hidden_layers").set_value(0).run()
    assert "**7,850 parameters**" in texts(at)


def test_training_gives_a_result_and_a_stored_run(visit, store, worker):
    at = visit("dense")
    start(at, SHORT)
    until(at, result)
    (run,) = read_runs(store)
    assert run.tests["mnist"].n == 10_000
    assert run.tests["mnist"].accuracy > 0.3
    assert run.train.n == 550
    assert not run.stopped
    assert all(read_model_file(store, run.id, kind) for kind in ("keras", "tflite"))
    assert at.metric[0].value == percent(run.tests["mnist"].accuracy)
    for text in ("95\N{NO-BREAK SPACE}% interval", "Confusion matrix", "Accuracy per digit", "Most confident mistakes"):
        assert text in texts(at)
    assert f"Asked: {run.name}" in texts(at)
    assert not at.button(key="dense_start").disabled


@pytest.mark.slow
def test_stop_keeps_what_was_learnt_and_a_reload_finds_the_job(visit, store, worker):
    at = visit("dense")
    start(at, LONG, share=1.0)
    assert at.button(key="dense_start").disabled, "one at a time"
    until(at, learning)
    link = at.query_params["job"]
    elsewhere = at.switch_page("pages/compare.py").run()  # the job goes on when the page is left
    assert not elsewhere.exception
    assert stop_button(visit("dense")), "a visitor without the link finds the newest job"
    reloaded = visit("dense", job=link)
    stop_button(reloaded).click().run()
    button = stop_button(reloaded.run())
    assert button is None or button.disabled
    until(reloaded, result)
    (run,) = read_runs(store)
    assert run.stopped
    assert 1 <= len(run.history) < LONG
    assert run.tests["mnist"].accuracy > 0.5
    assert worker.get(link).result == run.id


def test_what_is_set_is_what_is_asked_for_and_a_reload_finds_it(visit, store, queue):
    at = visit("dense")
    start(at, SHORT, share=0.1)
    asked = queue.asked("dense")
    assert (asked.settings.epochs, asked.settings.train_share, asked.batch_ids) == (SHORT, 0.1, ())
    assert asked.database_url == default_url()
    assert at.button(key="dense_start").disabled, "one at a time"
    link = at.query_params["job"]
    for again in (visit("dense", job=link), visit("dense")):
        assert again.get("progress")[0].proto.text == "Waiting for the worker"
        assert stop_button(again), "a visitor without the link finds the newest job"
    add_run(store, a_run("dense-1", right=0.75))
    queue.answer("dense", "dense-1")
    assert at.run().metric[0].value == percent(0.75)
    assert not stop_button(at)
    assert not at.button(key="dense_start").disabled


def test_a_second_visitor_waits_sees_the_place_and_can_cancel(visit, store):
    first, second = visit("dense"), visit("dense")
    start(first, LONG)
    start(second, SHORT)
    assert second.button(key="dense_start").disabled
    (bar,) = second.get("progress")
    assert bar.proto.text == "Waiting: 1 before this one"
    stop_button(second).click().run()
    second.run()
    assert second.info[0].value == "Stopped before it began."
    assert not second.button(key="dense_start").disabled
    assert not stop_button(first.run()).disabled
    assert read_runs(store) == []


def test_settings_of_a_link_that_are_out_of_range_are_refused(visit):
    asked = {
        "epochs": ("9999", 5, "1 to 100"),
        "hidden_layers": ("9", 1, "0 to 3"),
        "units_1": ("7", 128, "one of 8, 16"),
        "activation": ("banana", "relu", "one of relu, tanh"),
        "dropout": ("0.95", 0.0, "0.0 to 0.8"),
        "label_smoothing": ("0.6", 0.0, "0.0 to 0.5"),
        "optimizer": ("adamw", "adam", "one of adam, sgd"),
        "learning_rate": ("7", 0.004, "one of 0.0001"),
        "batch_size": ("1", 128, "one of 16, 32"),
        "seed": ("-1", 0, "0 to 999999"),
    }
    at = visit("dense", **{f"dense_{name}": value for name, (value, _, _) in asked.items()})
    assert not at.exception
    (warning,) = at.warning
    for name, (value, used, expected) in asked.items():
        assert f" {value} (expected {expected}" in warning.value
        assert at.get_by_key(f"dense_{name}").value == used
    assert not at.button(key="dense_start").disabled
    (warning,) = visit("dense", dense_epochs="many").warning
    assert " many (expected 1 to 100" in warning.value


def test_settings_of_a_link_are_taken(visit):
    link = {"hidden_layers": "2", "units_2": "32", "activation": "gelu", "dropout": "0.3", "optimizer": "sgd"}
    link |= {"label_smoothing": "0.2", "learning_rate": "0.01", "batch_size": "64", "epochs": "7", "seed": "3"}
    at = visit("dense", dense_forms="true", **{f"dense_{name}": value for name, value in link.items()})
    assert not at.warning
    assert at.toggle(key="dense_forms").value is True
    for name, value in link.items():
        assert str(at.get_by_key(f"dense_{name}").value) == value


def test_a_preset_sets_all_inputs_but_the_seed(visit):
    at = visit("dense")
    assert "**101,770 parameters**" in texts(at)
    at.number_input(key="dense_seed").set_value(5)
    at.slider(key="dense_hidden_layers").set_value(3).run()
    at.button(key="dense_preset_Best").click().run()
    assert not at.exception
    best = PRESETS["Best"]
    for name in ("dropout", "learning_rate", "batch_size", "epochs", "straighten", "directions", "train_share"):
        assert at.get_by_key(f"dense_{name}").value == getattr(best, name)
    assert (at.slider(key="dense_hidden_layers").value, at.number_input(key="dense_seed").value) == (1, 5)
    assert at.select_slider(key="dense_units_1").value == 256
    assert "**103,178 parameters**" in texts(at)
    assert at.query_params["dense_epochs"] == "8"
    again = visit("dense", **at.query_params)
    assert "**103,178 parameters**" in texts(again)
    assert not again.warning
    at.button(key="dense_preset_Fast").click().run()
    assert not at.exception
    assert at.select_slider(key="dense_learning_rate").value == PRESETS["Fast"].learning_rate
    at.button(key="dense_preset_Plain").click().run()
    assert "**101,770 parameters**" in texts(at)


@pytest.mark.parametrize("name", PRESETS)
def test_the_page_can_be_set_to_each_preset(visit, name):
    at = visit("dense")
    at.button(key=f"dense_preset_{name}").click().run()
    assert not at.exception
    assert f"**{count_parameters(PRESETS[name]):,} parameters**" in texts(at)
    again = visit("dense", **at.query_params)
    assert not again.warning
    for setting in (
        "network",
        "learning_rate",
        "batch_size",
        "epochs",
        "label_smoothing",
        "vary_anew",
        "straighten",
        "half_precision",
    ):
        assert again.get_by_key(f"dense_{setting}").value == getattr(PRESETS[name], setting)


def test_settings_outlive_a_visit_to_another_page(visit):
    at = visit("dense")
    at.slider(key="dense_epochs").set_value(9).run()
    at.switch_page("pages/home.py").run()
    assert at.switch_page("pages/dense.py").run().slider(key="dense_epochs").value == 9


def test_before_any_training_the_reference_model_reads_a_drawing(visit):
    at = visit("dense")
    assert "This is" not in texts(at)
    right = 0
    for label, strokes in human_strokes().items():
        draw(at, "dense_try", strokes)
        right += f"### This is {with_article(label)}" in texts(at)
    assert right >= 8
    assert "Asked: Reference" in texts(at)
    assert "From ink to digit" in texts(at)
    assert not at.exception


def test_a_dot_is_refused_and_a_blank_canvas_waits(visit):
    at = visit("dense")
    draw(at, "dense_try", [[(100, 100), (103, 102)]])
    assert "a dot" in at.warning[0].value
    assert "This is" not in texts(at)
    draw(at, "dense_try", [])
    assert not at.warning
    assert "This is" not in texts(at)


def test_the_canvas_keeps_its_place_whatever_the_page_shows_above(visit, store):
    """A canvas whose place in the page changes is mounted anew and blank."""
    at = visit("dense")
    place = place_of(at, "dense_try-canvas-0")
    at.slider(key="dense_hidden_layers").set_value(3).run()
    assert place_of(at, "dense_try-canvas-0") == place
    add_run(store, a_run("dense-1"))
    assert at.run().metric
    assert at.error  # its model cannot be read
    assert place_of(at, "dense_try-canvas-0") == place
    at = visit("dense", dense_epochs="9999")
    assert place_of(at, "dense_try-canvas-0") == place


@pytest.mark.parametrize("tflite", [b"no model at all", None, "truncated"])
def test_a_damaged_model_is_told_and_the_reference_answers(visit, store, tflite):
    add_run(store, a_run("dense-1"))
    whole = reference_files()
    damaged = whole.tflite[:60_000] if tflite == "truncated" else tflite
    put_model(store, "dense-1", damaged and replace(whole, tflite=damaged))
    at = visit("dense")
    assert not at.exception
    (error,) = at.error
    assert "dense-1" in error.value
    assert "the reference model answers" in error.value
    assert ("model is lost" in texts(at)) == (tflite is None)
    assert "Asked: Reference" in texts(at)
    draw(at, "dense_try", human_strokes()[3])
    assert "### This is a 3" in texts(at)


@pytest.mark.slow
def test_a_worker_that_dies_is_told_and_the_next_training_works(visit, store, worker):
    at = visit("dense")
    start(at, LONG, share=1.0)
    until(at, learning)
    (nanny,) = worker._cluster.workers.values()  # other tests may have clusters of their own
    for process in psutil.Process(nanny.process.pid).children():
        process.kill()
    until(at, lambda at: at.error)
    assert "The worker process ended" in at.error[0].value
    assert "Nothing you drew is lost" in at.error[0].value
    assert read_runs(store) == []
    start(at, SHORT)
    until(at, result)
    assert not at.error
    assert len(read_runs(store)) == 1


def test_a_network_that_has_learnt_nothing_is_said_to_and_what_to_do(visit, store):
    run = guessing(a_run("dense-1"))
    add_run(store, replace(run, settings=replace(run.settings, learning_rate=0.1)))
    at = visit("dense")
    assert "No better than guessing: lower the learning rate." in texts(at)
    add_run(store, a_run("dense-2", right=0.9))
    assert "No better than guessing" not in texts(at.run())


def test_a_training_of_another_window_has_no_stop_and_is_not_shown_as_ones_own(visit, store, queue, monkeypatch):
    def in_window(name):
        monkeypatch.setattr(windows, "this_window", lambda: name)

    monkeypatch.setattr(windows, "_is_open", lambda window: True)
    in_window("left")
    first = visit("dense")
    start(first, LONG)
    job = resources.jobs().latest("dense")
    in_window("right")
    other = visit("dense")
    assert "A training of another window is running; yours is next." in texts(other)
    assert stop_button(other) is None
    assert not other.button(key="dense_start").disabled
    by_link = visit("dense", job=job.id)
    assert stop_button(by_link) is None
    in_window("left")
    assert stop_button(first.run())
    add_run(store, a_run("dense-1"))
    queue.answer("dense", "dense-1")
    in_window("right")
    assert other.run().metric
    assert "it is not of a training of this page" in texts(other)


@pytest.mark.parametrize("page", ["dense", "retrain"])
def test_every_input_of_a_setting_says_what_it_does_and_what_is_good(visit, page):
    at = visit(page)
    inputs = [*at.slider, *at.select_slider, *at.number_input, *at.toggle, *at.get("button_group")]
    settings = [each for each in inputs if each.proto.id.split("-", 2)[-1].startswith(f"{page}_")]
    settings = [each for each in settings if not each.proto.id.endswith(("_what", "_network"))]
    assert len(settings) > 9
    assert [each.label for each in settings if len(each.proto.help) < 30] == []
