import pandas as pd

from digitlab.storage import drawing_table
from digitlab.storage.found_drawings import TimedDrawing


def test_nothing_drawn_is_an_empty_table():
    assert drawing_table.table([]).empty
    assert drawing_table.counts([]).empty
    assert drawing_table.times([]).empty


def test_counts_has_every_digit_and_adds_up():
    counted = drawing_table.counts([("Ana", 7, 2), ("Ben", 0, 1), ("Cem", 3, 0)])
    assert list(counted.columns) == [*"0123456789", "all"]
    assert counted.loc["Ana", ["7", "all"]].tolist() == [2, 2]
    assert counted.loc["Ben", ["0", "7", "all"]].tolist() == [1, 0, 1]
    assert counted.loc["Cem", "all"] == 0, "all of whose drawings are deleted"


def test_times_follow_a_writers_last_ten():
    times = drawing_table.times([TimedDrawing(n + 1, 0, "Ana" if n < 12 else "Ben", float(n)) for n in range(14)])
    assert times["median"].tolist() == [
        *(pd.Series(range(max(0, n - 9), n + 1)).median() for n in range(12)),
        12.0,
        12.5,
    ]
