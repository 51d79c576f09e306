import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.storage import schema as module
from digitlab.storage.batches import read_batches
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawing_records import PromptTakenError
from digitlab.storage.drawings import (
    delete_drawings,
    keep_drawings,
    read_drawing_rows,
    read_drawings,
    read_images,
    read_strokes,
    relabel_drawings,
    restore_drawings,
    save_drawing,
)
from tests.storage.samples import DIGIT, STROKES


def test_a_drawing_comes_back_exactly(store, batch_id):
    drawing_id = save_drawing(store, (batch_id, 2), STROKES, DIGIT, 1 / 3)
    (drawing,) = read_drawings(store, [batch_id])
    assert (drawing.id, drawing.batch_id, drawing.position, drawing.label) == (drawing_id, batch_id, 2, 4)
    assert drawing.seconds == 1 / 3
    assert [stroke.dtype for stroke in drawing.strokes] == [np.float64, np.float64]
    assert all(np.array_equal(kept, drawn) for kept, drawn in zip(drawing.strokes, STROKES, strict=True))
    assert drawing.digit.dtype == np.uint8
    assert np.array_equal(drawing.digit, DIGIT)


def test_strokes_of_any_floats_are_kept_losslessly(store, batch_id):
    rng = np.random.default_rng(0)
    strokes = [rng.uniform(-1, 1, (50, n)) * 10.0 ** rng.integers(-12, 12, (50, n)) for n in (2, 3, 4)]
    save_drawing(store, (batch_id, 0), strokes, DIGIT, 1)
    kept = read_drawings(store, [batch_id])[0].strokes
    assert all(a.tobytes() == b.tobytes() for a, b in zip(kept, strokes, strict=True))


def test_a_drawing_drawn_again_replaces_and_its_seconds_count(store, batch_id):
    first = save_drawing(store, (batch_id, 0), STROKES, DIGIT, 2.5)
    save_drawing(store, (batch_id, 1), STROKES, DIGIT, 1.0)
    again = save_drawing(store, (batch_id, 0), STROKES[:1], DIGIT + 1, 4.0, replaces=first)
    drawings = read_drawings(store, [batch_id])
    assert [(drawing.position, drawing.seconds) for drawing in drawings] == [(1, 1.0), (0, 4.0)]
    assert again != first
    assert len(drawings[1].strokes) == 1
    (batch,) = read_batches(store)
    assert (batch.drawn, batch.seconds) == (2, 7.5)
    data = read_dataset(store, [batch_id])
    assert (data.labels.tolist(), data.seconds) == ([1, 3], 7.5)


def test_a_drawing_that_nobody_knew_of_is_not_replaced(store, batch_id):
    """Two windows show the same prompt, and both save."""
    first = save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    with pytest.raises(PromptTakenError, match=f"which has the drawing {first}. Nothing was stored") as refused:
        save_drawing(store, (batch_id, 0), STROKES[:1], DIGIT + 1, 1)
    assert refused.value.drawing_id == first
    again = save_drawing(store, (batch_id, 0), STROKES[:1], DIGIT + 1, 1, replaces=first)
    with pytest.raises(PromptTakenError):
        save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1, replaces=first)
    assert [drawing.id for drawing in read_drawings(store, [batch_id])] == [again]
    delete_drawings(store, [again])
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1, replaces=again)  # it is gone: nothing to replace


def test_there_is_never_more_than_one_living_drawing_of_a_prompt(store, batch_id, url):
    """The database itself refuses it."""
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    engine = sa.create_engine(url)
    copy = "INSERT INTO drawings (batch_id, position, label, strokes, digit, seconds, created_at) SELECT "
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(f"{copy} batch_id, position, label, strokes, digit, seconds, '' FROM drawings")
    engine.dispose()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prompt": (99, 0)}, "prompt 0 of batch 99"),
        ({"prompt": (1, 3)}, "prompt 3 of batch 1"),
        ({"prompt": (1, -1)}, "prompt -1 of batch 1"),
        ({"strokes": []}, "blank canvas"),
        ({"strokes": [[[np.nan, 1]]]}, "finite numbers"),
        ({"digit": DIGIT.astype(float)}, r"uint8 array of shape \(28, 28\)"),
        ({"digit": DIGIT[None]}, r"uint8 array of shape \(28, 28\)"),
        ({"digit": DIGIT.tolist()}, r"uint8 array of shape \(28, 28\)"),
        ({"seconds": -0.1}, "seconds of 0 or more. Received: -0.1"),
        ({"seconds": float("nan")}, "seconds of 0 or more"),
        ({"seconds": float("inf")}, "seconds of 0 or more"),
    ],
)
def test_drawings_that_are_refused_change_nothing(store, batch_id, change, message):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    before = store.version()
    good = {"prompt": (batch_id, 0), "strokes": STROKES, "digit": DIGIT, "seconds": 1}
    with pytest.raises(ValueError, match=message):
        save_drawing(store, **{**good, **change})
    assert store.version() == before
    assert len(read_drawings(store, [batch_id])) == 1


