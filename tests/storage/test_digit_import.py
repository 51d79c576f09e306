"""Digits that come in: none twice, all or nothing, and never in the place of what is there."""

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.curve import writer_curves
from digitlab.learning.training_data import check_training_batches, count_imported
from digitlab.storage import classroom, schema
from digitlab.storage.batches import read_batches
from digitlab.storage.digit_chunks import DigitChunk
from digitlab.storage.digit_export import find_outgoing, source
from digitlab.storage.digit_import import find_known, gather, store_imported
from digitlab.storage.drawings import delete_drawings, read_drawing_rows, read_drawings, relabel_drawings, save_drawing
from digitlab.storage.found_drawings import Wanted
from digitlab.storage.names import DEMO_WRITER
from digitlab.storage.people import OWNER, VISITOR, NotAllowedError
from digitlab.storage.store import Store
from tests.storage.samples import DIGIT, STROKES

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (6, 28, 28)).astype(np.uint8)


def chunk(places, split="train", labels=None, **more):
    shown = np.array(labels if labels is not None else [place % 10 for place in places], np.int64)
    return DigitChunk(split, PICTURES[list(places)], shown, **more)


def bring_in(store, *chunks, writer="elsewhere", by=OWNER, test=True):
    incoming = gather(chunks)
    return store_imported(store, incoming, find_known(store, incoming, by=by), writer, by=by, test=test)


def test_digits_are_stored_as_a_batch_of_their_own_without_human_minutes(store):
    done = bring_in(store, chunk([0, 1, 2]))
    (batch,) = read_batches(store)
    assert (batch.id, batch.kind, batch.writer, batch.drawn, batch.seconds) == (
        done.batch_ids[0], "imported", "elsewhere", 3, 0.0
    )  # fmt: skip
    assert (done.train, done.test) == (3, 0)
    back = read_drawings(store, [batch.id])
    np.testing.assert_array_equal([drawing.digit for drawing in back], PICTURES[:3])
    assert [drawing.strokes for drawing in back] == [[], [], []]


def test_a_sheet_of_paper_keeps_its_seed_and_order(store):
    incoming = gather([chunk([2, 0, 1])])
    store_imported(store, incoming, find_known(store, incoming), "Ana", seed=2_000_000_000)
    (batch,) = read_batches(store)
    assert (batch.seed, batch.labels) == (2_000_000_000, (2, 0, 1))


def test_minutes_writers_strokes_and_moments_come_along_where_the_file_tells_them(store):
    bring_in(
        store,
        chunk(
            [0],
            strokes=[STROKES],
            writers=["Zoë"],
            seconds=np.array([2.5]),
            moments=["2017-03-01 20:41:36.70725 UTC"],
        ),
        chunk([1], writers=[""], seconds=np.array([np.nan]), moments=["yesterday"]),
    )
    assert {batch.writer: batch.seconds for batch in read_batches(store)} == {"Zoë": 2.5, "elsewhere": 0.0}
    moments = {row.writer: row.created_at for row in read_drawing_rows(store)}
    assert moments["Zoë"] == "2017-03-01T20:41:36.707+00:00"
    assert moments["elsewhere"] > "2026"
    (drawing,) = [each for each in read_drawings(store, [1, 2]) if each.strokes]
    for mine, theirs in zip(drawing.strokes, STROKES, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_what_is_there_is_not_stored_again_and_stays_as_it_is(store):
    bring_in(store, chunk([0, 1]))
    relabel_drawings(store, [1], 7)
    incoming = gather([chunk([0, 1, 2])])
    known = find_known(store, incoming)
    assert (known.there.tolist(), known.differ) == ([True, True, False], 1)
    assert store_imported(store, incoming, known, "Bo").train == 1
    assert [row.label for row in read_drawing_rows(store)] == [7, 1, 2]
    assert bring_in(store, chunk([0, 1, 2])).batch_ids == ()


def test_a_picture_that_a_file_holds_twice_is_stored_once_and_never_trained_on_if_it_is_to_test_with(store):
    incoming = gather([chunk([0, 0, 1]), chunk([1], "test")])
    assert (len(incoming), incoming.twice, incoming.test.tolist()) == (2, 2, [True, False])
    done = bring_in(store, chunk([0, 0, 1]), chunk([1], "test"))
    assert (done.train, done.test) == (1, 1)
    kinds = {batch.kind: batch.id for batch in read_batches(store)}
    assert set(kinds) == {"imported", "test"}
    with pytest.raises(ValueError, match="never trained on"):
        check_training_batches(store, (kinds["test"],))


def test_a_learning_curve_is_of_what_was_drawn(store, batch_id):
    """Minutes of drawing are on its axis: digits from a file have none."""
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1.0)
    bring_in(store, chunk([0, 1, 2]), writer="Ana")
    batches = read_batches(store)
    assert writer_curves.drawings_by_writer(batches) == {"Ana": 1}
    assert writer_curves.plan_curves(batches, "Ana", store.place).mine.batch_ids == (batch_id,)
    assert count_imported(store, tuple(batch.id for batch in batches)) == 3


def test_digits_to_test_with_can_be_left_out(store):
    assert bring_in(store, chunk([0]), chunk([1], "test"), test=False).test == 0
    assert [batch.kind for batch in read_batches(store)] == ["imported"]


