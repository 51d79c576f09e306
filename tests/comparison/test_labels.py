import pytest

from digitlab.comparison.labels import distinct_labels


@pytest.mark.parametrize(
    "names",
    [
        ["Dense 128 on MNIST", "Random guess"],
        [f"Full batches, 140 drawings by somebody{end}" for end in ("", " (2)", " (3)", ", from Reference (2)")],
        [f"{'a' * 40}{middle}{'b' * 40}" for middle in "xyz"],
        [f"{number}" + 60 * "x" for number in range(12)],
        [120 * "x", 119 * "x", 118 * "x"],
    ],
)
def test_names_that_differ_have_labels_that_differ_and_are_short(names):
    labels = distinct_labels(names)
    assert len(set(labels)) == len(names)
    assert all(0 < len(label) <= 31 for label in labels)


def test_a_short_name_stays_and_equal_names_have_one_label():
    assert distinct_labels(["Ten", "Ten", "x" * 31]) == ["Ten", "Ten", "x" * 31]
    assert distinct_labels([]) == []
    assert distinct_labels(["Full batches, 140 drawings by somebody"]) == ["Full batches, 140 drawings by…"]
