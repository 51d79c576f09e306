"""Everything of a person is erased: looked for in every table there is, and in the file."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from digitlab.storage import classroom, erasing, schema
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.curve_points import PointKey, add_forecast, add_point
from digitlab.storage.models import ModelFiles
from digitlab.storage.people import OWNER, VISITOR, NotAllowedError
from digitlab.storage.runs import check_may_train, read_runs
from digitlab.storage.writers import add_writer
from tests.helpers import add_run
from tests.storage.pads import counts, everything
from tests.storage.people import TEST, fill, owned
from tests.storage.samples import ON_SQLITE

FOR_ALL = {"digitlab_meta"}  # tables that hold nothing of one person


@pytest.fixture
def teacher(store):
    return classroom.join(store, "Ms Lee", teacher=True)[0]


@pytest.fixture
def ana(store, teacher):
    return fill(store, "Ana")


@pytest.fixture
def bo(store, ana):
    return fill(store, "Bo")


def rows(store):
    """All that is in the tables but in the one of the settings, row by row."""
    with store.read() as connection:
        tables = [table for table in schema.metadata.sorted_tables if table.name not in FOR_ALL]
        return {(table.name, repr(row)) for table in tables for row in connection.execute(sa.select(table))}


def test_nothing_is_left_in_any_table_and_what_is_anothers_stays(store, teacher):
    before = counts(store)
    ana, _ = fill(store, "Ana")
    of_ana = rows(store)
    filled = counts(store)
    empty = [name for name in filled if name not in FOR_ALL and filled[name] == before[name]]
    assert not empty, "a table of this test has nothing of Ana's: put something into `fill`, and erase it"
    fill(store, "Bo")
    of_bo = rows(store) - of_ana
    erasing.erase_person(store, ana.id, teacher)
    assert {(name, row) for name, row in rows(store) if (name, row) not in of_bo} == {
        (name, row) for name, row in rows(store) if name == "writers" and "Ms Lee" in row
    }
    assert of_bo <= rows(store)
    assert counts(store) == filled
    assert "Ana" not in everything(store)


def test_erasing_names_every_table():
    """A table that comes later is either erased or said here to hold nothing of one person."""
    source = ast.parse(Path(erasing.__file__).read_text())
    named = {
        node.attr
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "schema"
    }
    assert {table.name for table in schema.metadata.sorted_tables} - FOR_ALL <= named
    references = {
        table.name
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.foreign_keys or column.name in ("writer_id", "owner_id", "batch_id", "batch_ids", "run_id")
    }
    assert not references & FOR_ALL


@pytest.mark.parametrize("stranger", ["ana", "bo", "visitor"])
def test_only_the_teacher_may(store, ana, bo, stranger):
    before = everything(store)
    by = {"ana": ana[0], "bo": bo[0], "visitor": VISITOR}[stranger]
    for change in (
        lambda: erasing.erase_person(store, ana[0].id, by),
        lambda: classroom.end_class(store, by),
    ):
        with pytest.raises(NotAllowedError, match="Expected the teacher"):
            change()
    assert everything(store) == before
    erasing.erase_person(store, ana[0].id, OWNER)
    assert [run.id for run in read_runs(store)] == [f"full-{bo[0].id}"]


def test_somebody_who_is_not_there(store, teacher):
    before = everything(store).replace(str(store.version()), "")
    with pytest.raises(ValueError, match="writer 99, who is not there"):
        erasing.erase_person(store, 99, teacher)
    assert everything(store).replace(str(store.version()), "") == before


def test_the_runs_of_others_are_marked_and_do_not_tell_the_name(store, teacher, ana, bo):
    add_run(store, owned(bo[0], "both", name="100 drawings by Ana, from x", batch_ids=(ana[1], bo[1])))
    add_run(store, owned(bo[0], "further", start_from="both"))
    add_run(store, owned(bo[0], "on-mnist", name="by Anabel"))
    assert not any(run.sources_erased for run in read_runs(store))
    erasing.erase_person(store, ana[0].id, teacher)
    found = {run.id: (run.name, run.sources_erased) for run in read_runs(store)}
    assert found == {
        f"full-{bo[0].id}": ("40 drawings by Bo", False),
        "both": ("100 drawings by somebody deleted, from x", True),
        "further": ("Run further", True),
        "on-mnist": ("by Anabel", False),
    }


@pytest.fixture
def old_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(tmp_path))
    return tmp_path


def test_what_an_earlier_version_left_in_its_folder_goes_too(store, old_folder, teacher, ana, bo):
    """The models, and the cards of others' runs, which told the name: the database has all that matters of them."""
    add_run(store, owned(bo[0], "both", name="100 drawings by Ana", batch_ids=(ana[1],)))
    for run in read_runs(store):
        for ending in ("keras", "tflite", "npz", "json"):
            (old_folder / f"{run.id}.{ending}").write_text(run.name)
    erasing.erase_person(store, ana[0].id, teacher)
    assert not list(old_folder.glob(f"full-{ana[0].id}.*"))
    assert {path.suffix for path in old_folder.glob("both.*")} == {".keras", ".tflite", ".npz"}
    assert len(list(old_folder.glob(f"full-{bo[0].id}.*"))) == 4


