"""A whole experiment moves into another database: once, with other ids; nothing there is changed, nothing by half."""

import json
from contextlib import closing, contextmanager
from dataclasses import replace

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.run import TrainedOn
from digitlab.storage import classroom, schema
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.curve_points import PointKey, add_point
from digitlab.storage.demo import add_demo
from digitlab.storage.drawings import delete_drawings, read_drawings, relabel_drawings, save_drawing
from digitlab.storage.experiment import coming
from digitlab.storage.experiment.coming import compare, store_experiment
from digitlab.storage.experiment.contents import check
from digitlab.storage.experiment.leaving import open_experiment
from digitlab.storage.experiment.rows import (
    KINDS,
    BatchRow,
    DrawingRow,
    EventRow,
    ForecastRow,
    PersonRow,
    PointRow,
    RunRow,
    SheetRow,
)
from digitlab.storage.models import ModelFiles, read_model_file
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.people import OWNER, VISITOR, NotAllowedError
from digitlab.storage.runs import read_runs
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer, give_batches, read_writers
from tests.helpers import a_run, add_run
from tests.storage.moved import CLASS, counted, tables
from tests.storage.pads import Pad, again
from tests.storage.people import TEST, fill
from tests.storage.samples import DIGIT, STROKES

MODEL = ModelFiles(bytes(range(256)) * 50, b"\x00\xff" * 70, b"piles")


@pytest.fixture
def other(request, url, tmp_path):
    """Another database of the same kind, empty."""
    of_server = not url.startswith("sqlite")
    opened = Store(
        request.getfixturevalue("other_postgresql_url") if of_server else f"sqlite:///{tmp_path / 'other.db'}"
    )
    yield opened
    opened.close()


@pytest.fixture
def full(store):
    return fill_for_two(store)


def fill_for_two(store):
    """Two people with something in every table, the second with a name of all kinds of signs, and a run of nobody's."""
    people = [fill(store, name)[0] for name in ("Ana", "Bo \N{GREEK SMALL LETTER BETA} **%s** 'or' <b>")]
    add_run(store, a_run("full-9", "full", start_from="full-1"), MODEL)
    return people


def move(source, target, said=None, *, by=OWNER, leaves_by=OWNER):
    """What the page does, without a file in between."""
    with open_experiment(source, leaves_by) as leaving:
        return store_experiment(target, leaving, check(leaving), said, by=by)


def planned(source, target, said=None, *, by=OWNER):
    with open_experiment(source) as leaving:
        contents = check(leaving)
    return contents, compare(target, contents, said, by=by)


def test_everything_is_there_as_it_was(store, other, full):
    """Into an empty database: every column of every table, to the last digit; of a card what it says, not its order."""
    done = move(store, other)
    mine, theirs = counted(tables(store, *CLASS)), tables(other, *CLASS)
    assert mine == theirs
    assert all(mine.values()), "a table is empty: put something into `fill`"
    assert (done.people, done.batches, done.drawings, done.sheets, done.runs, done.points) == (2, 2, 4, 2, 3, 2)
    assert read_model_file(other, "full-9", "keras") == MODEL.keras
    assert [(run.id, run.name, run.owner_id) for run in read_runs(other)] == [
        (run.id, run.name, run.owner_id) for run in read_runs(store)
    ]


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (BatchRow, schema.batches),
        (DrawingRow, schema.drawings),
        (SheetRow, schema.sheets),
        (EventRow, schema.pen_events),
        (RunRow, schema.runs),
        (PointRow, schema.curve_points),
        (ForecastRow, schema.forecasts),
    ],
)
def test_no_column_of_the_database_is_left_behind(row, table):
    called = {"writer_id": "person", "owner_id": "person", "batch_id": "batch", "sheet_id": "sheet"}
    made_anew = {"id", "version"}  # where it comes in
    names = {column.name for column in table.columns}
    columns = {called.get(name, name).replace("batch_ids", "batches") for name in names}
    assert {field.name for field in msgspec.structs.fields(row)} - made_anew == columns - made_anew


def test_nobody_has_a_link_or_is_a_teacher_where_they_come_in(store, other, full):
    move(store, other)
    assert {(row["token_hash"], row["teacher"]) for row in tables(other)["writers"]} == {(None, False)}


def test_twice_is_once(store, other, full):
    move(store, other)
    before = tables(other)
    contents, plan = planned(store, other)
    assert plan.is_empty(contents)
    done = move(store, other)
    assert tables(other) == before
    assert not any(vars(done).values())


