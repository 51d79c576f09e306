import hashlib
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.digits import data_version
from digitlab.storage import schema as module
from digitlab.storage.batches import KINDS, TRAINING_KINDS, balanced_labels, read_batches, start_batch
from digitlab.storage.datasets import read_dataset, read_digits
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
from digitlab.storage.runs import add_card, delete_runs, read_cards, rename_run
from digitlab.storage.schema import MIGRATIONS, StoreError, upgrade
from digitlab.storage.store import Store, default_url
from digitlab.storage.writers import add_writer, read_writers

ROOT = Path(__file__).parents[2]
STROKES = [np.array([[1.5, 2.0], [0.1 + 0.2, 1 / 3]]), np.array([[7.0, 8.0, 1234.5678901234567, 0.123456789]])]
DIGIT = np.arange(784, dtype=np.uint8).reshape(28, 28)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'digitlab.db'}"


@pytest.fixture
def store(url):
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def batch_id(store):
    return start_batch(store, add_writer(store, "Ana"), "full", [3, 1, 4], seed=5)


def card(run_id="dense-1", **more):
    return {"id": run_id, "name": "A run", **more}


# Writers and batches


def test_a_new_database_is_empty(store):
    assert (read_writers(store), read_batches(store), read_drawings(store, [1]), read_cards(store)) == ({}, [], [], [])
    assert store.version() == 0


def test_the_same_name_is_the_same_writer(store):
    ana = add_writer(store, "Ana")
    assert add_writer(store, "  Ana ") == ana
    bo = add_writer(store, "Bo")
    assert read_writers(store) == {ana: "Ana", bo: "Bo"}
    assert list(read_writers(store).values()) == ["Ana", "Bo"]
    assert add_writer(store, "Ünï😀" + 76 * "x") in read_writers(store)


@pytest.mark.parametrize("name", ["", "   ", 81 * "x"])
def test_names_that_are_refused(store, name):
    with pytest.raises(ValueError, match=f"1 to 80 characters. Received: {len(name.strip())} characters"):
        add_writer(store, name)
    assert store.version() == 0


def test_a_batch_as_it_was_begun(store, batch_id):
    (batch,) = read_batches(store)
    assert (batch.id, batch.writer, batch.kind, batch.labels, batch.seed) == (batch_id, "Ana", "full", (3, 1, 4), 5)
    assert (batch.drawn, batch.seconds) == (0, 0.0)
    assert batch.created_at.endswith("+00:00")


def test_batches_by_writer_and_kind(store):
    writers = [add_writer(store, name) for name in "AB"]
    ids = {pair: start_batch(store, *pair, [1], 0) for pair in itertools.product(writers, KINDS)}
    assert [batch.id for batch in read_batches(store)] == list(ids.values())
    for writer in writers:
        assert {batch.writer_id for batch in read_batches(store, writer)} == {writer}
        assert [batch.id for batch in read_batches(store, writer, ["test"])] == [ids[writer, "test"]]
    assert {batch.kind for batch in read_batches(store, kinds=TRAINING_KINDS)} == set(KINDS) - {"test"}
    assert read_batches(store, kinds=[]) == []


@pytest.mark.parametrize(
    ("kind", "labels", "message"),
    [
        ("practice", [1], "among .*imported.*Received: 'practice'"),
        ("one", [], "at least one label"),
        ("one", [3, 10], "each from 0 to 9. Received: .3, 10."),
        ("one", [-1], "each from 0 to 9"),
    ],
)
def test_batches_that_are_refused(store, kind, labels, message):
    writer = add_writer(store, "Ana")
    with pytest.raises(ValueError, match=message):
        start_batch(store, writer, kind, labels, 0)


def test_a_batch_of_nobody_is_refused(store):
    with pytest.raises(ValueError, match="stored writer. Received: writer 99"):
        start_batch(store, 99, "one", [1], 0)
    assert store.version() == 0