def test_points_of_which_nobody_knows_whose_they_are_go_too(store, teacher, ana):
    with store.write() as connection:
        connection.execute(schema.curve_points.delete())
    own = PointKey("1" * 16, "", "3" * 16, 10)
    for key in (own, replace(own, train_version="mnist"), replace(own, train_version="mnist", test_version="2")):
        add_point(store, key, 0, {"mnist": TEST}, 1.0)
    with store.write() as connection:  # as they were stored before that was kept
        connection.execute(schema.curve_points.update().values(batch_ids=sa.null()))
    erasing.erase_person(store, ana[0].id, teacher)
    with store.read() as connection:
        assert list(connection.execute(sa.select(schema.curve_points.c.train_version)).scalars()) == ["mnist"]


@ON_SQLITE
def test_nothing_is_left_in_the_file(store, url, teacher):
    fill(store, "Bartholomew")
    weights = ModelFiles(b"network on Bartholomew" * 9999, b"Bartholomew, to predict" * 9999)
    (person,) = [each for each in classroom.read_members(store) if each.name == "Bartholomew"]
    add_run(store, owned(person, "large"), weights)
    erasing.erase_person(store, person.id, teacher)
    store.close()
    path = Path(url.removeprefix("sqlite:///"))
    assert b"Bartholomew" not in path.read_bytes()
    assert b"Ms Lee" in path.read_bytes()


def test_numbers_are_not_given_again(store, teacher, ana):
    """Whoever still holds the number of what is gone, a training or an open page, must not mean somebody new."""
    person, batch_id = ana
    erasing.erase_person(store, person.id, teacher)
    new = classroom.join(store, "Cem")[0]
    assert new.id > person.id
    assert add_writer(store, "Dee") > new.id
    assert start_batch(store, new.id, "full", [1], 0, by=new) > batch_id


def test_a_training_that_ends_after_it(store, teacher, ana, bo):
    erasing.erase_person(store, ana[0].id, teacher)
    before = everything(store)
    key = PointKey("1" * 16, "", "3" * 16, 10)
    add_forecast(store, key, [], batch_ids=(bo[1], ana[1]))
    with pytest.raises(NotAllowedError, match="who was deleted"):
        add_run(store, owned(ana[0], "late"))
    assert everything(store).count("late") == before.count("late")
    add_run(store, owned(bo[0], "late-2", batch_ids=(ana[1],)))
    assert {run.id: run.sources_erased for run in read_runs(store)} == {f"full-{bo[0].id}": False, "late-2": True}
    assert counts(store)["forecasts"] == 1


def test_a_run_that_is_refused_leaves_no_model(store, teacher, ana):
    erasing.erase_person(store, ana[0].id, teacher)
    before = counts(store)
    with pytest.raises(NotAllowedError, match="who was deleted"):
        add_run(store, owned(ana[0], "late"))
    assert counts(store) == before


def test_who_may_begin_a_training(store, teacher, ana):
    for owner in (None, teacher.id, ana[0].id):
        check_may_train(store, owner)
    classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=False), teacher)
    check_may_train(store, teacher.id)
    check_may_train(store, None)
    with pytest.raises(NotAllowedError, match="frozen"):
        check_may_train(store, ana[0].id)
    with pytest.raises(NotAllowedError, match="who was deleted"):
        check_may_train(store, 99)


def test_the_end_of_a_class(store, ana):
    person, token = classroom.join(store, "Cem")
    lee, hers = classroom.join(store, "Mr Oz", teacher=True)
    classroom.end_class(store, lee)
    assert classroom.find_person(store, token) is None
    assert classroom.find_person(store, hers) == lee
    with pytest.raises(NotAllowedError, match="nobody joins now"):
        classroom.join(store, "Dee")
    assert [batch.writer for batch in read_batches(store)] == ["Ana"]
    assert person.name in [member.name for member in classroom.read_members(store)]


def test_hidden_names(store, teacher, ana, bo):
    assert classroom.read_hidden_names(store, ana[0]) == {}
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=True), teacher)
    hidden = classroom.read_hidden_names(store, ana[0])
    assert hidden == {"Bo": f"writer {bo[0].id}", "Ms Lee": f"writer {teacher.id}"}
    assert set(classroom.read_hidden_names(store, VISITOR)) == {"Ana", "Bo", "Ms Lee"}
    assert classroom.read_hidden_names(store, teacher) == {}
    with pytest.raises(ValueError, match="stands for a hidden name"):
        classroom.join(store, "Writer 7")


def test_whoever_keeps_a_point_or_a_forecast_says_of_which_batches():
    """Without that it would outlive the drawings it is of."""
    calls = [
        node
        for path in (Path(erasing.__file__).parents[1]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("add_point", "add_forecast")
    ]
    assert len(calls) == 2
    assert all("batch_ids" in [keyword.arg for keyword in call.keywords] for call in calls)