def test_what_was_there_stays_and_ids_move(store, other, full):
    """Everything in the other database has the ids that come in, and points of the same data."""
    key = PointKey("a" * 16, "", "b" * 16, 10)
    add_point(store, key, 0, {"mnist": TEST}, 1.0, batch_ids=(1,))
    fill(other, "Cem")
    fill(other, "Dee")
    before = tables(other)
    done = move(store, other)
    after = tables(other)
    for name, rows in before.items():
        assert [row for row in after[name] if row in rows] == rows, name
    assert (done.people, done.batches, done.drawings, done.runs) == (2, 2, 4, 3)
    names = read_writers(other)
    assert [names[batch.writer_id] for batch in read_batches(other)] == ["Cem", "Dee", *(each.name for each in full)]
    # The two runs whose ids others have are called anew, and what started from one of them starts from its new id.
    runs = {run.name: run for run in read_runs(other)}
    assert runs["Run full-9"].start_from == runs["40 drawings by Ana"].id not in {"full-1", "full-2"}
    batch = {batch.writer: batch.id for batch in read_batches(other)}
    assert runs["40 drawings by Ana"].train.batch_ids == (batch["Ana"],)
    assert runs["40 drawings by Ana"].owner_id == {name: key for key, name in names.items()}["Ana"]
    assert other_points(other)[-1] == [batch["Ana"]]
    assert move(store, other).drawings == 0
    assert tables(other) == after


def other_points(store):
    with store.read() as connection:
        return list(connection.execute(sa.select(schema.curve_points.c.batch_ids).order_by("id")).scalars())


def drawn(store, name, n=3, seed=7):
    """Somebody's batch with drawings; returns its id and theirs."""
    batch_id = start_batch(store, add_writer(store, name), "full", [3, 1, 4, 1, 5], seed)
    return batch_id, [save_drawing(store, (batch_id, place), STROKES, DIGIT + place, 1.5) for place in range(n)]


def test_more_of_the_same_sitting_joins_what_is_there(store, other):
    batch_id, ids = drawn(store, "Ana")
    move(store, other)
    save_drawing(store, (batch_id, 3), STROKES, DIGIT + 3, 2.5)
    delete_drawings(store, ids[:1])
    relabel_drawings(store, ids[1:2], 9)
    _, plan = planned(store, other)
    assert plan.differ == 2
    done = move(store, other)
    assert (done.batches, done.drawings, done.aside) == (0, 1, 0)
    (batch,) = read_batches(other)
    assert (batch.drawn, batch.seconds) == (4, 7.0)
    assert [drawing.label for drawing in read_drawings(other, [batch.id])] == [3, 1, 4, 1]  # as they were here


def test_a_prompt_drawn_on_both_sides_keeps_what_is_here(store, other):
    batch_id, ids = drawn(store, "Ana")
    move(store, other)
    (theirs,) = read_batches(other)
    first = read_drawings(other, [theirs.id])[0].id
    mine = save_drawing(other, (theirs.id, 0), STROKES[:1], 255 - DIGIT, 4.0, replaces=first)
    save_drawing(store, (batch_id, 0), STROKES[1:], DIGIT.T.copy(), 8.0, replaces=ids[0])
    done = move(store, other)
    assert (done.drawings, done.aside) == (0, 1)
    assert [each.id for each in read_drawings(other, [theirs.id]) if each.position == 0] == [mine]
    assert again(other, theirs.id).seconds == 1.5 * 3 + 4.0 + 8.0
    assert move(store, other).aside == 0


def test_the_same_name_is_asked_about_unless_the_drawings_are_the_same(store, other):
    drawn(store, "Ana")
    drawn(other, "Ana", seed=8)
    contents, plan = planned(store, other)
    assert [contents.people[person].name for person in plan.taken] == ["Ana"]
    before = tables(other)
    with pytest.raises(ValueError, match="told who Ana is.*Nothing was stored"):
        move(store, other)
    assert tables(other) == before
    move(store, other, {"Ana": "Ana B"})
    assert {batch.writer: batch.drawn for batch in read_batches(other)} == {"Ana": 3, "Ana B": 3}
    after = tables(other)
    move(store, other)  # nobody is asked again: whose the drawings are is known
    assert tables(other) == after


