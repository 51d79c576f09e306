"""The picture of what a network will see."""

from dataclasses import replace

import numpy as np

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning.preview import picture
from digitlab.settings import Settings
from digitlab.storage.datasets import Dataset
from tests.helpers import human_strokes

STROKES = [[np.array(stroke, float) for stroke in strokes] for strokes in human_strokes().values()]
IMAGES = np.stack([strokes_to_digit(strokes) for strokes in STROKES])
DATA = Dataset(IMAGES, np.arange(10), 0.0, "", STROKES)


def test_the_drawings_with_their_copies_below_as_they_are_trained_on():
    shown = picture(DATA, Settings(copies=100))
    assert shown.shape == (28 * 5, 28 * 10)
    assert (shown[:28] == np.concatenate(IMAGES, axis=1)).all()
    tiles = shown.reshape(5, 28, 10, 28).swapaxes(1, 2)
    for label in range(10):
        assert len(np.unique(tiles[:, label].reshape(5, -1), axis=0)) == 5, "no copy is like another"


def test_a_copy_may_show_how_others_write():
    barred = Dataset(
        IMAGES[:1], np.array([7]), 0.0, "", [[np.array([[0, 0], [60, 0], [25, 100]]), np.array([[20, 50], [55, 50]])]]
    )
    settings = Settings(copies=1, variation=0.0, forms=True)
    assert len(np.unique(picture(barred, settings)[28:].reshape(-1, 28 * 28), axis=0)) == 2
    assert len(np.unique(picture(barred, replace(settings, forms=False))[28:].reshape(-1, 28 * 28), axis=0)) == 1


def test_without_variation_only_the_drawings_one_of_each_digit():
    twice = Dataset(np.concatenate([IMAGES[:3]] * 2), np.array([2, 0, 1] * 2), 0.0, "", STROKES[:3] * 2)
    assert (picture(twice, Settings()) == np.concatenate(IMAGES[[1, 2, 0]], axis=1)).all()


def test_imported_pictures_without_strokes():
    shown = picture(Dataset(IMAGES, np.arange(10), 0.0, ""), Settings(copies=1, seed=3))
    assert shown.shape == (28 * 5, 28 * 10)
    assert shown[28:].any()
