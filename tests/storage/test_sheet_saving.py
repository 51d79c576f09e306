import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from digitlab.drawing.strokes import pen_widths, strokes_to_digit
from digitlab.learning.training_data import take_drawings
from digitlab.storage import schema
from digitlab.storage.drawings import delete_drawings, read_drawing_rows, read_drawings
from digitlab.storage.found_drawings import read_latest_images
from digitlab.storage.sheet_saving import close_empty_sheet, store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store
from tests.helpers import human_strokes
from tests.storage.pads import Pad, again, everything, in_threads, new_batch, strokes_of

ROOT = Path(__file__).parents[2]


def test_a_blank_sheet_may_be_put_back_for_another_size(store, batch, sheet):
    store_message(store, Pad(sheet).tell("shown").message())
    close_empty_sheet(store, sheet.id)
    other = open_sheet(store, batch, 8, 10.0)
    assert (other.positions, other.id != sheet.id) == (tuple(range(8)), True)


def test_a_sheet_with_ink_is_not_put_back(store, batch, sheet):
    store_message(store, Pad(sheet).digit(0).message())
    close_empty_sheet(store, sheet.id)
    assert open_sheet(store, batch, 8, 10.0) == load_sheet(store, sheet.id)
    assert len(open_sheet(store, batch, 8, 10.0).labels) == 5


def test_time_spent_on_a_sheet_that_is_put_back_counts(store, batch, sheet):
    store_message(store, Pad(sheet).tell("shown").stroke(0, [(1, 1), (50, 50)], wait=2).tell("undo", 1).message())
    close_empty_sheet(store, sheet.id)
    assert again(store, batch.id).seconds == pytest.approx(2 + 0.5 + 1)
    close_empty_sheet(store, sheet.id)
    assert again(store, batch.id).seconds == pytest.approx(2 + 0.5 + 1)


def test_every_event_is_on_disk_when_it_is_taken(url, store, sheet):
    pad = Pad(sheet).tell("shown").digit(2)
    assert store_message(store, pad.message()).drawing_ids == ()
    other = Store(url)
    found = load_sheet(other, sheet.id)
    other.close()
    assert [stroke.cell for stroke in found.strokes] == [2] * len(human_strokes()[sheet.labels[2]])
    assert found.strokes == strokes_of(pad.events[1:])
    assert found.acknowledged == {"ana1": len(pad.events)}


def test_a_message_that_comes_twice_is_taken_once(store, sheet):
    pad = Pad(sheet).tell("shown").digit(0).digit(1)
    store_message(store, pad.message())
    before = everything(store)
    for _ in range(3):
        store_message(store, pad.message())
    assert everything(store) == before


def test_a_resend_that_overlaps_brings_only_what_is_new(store, sheet):
    pad = Pad(sheet).tell("shown").stroke(0, [(1, 1), (9, 9)])
    store_message(store, pad.message())
    pad.stroke(1, [(2, 2), (8, 8)])
    store_message(store, pad.message())
    pad.stroke(2, [(3, 3), (7, 7)]).tell("undo")
    store_message(store, pad.message(since=1))
    store_message(store, pad.message())
    store_message(store, pad.message(since=2))
    assert load_sheet(store, sheet.id).strokes == strokes_of(pad.events[1:3])


def test_a_save_that_comes_twice_saves_once(store, batch, sheet):
    pad = Pad(sheet).digit(0).digit(1).tell("save")
    ids = store_message(store, pad.message()).drawing_ids
    assert len(ids) == 2
    before = everything(store)
    assert store_message(store, pad.message()).drawing_ids == ()
    assert store_message(store, pad.tell("shown").message()).drawing_ids == ()  # the page was opened anew
    assert everything(store) == before


