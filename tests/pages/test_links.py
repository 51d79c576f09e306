"""What a link can ask for, odd texts of people, and times: never a traceback, and always a word."""

import pytest

from digitlab.curve import writer_curves
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import default_url
from digitlab.storage.writers import add_writer
from digitlab.ui import resources
from tests.drawn import draw_batch
from tests.helpers import a_run, add_run, texts
from tests.pages.conftest import APP
from tests.storage.pads import counts
from tests.storage.samples import DIGIT, STROKES

# Of each page the inputs that a link can set.
NUMBERS = {
    "baseline": ("baseline_seed",),
    "dense": ("dense_seed", "dense_epochs", "dense_dropout"),
    "retrain": ("retrain_dense_seed",),
    "draw_batch": ("batch_cells",),
}
CHOICES = {
    "dense": ("dense_activation", "dense_optimizer"),
    "retrain": ("retrain_network", "retrain_what"),
    "draw_batch": ("batch_kind",),
}


def refused(at):
    """How many values of the link the page refuses with a word: one warning tells of all settings."""
    told = " ".join(warning.value for warning in at.warning if "The link asks for" in warning.value)
    return told.count("(expected ") + told.count("which is not on offer")


@pytest.mark.parametrize(
    "asked", ["inf", "nan", "", *(pytest.param(asked, marks=pytest.mark.slow) for asked in ("-inf", "1e999"))]
)
@pytest.mark.parametrize("page_name", NUMBERS)
def test_a_number_that_is_none_gives_the_default_with_a_word(visit, page_name, asked):
    at = visit(page_name, **dict.fromkeys(NUMBERS[page_name], asked))
    assert not at.exception
    assert refused(at) == len(NUMBERS[page_name])
    at.run()
    assert not at.exception


@pytest.mark.parametrize("page_name", CHOICES)
def test_a_choice_of_nothing_gives_the_default_with_a_word(visit, page_name):
    at = visit(page_name, **dict.fromkeys(CHOICES[page_name], ""))
    assert not at.exception
    assert refused(at) == len(CHOICES[page_name])
    at.run()
    assert not at.exception


@pytest.mark.parametrize(("page_name", "method"), [("dense", "dense"), ("retrain", "one")])
def test_a_training_that_is_lost_is_said_and_no_other_is_shown(visit, store, page_name, method):
    add_run(store, a_run(f"{method}-1", method, name="An older one"))
    assert "An older one" in [each.value for each in visit(page_name).subheader]
    at = visit(page_name, job="0123456789ab")
    assert "That training is lost: the server was restarted" in at.warning[0].value
    assert "An older one" not in [each.value for each in at.subheader]


def test_a_link_cannot_put_a_picture_into_a_warning(visit):
    at = visit("retrain", retrain_writer="![x](http://example.org/x.png)")
    assert "](http" not in at.warning[0].value.replace("\\", "").replace("\u2060", "") or "\\]" in at.warning[0].value


@pytest.mark.parametrize("name", ["a\0b", "\u202ename"])
def test_a_name_that_cannot_be_kept_is_refused_with_a_word(visit, store, name):
    for page_name in ("draw_one", "draw_batch"):
        at = visit(page_name, writer=name)
        assert not at.exception
        assert "Received: the character U+" in at.error[0].value
    assert read_batches(store) == []


def test_odd_names_are_shown_on_every_page(visit, store):
    name = "ענת **Ana** <b>x</b> :material/home: $x$ ~~a~~"
    for kind in ("one", "full", "test"):
        batch_id = start_batch(store, add_writer(store, name), kind, range(10), 0)
        save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0)
    add_run(store, a_run("one-1", "one", name=name, batch_ids=(1,), own=0.5, own_n=10))
    add_run(store, a_run("dense-1", "dense", name=f"{name} 2"))
    for page_name in ("home", "draw_one", "draw_batch", "my_digits", "retrain", "dense", "compare"):
        at = visit(page_name, writer=name)
        assert not at.exception
        for words in ("**Ana**", "<b>", ":material/home:"):
            assert words not in texts(at), page_name


def test_times_are_those_of_the_visitor(visit, store, monkeypatch):
    import streamlit as st

    batch_id = start_batch(store, add_writer(store, "Ana"), "full", range(10), 0)
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0)
    with store.write() as connection:
        for table in ("batches", "drawings"):
            connection.exec_driver_sql(f"UPDATE {table} SET created_at = '2026-11-26T23:55:45.000+00:00'")
    monkeypatch.setattr(type(st.context), "timezone", "Asia/Tokyo")
    at = visit("my_digits")
    assert at.dataframe[1].value["drawn"].tolist() == ["2026-11-27 08:55"]
    assert "2026-11-27 08:55" in at.selectbox(key="my_batch").options[0]


PAGES = sorted(path.stem for path in (APP.parent / "pages").glob("*.py") if path.stem != "class")  # for the teacher


def test_no_page_that_is_opened_by_a_link_stores_what_nobody_drew(visit, store):
    """For somebody who has something of each kind, and for somebody who has nothing; what is found out may be kept."""
    for kind in ("one", "full", "test"):
        draw_batch(store, kind, "Ana", rounds=1)
    start_batch(store, add_writer(store, "Ana"), "full", range(10), 0)
    add_run(store, a_run("dense-1", "dense"))
    found_out = {"digitlab_meta", "predictions", "forecasts"}
    before = {name: number for name, number in counts(store).items() if name not in found_out}
    for writer in ("Ana", "Nobody"):
        for page_name in PAGES:
            assert not visit(page_name, writer=writer).exception, page_name
    assert {name: number for name, number in counts(store).items() if name not in found_out} == before
    assert not resources.jobs().alive()
    curves = writer_curves.plan_curves(read_batches(store), "Ana", default_url())
    assert not resources.jobs().all(curves.job_tag), "no training begins"
