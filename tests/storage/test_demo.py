"""The demo experiment is kept like everything, belongs to nobody, and leaves nothing behind."""

from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.run import TestResult
from digitlab.storage import classroom, demo, schema
from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.classroom import ClassSettings
from digitlab.storage.curve_points import PointKey, add_point
from digitlab.storage.drawings import delete_drawings, read_drawings, save_drawing
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.people import VISITOR, NotAllowedError
from digitlab.storage.predictions import keep_predictions
from digitlab.storage.runs import read_runs, rename_run
from digitlab.storage.wall import read_wall
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, add_run
from tests.storage.samples import DIGIT, STROKES

EVERYTHING_BUT = "digitlab_meta"  # it counts every write
TEST = TestResult(10, 6, 0.6, 0.3, 0.8, ((5, 4), (0, 1)))


def of_demo(batch, run):
    return replace(run, owner_id=batch.writer_id)


def rows(store):
    """What is in each table."""
    tables = [table for table in schema.metadata.sorted_tables if table.name != EVERYTHING_BUT]
    with store.read() as connection:
        return {table.name: connection.execute(sa.select(table)).all() for table in tables}


def test_thirty_drawings_in_three_batches_and_a_second_click_adds_nothing(store):
    batches = demo.add_demo(store)
    assert [(batch.kind, batch.writer, batch.drawn) for batch in batches] == [
        ("one", DEMO_WRITER, 10),
        ("full", DEMO_WRITER, 10),
        ("test", DEMO_WRITER, 10),
    ]
    assert 10 < batches[0].seconds < 40
    assert demo.add_demo(store) == batches


def test_what_was_interrupted_is_completed(store):
    one = demo.add_demo(store)[0]
    first = read_drawings(store, [one.id])[0]
    delete_drawings(store, [first.id])
    assert [batch.drawn for batch in demo.add_demo(store)] == [10, 10, 10]


def test_its_runs_are_marked_whatever_they_are_called(store):
    one, full, _ = demo.add_demo(store)
    add_run(store, of_demo(one, a_run("one-1", "one", name="Ten", batch_ids=(one.id,))))
    add_run(store, of_demo(one, a_run("dense-1", "dense", name="Dense")))
    add_run(store, a_run("full-1", "full", name="trained by a visitor on it", batch_ids=(full.id,)))
    add_run(store, a_run("dense-2", "dense", name="Dense of a visitor"))
    rename_run(store, "one-1", "My best run")
    assert {run.id: (run.demo, run.name) for run in read_runs(store)} == {
        "one-1": (True, "Demo: My best run"),
        "dense-1": (True, "Demo: Dense"),
        "full-1": (True, "Demo: trained by a visitor on it"),
        "dense-2": (False, "Dense of a visitor"),
    }


def test_removing_it_leaves_everything_else_as_it_was(store):
    ana = start_batch(store, add_writer(store, "Ana"), "full", [3, 1], 0)
    save_drawing(store, (ana, 0), STROKES, DIGIT, 1.0)
    add_run(store, a_run("full-ana", "full", name="2 drawings by Ana", batch_ids=(ana,)))
    add_point(store, PointKey("a" * 16, "", "b" * 16, 10), 0, {"mnist": TEST}, 1.0, batch_ids=(ana,))
    add_point(store, PointKey("c" * 16, "", "b" * 16, 10), 0, {"mnist": TEST}, 1.0)  # of long ago: whose is not known
    before = rows(store)

    one, full, test = demo.add_demo(store)
    add_run(store, of_demo(one, a_run("one-1", "one", batch_ids=(one.id,))))
    add_run(store, of_demo(one, a_run("dense-1", "dense")))
    add_run(store, a_run("full-1", "full", batch_ids=(full.id,)))
    keep_predictions(store, "one-1", {test.id: (test.version, np.zeros(10, np.uint8))})
    keep_predictions(store, "full-ana", {test.id: (test.version, np.zeros(10, np.uint8))})
    add_point(store, PointKey("d" * 16, "", "b" * 16, 10), 0, {"mnist": TEST}, 1.0, batch_ids=(one.id, test.id))
    demo.remove_demo(store)
    assert rows(store) == before
    assert demo.find_demo(store) is None
    with pytest.raises(ValueError, match="without it"):
        demo.remove_demo(store)


def test_a_network_that_learnt_from_others_too_stays_and_says_what_became_of_its_drawings(store):
    ana = start_batch(store, add_writer(store, "Ana"), "full", [3], 0)
    one = demo.add_demo(store)[0]
    add_run(store, a_run("full-1", "full", batch_ids=(ana, one.id)))
    demo.remove_demo(store)
    (run,) = read_runs(store)
    assert (run.sources_erased, run.demo) == (True, False)


def test_only_a_teacher_adds_and_removes_it(store):
    pupil, _ = classroom.join(store, "Bo")
    for somebody in (pupil, VISITOR):
        with pytest.raises(NotAllowedError):
            demo.add_demo(store, somebody)
    assert demo.find_demo(store) is None
    teacher, _ = classroom.join(store, "Ms Lee", teacher=True)
    demo.add_demo(store, teacher)
    with pytest.raises(NotAllowedError):
        demo.remove_demo(store, pupil)
    demo.remove_demo(store, teacher)


@pytest.mark.parametrize("name", [DEMO_WRITER, f" {DEMO_WRITER.upper()} "])
def test_nobody_takes_its_name(store, name):
    for take in (add_writer, classroom.join):
        with pytest.raises(ValueError, match="demo experiment"):
            take(store, name)
    demo.add_demo(store)
    with pytest.raises(ValueError, match="demo experiment"):
        add_writer(store, name)


def test_its_mark_is_seen_where_names_are_hidden(store):
    pupil, _ = classroom.join(store, "Bo")
    teacher, _ = classroom.join(store, "Ms Lee", teacher=True)
    demo.add_demo(store, teacher)
    classroom.set_settings(store, ClassSettings(frozen=False, names_hidden=True), teacher)
    assert set(classroom.read_hidden_names(store, pupil)) == {"Ms Lee"}
    assert DEMO_WRITER in [person.name for person in read_wall(store)]


def test_the_rooms_above_ask_here_what_is_the_demos(store):
    add_writer(store, "Ana")
    demo.add_demo(store)
    assert not demo.without_demo(read_batches(store))
    assert demo.people(["Ana", DEMO_WRITER]) == ["Ana"]