def test_two_windows_count_for_themselves(store, sheet):
    first, second = Pad(sheet, "one"), Pad(sheet, "two")
    store_message(store, first.digit(0).message())
    store_message(store, second.digit(1).message())
    store_message(store, first.digit(2).message())
    found = load_sheet(store, sheet.id)
    assert {stroke.cell for stroke in found.strokes} == {0, 1, 2}
    assert found.acknowledged == {"one": len(first.events), "two": len(second.events)}
    ids = store_message(store, second.tell("save").message()).drawing_ids
    assert len(ids) == 3


def test_strokes_for_a_sheet_saved_in_another_window_are_refused(store, batch, sheet):
    first, second = Pad(sheet, "one"), Pad(sheet, "two").tell("shown")
    store_message(store, first.digit(0).tell("save").message())
    store_message(store, second.message())  # nothing that matters
    before = everything(store)
    with pytest.raises(ValueError, match="saved meanwhile.*draw them on the sheet shown now"):
        store_message(store, second.digit(1).message())
    assert everything(store) == before


@pytest.mark.parametrize("sheet_id", [99, 2**31 - 1])
def test_a_message_of_another_sheet(store, sheet, sheet_id):
    message = Pad(sheet).digit(0).message() | {"sheet": sheet_id}
    before = everything(store)
    with pytest.raises(ValueError, match=f"Expected a sheet that is stored. Received: sheet {sheet_id}"):
        store_message(store, message)
    assert everything(store) == before


@pytest.mark.parametrize("kind", ["stroke", "clear"])
def test_a_cell_the_sheet_does_not_have(store, sheet, kind):
    pad = Pad(sheet).digit(0)
    pad.stroke(5, [(1, 1), (9, 9)]) if kind == "stroke" else pad.tell("clear", cell=5)
    before = everything(store)
    with pytest.raises(ValueError, match="Expected cells below 5. Received: cell 5. Nothing was stored."):
        store_message(store, pad.message())
    assert everything(store) == before


@pytest.mark.parametrize(
    "change",
    [
        {"cell": 50},
        {"cell": 1.0},
        {"points": [[1, float("nan"), 0, 0]]},
        {"points": [[1, 2, 3, 0.5]] * 20_001},
        {"points": [["1", "2", "3", "0"]]},
        {"size": 0},
        {"ended": 0},
        {"pointer": "foot"},
        {"type": "scribble"},
        {"n": 1.5},
        {"cell": None},
    ],
    ids=lambda change: f"{change!r:.30}",
)
def test_one_bad_event_refuses_the_whole_message(store, sheet, change):
    pad = Pad(sheet)
    for cell in range(4):
        pad.stroke(cell, [(10, 10), (50, 60)])
    pad.tell("save")
    before = everything(store)
    for bad in range(4):
        message = pad.message()
        message["events"][bad] |= change
        with pytest.raises(ValueError, match="Expected a message of the pad.*Nothing was stored"):
            store_message(store, message)
    assert everything(store) == before
    assert len(store_message(store, pad.message()).drawing_ids) == 4


def test_a_failure_in_the_middle_of_a_save_stores_nothing(store, sheet):
    """Not even the strokes that came with it: the pad sends all of it again."""
    pad = Pad(sheet).digit(0).digit(1)
    before = everything(store)

    def fail(drawings):
        raise RuntimeError("the judge is ill")

    with pytest.raises(RuntimeError):
        store_message(store, pad.tell("save").message(), fail)
    assert everything(store) == before
    assert len(store_message(store, pad.message()).drawing_ids) == 2


