"""What is told about drawings to train on."""

import numpy as np
import pytest

from digitlab.drawing import training_warnings


def digits(*labels):
    """Different pictures with these labels."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[np.arange(len(labels)), 0, np.arange(len(labels)) % 28] = 1 + np.arange(len(labels)) // 28
    return images, np.array(labels)


def test_nothing_to_say_of_one_of_each():
    assert training_warnings.warnings(*digits(*range(10))) == []


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([4] * 10, "All of them are a 4"),
        ([7], "All of them are a 7"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], "There is no 9 among them"),
        ([0, 1, 2, 3, 4, 5, 6], "There is no 7, 8 or 9 among them"),
        ([*range(10), *[3] * 4], "There are 5 of 3 and only 1 of 0"),
    ],
)
def test_what_is_missing_or_rare(labels, said):
    (warning,) = training_warnings.warnings(*digits(*labels))
    assert said in warning


def test_the_same_picture_twice():
    images, labels = digits(*range(10), *range(10))
    images[12] = images[3]
    assert "1 of them are the same picture" in training_warnings.warnings(images, labels)[0]
