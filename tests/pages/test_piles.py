import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest

from digitlab.jobs.engine import Jobs
from digitlab.learning.unlabelled import pile_files
from digitlab.learning.unlabelled.pile_files import Piles
from digitlab.mnist import load_test, load_train
from digitlab.run import Sorting
from digitlab.storage.drawings import delete_drawings, read_drawing_rows
from digitlab.storage.runs import read_runs
from digitlab.ui import resources
from digitlab.ui.training import piles
from tests.drawn import draw_batch
from tests.helpers import NO_NETWORK, a_run, add_run, has_key, put_model, texts, until


@pytest.fixture
def few_pictures(tmp_path, monkeypatch):
    """The first of MNIST's digits as a data set of its own, for the pages and for a worker of their own."""
    folder = tmp_path / "few"
    folder.mkdir()
    for split, (images, labels), n in (("train", load_train(), 5800), ("t10k", load_test(), 200)):
        for kind, array in (("images-idx3", images[:n]), ("labels-idx1", labels[:n])):
            header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
            (folder / f"{split}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes(), 1))
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(folder))
    engine = Jobs()
    monkeypatch.setattr(resources, "_jobs", lambda: engine)
    yield
    engine.close()


@pytest.fixture
def looking(clock, monkeypatch):
    """The clock, also of the piles."""
    monkeypatch.setattr(piles, "time", clock)
    return clock


@pytest.fixture
def keep_run(store):
    """Store a run with ten piles of ten pictures, that of the digit `empty` without any: `keep_run("u-1")`."""

    def keep(run_id, *, empty=None, names=(), seconds=0.0):
        digits = np.arange(100) % 10
        digits[digits == empty] = 0
        images = np.zeros((100, 28, 28), np.uint8)
        sorted_piles = Piles(np.arange(100), digits, np.ones(100, np.float32))
        run = a_run(run_id, "one", drawings=10, batch_ids=(1,), minutes=0.5)
        sorting = Sorting(100, "0" * 16, sorted_piles.sizes(), names, seconds)
        model = replace(NO_NETWORK, piles=pile_files.pack(sorted_piles, images))
        add_run(store, replace(run, method="unlabelled", help="unlabelled", sorting=sorting), model)

    return keep


def swap_7_and_9(at, looking):
    """Give two piles each other's name and train on them, in 82 seconds that count."""
    looking.now += 20  # looks
    name_input(at, 7).select(9).run()
    looking.now += 3600  # a break: a minute of it counts
    name_input(at, 9).select(7).run()
    looking.now += 2
    at.button(key="unlabelled_confirm").click().run()


def name_input(at, pile):
    (found,) = [box for box in at.selectbox if (box.key or "").endswith(f"_{pile}")]
    return found


def test_without_drawings_there_is_nothing_to_sort_by(visit):
    at = visit("piles")
    assert "no such drawings" in texts(at)
    assert at.button(key="unlabelled_start").disabled


def test_a_digit_that_was_not_drawn_is_told(visit, store):
    batch_id = draw_batch(store, "one", rounds=1)
    delete_drawings(store, [row.id for row in read_drawing_rows(store, [batch_id]) if row.label in {4, 9}])
    at = visit("piles")
    assert "There is no drawing of 4, 9 among these 8." in texts(at)
    assert at.button(key="unlabelled_start").disabled


def test_the_piles_of_a_run_are_shown_each_with_its_name(visit, keep_run):
    keep_run("u-1")
    at = visit("piles")
    assert not at.exception
    assert [name_input(at, pile).value for pile in range(10)] == list(range(10))
    assert len(at.image) >= 10
    assert "two piles are swapped" in texts(at)
    assert at.button(key="unlabelled_confirm").label == "They are right: train again"


def test_an_empty_pile_is_told_and_has_no_name_to_choose(visit, keep_run):
    keep_run("u-1", empty=4)
    at = visit("piles")
    assert not at.exception
    assert "Nothing is in the pile that is called 4" in texts(at)
    assert not [box for box in at.selectbox if (box.key or "").endswith("_4")]


def test_piles_called_alike_are_told_until_the_other_is_renamed_too(visit, keep_run):
    keep_run("u-1")
    at = visit("piles")
    name_input(at, 7).select(9).run()
    assert "Two piles are called 9, and no pile is called 7" in texts(at)
    name_input(at, 9).select(7).run()
    assert "Two piles" not in texts(at)
    assert at.button(key="unlabelled_confirm").label == "Train again with these names"


def test_ten_drawings_are_asked_to_sort_the_pictures(visit, store, queue):
    batch_id = draw_batch(store, "one", rounds=1)
    at = visit("piles")
    at.button(key="unlabelled_start").click().run()
    asked = queue.asked("unlabelled")
    assert (asked.batch_ids, asked.test_batch_ids, asked.seed) == ((batch_id,), (), 0)
    assert "10 drawings" in asked.name


def test_swapped_piles_are_trained_on_with_their_names_and_looking_counts(visit, keep_run, looking, queue):
    keep_run("u-1")
    at = visit("piles")
    swap_7_and_9(at, looking)
    asked = queue.asked("unlabelled")
    assert (asked.run_id, asked.names) == ("u-1", (0, 1, 2, 3, 4, 5, 6, 9, 8, 7))
    assert asked.seconds == pytest.approx(82)


def test_piles_that_were_looked_at_are_shown_as_that(visit, keep_run):
    keep_run("u-1", names=tuple(range(10)), seconds=21.0)
    at = visit("piles")
    assert "You looked at the piles for **21 s**" in texts(at)
    assert not has_key(at, "unlabelled_confirm")
    assert not [box for box in at.selectbox if "u-1" in (box.key or "")]


def test_piles_that_are_gone_are_told_and_the_result_is_shown(visit, keep_run, store):
    keep_run("u-1")
    put_model(store, "u-1", NO_NETWORK)
    at = visit("piles")
    assert "The piles of the run u-1 are missing or damaged" in texts(at)
    assert at.metric


@pytest.mark.slow
def test_from_drawings_to_piles_to_two_swapped_piles(visit, store, few_pictures, looking):
    draw_batch(store, "one", rounds=1)
    at = visit("piles")
    at.button(key="unlabelled_start").click().run()
    until(at, lambda at: at.error or has_key(at, "unlabelled_confirm"))
    assert not at.error, at.error[0].value
    (before,) = read_runs(store)
    assert (before.method, before.help, before.drawings, before.human_seconds) == ("unlabelled", "unlabelled", 10, 20)
    assert before.sorting.pictures == 800
    first = at.button(key="unlabelled_confirm")
    assert first.label == "They are right: train again"
    swap_7_and_9(at, looking)
    until(at, lambda at: at.error or "You looked at the piles" in texts(at))
    assert not at.error, at.error[0].value
    kept, after = read_runs(store)
    assert kept == before
    assert after.sorting.names == (0, 1, 2, 3, 4, 5, 6, 9, 8, 7)
    assert after.sorting.seconds == pytest.approx(82)
    assert after.human_seconds == pytest.approx(102)
    assert after.sorting.sizes[9] == before.sorting.sizes[7]
    assert "**1 min 22 s**" in texts(at)


@pytest.mark.slow
def test_no_pictures_are_told(visit, store, few_pictures, tmp_path):
    draw_batch(store, "one", rounds=1)
    for file in (tmp_path / "few").glob("train-*"):
        file.unlink()
    at = visit("piles")
    at.button(key="unlabelled_start").click().run()
    until(at, lambda at: at.error)
    assert "is missing" in at.error[0].value
    assert not at.exception
