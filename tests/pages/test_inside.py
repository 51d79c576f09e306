"""The page that looks inside a network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitlab import mnist
from digitlab.digits import with_article
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import model_files
from digitlab.learning.networks import build
from digitlab.settings import Settings
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.writers import add_writer
from digitlab.ui.inside import findings
from tests.drawn import draw_ten
from tests.helpers import a_run, add_run, charted, draw, has_key, human_strokes, place_of, texts

TABS = ("What mattered", "Hidden units", "Nearest digits", "Break it", "What is no digit")
STAR = [[(60, 120), (220, 120), (90, 220), (140, 60), (190, 220), (60, 120)]]
NO_DIGIT = "This looks like no digit"


def tab(at, name):
    at.session_state["inside_tab"] = name
    at.run()
    assert not at.exception
    return at


def choose(at, source):
    return at.segmented_control(key="inside_source").set_value(source).run()


def alts(at):
    return [image.alt for element in at.get("image") for image in element.proto.imgs]


@pytest.fixture
def drawn(store):
    """A batch of ten drawings of Ana's."""
    return draw_ten(store, "one")


def test_the_first_view_reads_a_digit_of_mnist_with_the_reference(visit):
    at = visit("inside")
    assert not at.exception
    assert at.selectbox(key="inside_run").value == "reference"
    assert "### This is a 7" in texts(at)
    assert "of 2,000 of MNIST's test digits this network read" in texts(at)
    effect = charted(at, "effect")
    assert len(effect) == 784
    assert max(row["effect"] for row in effect) > 1
    assert NO_DIGIT not in texts(at)


@pytest.mark.parametrize("name", TABS)
def test_every_part_is_shown_when_it_is_seen_again(visit, name):
    at = tab(visit("inside"), name)
    at.run()
    said = {
        "What mattered": "it spoke for the answer",
        "Hidden units": "of 256 hidden units fire",
        "Nearest digits": "of the first 20,000 of MNIST's digits",
        "Break it": "How far each change alone can go",
        "What is no digit": "always sum to one",
    }
    assert said[name] in texts(at)
    for other in set(TABS) - {name}:
        assert said[other] not in texts(at), "what is not looked at is not computed"


def test_one_draws_a_digit_and_it_is_read(visit):
    at = choose(visit("inside"), "draw")
    assert "Draw a digit, and what is inside appears here." in texts(at)
    assert "This is" not in texts(at)
    right = 0
    for label, strokes in human_strokes().items():
        draw(at, "inside_pad", strokes)
        assert not at.exception
        right += f"### This is {with_article(label)}" in texts(at)
    assert right >= 8
    draw(at, "inside_pad", [[(100, 100), (103, 102)]])
    assert "a dot" in at.warning[0].value


def test_what_is_no_digit_is_noted_here_and_in_try_it(visit):
    at = choose(visit("inside"), "draw")
    draw(at, "inside_pad", STAR)
    assert NO_DIGIT in texts(at)
    draw(at, "inside_pad", human_strokes()[3])
    assert NO_DIGIT not in texts(at)
    at = visit("dense")
    draw(at, "dense_try", STAR)
    assert NO_DIGIT in texts(at)
    assert "they say which digit fits best, not that it is one" in texts(at)
    draw(at, "dense_try", human_strokes()[3])
    assert NO_DIGIT not in texts(at)


def test_where_another_data_set_takes_mnist_s_place_nothing_is_noted(visit, monkeypatch):
    monkeypatch.setattr(mnist, "is_another", lambda: True)
    at = choose(visit("inside"), "draw")
    draw(at, "inside_pad", STAR)
    assert "This is a" in texts(at)
    assert NO_DIGIT not in texts(at)


