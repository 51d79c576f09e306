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
from digitlab.storage.schema import MIGRATIONS, StoreError, upgrade
from digitlab.storage.store import KINDS, TRAINING_KINDS, Store, balanced_labels, default_url

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
    return store.start_batch(store.writer_id("Ana"), "full", [3, 1, 4], seed=5)


def card(run_id="dense-1", **more):
    return {"id": run_id, "name": "A run", **more}


# Writers and batches


def test_a_new_database_is_empty(store):
    assert (store.writers(), store.batches(), store.drawings([1]), store.runs()) == ({}, [], [], [])
    assert store.version() == 0


def test_the_same_name_is_the_same_writer(store):
    ana = store.writer_id("Ana")
    assert store.writer_id("  Ana ") == ana
    bo = store.writer_id("Bo")
    assert store.writers() == {ana: "Ana", bo: "Bo"}
    assert list(store.writers().values()) == ["Ana", "Bo"]
    assert store.writer_id("Ünï😀" + 76 * "x") in store.writers()


@pytest.mark.parametrize("name", ["", "   ", 81 * "x"])
def test_names_that_are_refused(store, name):
    with pytest.raises(ValueError, match=f"1 to 80 characters. Received: {len(name.strip())} characters"):
        store.writer_id(name)
    assert store.version() == 0


def test_a_batch_as_it_was_begun(store, batch_id):
    (batch,) = store.batches()
    assert (batch.id, batch.writer, batch.kind, batch.labels, batch.seed) == (batch_id, "Ana", "full", (3, 1, 4), 5)
    assert (batch.drawn, batch.seconds) == (0, 0.0)
    assert batch.created_at.endswith("+00:00")


def test_batches_by_writer_and_kind(store):
    writers = [store.writer_id(name) for name in "AB"]
    ids = {pair: store.start_batch(*pair, [1], 0) for pair in itertools.product(writers, KINDS)}
    assert [batch.id for batch in store.batches()] == list(ids.values())
    for writer in writers:
        assert {batch.writer_id for batch in store.batches(writer)} == {writer}
        assert [batch.id for batch in store.batches(writer, ["test"])] == [ids[writer, "test"]]
    assert {batch.kind for batch in store.batches(kinds=TRAINING_KINDS)} == set(KINDS) - {"test"}
    assert store.batches(kinds=[]) == []


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
    writer = store.writer_id("Ana")
    with pytest.raises(ValueError, match=message):
        store.start_batch(writer, kind, labels, 0)


def test_a_batch_of_nobody_is_refused(store):
    with pytest.raises(ValueError, match="stored writer. Received: writer 99"):
        store.start_batch(99, "one", [1], 0)
    assert store.version() == 0


# Drawings


def test_a_drawing_comes_back_exactly(store, batch_id):
    drawing_id = store.save_drawing(batch_id, 2, STROKES, DIGIT, 1 / 3)
    (drawing,) = store.drawings([batch_id])
    assert (drawing.id, drawing.batch_id, drawing.position, drawing.label) == (drawing_id, batch_id, 2, 4)
    assert drawing.seconds == 1 / 3
    assert [stroke.dtype for stroke in drawing.strokes] == [np.float64, np.float64]
    assert all(np.array_equal(kept, drawn) for kept, drawn in zip(drawing.strokes, STROKES, strict=True))
    assert drawing.digit.dtype == np.uint8
    assert np.array_equal(drawing.digit, DIGIT)


def test_strokes_of_any_floats_are_kept_losslessly(store, batch_id):
    rng = np.random.default_rng(0)
    strokes = [rng.uniform(-1, 1, (50, n)) * 10.0 ** rng.integers(-12, 12, (50, n)) for n in (2, 3, 4)]
    store.save_drawing(batch_id, 0, strokes, DIGIT, 1)
    kept = store.drawings([batch_id])[0].strokes
    assert all(a.tobytes() == b.tobytes() for a, b in zip(kept, strokes, strict=True))


def test_a_drawing_drawn_again_replaces_and_its_seconds_count(store, batch_id):
    first = store.save_drawing(batch_id, 0, STROKES, DIGIT, 2.5)
    store.save_drawing(batch_id, 1, STROKES, DIGIT, 1.0)
    again = store.save_drawing(batch_id, 0, STROKES[:1], DIGIT + 1, 4.0)
    drawings = store.drawings([batch_id])
    assert [(drawing.position, drawing.seconds) for drawing in drawings] == [(1, 1.0), (0, 4.0)]
    assert again != first
    assert len(drawings[1].strokes) == 1
    (batch,) = store.batches()
    assert (batch.drawn, batch.seconds) == (2, 7.5)
    data = store.dataset([batch_id])
    assert (data.labels.tolist(), data.seconds) == ([1, 3], 7.5)