def test_the_same_person_on_two_machines(store, other):
    drawn(store, "Ana")
    drawn(other, "ana", seed=8)
    move(store, other, {"Ana": "Ana"})
    assert {batch.writer: batch.drawn for batch in read_batches(other)} == {"ana": 3}
    assert len(read_batches(other)) == 2


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"Ana": DEMO_WRITER}, "demo"),
        ({"Ana": "a\0b"}, "U\\+0000"),
        ({"Zoe": "Ana"}, "somebody in the experiment"),
        ({"Ana": "X", "Bo": "X"}, "one for two"),
    ],
)
def test_names_that_cannot_be_given(store, other, said, message):
    drawn(store, "Ana")
    drawn(store, "Bo")
    with pytest.raises(ValueError, match=message):
        move(store, other, said)
    assert not any(tables(other).values())


def test_what_got_another_name_since_is_still_the_same(store, other):
    """Whoever draws before giving a name is called otherwise later on."""
    batch_id, _ = drawn(store, "me")
    move(store, other)
    give_batches(store, [batch_id], "Ana")
    drawn(store, "Ana", seed=8)
    done = move(store, other)
    assert (done.people, done.batches, done.drawings) == (0, 1, 3)
    assert {batch.writer for batch in read_batches(other)} == {"me"}


def test_two_who_draw_alike_stay_two(store, other):
    """The same prompts, the same strokes even: of two people."""
    drawn(store, "Ana")
    drawn(other, "Bo")
    move(store, other)
    assert {batch.writer: batch.drawn for batch in read_batches(other)} == {"Ana": 3, "Bo": 3}


def test_the_demo_of_both_sides_is_one(store, other):
    for each in (store, other):
        add_demo(each)
    before = tables(other)
    assert move(store, other).drawings == 0
    assert tables(other) == before


def test_a_sheet_in_hand_comes_along_and_goes_on(store, other):
    batch_id, _ = drawn(store, "Ana", n=0)
    sheet = open_sheet(store, again(store, batch_id), 2, 10.0)
    pad = Pad(sheet).digit(0)
    store_message(store, pad.message())
    move(store, other)
    (theirs,) = read_batches(other)
    here = open_sheet(other, theirs, 2, 10.0)
    assert (here.id, here.strokes) == (1, load_sheet(store, sheet.id).strokes)
    store_message(store, pad.digit(1).tell("save").message())
    done = move(store, other)
    assert (done.sheets, done.drawings) == (0, 2)
    assert (again(other, theirs.id).drawn, again(other, theirs.id).seconds) == (
        again(store, batch_id).drawn,
        again(store, batch_id).seconds,
    )
    assert open_sheet(other, again(other, theirs.id), 5, 10.0).positions == (2, 3, 4)
    assert tables(store, "id", "sheet_id")["pen_events"] == tables(other, "id", "sheet_id")["pen_events"]


def test_a_sheet_that_was_drawn_on_here_stays(store, other):
    batch_id, _ = drawn(store, "Ana", n=0)
    sheet = open_sheet(store, again(store, batch_id), 2, 10.0)
    store_message(store, Pad(sheet).digit(0).message())
    move(store, other)
    here = open_sheet(other, read_batches(other)[0], 2, 10.0)
    store_message(other, Pad(here, "mine").digit(1).message())
    before = tables(other)
    store_message(store, Pad(sheet).digit(0).digit(1).message())
    move(store, other)
    assert tables(other) == before


def test_runs_of_equal_figures_are_told_apart_by_their_ids(store, other):
    for number in range(3):
        add_run(store, a_run(f"dense-{number}", "dense"), MODEL)
    move(store, other)
    move(store, other)
    assert [run.id for run in read_runs(other)] == [run.id for run in read_runs(store)]


def test_another_run_with_the_same_id_stays(store, other):
    add_run(store, a_run("dense-1", "dense", right=0.9), MODEL)
    add_run(other, a_run("dense-1", "dense", right=0.5))
    for _ in range(2):
        move(store, other)
    came, here = read_runs(other)
    assert (here.id, here.tests["mnist"].accuracy) == ("dense-1", 0.5)
    assert (came.id[:6], came.tests["mnist"].accuracy) == ("dense-", 0.9)
    assert read_model_file(other, came.id, "tflite") == MODEL.tflite


def test_batches_that_are_gone_are_not_taken_for_others(store, other):
    run = a_run("full-1", "full", batch_ids=(1, 77))
    drawn(store, "Ana")
    add_run(store, replace(run, train=TrainedOn("drawings", 4, "0" * 16, (1, 77))), MODEL)
    fill(other, "Cem")
    move(store, other)
    came = next(run for run in read_runs(other) if run.method == "full" and run.drawings == 0 and run.sources_erased)
    batches = {batch.id: batch.writer for batch in read_batches(other)}
    assert [batches[each] for each in came.train.batch_ids] == ["Ana"]


# Rights