def test_a_missing_file_of_known_digits_is_told_and_digits_are_read_without_notes(visit, folder, monkeypatch):
    monkeypatch.setattr(model_files, "shipped_dir", lambda: folder)
    for path in (Path(model_files.__file__).parents[2] / "models").glob("reference.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    findings.known_digits.clear()
    at = choose(visit("inside"), "draw")
    draw(at, "inside_pad", STAR)
    assert "This is a" in texts(at)
    assert not at.exception
    assert "known_digits.npz cannot be read" in tab(at, "What is no digit").error[0].value
    findings.known_digits.clear()


def test_a_digit_it_reads_wrong_is_found_by_a_click(visit):
    at = visit("inside")
    at.button(key="inside_wrong").click().run()
    assert not at.exception
    place = at.number_input(key="inside_mnist").value
    assert place in {mistake.index for mistake in model_files.load_card("reference").tests["mnist"].mistakes}
    assert "It is meant to be a" in texts(at)
    at.button(key="inside_wrong").click().run()
    assert at.number_input(key="inside_mnist").value > place
    at.button(key="inside_another").click().run()
    assert at.query_params["inside_mnist"] == str(at.number_input(key="inside_mnist").value)


def test_a_link_brings_the_same_digit(visit):
    at = visit("inside", inside_mnist="2")
    assert "### This is a 1" in texts(at)
    at = visit("inside", inside_mnist="99999")
    assert "expected 0 to 9999" in at.warning[0].value


def test_one_of_ones_own_drawings_is_looked_at(visit, drawn):
    at = choose(visit("inside"), "mine")
    assert "### This is a 0" in texts(at)
    at.number_input(key=f"inside_drawing_{drawn}").set_value(4).run()
    assert "### This is a 3" in texts(at)


def test_without_drawings_it_says_where_to_draw(visit):
    at = choose(visit("inside"), "mine")
    assert not at.exception
    assert "Nothing is drawn yet." in texts(at)
    assert "This is" not in texts(at)


def test_a_run_on_drawings_shows_the_nearest_of_them_and_your_reader(visit, store, keep_model, drawn):
    add_run(store, a_run("one-1", "one", drawings=10, batch_ids=(drawn,), name="Ten of Ana"))
    keep_model("one-1")
    at = visit("inside", inside_run="Ten of Ana", inside_tab="Nearest digits", inside_source="My drawings")
    assert not at.exception
    assert "of the 10 drawings that this network was trained on" in texts(at)
    assert "Your reader: a 0." in texts(at)
    assert alts(at)[1] == "a 0", "it is among them, and the nearest"


def test_what_a_run_was_trained_on_is_no_stranger_to_it(visit, store, keep_model):
    batch_id = start_batch(store, add_writer(store, "Ana"), "one", [4], 0)
    star = [np.array(stroke, float) for stroke in STAR]
    save_drawing(store, (batch_id, 0), star, strokes_to_digit(star), 1.5)
    add_run(store, a_run("one-1", "one", drawings=1, batch_ids=(batch_id,), name="A star"))
    keep_model("one-1")
    at = choose(visit("inside", inside_run="A star"), "draw")
    draw(at, "inside_pad", STAR)
    assert "This is a" in texts(at)
    assert NO_DIGIT not in texts(at)


def test_drawings_that_are_gone_are_told(visit, store, keep_model):
    add_run(store, a_run("one-1", "one", drawings=10, batch_ids=(99,), name="Gone"))
    keep_model("one-1")
    at = tab(visit("inside", inside_run="Gone"), "Nearest digits")
    assert "The drawings it was trained on are gone." in texts(at)


def test_a_run_without_a_network_says_so(visit, store):
    add_run(store, a_run("nearest_mean-1", "nearest_mean", name="Nearest mean"))
    at = visit("inside", inside_run="Nearest mean")
    assert not at.exception
    assert "There is no network in this run" in texts(at)
    assert not has_key(at, "inside_source")


def test_a_damaged_model_is_told(visit, store):
    add_run(store, a_run("dense-1", name="Lost"))
    at = visit("inside", inside_run="Lost")
    assert not at.exception
    assert "dense-1" in at.error[0].value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(hidden_units=(16,)), "ink on **blue** makes it fire"),
        (Settings(hidden_units=(16, 8)), "at which it fires most"),
        (Settings(hidden_units=()), "What each answer likes"),
        (Settings(hidden_units=(16,), network="cnn"), "at which it fires most"),
    ],
    ids=["pixels", "two layers", "no hidden layer", "convolutional"],
)
def test_every_kind_of_network_shows_what_its_units_like(visit, store, settings, said):
    """Networks on pixels by their weights, others by the digits that excite a unit most."""
    run = replace(a_run("dense-1", name="Untrained"), settings=settings)
    add_run(store, run, model_files.pack(build(settings)))
    at = tab(visit("inside", inside_run="Untrained"), "Hidden units")
    assert said in texts(at)
    shown = len(alts(at)) - 1  # the digit itself
    assert shown == 10 if not settings.hidden_units else 1 <= shown <= 8
    for name in TABS:
        assert not tab(at, name).error


def test_a_slider_changes_the_probabilities_at_once(visit):
    at = tab(visit("inside"), "Break it")
    assert "### Still a 7" in texts(at)
    before = {row["digit"]: row for row in charted(at, "before")}
    assert before["7"]["probability"] == pytest.approx(before["7"]["before"])
    at.slider(key="break_turn").set_value(-45.0).run()
    assert "### Now a " in texts(at)
    turned = {row["digit"]: row for row in charted(at, "before")}
    assert turned["7"]["before"] == pytest.approx(before["7"]["before"]), "the digit as it was stays to compare with"
    assert turned["7"]["probability"] < 0.5
    at.button(key="break_undo").click().run()
    assert at.slider(key="break_turn").value == 0
    assert "### Still a 7" in texts(at)


def test_without_preprocessing_a_shift_matters(visit):
    at = tab(visit("inside"), "Break it")
    stays = [row["text"] for row in charted(at, "flips") if row["kind"] in ("To the right", "Down")]
    assert all(text.endswith("stays") for text in stays)
    at.slider(key="break_right").set_value(10.0).run()
    centred = charted(at, "before")
    at.toggle(key="break_preprocessing").set_value(False).run()
    assert not at.exception
    assert charted(at, "before") != centred


def test_the_canvas_keeps_its_place(visit, store, keep_model):
    at = choose(visit("inside"), "draw")
    place = place_of(at, "inside_pad-canvas-0")
    draw(at, "inside_pad", human_strokes()[3])
    assert place_of(at, "inside_pad-canvas-0") == place
    add_run(store, a_run("dense-1"))
    at.run()
    assert place_of(at, "inside_pad-canvas-0") == place
