import numpy as np
import pandas as pd

from digitlab.storage import drawing_table
from digitlab.storage.drawings import DrawingRow


def row(drawing_id, label=0, writer="Ana", **more):
    times = dict.fromkeys(("think_seconds", "draw_seconds", "pause_seconds"))
    usual = {"batch_id": 1, "kind": "full", "position": drawing_id, "seconds": 1.0, "marks": (), "deleted": False}
    known = {"id": drawing_id, "label": label, "writer": writer, "created_at": "2026-01-01T00:00:00"}
    return DrawingRow(**known, **times, **(usual | more))


def test_nothing_drawn_is_an_empty_table():
    frame = drawing_table.table([])
    assert frame.empty
    assert drawing_table.choose(frame).empty
    assert drawing_table.counts(frame).empty


def test_drawings_are_numbered_by_writer():
    frame = drawing_table.table([row(1), row(2, writer="Ben"), row(3), row(4, writer="Ben")])
    assert frame["number"].tolist() == [1, 1, 2, 2]


def test_choose():
    frame = drawing_table.table(
        [row(1, 7), row(2, 7, batch_id=2), row(3, 8, marks=("tiny",)), row(4, 7, writer="Ben"), row(5, 7, deleted=True)]
    )
    chosen = lambda **how: drawing_table.choose(frame, **how)["id"].tolist()  # noqa: E731
    assert chosen() == [1, 2, 3, 4]
    assert chosen(writer="Ben") == [4]
    assert chosen(batch_id=2) == [2]
    assert chosen(labels=[8]) == [3]
    assert chosen(labels=[7, 8], writer="Ana") == [1, 2, 3]
    assert chosen(show="marked") == [3]
    assert chosen(show="deleted") == [5]


def test_counts_has_every_digit_and_adds_up():
    counted = drawing_table.counts(drawing_table.table([row(1, 7), row(2, 7), row(3, 0, writer="Ben")]))
    assert list(counted.columns) == [*"0123456789", "all"]
    assert counted.loc["Ana", ["7", "all"]].tolist() == [2, 2]
    assert counted.loc["Ben", ["0", "7", "all"]].tolist() == [1, 0, 1]


def test_practice_is_each_writers_first_ten():
    frame = drawing_table.table([row(n, writer="Ana" if n % 2 else "Ben") for n in range(24)])
    assert drawing_table.without_practice(frame).groupby("writer").size().to_dict() == {"Ana": 2, "Ben": 2}


def test_times_follow_a_writers_last_ten():
    frame = drawing_table.table([row(n, seconds=float(n), writer="Ana" if n < 12 else "Ben") for n in range(14)])
    times = drawing_table.times(frame)
    assert times["median"].tolist() == [
        *(pd.Series(range(max(0, n - 9), n + 1)).median() for n in range(12)),
        12.0,
        12.5,
    ]


def test_mean_images_are_means_and_blank_where_nothing_is():
    images = {1: np.full((28, 28), 10, np.uint8), 2: np.full((28, 28), 30, np.uint8)}
    means = drawing_table.mean_images(images, drawing_table.table([row(1, 4), row(2, 4)]))
    assert means.shape == (10, 28, 28)
    assert means.dtype == np.uint8
    assert (means[4] == 20).all()
    assert not means[[0, 1, 2, 3, 5, 6, 7, 8, 9]].any()
