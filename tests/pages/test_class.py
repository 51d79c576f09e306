"""A class: joining by code, coming back by the personal link, and what a stranger may not."""

import re

import msgspec
import pytest

from digitlab.storage import classroom
from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawing_rows, save_drawing
from digitlab.storage.runs import read_runs
from digitlab.storage.sheets import open_sheet
from digitlab.storage.writers import read_writers
from tests.helpers import a_run, add_run, choose_rows, draw, has_key, human_strokes, texts
from tests.storage.pads import begun_sheet, everything
from tests.storage.samples import DIGIT, STROKES


@pytest.fixture(autouse=True)
def codes(monkeypatch):
    monkeypatch.setenv("DIGITLAB_CLASS_CODE", "owl-12")
    monkeypatch.setenv("DIGITLAB_TEACHER_CODE", "eagle-99")


@pytest.fixture
def members(store):
    """Persons by name, and their tokens."""
    return {name: classroom.join(store, name, teacher=name == "Lee") for name in ("Ana", "Bo", "Lee")}


def join(at, code, name):
    at.text_input(key="who_code").set_value(code)
    at.text_input(key="who_name").set_value(name)
    (button,) = [button for button in at.button if button.label == "Join"]
    button.click().run()
    assert not at.exception
    return at


@pytest.mark.parametrize("name", ["home", "draw_one", "draw_batch", "dense", "retrain", "compare", "my_digits"])
def test_a_visitor_looks_and_leaves_nothing(visit, store, name):
    at = visit(name, writer="Ana", me="wrong", code="owl-12")
    assert not at.exception
    assert not at.get("bidi_component") or name in ("home", "baseline", "dense", "retrain")  # there one may try a model
    assert not has_key(at, f"{name}_start")
    assert store.version() == 0


def test_joining_by_the_code(visit, store):
    at = visit("draw_one")
    join(at, "wrong", "Ana")
    assert "not the code" in at.error[0].value
    assert read_writers(store) == {}
    join(at, " owl-12 ", "Ana")
    assert list(read_writers(store).values()) == ["Ana"]
    link = at.code[0].value
    draw(at, "one", human_strokes()[0])
    at.button(key="one-button-save").click().run()
    (batch,) = read_batches(store)
    assert (batch.writer, batch.drawn) == ("Ana", 1)
    (token,) = re.findall(r"\?me=(.+)", link)
    again = visit("draw_one", me=token)
    assert "## Draw a 1" in [element.value for element in again.markdown]
    assert "me" not in again.query_params, "whoever copies the address does not give the name away"


def test_a_name_that_is_taken_is_refused(visit, store, members):
    at = join(visit("home"), "owl-12", "ana")
    assert "that is taken" in at.error[0].value
    assert len(read_writers(store)) == 3


def test_the_name_of_a_link_is_nobodys(visit, store, members):
    at = visit("draw_one", writer="Ana", me=members["Bo"][1])
    draw(at, "one", human_strokes()[0])
    at.button(key="one-button-save").click().run()
    assert [batch.writer for batch in read_batches(store)] == ["Bo"]


@pytest.fixture
def of_ana(store, members):
    """A drawing and a run of Ana's."""
    ana = members["Ana"][0]
    batch_id = classroom_batch(store, ana)
    drawing_id = save_drawing(store, (batch_id, 3), STROKES, DIGIT, 1.0, by=ana)
    run = a_run("dense-1", name="Ana's run")
    object.__setattr__(run, "owner_id", ana.id)
    add_run(store, run)
    return drawing_id


def classroom_batch(store, person):
    from digitlab.storage.batches import start_batch

    return start_batch(store, person.id, "full", range(10), 0, by=person)


@pytest.mark.parametrize(
    "button",
    ["my_delete", *(pytest.param(f"my_{act}", marks=pytest.mark.slow) for act in ("relabel", "keep", "restore"))],
)
def test_my_digits_of_a_stranger(visit, store, members, of_ana, button):
    before = read_drawing_rows(store)
    at = visit("my_digits", me=members["Bo"][1])
    choose_rows(at, "my_table", [0])
    at.selectbox(key="my_label").set_value("4").run()
    at.button(key=button).click().run()
    assert not at.exception
    assert "another person's" in at.warning[0].value
    assert read_drawing_rows(store) == before
    at = visit("my_digits", me=members["Lee"][1])
    choose_rows(at, "my_table", [0])
    at.button(key="my_delete").click().run()
    assert [row.deleted for row in read_drawing_rows(store)] == [True]


@pytest.mark.parametrize("button", ["compare_rename", "compare_delete"])
def test_runs_of_a_stranger(visit, store, members, of_ana, button):
    at = visit("compare", me=members["Bo"][1])
    at.text_input(key="compare_name_dense-1").set_value("Bo's now").run()
    at.checkbox(key="compare_sure_dense-1").check().run()
    at.button(key=button).click().run()
    assert "another person's" in at.error[0].value
    assert [run.name for run in read_runs(store)] == ["Ana's run"]


def test_the_result_of_another_is_not_shown_as_ones_own(visit, store, members, of_ana):
    assert "Ana" not in texts(visit("dense", me=members["Bo"][1]))
    assert "Ana" in texts(visit("dense", me=members["Ana"][1]))


def test_a_sheet_of_a_stranger(visit, store, members):
    """A message as a browser could send it, for another person's sheet."""
    for name in ("Ana", "Bo"):
        classroom_batch(store, members[name][0])
    visit("draw_batch", me=members["Ana"][1])
    at = visit("draw_batch", me=members["Bo"][1])
    stroke = {"n": 1, "type": "stroke", "cell": 0, "size": 100.0, "began": 1e12, "ended": 1e12, "pointer": "pen"}
    (batch,) = read_batches(store, members["Ana"][0].id)
    planned = open_sheet(store, batch, 20, 10.0)
    message = {"client": "bo", "events": [{**stroke, "points": [[1, 1, 0, 1], [9, 9, 1, 1]]}]}
    begun = begun_sheet(store, batch, 5)
    before = everything(store)
    for sheet in (planned, begun):
        begin = msgspec.to_builtins(planned.begin)
        at.session_state["batch_pad_2"] = {"outbox": {**message, "sheet": sheet.id, "begin": begin}}
        at.run()
        assert "another person's" in at.warning[0].value
    assert everything(store) == before
