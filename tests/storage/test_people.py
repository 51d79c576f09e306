"""Whoever writes may write what is theirs: every writing function of the storage, tried by a stranger."""

import ast
from pathlib import Path

import pytest

from digitlab.storage import classroom, demo
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.drawings import (
    delete_drawings,
    keep_drawings,
    read_drawing_rows,
    relabel_drawings,
    restore_drawings,
    save_drawing,
)
from digitlab.storage.erasing import erase_person
from digitlab.storage.kept_drawings import keep_drawing
from digitlab.storage.people import OWNER, VISITOR, NotAllowedError
from digitlab.storage.runs import delete_runs, read_runs, rename_run
from digitlab.storage.sheet_saving import close_empty_sheet, store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.writers import add_writer, read_writers
from tests.helpers import a_run, add_run
from tests.storage.pads import Pad, again, begun_sheet, everything
from tests.storage.samples import DIGIT, STROKES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ana(store):
    return classroom.join(store, "Ana")[0]


@pytest.fixture
def bo(store):
    return classroom.join(store, "Bo")[0]


@pytest.fixture
def teacher(store):
    return classroom.join(store, "Ms Lee", teacher=True)[0]


@pytest.fixture
def people(ana, bo, teacher):
    return ana, bo, teacher


@pytest.fixture
def writes(store, ana):
    """Everything that can be done to what is Ana's, by name: each is called with whoever does it."""
    batch_id = start_batch(store, ana.id, "full", [3, 1, 4, 1, 5], 0, by=ana)
    drawn = save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0, by=ana)
    gone = save_drawing(store, (batch_id, 1), STROKES, DIGIT, 1.0, by=ana)
    delete_drawings(store, [gone], by=ana)
    sheet = begun_sheet(store, again(store, batch_id), 2, by=ana)
    planned = open_sheet(store, again(store, batch_id), 2, 10.0, elsewhere={sheet.id: sheet.positions})
    run = a_run("one-1", "one", batch_ids=(batch_id,))
    object.__setattr__(run, "owner_id", ana.id)
    add_run(store, run)
    pad = Pad(sheet).digit(0)
    return {
        "begin a batch": lambda by: start_batch(store, ana.id, "one", range(10), 0, by=by),
        "save a drawing": lambda by: save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0, replaces=drawn, by=by),
        "relabel": lambda by: relabel_drawings(store, [drawn], 7, by=by),
        "keep": lambda by: keep_drawings(store, [drawn], by=by),
        "keep and its like": lambda by: keep_drawing(store, ana.id, read_drawing_rows(store)[0], (), by=by),
        "delete": lambda by: delete_drawings(store, [drawn], by=by),
        "restore": lambda by: restore_drawings(store, [gone], by=by),
        "write on a sheet": lambda by: store_message(store, pad.message(), by=by),
        "begin a sheet": lambda by: store_message(store, Pad(planned).tell("shown").message(), by=by),
        "close a sheet": lambda by: close_empty_sheet(store, sheet.id, by=by),
        "rename a run": lambda by: rename_run(store, "one-1", "Mine", by=by),
        "delete a run": lambda by: delete_runs(store, ["one-1"], by=by),
    }


NAMES = (
    *("begin a batch", "save a drawing", "relabel", "keep", "keep and its like", "delete", "restore"),
    *("write on a sheet", "begin a sheet", "close a sheet", "rename a run", "delete a run"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_changes_nothing_and_whose_it_is_may(store, writes, people, name):
    ana, bo, teacher = people
    before = everything(store)
    for stranger, message in ((bo, "another person's"), (VISITOR, "has joined")):
        with pytest.raises(NotAllowedError, match=message):
            writes[name](stranger)
    assert everything(store) == before
    classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=False), teacher)
    with pytest.raises(NotAllowedError, match="frozen"):
        writes[name](ana)
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=False), teacher)
    before = everything(store)
    writes[name](ana)
    assert everything(store) != before


@pytest.mark.parametrize("who", ["teacher", "owner"])
@pytest.mark.parametrize("name", NAMES)
def test_a_teacher_and_the_owner_of_a_machine_change_everything(store, writes, teacher, name, who):
    before = everything(store)
    writes[name](teacher if who == "teacher" else OWNER)
    assert everything(store) != before


def test_one_drawing_of_another_among_ones_own_is_enough_to_refuse_all(store, ana, bo):
    ids = []
    for person in (ana, bo):
        batch_id = start_batch(store, person.id, "one", range(10), 0, by=person)
        ids.append(save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0, by=person))
    with pytest.raises(NotAllowedError):
        delete_drawings(store, ids, by=bo)
    assert [batch.drawn for batch in read_batches(store)] == [1, 1]


def test_nobody_adds_another_persons_name(store, ana):
    with pytest.raises(NotAllowedError, match="Expected your own name"):
        add_writer(store, "Somebody", ana)
    assert add_writer(store, "Ana", ana) == ana.id


def test_a_run_keeps_whose_it_is(store, writes, ana):
    assert [run.owner_id for run in read_runs(store)] == [ana.id]


# Joining


def test_a_personal_link_brings_back_and_only_its_hash_is_kept(store):
    person, token = classroom.join(store, " Ana ")
    assert (person.name, person.role) == ("Ana", "pupil")
    assert classroom.find_person(store, token) == person
    assert classroom.find_person(store, token + "x") is None
    assert classroom.find_person(store, "") is None
    assert len(token) >= 32
    assert token not in everything(store)


