import numpy as np
import pytest

from digitlab.storage import found_drawings
from digitlab.storage.batches import start_batch
from digitlab.storage.datasets import read_digits_of, read_overview
from digitlab.storage.drawings import delete_drawings, read_drawing_rows, relabel_drawings, save_drawing
from digitlab.storage.found_drawings import (
    Wanted,
    count_by_writer,
    count_wanted,
    read_latest_images,
    read_mean_images,
    read_page,
    read_times,
)
from digitlab.storage.writers import add_writer
from tests.storage.samples import DIGIT, STROKES


def draw(store, writer, kind, labels, shade=0):
    """Draw a batch; returns the ids of its drawings."""
    batch_id = start_batch(store, add_writer(store, writer), kind, labels, 0)
    return [
        save_drawing(
            store, (batch_id, position), STROKES, np.full((28, 28), shade + position, np.uint8), 1.0 + position
        )
        for position in range(len(labels))
    ]


def found(store, **wanted):
    return [row.id for row in read_page(store, Wanted(**wanted), 0, 99)]


@pytest.fixture
def ana(store):
    return draw(store, "Ana", "full", [7, 8, 7])


@pytest.fixture
def ben(store, ana):
    return draw(store, "Ben", "test", [7, 3], shade=100)


def test_what_is_wanted_is_found_the_newest_first(store, ana, ben):
    delete_drawings(store, ana[1:2])
    with store.write() as connection:
        connection.exec_driver_sql(f"UPDATE drawings SET marks = '[\"tiny\"]' WHERE id IN ({ben[1]}, {ana[1]})")
    assert found(store) == [ben[1], ben[0], ana[2], ana[0]]
    assert found(store, writer="Ana") == [ana[2], ana[0]]
    assert found(store, batch_id=2) == [ben[1], ben[0]]
    assert found(store, labels=(3, 8)) == [ben[1]]
    assert found(store, show="deleted") == [ana[1]]
    assert found(store, show="marked") == [ben[1]]
    assert found(store, writer="Ana", batch_id=2) == []
    assert count_wanted(store, Wanted(writer="Ana")) == 2
    assert count_wanted(store, Wanted(show="marked")) == 1


def test_pages_are_parts_of_the_whole(store, ana, ben):
    assert [row.id for start in range(0, 5, 2) for row in read_page(store, Wanted(), start, 2)] == found(store)
    rows = [row for start in range(0, 5, 2) for row in read_page(store, Wanted(), start, 2, by_label=True)]
    assert [(row.label, row.id) for row in rows] == sorted((row.label, row.id) for row in read_drawing_rows(store))
    assert read_page(store, Wanted(), 5, 2) == []


def test_counts_are_of_living_drawings_and_of_all_who_drew(store, ana, ben):
    delete_drawings(store, [*ana[1:2], *ben])
    assert sorted(count_by_writer(store)) == [("Ana", 7, 2), ("Ana", 8, 0), ("Ben", 3, 0), ("Ben", 7, 0)]


def test_times_count_the_drawings_of_each_writer(store, ana, ben):
    delete_drawings(store, ana[:1])
    timed = [(each.writer, each.number, each.label, each.seconds) for each in read_times(store, Wanted())]
    assert timed == [("Ana", 2, 8, 2.0), ("Ana", 3, 7, 3.0), ("Ben", 1, 7, 1.0), ("Ben", 2, 3, 2.0)]
    assert [each.number for each in read_times(store, Wanted(writer="Ana", labels=(7,)))] == [3]


def test_practice_is_each_writers_first_ten(store):
    draw(store, "Ana", "full", [n % 10 for n in range(12)])
    draw(store, "Ben", "full", [n % 10 for n in range(11)])
    timed = read_times(store, Wanted(), practice=False)
    assert [(each.writer, each.number) for each in timed] == [("Ana", 11), ("Ana", 12), ("Ben", 11)]


def test_of_many_drawings_the_latest_are_shown(store, ana, ben, monkeypatch):
    monkeypatch.setattr(found_drawings, "LATEST", 2)
    assert [each.writer for each in read_times(store, Wanted())] == ["Ben", "Ben"]
    assert [each.number for each in read_times(store, Wanted(writer="Ana"))] == [2, 3]
    assert not read_mean_images(store, Wanted())[8].any()


def test_mean_images_are_means_and_blank_where_nothing_is(store, ana, ben):
    means = read_mean_images(store, Wanted(writer="Ana"))
    assert (means.shape, means.dtype) == ((10, 28, 28), np.uint8)
    assert (means[7] == 1).all(), "of 0 and 2"
    assert (means[8] == 1).all()
    assert not means[[0, 1, 2, 3, 4, 5, 6, 9]].any()


def test_the_latest_digits_of_a_writer(store, three):
    assert (read_latest_images(store, 1, 1) == [DIGIT + 1]).all()
    assert (read_latest_images(store, 1, 9) == [DIGIT, DIGIT + 1]).all()
    assert (read_latest_images(store, 2, 9) == [255 - DIGIT]).all()
    delete_drawings(store, three[1:2])
    assert (read_latest_images(store, 1, 1) == [DIGIT]).all()
    assert read_latest_images(store, 3, 9).shape == (0, 28, 28)


def test_digits_come_in_the_order_asked_for(store, ana, ben, monkeypatch):
    monkeypatch.setattr("digitlab.storage.datasets._AT_ONCE", 2)
    assert read_digits_of(store, [ben[0], ana[2], ana[0]])[:, 0, 0].tolist() == [100, 2, 0]
    assert read_digits_of(store, np.array([], np.int64)).shape == (0, 28, 28)
    with pytest.raises(ValueError, match=r"Received: \[99\]"):
        read_digits_of(store, [ana[0], 99])


def test_an_overview_tells_what_a_look_at_all_would(store, ana, ben):
    draw(store, "Cem", "full", [7, 5], shade=1)  # the pictures of Ana's second and third
    overview = read_overview(store, [1, 3])
    assert overview.counts == (0, 0, 0, 0, 0, 1, 0, 3, 1, 0)
    assert overview.copies == 2
    assert overview.first.labels.tolist() == [5, 7, 8]
    assert overview.first.images[:, 0, 0].tolist() == [2, 0, 1]
    assert (overview.first.strokes[0][0] == STROKES[0]).all()
    relabel_drawings(store, ana, 9)
    assert read_overview(store, [1]).counts[9] == 3
    with pytest.raises(ValueError, match="Draw some digits first"):
        read_overview(store, [99])