def test_there_is_never_more_than_one_living_drawing_of_a_prompt(store, batch_id, url):
    """The database itself refuses it."""
    store.save_drawing(batch_id, 0, STROKES, DIGIT, 1)
    engine = sa.create_engine(url)
    copy = "INSERT INTO drawings (batch_id, position, label, strokes, digit, seconds, created_at) SELECT "
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(f"{copy} batch_id, position, label, strokes, digit, seconds, '' FROM drawings")
    engine.dispose()


def test_numpy_integers_are_numbers_too(store):
    """As they come out of a DataFrame; SQLite would take them for bytes."""
    number = np.arange(4)
    writer = np.int64(store.writer_id("Ana"))
    batch = np.int64(store.start_batch(writer, "one", number[1:], number[3]))
    store.save_drawing(batch, number[2], STROKES, DIGIT, np.float32(1.5))
    assert [(b.seed, b.labels, b.drawn, b.seconds) for b in store.batches(writer)] == [(3, (1, 2, 3), 1, 1.5)]
    assert [(d.position, d.label) for d in store.drawings([batch])] == [(2, 3)]
    assert store.dataset(np.array([batch])).labels.tolist() == [3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_id": 99}, "prompt 0 of batch 99"),
        ({"position": 3}, "prompt 3 of batch 1"),
        ({"position": -1}, "prompt -1 of batch 1"),
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
    store.save_drawing(batch_id, 0, STROKES, DIGIT, 1)
    before = store.version()
    good = {"batch_id": batch_id, "position": 0, "strokes": STROKES, "digit": DIGIT, "seconds": 1}
    with pytest.raises(ValueError, match=message):
        store.save_drawing(**{**good, **change})
    assert store.version() == before
    assert len(store.drawings([batch_id])) == 1


def test_a_dataset_is_in_the_order_of_drawing(store):
    writer = store.writer_id("Ana")
    first, second = (store.start_batch(writer, "full", [7, 8], 0) for _ in range(2))
    for shade, (batch, position) in enumerate([(second, 1), (first, 0), (second, 0)]):
        store.save_drawing(batch, position, STROKES, np.full((28, 28), shade, np.uint8), 2)
    data = store.dataset([first, second])
    assert (data.images.shape, data.images.dtype, data.labels.dtype) == ((3, 28, 28), np.uint8, np.int64)
    assert data.images[:, 0, 0].tolist() == [0, 1, 2]
    assert data.labels.tolist() == [8, 7, 7]
    assert data.seconds == 6.0
    assert data.version == data_version(data.images, data.labels)
    assert store.dataset([first]).images[:, 0, 0].tolist() == [1]
    assert store.dataset([second, first]).version == data.version
    assert store.dataset([first]).version != data.version


def test_an_empty_dataset_is_refused(store, batch_id):
    for ids in ([], [99], [batch_id]):
        with pytest.raises(ValueError, match="Draw some digits first"):
            store.dataset(ids)


# Runs


def test_runs_are_stored_renamed_and_deleted(store):
    for number in range(3):
        store.add_run(card(f"dense-{number}", history=[{"loss": 0.1 + 0.2}]))
    runs = {run["id"]: run for run in store.runs()}
    assert set(runs) == {"dense-0", "dense-1", "dense-2"}
    assert runs["dense-1"]["history"] == [{"loss": 0.1 + 0.2}]
    assert [run["created_at"] for run in store.runs()] == sorted(run["created_at"] for run in store.runs())
    store.rename_run("dense-1", "  Wide  ")
    assert {run["id"]: run["name"] for run in store.runs()}["dense-1"] == "Wide"
    store.delete_runs(["dense-0", "dense-2", "no such run"])
    assert [run["name"] for run in store.runs()] == ["Wide"]


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
        store.add_run(bad)
    assert store.runs() == []


@pytest.mark.parametrize("name", ["", " \t", 121 * "x"])
def test_run_names_that_are_refused(store, name):
    store.add_run(card())
    with pytest.raises(ValueError, match="1 to 120 characters"):
        store.rename_run("dense-1", name)
    assert store.runs()[0]["name"] == "A run"


# The version number


def test_the_version_grows_with_every_write_and_only_then(store):
    writer = store.writer_id("Ana")
    batch = store.start_batch(writer, "one", [1, 2], 0)
    writes = [
        lambda: store.writer_id("Bo"),
        lambda: store.start_batch(writer, "one", [1], 0),
        lambda: store.save_drawing(batch, 0, STROKES, DIGIT, 1),
        lambda: store.save_drawing(batch, 0, STROKES, DIGIT, 1),
        lambda: store.add_run(card()),
        lambda: store.rename_run("dense-1", "B"),
        lambda: store.delete_runs(["dense-1"]),
    ]
    for write in writes:
        before = store.version()
        write()
        assert store.version() > before
    before = store.version()
    for read in (store.writers, store.batches, store.runs, lambda: store.drawings([batch])):
        read()
    store.dataset([batch])
    store.writer_id("Ana")
    assert store.version() == before


# Several at once, and death


def test_two_stores_write_from_threads(url):
    stores = [Store(url), Store(url)]
    writer = stores[0].writer_id("Ana")
    batch = stores[0].start_batch(writer, "full", [number % 10 for number in range(60)], 0)
    before, errors = stores[0].version(), []

    def write(number):
        try:
            for position in range(number, 60, 4):
                stores[number % 2].save_drawing(batch, position, STROKES, DIGIT, 1)
                stores[number % 2].drawings([batch])
                assert stores[number % 2].writer_id(f"Bo {position // 4}") > writer
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(drawing.position for drawing in stores[1].drawings([batch])) == list(range(60))
    assert len(stores[0].writers()) == 16
    assert stores[0].version() >= before + 60 + 15
    for store in stores:
        store.close()


def test_the_same_prompt_saved_by_many_at_once_is_there_once(store, batch_id):
    threads = [threading.Thread(target=store.save_drawing, args=(batch_id, 0, STROKES, DIGIT, 1.0)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(batch.drawn, batch.seconds) for batch in store.batches()] == [(1, 8.0)]


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
    store.save_drawing(batch_id, 0, STROKES, DIGIT, 1)
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    assert len(store.drawings([batch_id])) == 1
    other.rollback()
    other.close()


def test_kill_9_right_after_a_save(url):
    program = """
import sys
import numpy as np
from digitlab.storage.store import Store
store = Store(sys.argv[1])
batch = store.start_batch(store.writer_id("Ana"), "one", range(10), 0)
for position in range(10):
    store.save_drawing(batch, position, [np.ones((2, 2))], np.full((28, 28), position, np.uint8), 1)
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
    (batch,) = store.batches()
    assert [drawing.digit[0, 0] for drawing in store.drawings([batch.id])] == [0, 1, 2, 3]
    store.save_drawing(batch.id, 4, STROKES, DIGIT, 1)
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
    other = store.start_batch(store.writer_id("Bo"), "test", [7], seed=0)
    ids = [store.save_drawing(batch_id, position, STROKES, DIGIT + position, 1.5) for position in range(2)]
    return [*ids, store.save_drawing(other, 0, STROKES, 255 - DIGIT, 2.5)]


def living(store):
    return [row["id"] for row in store.drawing_table() if not row["deleted"]]


def test_the_table_of_drawings(store, batch_id, three):
    table = store.drawing_table()
    assert [row["id"] for row in table] == three
    assert set(table[0]) == {
        *("id", "batch_id", "kind", "writer", "position", "label", "seconds", "think_seconds", "draw_seconds"),
        *("pause_seconds", "marks", "created_at", "deleted"),
    }
    names = ("writer", "kind", "position", "label", "seconds", "think_seconds", "marks", "deleted")
    assert [table[0][name] for name in names] == ["Ana", "full", 0, 3, 1.5, None, [], False]
    assert [table[2][name] for name in names] == ["Bo", "test", 0, 7, 2.5, None, [], False]
    assert [row["id"] for row in store.drawing_table([batch_id])] == three[:2]
    assert store.drawing_table([]) == []


def test_a_drawing_that_was_drawn_again_is_in_the_table_as_deleted(store, batch_id, three):
    new = store.save_drawing(batch_id, 0, STROKES, DIGIT, 1)
    assert [(row["id"], row["deleted"]) for row in store.drawing_table()] == [
        (three[0], True), (three[1], False), (three[2], False), (new, False),
    ]  # fmt: skip


def test_images_and_strokes_of_drawings(store, three):
    store.delete([three[0]])
    images = store.images([np.int64(three[2]), three[0], 99])
    assert set(images) == {three[0], three[2]}
    assert (images[three[0]] == DIGIT).all()
    assert (images[three[2]] == 255 - DIGIT).all()
    assert store.images([]) == {}
    for stored, stroke in zip(store.strokes(np.int64(three[0])), STROKES, strict=True):
        assert (stored == stroke).all()


def test_strokes_of_no_drawing(store):
    with pytest.raises(ValueError, match="Received: drawing 99"):
        store.strokes(99)


def test_relabel_answers_the_marks(store, three):
    mark_all(store)
    store.relabel([three[0], np.int64(three[2])], np.int64(9))
    assert [(row["label"], row["marks"]) for row in store.drawing_table()] == [(9, []), (1, ["tiny"]), (9, [])]
    assert store.dataset([1]).labels.tolist() == [9, 1]
    assert store.batches()[0].labels == (3, 1, 4)  # what was asked for stays


@pytest.mark.parametrize("label", [-1, 10, 255])
def test_labels_that_are_refused(store, three, label):
    before = store.drawing_table()
    with pytest.raises(ValueError, match="label from 0 to 9"):
        store.relabel(three, label)
    assert store.drawing_table() == before


def test_keep_answers_the_marks(store, three):
    mark_all(store)
    store.keep(three[:2])
    assert [row["marks"] for row in store.drawing_table()] == [[], [], ["tiny"]]
    assert [row["label"] for row in store.drawing_table()] == [3, 1, 7]


def mark_all(store):
    with store.write() as connection:
        connection.execute(module.drawings.update().values(marks=["tiny"]))


def test_deleted_drawings_are_nowhere_but_their_time_counts(store, batch_id, three):
    store.delete([three[0]])
    assert living(store) == three[1:]
    assert [drawing.id for drawing in store.drawings([batch_id])] == [three[1]]
    assert store.dataset([batch_id]).labels.tolist() == [1]
    (batch,) = store.batches(kinds=("full",))
    assert (batch.drawn, batch.seconds) == (1, 3.0)


def test_restore_brings_back_what_was_deleted(store, batch_id, three):
    before = store.drawing_table()
    store.delete(three)
    assert living(store) == []
    store.restore(three)
    assert store.drawing_table() == before
    assert (store.dataset([batch_id]).images == np.stack([DIGIT, DIGIT + 1])).all()


def test_what_was_drawn_again_meanwhile_is_not_restored_and_nothing_else_is(store, batch_id, three):
    store.delete(three)
    new = store.save_drawing(batch_id, 0, STROKES, DIGIT, 1)
    with pytest.raises(ValueError, match="drawn again. Delete the newer ones first"):
        store.restore(three)
    assert living(store) == [new]
    store.delete([new])
    store.restore(three)
    assert living(store) == three


@pytest.mark.parametrize("change", ["keep", "delete", "restore"])
def test_changing_nothing(store, three, change):
    before = store.drawing_table()
    getattr(store, change)([])
    getattr(store, change)([99])
    assert store.drawing_table() == before


def test_each_change_grows_the_version(store, three):
    for change in (store.keep, store.delete, store.restore):
        before = store.version()
        change([three[0]])
        assert store.version() > before


def test_digits_are_those_of_the_dataset(store, batch_id, three):
    store.delete(three[:1])
    quick, whole = store.digits([batch_id]), store.dataset([batch_id])
    assert (quick.images == whole.images).all()
    assert (quick.labels == whole.labels).all()
    assert quick.version == whole.version
    store.delete(three)
    with pytest.raises(ValueError, match="Expected drawings to work with"):
        store.digits([batch_id])


def test_seconds_of_sheets_that_are_of_no_digit_count(store, batch_id, three):
    with store.write() as connection:
        times = {"extra_seconds": 4.0, "idle_total": 99.0, "wall_seconds": 120.0, "idle_seconds": 10.0}
        for _ in range(2):
            sheet = {"batch_id": batch_id, "positions": [2], "created_at": module.now(), **times}
            connection.execute(module.sheets.insert().values(**sheet))
    assert [batch.seconds for batch in store.batches()] == [3.0 + 8.0, 2.5]
    assert store.dataset([batch_id]).seconds == 11.0


# Opening


def add_note(connection):
    connection.execute(sa.text("ALTER TABLE runs ADD COLUMN note VARCHAR(20) DEFAULT 'none'"))


def columns(engine, table):
    return {column["name"] for column in sa.inspect(engine).get_columns(table)}


def test_migrations_keep_what_is_there_and_run_once(store, url, batch_id):
    store.save_drawing(batch_id, 0, STROKES, DIGIT, 1)
    store.add_run(card())
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
    assert store.writers() == {1: "Ana"}
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
    store.add_run(card())

    def fail(connection):
        add_note(connection)
        connection.execute(sa.text("SELECT no_such_column FROM runs"))

    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, fail))
    with pytest.raises(StoreError, match="no such column"):
        Store(url)
    monkeypatch.undo()
    again = Store(url)
    assert len(again.runs()) == 1
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
        store.save_drawing(batch_id, 0, big, DIGIT, 1)
    assert store.version() == before
    assert store.drawings([batch_id]) == []


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