@pytest.fixture
def members(store):
    """Ana and Bo, pupils with something in every table, and their teacher."""
    teacher, _ = classroom.join(store, "Ms Lee", teacher=True)
    return fill(store, "Ana")[0], fill(store, "Bo")[0], teacher


def test_a_pupil_takes_along_what_is_theirs_alone(store, other, members):
    ana, bo, _ = members
    move(store, other, leaves_by=bo)
    assert read_writers(other) == {1: "Bo"}
    rows = tables(other)
    assert {name: len(found) for name, found in rows.items()} == {
        "writers": 1, "batches": 1, "drawings": 2, "sheets": 1, "pen_events": len(rows["pen_events"]),
        "runs": 1, "model_files": 2, "curve_points": 1, "forecasts": 1,
    }  # fmt: skip
    assert [run.owner_id for run in read_runs(other)] == [1]
    assert "Ana" not in json.dumps(rows, default=repr)


def test_what_a_pupil_trained_on_others_is_marked_and_names_that_are_hidden_stay_hidden(store, other, members):
    ana, bo, teacher = members
    batch = next(batch.id for batch in read_batches(store) if batch.writer == "Ana")
    run = a_run("full-7", "full", name="2 drawings by Ana", batch_ids=(batch,))
    add_run(store, replace(run, owner_id=bo.id))
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=True), teacher)
    move(store, other, leaves_by=bo)
    came = next(run for run in read_runs(other) if run.id == "full-7")
    assert (came.name, came.train.batch_ids, came.sources_erased) == (f"2 drawings by writer {ana.id}", (), True)
    assert "Ana" not in json.dumps(tables(other), default=repr)


def test_a_teacher_and_the_owner_take_everything_along_and_a_visitor_nothing(store, members):
    for by in (members[2], OWNER):
        with open_experiment(store, by) as leaving:
            assert [row.name for row in leaving.read(PersonRow)] == ["Ms Lee", "Ana", "Bo"]
    with pytest.raises(NotAllowedError, match="Join on the first page"), open_experiment(store, VISITOR):
        pass


def test_nobody_else_stores_anything(store, other, members):
    """The other database is the class here."""
    drawn(other, "Zoe")
    before = tables(store)
    with pytest.raises(NotAllowedError, match="has joined"):
        move(other, store, by=VISITOR)
    classroom.set_settings(store, ClassSettings(frozen=True, names_hidden=False), members[2])
    with pytest.raises(NotAllowedError, match="frozen"):
        move(other, store, by=members[0])
    assert tables(store) == before
    assert move(other, store, by=members[2]).drawings == 3


def test_what_a_pupil_brings_in_becomes_theirs(store, other, members):
    """Their own of another machine; a name in it is of no account, and nothing of others is matched or told."""
    ana, bo, _ = members
    batch_id, _ = drawn(other, "Bo", seed=5)
    add_run(other, a_run("full-1", "full", right=0.7, batch_ids=(batch_id,)))
    points = len(tables(store)["curve_points"])
    for _ in range(2):
        move(other, store, by=ana)
    assert [batch.drawn for batch in read_batches(store, ana.id)] == [1, 3]
    came = [run for run in read_runs(store) if run.owner_id == ana.id]
    assert sorted(run.tests["mnist"].accuracy for run in came) == [0.7, 0.9]
    assert len(tables(store)["curve_points"]) == points
    assert set(read_writers(store).values()) == {"Ms Lee", "Ana", "Bo"}
    drawn(other, "Zoe")
    with pytest.raises(ValueError, match="of one person.*Ask your teacher"):
        move(other, store, by=ana)


def test_a_pupil_learns_nothing_of_what_others_have(store, other, members):
    """A copy of Bo's file is stored as Ana's; that Bo has the same is not told."""
    ana, bo, _ = members
    drawn(store, "Bo", seed=5)
    move(store, other, leaves_by=bo)
    contents, plan = planned(other, store, by=ana)
    (copied,) = [each.id for each in contents.batches.values() if each.seed == 5]
    assert copied not in plan.batches
    assert not plan.runs
    before = {batch.id: batch for batch in read_batches(store, bo.id)}
    move(other, store, by=ana)
    assert {batch.id: batch for batch in read_batches(store, bo.id)} == before
    assert [batch.seed for batch in read_batches(store, ana.id)].count(5) == 1
    assert [run.owner_id for run in read_runs(store)].count(ana.id) == 2


# Nothing by half


