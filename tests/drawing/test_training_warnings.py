"""What is told about drawings to train on."""

import pytest

from digitlab.drawing import training_warnings


def counts(labels):
    return [labels.count(label) for label in range(10)]


def test_nothing_to_say_of_one_of_each():
    assert training_warnings.warnings([1] * 10, copies=0) == []


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
    (warning,) = training_warnings.warnings(counts(labels), copies=0)
    assert said in warning


def test_the_same_picture_twice():
    assert "1 of them are the same picture" in training_warnings.warnings([2] * 10, copies=1)[0]


@pytest.mark.parametrize("drawn", [[], [1] * 9, [0] * 10])
def test_what_is_no_count_of_drawings(drawn):
    with pytest.raises(ValueError, match="how many of each label"):
        training_warnings.warnings(drawn, copies=0)