def living(store):
    return [row.id for row in read_drawing_rows(store) if not row.deleted]


def test_the_table_of_drawings(store, batch_id, three):
    table = read_drawing_rows(store)
    assert [row.id for row in table] == three
    names = ("writer", "kind", "position", "label", "seconds", "think_seconds", "marks", "deleted")
    assert [getattr(table[0], name) for name in names] == ["Ana", "full", 0, 3, 1.5, None, (), False]
    assert [getattr(table[2], name) for name in names] == ["Bo", "test", 0, 7, 2.5, None, (), False]
    assert [row.id for row in read_drawing_rows(store, [batch_id])] == three[:2]
    assert read_drawing_rows(store, []) == []


def test_a_drawing_that_was_drawn_again_is_in_the_table_as_deleted(store, batch_id, three):
    new = save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1, replaces=three[0])
    assert [(row.id, row.deleted) for row in read_drawing_rows(store)] == [
        (three[0], True), (three[1], False), (three[2], False), (new, False),
    ]  # fmt: skip


def test_images_and_strokes_of_drawings(store, three):
    delete_drawings(store, [three[0]])
    images = read_images(store, [np.int64(three[2]), three[0], 99])
    assert set(images) == {three[0], three[2]}
    assert (images[three[0]] == DIGIT).all()
    assert (images[three[2]] == 255 - DIGIT).all()
    assert read_images(store, []) == {}
    for stored, stroke in zip(read_strokes(store, np.int64(three[0])), STROKES, strict=True):
        assert (stored == stroke).all()


def test_strokes_of_no_drawing(store):
    with pytest.raises(ValueError, match="Received: drawing 99"):
        read_strokes(store, 99)


def test_relabel_answers_the_marks(store, three):
    mark_all(store)
    relabel_drawings(store, [three[0], np.int64(three[2])], np.int64(9))
    assert [(row.label, row.marks) for row in read_drawing_rows(store)] == [(9, ()), (1, ("tiny",)), (9, ())]
    assert read_dataset(store, [1]).labels.tolist() == [9, 1]
    assert read_batches(store)[0].labels == (3, 1, 4)  # what was asked for stays


@pytest.mark.parametrize("label", [-1, 10, 255])
def test_labels_that_are_refused(store, three, label):
    before = read_drawing_rows(store)
    with pytest.raises(ValueError, match="label from 0 to 9"):
        relabel_drawings(store, three, label)
    assert read_drawing_rows(store) == before


def test_keep_answers_the_marks(store, three):
    mark_all(store)
    keep_drawings(store, three[:2])
    assert [row.marks for row in read_drawing_rows(store)] == [(), (), ("tiny",)]
    assert [row.label for row in read_drawing_rows(store)] == [3, 1, 7]


def mark_all(store):
    with store.write() as connection:
        connection.execute(module.drawings.update().values(marks=["tiny"]))


def test_deleted_drawings_are_nowhere_but_their_time_counts(store, batch_id, three):
    delete_drawings(store, [three[0]])
    assert living(store) == three[1:]
    assert [drawing.id for drawing in read_drawings(store, [batch_id])] == [three[1]]
    assert read_dataset(store, [batch_id]).labels.tolist() == [1]
    (batch,) = read_batches(store, kinds=("full",))
    assert (batch.drawn, batch.seconds) == (1, 3.0)


def test_restore_brings_back_what_was_deleted(store, batch_id, three):
    before = read_drawing_rows(store)
    delete_drawings(store, three)
    assert living(store) == []
    restore_drawings(store, three)
    assert read_drawing_rows(store) == before
    assert (read_dataset(store, [batch_id]).images == np.stack([DIGIT, DIGIT + 1])).all()


def test_what_was_drawn_again_meanwhile_is_not_restored_and_nothing_else_is(store, batch_id, three):
    delete_drawings(store, three)
    new = save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    with pytest.raises(ValueError, match="drawn again. Delete the newer ones first"):
        restore_drawings(store, three)
    assert living(store) == [new]
    delete_drawings(store, [new])
    restore_drawings(store, three)
    assert living(store) == three


@pytest.mark.parametrize("change", [keep_drawings, delete_drawings, restore_drawings])
def test_changing_nothing(store, three, change):
    before = read_drawing_rows(store)
    change(store, [])
    change(store, [99])
    assert read_drawing_rows(store) == before


def test_each_change_grows_the_version(store, three):
    for change in (keep_drawings, delete_drawings, restore_drawings):
        before = store.version()
        change(store, [three[0]])
        assert store.version() > before