def test_a_name_can_be_taken_once(store):
    classroom.join(store, "Ana")
    add_writer(store, "me")
    for name in ("Ana", "ana", " ANA ", "me"):
        with pytest.raises(ValueError, match="that is taken"):
            classroom.join(store, name)
    assert sorted(read_writers(store).values()) == ["Ana", "me"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Received: 0 characters"),
        ("   ", "Received: 0 characters"),
        ("x" * 10_000, "Received: 10000 characters"),
        ("a\0b", "the character U\\+0000"),
        ("a\nb", "the character U\\+000A"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}anA", "the character U\\+202E"),
        ("\ud800", "the character U\\+D800"),
    ],
)
def test_names_that_cannot_be_kept(store, name, message):
    for take in (classroom.join, add_writer):
        with pytest.raises(ValueError, match=message):
            take(store, name)
    assert read_writers(store) == {}


@pytest.mark.parametrize("name", ["**Ana**", "<b>Ana</b>", "ענת", "Ana \N{GRINNING FACE}", "'; DROP TABLE writers; --"])
def test_odd_names_are_kept_as_they_are(store, name):
    person, _ = classroom.join(store, name)
    assert read_writers(store) == {person.id: name}


def test_a_new_link_replaces_the_old_one(store, teacher):
    person, old = classroom.join(store, "Ana")
    with pytest.raises(NotAllowedError):
        classroom.renew_link(store, person.id, person)
    new = classroom.renew_link(store, person.id, teacher)
    assert classroom.find_person(store, old) is None
    assert classroom.find_person(store, new) == person


def test_the_class_is_told_by_name_with_its_digits(store, ana, teacher):
    batch_id = start_batch(store, ana.id, "one", range(10), 0, by=ana)
    ids = [save_drawing(store, (batch_id, place), STROKES, DIGIT, 1.0, by=ana) for place in range(3)]
    delete_drawings(store, ids[:1], by=ana)
    members = [(member.name, member.teacher, member.digits) for member in classroom.read_members(store)]
    assert members == [("Ana", False, 2), ("Ms Lee", True, 0)]


@pytest.mark.parametrize("stranger", ["ana", "visitor"])
def test_what_a_teacher_does_for_the_class_nobody_else_does(store, ana, bo, teacher, stranger):
    by = ana if stranger == "ana" else VISITOR
    demo.add_demo(store, teacher)
    before = everything(store)
    for change in (
        lambda: classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=True), by),
        lambda: classroom.renew_link(store, bo.id, by),
        lambda: classroom.end_class(store, by),
        lambda: erase_person(store, bo.id, by),
        lambda: demo.add_demo(store, by),
        lambda: demo.remove_demo(store, by),
    ):
        with pytest.raises(NotAllowedError):
            change()
    assert everything(store) == before


# Functions of the storage that change something, by where a stranger tries them.
TRIED = {
    "above": {
        *("start_batch", "save_drawing", "relabel_drawings", "keep_drawings", "keep_drawing", "delete_drawings"),
        *("restore_drawings", "store_message", "begin_sheet", "close_empty_sheet", "rename_run", "delete_runs"),
        *("set_settings", "renew_link", "end_class", "erase_person", "add_demo", "remove_demo", "add_writer"),
    },
    "test_writers": {"give_batches"},
    "test_digit_import": {"store_imported"},
}
READING = {"find_known", "find_outgoing", "read_hidden_names", "narrow", "are_hidden", "seen_batches", "seen_drawings"}
NOBODY_ASKED = {
    "take_name": "whoever joins or logs in has no rights yet",
    "join": "the same, with a login",
    "add_run": "stored by a worker, for the owner who was asked when the training began",
    "_add_once": "points of curves and forecasts: found out of drawings, changes none",
    "keep_predictions": "found out of drawings, changes none",
    "copy_database": "of the command line",
    "find_person": "of a login: notes who is a teacher, as the settings say",
}


def storage_functions():
    for path in (ROOT / "digitlab/storage").glob("*.py"):
        if path.stem != "people":
            yield from (node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))


def test_each_function_that_changes_something_asks_who_and_is_tried_by_a_stranger():
    asking, writing = set(), set()
    for function in storage_functions():
        arguments = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        calls = {ast.unparse(call.func) for call in ast.walk(function) if isinstance(call, ast.Call)}
        if "by" in arguments and not function.name.startswith(("_", "check_")):
            asking.add(function.name)
        elif "by" not in arguments and any(call.endswith(".write") for call in calls):
            writing.add(function.name)
    assert asking - READING == set.union(*TRIED.values())
    assert writing - set(NOBODY_ASKED) == {"_store_and_draw"}, "a part of `store_message`, which has asked"


# The pages


WRITING = {
    *("start_batch", "save_drawing", "relabel_drawings", "keep_drawings", "delete_drawings", "restore_drawings"),
    *("store_message", "close_empty_sheet", "rename_run", "delete_runs", "add_writer", "renew_link", "set_settings"),
    *("end_class", "erase_person", "check_may_begin"),
}


@pytest.mark.parametrize("path", sorted((ROOT / "digitlab/ui").rglob("*.py")), ids=lambda path: path.stem)
def test_a_page_says_who_writes(path):
    """Without that the storage would take it for the owner of the machine."""
    for call in ast.walk(ast.parse(path.read_text())):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in WRITING and not (path.stem == "drawing_desk" and getattr(call.func, "id", "") == "start_batch"):
            assert "who.person()" in ast.unparse(call), f"line {call.lineno}: {name}"