def test_saved_drawings_are_what_was_drawn(store, batch, sheet):
    pad = Pad(sheet).tell("shown")
    for cell in (3, 0, 4):
        pad.digit(cell, pointer="touch")
    ids = store_message(store, pad.tell("save", 1).message()).drawing_ids
    assert len(ids) == 3
    table = read_drawing_rows(store)
    assert [row.id for row in table] == list(ids)
    assert [row.position for row in table] == [0, 3, 4]
    assert [row.label for row in table] == [batch.labels[position] for position in (0, 3, 4)]
    with store.read() as connection:
        assert set(connection.execute(sa.select(schema.drawings.c.pointer)).scalars()) == {"touch"}
    for drawing, cell in zip(read_drawings(store, [batch.id]), (0, 3, 4), strict=True):
        sent = [event for event in pad.events if event.get("cell") == cell]
        for stroke, event in zip(drawing.strokes, sent, strict=True):
            points = np.array(event["points"])
            assert (stroke[:, [0, 1, 3]] == points[:, [0, 1, 3]]).all()
            assert stroke[:, 2] == pytest.approx(points[:, 2] + event["began"] - sent[0]["began"])
        assert (drawing.digit == strokes_to_digit(drawing.strokes)).all()
        assert drawing.digit.any()


def test_times_of_the_digits_and_of_the_sheet(store, batch, sheet):
    pad = Pad(sheet).tell("shown")
    pad.stroke(0, [(10, 10), (50, 50)], wait=2, lasts=0.5).stroke(0, [(50, 10), (10, 50)], wait=0.25, lasts=0.75)
    pad.stroke(1, [(10, 10), (50, 50)], wait=60, lasts=1).tell("save", 3)
    store_message(store, pad.message())
    names = ("seconds", "think_seconds", "draw_seconds", "pause_seconds")
    first, second = ([getattr(row, name) for name in names] for row in read_drawing_rows(store))
    assert first == pytest.approx([3.5, 2, 1.25, 0.25])
    assert second == pytest.approx([1, 0, 1, 0])  # a minute is a break
    assert again(store, batch.id).seconds == pytest.approx(3.5 + 1 + 3)
    with store.read() as connection:
        row = connection.execute(sa.select(schema.sheets)).one()
    assert (row.extra_seconds, row.idle_total, row.wall_seconds) == pytest.approx((3, 60, 67.5))


def test_the_threshold_is_the_one_the_sheet_was_begun_with(store, batch):
    sheet = open_sheet(store, batch, 5, 2.0)
    store_message(store, Pad(sheet).tell("shown").stroke(0, [(1, 1), (50, 50)], wait=3, lasts=1).message())
    time = load_sheet(store, sheet.id).time
    assert (time.active, time.idle) == pytest.approx((1, 3))


def test_cleared_and_undone_strokes_cost_their_time(store, batch, sheet):
    pad = Pad(sheet).tell("shown")
    pad.stroke(0, [(1, 1), (50, 50)]).tell("undo", 1)  # 1.5 and 1
    pad.stroke(1, [(1, 1), (50, 50)]).tell("clear", 1, cell=1)  # 1.5 and 1
    pad.stroke(0, [(1, 50), (50, 1)]).tell("save", 1)  # 1.5 and 1
    store_message(store, pad.message())
    (row,) = read_drawing_rows(store)
    assert row.seconds == pytest.approx(3.0)  # both tries of cell 0
    assert again(store, batch.id).seconds == pytest.approx(7.5)


def test_blank_cells_and_dots_come_again(store, batch, sheet):
    pad = Pad(sheet).digit(1).digit(3).stroke(4, [(20, 20)])
    assert len(store_message(store, pad.tell("save").message()).drawing_ids) == 2
    assert open_sheet(store, batch, 20, 10.0).positions == (0, 2, 4, 5, 6, 7, 8, 9)


def test_a_save_of_a_blank_sheet_stores_no_drawing(store, batch, sheet):
    assert store_message(store, Pad(sheet).tell("shown").tell("save", 2).message()).drawing_ids == ()
    assert read_drawing_rows(store) == []
    assert again(store, batch.id).seconds == pytest.approx(2)
    assert open_sheet(store, batch, 5, 10.0).positions == sheet.positions