# Drawings


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
    again = save_drawing(store, (batch_id, 0), STROKES[:1], DIGIT + 1, 4.0)
    drawings = read_drawings(store, [batch_id])
    assert [(drawing.position, drawing.seconds) for drawing in drawings] == [(1, 1.0), (0, 4.0)]
    assert again != first
    assert len(drawings[1].strokes) == 1
    (batch,) = read_batches(store)
    assert (batch.drawn, batch.seconds) == (2, 7.5)
    data = read_dataset(store, [batch_id])
    assert (data.labels.tolist(), data.seconds) == ([1, 3], 7.5)


def test_there_is_never_more_than_one_living_drawing_of_a_prompt(store, batch_id, url):
    """The database itself refuses it."""
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    engine = sa.create_engine(url)
    copy = "INSERT INTO drawings (batch_id, position, label, strokes, digit, seconds, created_at) SELECT "
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(f"{copy} batch_id, position, label, strokes, digit, seconds, '' FROM drawings")
    engine.dispose()


def test_numpy_integers_are_numbers_too(store):
    """As they come out of a DataFrame; SQLite would take them for bytes."""
    number = np.arange(4)
    writer = np.int64(add_writer(store, "Ana"))
    batch = np.int64(start_batch(store, writer, "one", number[1:], number[3]))
    save_drawing(store, (batch, number[2]), STROKES, DIGIT, np.float32(1.5))
    assert [(b.seed, b.labels, b.drawn, b.seconds) for b in read_batches(store, writer)] == [(3, (1, 2, 3), 1, 1.5)]
    assert [(d.position, d.label) for d in read_drawings(store, [batch])] == [(2, 3)]
    assert read_dataset(store, np.array([batch])).labels.tolist() == [3]


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


def test_a_dataset_is_in_the_order_of_drawing(store):
    writer = add_writer(store, "Ana")
    first, second = (start_batch(store, writer, "full", [7, 8], 0) for _ in range(2))
    for shade, (batch, position) in enumerate([(second, 1), (first, 0), (second, 0)]):
        save_drawing(store, (batch, position), STROKES, np.full((28, 28), shade, np.uint8), 2)
    data = read_dataset(store, [first, second])
    assert (data.images.shape, data.images.dtype, data.labels.dtype) == ((3, 28, 28), np.uint8, np.int64)
    assert data.images[:, 0, 0].tolist() == [0, 1, 2]
    assert data.labels.tolist() == [8, 7, 7]
    assert data.seconds == 6.0
    assert data.version == data_version(data.images, data.labels)
    assert read_dataset(store, [first]).images[:, 0, 0].tolist() == [1]
    assert read_dataset(store, [second, first]).version == data.version
    assert read_dataset(store, [first]).version != data.version


def test_an_empty_dataset_is_refused(store, batch_id):
    for ids in ([], [99], [batch_id]):
        with pytest.raises(ValueError, match="Draw some digits first"):
            read_dataset(store, ids)


# Runs


def test_runs_are_stored_renamed_and_deleted(store):
    for number in range(3):
        add_card(store, card(f"dense-{number}", history=[{"loss": 0.1 + 0.2}]))
    runs = {run["id"]: run for run in read_cards(store)}
    assert set(runs) == {"dense-0", "dense-1", "dense-2"}
    assert runs["dense-1"]["history"] == [{"loss": 0.1 + 0.2}]
    assert [run["created_at"] for run in read_cards(store)] == sorted(run["created_at"] for run in read_cards(store))
    rename_run(store, "dense-1", "  Wide  ")
    assert {run["id"]: run["name"] for run in read_cards(store)}["dense-1"] == "Wide"
    delete_runs(store, ["dense-0", "dense-2", "no such run"])
    assert [run["name"] for run in read_cards(store)] == ["Wide"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"name": "x"}, r"an id and a name. Received keys: \['name'\]"),
        (card(""), "an id and a name"),
        (card(loss=float("nan")), "written as JSON"),
        (card(n=np.int64(3)), "written as JSON.*int64"),
    ],
)
def test_cards_that_are_refused(store, bad, message):
    with pytest.raises(ValueError, match=message):
        add_card(store, bad)
    assert read_cards(store) == []