@contextmanager
def changed(store, kind, change):
    """An experiment of which the rows of a kind are others: `change` gets all of them as a list."""
    with open_experiment(store) as leaving:

        class Changed:
            models = leaving.models
            read_model = leaving.read_model

            def read(self, wanted):
                rows = list(leaving.read(wanted))
                return iter(change(rows) if wanted is kind else rows)

        yield Changed()


def broken(rows):
    yield from rows[:-1]
    raise ValueError("the file ends here")


@pytest.mark.parametrize("kind", [DrawingRow, EventRow, RunRow])
def test_what_cannot_be_read_to_its_end_leaves_nothing(store, other, full, kind):
    fill(other, "Cem")
    before = tables(other)
    with open_experiment(store) as leaving:
        contents = check(leaving)
    with changed(store, kind, broken) as rows, pytest.raises(ValueError, match="ends here"):
        store_experiment(other, rows, contents)
    assert tables(other) == before
    assert move(store, other).drawings == 4


def with_(**values):
    return lambda rows: [msgspec.structs.replace(rows[0], **values), *rows[1:]]


@pytest.fixture(scope="module")
def read_only(tmp_path_factory):
    """A database with something in every table, in which no test changes anything."""
    with closing(Store(f"sqlite:///{tmp_path_factory.mktemp('read-only') / 'digitlab.db'}")) as opened:
        fill_for_two(opened)
        yield opened


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        (KINDS[0], lambda rows: rows[1:], "batch 1 of somebody who is not in it"),
        (KINDS[0], with_(name="a\0b"), "U\\+0000"),
        (KINDS[0], with_(name="digitlab's DEMO"), "called as the demo"),
        (KINDS[0], lambda rows: [rows[0], *rows], "the person 1 twice"),
        (KINDS[1], with_(person=99), "batch 1 of somebody"),
        (KINDS[1], lambda rows: rows[1:], "drawing 1 of a prompt that is not in it"),
        (KINDS[2], with_(position=5), "drawing 1 of a prompt"),
        (KINDS[2], with_(position=1, deleted_at=None), "of a prompt that has another one"),
        (KINDS[3], with_(positions=(0, 5)), r"sheet \d+ with prompts"),
        (KINDS[3], lambda rows: rows[1:], "event 1 of a sheet"),
        (KINDS[4], with_(number=9), "event 1, which does not fit"),
        (KINDS[4], lambda rows: [rows[0], *rows], "event 2, which does not fit"),
        (KINDS[5], with_(person=99), "the run full-1 of what is not in it"),
        (KINDS[5], lambda rows: rows[1:], "a model of the run 'full-1'"),
        (KINDS[6], with_(batches=[99]), "learning curve of batches that are not in it"),
        (KINDS[6], lambda rows: [rows[0], *rows], "learning curve twice"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused(read_only, kind, change, message):
    with changed(read_only, kind, change) as rows, pytest.raises(ValueError, match=message):
        check(rows)


def test_whoever_writes_meanwhile_is_reckoned_with(store, other, monkeypatch):
    """Between the look and the transaction somebody else brings the same in."""
    drawn(store, "Ana")
    real, calls = coming.make_plan, []

    def slow(connection, *more):
        plan = real(connection, *more)
        if not calls:
            calls.append(1)
            monkeypatch.setattr(coming, "make_plan", real)
            move(store, other)
        return plan

    monkeypatch.setattr(coming, "make_plan", slow)
    assert move(store, other).drawings == 0
    assert [batch.drawn for batch in read_batches(other)] == [3]


def test_who_draws_meanwhile_is_left_out_as_a_whole(store, other):
    batch_id, _ = drawn(store, "Ana")
    with open_experiment(store) as leaving:
        contents = check(leaving)
        save_drawing(store, (batch_id, 3), STROKES, DIGIT, 1.0)
        assert store_experiment(other, leaving, contents).drawings == 3


def test_digits_keep_their_order_and_their_bytes(store, other):
    """What a data set's version is made of."""
    rng = np.random.default_rng(3)
    first, second = (start_batch(store, add_writer(store, "Ana"), "full", range(10), seed) for seed in (1, 2))
    for place in range(10):
        for batch_id in (first, second):
            digit = rng.integers(0, 256, (28, 28)).astype(np.uint8)
            save_drawing(store, (batch_id, place), STROKES, digit, 1.0)
    fill(other, "Cem")
    move(store, other)
    moved = [batch.id for batch in read_batches(other) if batch.writer == "Ana"]
    mine, theirs = read_drawings(store, [first, second]), read_drawings(other, moved)
    assert [each.digit.tobytes() for each in mine] == [each.digit.tobytes() for each in theirs]