def test_a_deleted_drawing_is_asked_for_again(store, batch, sheet):
    pad = Pad(sheet)
    for cell in range(5):
        pad.digit(cell)
    ids = store_message(store, pad.tell("save").message()).drawing_ids
    delete_drawings(store, [ids[2]])
    assert open_sheet(store, batch, 3, 10.0).positions == (2, 5, 6)


def test_a_phone_that_was_turned(store, batch, sheet):
    """The cell was larger when the second stroke was drawn: both are of one drawing, in the first one's pixels."""
    strokes = [[(10, 10), (90, 90)], [(90, 10), (10, 90)]]
    pad = Pad(sheet).stroke(0, strokes[0], size=100).stroke(0, np.array(strokes[1]) * 1.5, size=150)
    store_message(store, pad.tell("save").message(), judge := Judge())
    (drawing,) = read_drawings(store, [batch.id])
    assert [stroke[:, :2].tolist() for stroke in drawing.strokes] == [[list(point) for point in s] for s in strokes]
    assert judge.asked[0].size == 100


class Judge:
    def __init__(self, *marks):
        self.marks, self.asked = marks, []

    def __call__(self, drawings):
        self.asked += drawings
        return self.marks or [[] for _ in drawings]


def test_the_judge_sees_what_was_drawn_and_its_marks_are_kept(store, batch, sheet):
    judge = Judge([], ["tiny", "looks like a 4"])
    store_message(store, Pad(sheet).digit(0).digit(2).tell("save").message(), judge)
    assert [drawing.label for drawing in judge.asked] == [batch.labels[0], batch.labels[2]]
    for drawing, stored in zip(judge.asked, read_drawings(store, [batch.id]), strict=True):
        assert (drawing.digit == stored.digit).all()
    assert [row.marks for row in read_drawing_rows(store)] == [(), ("tiny", "looks like a 4")]


def test_without_a_save_the_judge_is_not_asked(store, sheet):
    judge = Judge()
    store_message(store, Pad(sheet).digit(0).message(), judge)
    assert judge.asked == []


def test_digits_of_a_test_batch_are_never_trained_on(store):
    test, full = new_batch(store, kind="test"), new_batch(store)
    for batch in (test, full):
        sheet = open_sheet(store, batch, 10, 10.0)
        pad = Pad(sheet)
        for cell in range(10):
            pad.digit(cell)
        store_message(store, pad.tell("save").message())
    for batch_ids in ((test.id,), (full.id, test.id)):
        with pytest.raises(ValueError, match="never trained on"):
            take_drawings(store, batch_ids)
    method, data = take_drawings(store, (full.id,))
    assert (method, len(data.labels)) == ("full", 10)