@pytest.mark.parametrize("name", ["", " \t", 121 * "x"])
def test_run_names_that_are_refused(store, name):
    add_card(store, card())
    with pytest.raises(ValueError, match="1 to 120 characters"):
        rename_run(store, "dense-1", name)
    assert read_cards(store)[0]["name"] == "A run"


# The version number


def test_the_version_grows_with_every_write_and_only_then(store):
    writer = add_writer(store, "Ana")
    batch = start_batch(store, writer, "one", [1, 2], 0)
    writes = [
        lambda: add_writer(store, "Bo"),
        lambda: start_batch(store, writer, "one", [1], 0),
        lambda: save_drawing(store, (batch, 0), STROKES, DIGIT, 1),
        lambda: save_drawing(store, (batch, 0), STROKES, DIGIT, 1),
        lambda: add_card(store, card()),
        lambda: rename_run(store, "dense-1", "B"),
        lambda: delete_runs(store, ["dense-1"]),
    ]
    for write in writes:
        before = store.version()
        write()
        assert store.version() > before
    before = store.version()
    for read in (read_writers, read_batches, read_cards, read_drawing_rows):
        read(store)
    read_dataset(store, [batch])
    add_writer(store, "Ana")
    assert store.version() == before


# Several at once, and death


def test_two_stores_write_from_threads(url):
    stores = [Store(url), Store(url)]
    writer = add_writer(stores[0], "Ana")
    batch = start_batch(stores[0], writer, "full", [number % 10 for number in range(60)], 0)
    before, errors = stores[0].version(), []

    def write(number):
        try:
            for position in range(number, 60, 4):
                save_drawing(stores[number % 2], (batch, position), STROKES, DIGIT, 1)
                read_drawings(stores[number % 2], [batch])
                assert add_writer(stores[number % 2], f"Bo {position // 4}") > writer
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(drawing.position for drawing in read_drawings(stores[1], [batch])) == list(range(60))
    assert len(read_writers(stores[0])) == 16
    assert stores[0].version() >= before + 60 + 15
    for store in stores:
        store.close()