def test_deleted_digits_come_back_by_a_file(store):
    bring_in(store, chunk([0]))
    delete_drawings(store, [1])
    assert bring_in(store, chunk([0])).train == 1


def test_what_another_window_stored_meanwhile_is_not_stored_again(store):
    incoming = gather([chunk([0, 1])])
    known = find_known(store, incoming)
    bring_in(store, chunk([1]))
    assert store_imported(store, incoming, known, "elsewhere").train == 1
    assert len(read_drawing_rows(store)) == 2


def test_after_an_error_nothing_is_stored(store):
    incoming = gather([chunk([0], writers=["Ana"]), chunk([1], writers=["Bo"])])

    @sa.event.listens_for(store._engine, "before_cursor_execute")
    def fail_at_the_second_batch(connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO drawings"):
            connection.info["inserts"] = connection.info.get("inserts", 0) + 1
            if connection.info["inserts"] == 2:
                raise sa.exc.OperationalError(statement, {}, Exception("the disk is full"))

    with pytest.raises(Exception, match="disk is full"):
        store_imported(store, incoming, find_known(store, incoming), "x")
    assert read_batches(store) == []
    with store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.writers)).scalar() == 0


def test_a_pupil_brings_in_under_the_own_name_and_only_what_is_not_among_the_own(store):
    ana, _ = classroom.join(store, "Ana")
    bo, _ = classroom.join(store, "Bo")
    bring_in(store, chunk([0], writers=["Zoë"]), by=ana)
    bring_in(store, chunk([0, 1]), writer="Zoë", by=bo)
    assert [(batch.writer, batch.drawn) for batch in read_batches(store)] == [("Ana", 1), ("Bo", 2)]
    with pytest.raises(NotAllowedError, match="Join"):
        bring_in(store, chunk([2]), by=VISITOR)


def test_a_name_that_cannot_be_shown_is_refused_before_anything_is_stored(store):
    with pytest.raises(ValueError, match="U\\+202E"):
        bring_in(store, chunk([0], writers=["Ana\u202e"]))
    with pytest.raises(ValueError, match="1 to 80"):
        bring_in(store, chunk([0]), writer="")
    assert read_drawing_rows(store) == []


def test_nobody_brings_in_under_the_name_of_the_demo_but_its_own_drawings_come_back(store):
    for name, of_file in ((DEMO_WRITER, ""), (DEMO_WRITER.upper(), ""), ("Ana", DEMO_WRITER.upper())):
        with pytest.raises(ValueError, match="demo experiment"):
            bring_in(store, chunk([0], writers=[of_file]), writer=name)
    assert bring_in(store, chunk([0], writers=[DEMO_WRITER])).train == 1


def test_what_leaves_comes_into_another_database_the_same(store, three, tmp_path):
    """Ana's 3 and 1 to train on, Bo's 7 to test with."""
    outgoing = find_outgoing(store)
    assert (outgoing.writers, outgoing.test.tolist()) == (("Ana", "Ana", "Bo"), [False, False, True])
    taken = source(store, outgoing)
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    incoming = gather(chunk for split in ("train", "test") for chunk in taken.read(split, True))
    done = store_imported(other, incoming, find_known(other, incoming), "x")
    again = source(other, find_outgoing(other))
    for split in ("train", "test"):
        (mine,), (theirs,) = list(taken.read(split, True)), list(again.read(split, True))
        np.testing.assert_array_equal(mine.images, theirs.images)
        np.testing.assert_array_equal(mine.labels, theirs.labels)
        np.testing.assert_array_equal(mine.seconds, theirs.seconds)
        assert (mine.writers, mine.moments) == (theirs.writers, theirs.moments)
    assert (done.train, done.test) == (2, 1)
    other.close()


def test_which_drawings_leave(store, three):
    def leaving(**which):
        return find_outgoing(store, **which).ids.tolist()

    assert leaving() == three
    assert leaving(wanted=Wanted(writer="Bo")) == [three[2]]
    assert leaving(wanted=Wanted(labels=(1, 7))) == three[1:]
    assert leaving(drawing_ids=[three[1]]) == [three[1]]
    delete_drawings(store, [three[0]])
    assert leaving(wanted=Wanted(show="deleted")) == []
    assert leaving() == three[1:]
    with pytest.raises(NotAllowedError, match="Join"):
        find_outgoing(store, by=VISITOR)


def test_names_that_are_hidden_do_not_leave(store):
    teacher, _ = classroom.join(store, "Ms Lee", teacher=True)
    ana, _ = classroom.join(store, "Ana")
    bo, _ = classroom.join(store, "Bo")
    bring_in(store, chunk([0]), by=bo)
    bring_in(store, chunk([1]), by=ana)
    classroom.set_settings(store, classroom.ClassSettings(frozen=False, names_hidden=True), teacher)
    assert find_outgoing(store, by=ana).writers == (f"writer {bo.id}", "Ana")
    assert find_outgoing(store, by=teacher).writers == ("Bo", "Ana")


def test_an_empty_set(store):
    outgoing = find_outgoing(store)
    assert len(outgoing) == 0
    assert list(source(store, outgoing).read("train", True)) == []
    assert len(gather([])) == 0
    assert DIGIT.shape == (28, 28)