def test_kill_9_right_after_a_message_was_taken(url, store, batch, sheet):
    program = """
import json, sys
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.store import Store
store = Store(sys.argv[1])
for line in sys.stdin:
    store_message(store, json.loads(line))
    print("taken", flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pad = Pad(sheet)
    with process:
        for cell in range(3):
            process.stdin.write(json.dumps(pad.digit(cell).message()) + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "taken\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    found = load_sheet(store, sheet.id)
    assert found.strokes == strokes_of(pad.events)
    assert found.acknowledged == {"ana1": len(pad.events)}
    assert len(store_message(store, pad.tell("save").message()).drawing_ids) == 3


def test_two_writers_at_once_are_not_mixed_up(url, store):
    names = ("Ana", "Ben")
    batches = {name: new_batch(store, name, per_digit=2) for name in names}

    def write(name):
        mine = Store(url)
        for _ in range(2):
            sheet = open_sheet(mine, batches[name], 10, 10.0)
            pad = Pad(sheet, name.lower())
            for cell in range(10):
                store_message(mine, pad.digit(cell, size=100.0 if name == "Ana" else 200.0).message())
                store_message(mine, pad.message())
            store_message(mine, pad.tell("save").message())
        mine.close()

    in_threads([lambda name=name: write(name) for name in names])
    for name, side in (("Ana", 100), ("Ben", 200)):
        drawings = sorted(read_drawings(store, [batches[name].id]), key=lambda drawing: drawing.position)
        assert [drawing.label for drawing in drawings] == list(batches[name].labels)
        for drawing in drawings:
            expected = human_strokes()[drawing.label]
            for stroke, points in zip(drawing.strokes, expected, strict=True):
                assert stroke[:, :2] == pytest.approx(np.array(points) * side / 280)


def test_the_same_message_from_many_threads_is_taken_once(url, store, sheet):
    pad = Pad(sheet).digit(0).digit(1).tell("save")
    taken = []

    def take():
        mine = Store(url)
        taken.append(store_message(mine, pad.message()).drawing_ids)
        mine.close()

    in_threads([take] * 8)
    assert sorted(map(len, taken)) == [0] * 7 + [2]
    assert len(read_drawing_rows(store)) == 2


def test_a_class_that_saves_at_once_does_not_wait_for_itself(store):
    """Each judge looks at the other drawings, as that of the page does; 15 connections are all there are."""
    pads = [Pad(open_sheet(store, new_batch(store, f"writer {number}"), 5, 10.0)).digit(0) for number in range(20)]

    def judge(drawings):
        read_latest_images(store, 1, 500)
        return [["tiny"] for _ in drawings]

    began = time.monotonic()
    in_threads([lambda pad=pad: store_message(store, pad.tell("save").message(), judge) for pad in pads])
    assert time.monotonic() - began < 15  # it was 30: until the first gave up
    assert [row.marks for row in read_drawing_rows(store)] == [("tiny",)] * 20


def test_a_save_that_another_window_overtakes_has_its_strokes_too(store, batch, sheet):
    one, two = Pad(sheet, "one").digit(0).tell("save"), Pad(sheet, "two").digit(1)
    judge = Judge()

    def slow(drawings):
        if len(judge.asked) == 0:
            store_message(store, two.message())
        return judge(drawings)

    assert len(store_message(store, one.message(), slow).drawing_ids) == 2
    assert [drawing.label for drawing in judge.asked] == [batch.labels[0], *batch.labels[:2]]


def test_a_save_that_another_save_overtakes_stores_nothing_twice(store, sheet):
    pad, other = Pad(sheet).digit(0).tell("save"), Pad(sheet, "other").tell("save")

    def slow(drawings):
        return store_message(store, other.message()) and ()

    with pytest.raises(ValueError, match="saved meanwhile"):
        store_message(store, pad.message(), slow)
    assert read_drawing_rows(store) == []


def test_a_mouse_has_no_pressure(store, batch, sheet):
    """A browser says 0.5 throughout, and 0 when the button goes up."""
    for cell, pointer in enumerate(("mouse", "pen")):
        pad = Pad(sheet, pointer).stroke(cell, [(10, 10), (50, 60), (90, 90)], pointer=pointer)
        pad.events[-1]["points"][-1][3] = 0.0
        store_message(store, pad.message())
    store_message(store, pad.tell("save").message())
    mouse, pen = (drawing.strokes for drawing in read_drawings(store, [batch.id]))
    assert [stroke.shape for stroke in (*mouse, *pen)] == [(3, 3), (3, 4)]
    assert all((widths == 1).all() for widths in pen_widths(mouse))


def test_a_stray_tap_is_left_out_of_the_drawing_and_kept_among_the_events(store, batch, sheet):
    pad = Pad(sheet).digit(0).stroke(0, [(97, 97), (98, 97.5)])
    expected = strokes_to_digit([np.array(stroke) for stroke in human_strokes()[sheet.labels[0]]])
    store_message(store, pad.tell("save").message())
    (drawing,) = read_drawings(store, [batch.id])
    assert (drawing.digit == expected).all()
    assert len(load_sheet(store, sheet.id).strokes) == len(drawing.strokes) + 1