def test_the_same_prompt_saved_by_many_at_once_is_there_once(store, batch_id):
    threads = [
        threading.Thread(target=save_drawing, args=(store, (batch_id, 0), STROKES, DIGIT, 1.0)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(batch.drawn, batch.seconds) for batch in read_batches(store)] == [(1, 8.0)]


@pytest.mark.parametrize("attempt", range(3))
def test_many_open_a_new_database_at_once(url, attempt):
    together, outcomes = threading.Barrier(6), []

    def open_it():
        together.wait()
        try:
            opened = Store(url)
            outcomes.append(opened.version())
            opened.close()
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == 6 * [0]


def test_a_reader_does_not_wait_for_a_writer(store, url, batch_id):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    assert len(read_drawings(store, [batch_id])) == 1
    other.rollback()
    other.close()


def test_kill_9_right_after_a_save(url):
    program = """
import sys
import numpy as np
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
store = Store(sys.argv[1])
batch = start_batch(store, add_writer(store, "Ana"), "one", range(10), 0)
for position in range(10):
    save_drawing(store, (batch, position), [np.ones((2, 2))], np.full((28, 28), position, np.uint8), 1)
    print(position, flush=True)
    sys.stdin.readline()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        for position in range(4):
            assert process.stdout.readline() == f"{position}\n"
            if position < 3:
                process.stdin.write("\n")
                process.stdin.flush()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    store = Store(url)
    (batch,) = read_batches(store)
    assert [drawing.digit[0, 0] for drawing in read_drawings(store, [batch.id])] == [0, 1, 2, 3]
    save_drawing(store, (batch.id, 4), STROKES, DIGIT, 1)
    store.close()


def test_a_write_waits_for_the_disk(store):
    """No test can cut the power; these are the settings with which SQLite keeps a commit all the same."""
    with store._engine.connect() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]  # 2 is FULL


# Looking through and correcting


@pytest.fixture
def three(store, batch_id):
    """Three drawings: Ana's of 3 and 1, and Bo's of 7 in a test batch."""
    other = start_batch(store, add_writer(store, "Bo"), "test", [7], seed=0)
    ids = [save_drawing(store, (batch_id, position), STROKES, DIGIT + position, 1.5) for position in range(2)]
    return [*ids, save_drawing(store, (other, 0), STROKES, 255 - DIGIT, 2.5)]


def living(store):
    return [row["id"] for row in read_drawing_rows(store) if not row["deleted"]]


def test_the_table_of_drawings(store, batch_id, three):
    table = read_drawing_rows(store)
    assert [row["id"] for row in table] == three
    assert set(table[0]) == {
        *("id", "batch_id", "kind", "writer", "position", "label", "seconds", "think_seconds", "draw_seconds"),
        *("pause_seconds", "marks", "created_at", "deleted"),
    }
    names = ("writer", "kind", "position", "label", "seconds", "think_seconds", "marks", "deleted")
    assert [table[0][name] for name in names] == ["Ana", "full", 0, 3, 1.5, None, [], False]
    assert [table[2][name] for name in names] == ["Bo", "test", 0, 7, 2.5, None, [], False]
    assert [row["id"] for row in read_drawing_rows(store, [batch_id])] == three[:2]
    assert read_drawing_rows(store, []) == []


def test_a_drawing_that_was_drawn_again_is_in_the_table_as_deleted(store, batch_id, three):
    new = save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    assert [(row["id"], row["deleted"]) for row in read_drawing_rows(store)] == [
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
    assert [(row["label"], row["marks"]) for row in read_drawing_rows(store)] == [(9, []), (1, ["tiny"]), (9, [])]
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
    assert [row["marks"] for row in read_drawing_rows(store)] == [[], [], ["tiny"]]
    assert [row["label"] for row in read_drawing_rows(store)] == [3, 1, 7]


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


def test_digits_are_those_of_the_dataset(store, batch_id, three):
    delete_drawings(store, three[:1])
    quick, whole = read_digits(store, [batch_id]), read_dataset(store, [batch_id])
    assert (quick.images == whole.images).all()
    assert (quick.labels == whole.labels).all()
    assert quick.version == whole.version
    delete_drawings(store, three)
    with pytest.raises(ValueError, match="Expected drawings to work with"):
        read_digits(store, [batch_id])


def test_seconds_of_sheets_that_are_of_no_digit_count(store, batch_id, three):
    with store.write() as connection:
        times = {"extra_seconds": 4.0, "idle_total": 99.0, "wall_seconds": 120.0, "idle_seconds": 10.0}
        for _ in range(2):
            sheet = {"batch_id": batch_id, "positions": [2], "created_at": module.now(), **times}
            connection.execute(module.sheets.insert().values(**sheet))
    assert [batch.seconds for batch in read_batches(store)] == [3.0 + 8.0, 2.5]
    assert read_dataset(store, [batch_id]).seconds == 11.0


# Opening


def add_note(connection):
    connection.execute(sa.text("ALTER TABLE runs ADD COLUMN note VARCHAR(20) DEFAULT 'none'"))


def columns(engine, table):
    return {column["name"] for column in sa.inspect(engine).get_columns(table)}


def test_migrations_keep_what_is_there_and_run_once(store, url, batch_id):
    save_drawing(store, (batch_id, 0), STROKES, DIGIT, 1)
    add_card(store, card())
    before = store.version()
    store.close()
    engine = sa.create_engine(url)
    for _ in range(2):
        with engine.begin() as connection:
            upgrade(connection, (*MIGRATIONS, add_note))
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id, note FROM runs")).all() == [("dense-1", "none")]
        assert connection.execute(sa.text("SELECT schema_version, data_version FROM digitlab_meta")).all() == [
            (len(MIGRATIONS) + 1, before)
        ]
    engine.dispose()


def test_a_database_from_before_learning_curves_gets_their_tables_and_keeps_its_drawings(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, MIGRATIONS[:1])
        connection.execute(module.writers.insert().values(name="Ana"))
    assert not {"curve_points", "forecasts"} & set(sa.inspect(engine).get_table_names())
    engine.dispose()
    store = Store(url)
    assert read_writers(store) == {1: "Ana"}
    with store.read() as connection:
        assert connection.execute(sa.select(module.curve_points)).all() == []
        assert connection.execute(sa.select(module.forecasts)).all() == []
    store.close()


def test_an_empty_database_gets_every_step(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, (*MIGRATIONS, add_note))
    assert "note" in columns(engine, "runs")
    engine.dispose()


def test_a_migration_that_fails_is_undone_as_a_whole(store, url, monkeypatch):
    add_card(store, card())

    def fail(connection):
        add_note(connection)
        connection.execute(sa.text("SELECT no_such_column FROM runs"))

    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, fail))
    with pytest.raises(StoreError, match="no such column"):
        Store(url)
    monkeypatch.undo()
    again = Store(url)
    assert len(read_cards(again)) == 1
    assert "note" not in columns(again._engine, "runs")
    again.close()


def test_a_newer_schema_is_refused(store, url, monkeypatch):
    store.close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, (*MIGRATIONS, add_note))
    engine.dispose()
    message = rf"schema version {len(MIGRATIONS)} or older. Received: version {len(MIGRATIONS) + 1}.*Update DigitLab"
    with pytest.raises(StoreError, match=message):
        Store(url)


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path, journal):
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA journal_mode = {journal}")
    other.execute("CREATE TABLE photos (name)")
    other.execute("INSERT INTO photos VALUES ('cat')")
    other.commit()
    other.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(StoreError, match=r"tables \['photos'\].*Point DIGITLAB_DATABASE_URL elsewhere"):
        Store(f"sqlite:///{path}")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    if journal == "DELETE":
        assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_database_is_refused_by_name(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("Buy milk.\n" * 200)
    for path in (text, tmp_path, tmp_path / "missing" / "digitlab.db"):
        with pytest.raises(StoreError, match="cannot be opened.*Check DIGITLAB_DATABASE_URL") as error:
            Store(f"sqlite:///{path}")
        assert str(path) in str(error.value)
    assert text.read_text() == "Buy milk.\n" * 200


@pytest.mark.parametrize("bad", ["digits.db", "", "nosuchdialect:///x"])
def test_addresses_that_are_none(bad):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(bad)


def test_a_password_is_never_told():
    with pytest.raises(StoreError) as error:
        Store("nosuchdialect://ana:secret@host/digits")
    assert "secret" not in str(error.value)
    assert "host/digits" in str(error.value)


def test_a_full_disk_is_told_and_nothing_is_stored(store, batch_id):
    """SQLite with a limit on the number of pages behaves as on a full disk."""

    def limit(connection, _record, _proxy):
        connection.execute("PRAGMA max_page_count = 1")

    sa.event.listen(store._engine, "checkout", limit)
    before = store.version()
    big = [np.random.default_rng(0).uniform(0, 280, (5000, 2))]
    with pytest.raises(StoreError, match="cannot be written to.*full.*Nothing was stored"):
        save_drawing(store, (batch_id, 0), big, DIGIT, 1)
    assert store.version() == before
    assert read_drawings(store, [batch_id]) == []


def test_where_the_database_is(monkeypatch):
    assert default_url() == os.environ["DIGITLAB_DATABASE_URL"]
    monkeypatch.delenv("DIGITLAB_DATABASE_URL")
    assert default_url() == f"sqlite:///{ROOT / 'data' / 'digitlab.db'}"


# Prompts


@pytest.mark.parametrize("per_digit", [1, 3, 100])
def test_balanced_labels(per_digit):
    labels = balanced_labels(per_digit, seed=4)
    assert json.loads(json.dumps(labels)) == labels
    for n in range(len(labels) + 1):
        counts = np.bincount(labels[:n], minlength=10)
        assert counts.max() - counts.min() <= 1
    assert np.bincount(labels).tolist() == 10 * [per_digit]
    assert balanced_labels(per_digit, seed=4) == labels
    assert balanced_labels(per_digit, seed=5) != labels
