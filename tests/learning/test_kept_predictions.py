"""Predictions are made once for each run and batch, whoever draws meanwhile."""

import numpy as np
import pytest

from digitlab.learning.kept_predictions import gather, predict_missing
from digitlab.learning.model_files import ModelError
from digitlab.storage.batches import start_batch
from digitlab.storage.digit_sets import digit_sets
from digitlab.storage.drawings import delete_drawings, relabel_drawings, save_drawing
from digitlab.storage.predictions import read_predictions
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.helpers import a_run, add_run


class FirstPixel:
    """A model that takes a digit for its first pixel, and counts what it is asked."""

    def __init__(self):
        self.asked = 0

    def predict(self, images):
        self.asked += len(images)
        return np.eye(10, dtype=np.float32)[images[:, 0, 0]]

    def load(self):
        return self


@pytest.fixture
def model():
    return FirstPixel()


@pytest.fixture
def store(tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    draw(opened, "Ana", "full", [3, 1, 4])
    draw(opened, "Ana", "test", [1, 5])
    draw(opened, "Ben", "test", [9, 2, 6])
    add_run(opened, a_run("full-1", "full"))
    yield opened
    opened.close()


def draw(store, writer, kind, shades):
    batch_id = start_batch(store, add_writer(store, writer), kind, [0] * len(shades), 0)
    for position, shade in enumerate(shades):
        digit = np.full((28, 28), shade, np.uint8)
        save_drawing(store, (batch_id, position), [np.zeros((2, 2))], digit, 1.0)


def read_all(store, model):
    """Predictions of all drawn sets by their keys, as a page that is opened anew asks for them."""
    known, sets = read_predictions(store, "full-1"), digit_sets(store)[1:]
    predict_missing(store, "full-1", known, sets, model.load)
    return {digits.key: gather(known, digits).tolist() for digits in sets}


def test_each_digit_is_predicted_once_though_it_is_in_two_sets(store, model):
    expected = {"test:Ana": [1, 5], "test:Ben": [9, 2, 6], "writer:Ana": [3, 1, 4, 1, 5]}
    assert read_all(store, model) == expected
    assert model.asked == 8
    assert read_all(store, model) == expected
    assert model.asked == 8, "they are in the database"


def test_who_draws_has_only_that_batch_predicted_anew(store, model):
    read_all(store, model)
    draw(store, "Ben", "full", [8])
    assert read_all(store, model)["writer:Ben"] == [9, 2, 6, 8]
    assert model.asked == 9
    delete_drawings(store, [1])
    assert read_all(store, model)["writer:Ana"] == [1, 4, 1, 5]
    assert model.asked == 11
    save_drawing(store, (1, 1), [np.zeros((2, 2))], np.full((28, 28), 7, np.uint8), 1.0, replaces=2)
    assert read_all(store, model)["writer:Ana"] == [4, 1, 5, 7]
    relabel_drawings(store, [2], 4)
    assert read_all(store, model)["writer:Ana"] == [4, 1, 5, 7]


def test_a_set_in_another_order_than_its_ids_is_gathered_in_its_own(store, model):
    read_all(store, model)
    digits = digit_sets(store)[-1]
    turned = digits.only(np.array([True] * len(digits)))
    order = np.argsort(-turned.drawing_ids)
    turned = type(turned)(
        "x", "x", turned.source, *(each[order] for each in (turned.labels, turned.batch_ids, turned.drawing_ids)),
        turned.batch_versions,
    )  # fmt: skip
    assert gather(read_predictions(store, "full-1"), turned).tolist() == [5, 1, 4, 1, 3]


def test_many_digits_are_read_in_parts(store, model, monkeypatch):
    monkeypatch.setattr("digitlab.learning.kept_predictions._AT_ONCE", 3)
    assert read_all(store, model)["writer:Ana"] == [3, 1, 4, 1, 5]


def test_a_model_that_cannot_be_read_is_told_and_nothing_is_kept(store):
    def load():
        raise ModelError("gone")

    with pytest.raises(ModelError):
        predict_missing(store, "full-1", {}, digit_sets(store)[1:], load)
    assert read_predictions(store, "full-1") == {}


def test_what_was_not_predicted_is_refused(store):
    with pytest.raises(ValueError, match="predictions of batch"):
        gather({}, digit_sets(store)[1])
