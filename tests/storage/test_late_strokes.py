"""A digit whose next stroke comes after its sheet has saved itself is one digit."""

import numpy as np
import pytest

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.storage.drawings import delete_drawings, read_drawing_rows, read_drawings
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store
from tests.storage.pads import Pad, again, everything, strokes_of

FOUR = [[(34, 21), (32, 54), (70, 54)], [(61, 21), (61, 82)]]  # in a cell of 100 pixels


@pytest.fixture
def saved(store, sheet):
    """A sheet whose last cell has the first stroke of a 4, and which has saved itself."""
    pad = Pad(sheet).tell("shown").digit(0).digit(1).stroke(4, FOUR[0])
    assert len(store_message(store, pad.tell("save").message()).drawing_ids) == 3
    return pad


def late(pad, points=FOUR[1], *, wait=1.2, cell=4):
    """The stroke that comes next, at its place."""
    pad.stroke(cell, points, wait=wait)
    pad.events[-1]["type"] = "late"
    return pad


@pytest.mark.parametrize("wait", [0.0, 0.5, 1.2, 2.9])
def test_the_second_stroke_of_a_4_after_a_pause(store, batch, saved, wait):
    seconds = again(store, batch.id).seconds
    before = {drawing.position: drawing for drawing in read_drawings(store, [batch.id])}
    store_message(store, late(saved, wait=wait).message())
    after = {drawing.position: drawing for drawing in read_drawings(store, [batch.id])}
    assert [len(drawing.strokes) for drawing in after.values()] == [
        *(len(before[position].strokes) for position in (0, 1)),
        2,
    ]
    assert {position: drawing.id for position, drawing in after.items()} == {
        position: drawing.id for position, drawing in before.items()
    }
    four = after[4]
    assert (four.digit == strokes_to_digit([np.array(stroke) for stroke in FOUR])).all()
    assert four.strokes[1][0, 2] == pytest.approx(500 + 1000 * wait)  # after the first stroke's half second
    (row,) = [row for row in read_drawing_rows(store, [batch.id]) if row.position == 4]
    assert (row.draw_seconds, row.pause_seconds) == pytest.approx((1.0, wait))
    assert again(store, batch.id).seconds == pytest.approx(seconds + wait + 0.5)


def test_a_third_stroke_and_one_that_comes_twice(store, batch, saved):
    store_message(store, late(saved).message())
    store_message(store, late(saved, [(10, 90), (90, 90)], wait=2.0).message())
    before = everything(store)
    store_message(store, saved.message())
    assert everything(store) == before
    assert [len(drawing.strokes) for drawing in read_drawings(store, [batch.id])][-1] == 3


def test_a_late_stroke_that_arrives_with_the_save(store, batch, sheet):
    """Nobody was there to take either: both come when the server is back."""
    pad = late(Pad(sheet).digit(0).stroke(4, FOUR[0]).tell("save"))
    assert len(store_message(store, pad.message()).drawing_ids) == 2
    assert [len(drawing.strokes) for drawing in read_drawings(store, [batch.id])][-1] == 2


def test_it_is_on_disk_when_it_is_taken_and_the_next_sheet_stays_as_it_is(url, store, batch, saved):
    following = open_sheet(store, batch, 5, 10.0)
    store_message(store, Pad(following, "ana2").tell("shown").message())
    store_message(store, late(saved).message())
    other = Store(url)
    assert (
        strokes_of([{**saved.events[-1], "type": "stroke"}])[0].points
        == load_sheet(other, saved.sheet.id).strokes[-1].points
    )
    assert [len(drawing.strokes) for drawing in read_drawings(other, [batch.id])][-1] == 2
    assert open_sheet(other, batch, 5, 10.0).positions == following.positions
    other.close()


def test_what_the_judge_asked_before_is_asked_anew(store, sheet):
    pad = Pad(sheet).stroke(4, FOUR[0])
    store_message(store, pad.tell("save").message(), lambda drawings: [["looks like a 6"]])
    asked = []

    def judge(drawings):
        asked.extend(drawings)
        return [["just like another one", "leaves its cell"]]

    store_message(store, late(pad).message(), judge)
    assert [len(drawing.strokes) for drawing in asked] == [2]
    (row,) = read_drawing_rows(store)
    assert row.marks == ("leaves its cell",)  # it is like what it was itself


@pytest.mark.parametrize(
    "stroke",
    [{"wait": 3.1}, {"wait": -0.6}, {"cell": 1}, {"cell": 2}],
    ids=["too late", "too early", "another", "blank"],
)
def test_a_stroke_that_does_not_go_on_is_refused(store, saved, stroke):
    before = everything(store)
    with pytest.raises(ValueError, match="saved meanwhile"):
        store_message(store, late(saved, **stroke).message())
    assert everything(store) == before


def test_an_ordinary_stroke_for_a_saved_sheet_is_refused_as_ever(store, saved):
    with pytest.raises(ValueError, match="saved meanwhile"):
        store_message(store, saved.stroke(4, FOUR[1]).message())


def test_only_the_pad_that_wrote_the_sheet_goes_on(store, saved):
    stranger = late(Pad(saved.sheet, "bo1", now=saved.now))
    with pytest.raises(ValueError, match="saved meanwhile"):
        store_message(store, stranger.message())


def test_not_after_a_later_sheet_has_been_saved(store, batch, saved):
    following = Pad(open_sheet(store, batch, 5, 10.0), "ana2", now=saved.now).digit(0)
    store_message(store, following.tell("save").message())
    with pytest.raises(ValueError, match="saved meanwhile"):
        store_message(store, late(saved).message())


def test_a_drawing_that_was_deleted_meanwhile(store, saved):
    delete_drawings(store, [read_drawing_rows(store)[-1].id])
    before = everything(store)
    with pytest.raises(ValueError, match="deleted meanwhile"):
        store_message(store, late(saved).message())
    assert everything(store) == before


@pytest.mark.parametrize("points", [[(50, 50)], FOUR[1]], ids=["another dot", "a stroke"])
def test_a_cell_with_a_dot_of_which_no_drawing_was_made(store, sheet, points):
    pad = Pad(sheet).digit(0).stroke(4, [(50, 50)])
    assert len(store_message(store, pad.tell("save").message()).drawing_ids) == 1
    before = everything(store)
    with pytest.raises(ValueError, match="its cell held a dot. It was not stored"):
        store_message(store, late(pad, points).message())
    assert everything(store) == before


def test_no_second_counts_for_two_sheets(store, batch, saved):
    """The next sheet was shown in the pause; its clock begins when the late stroke has ended."""
    seconds = again(store, batch.id).seconds
    following = Pad(open_sheet(store, batch, 5, 10.0), "ana2", now=saved.now + 400).tell("shown")
    store_message(store, late(saved, wait=1.2).message())
    following.now = saved.now
    following.tell("went_on").stroke(0, [(10, 10), (50, 60)], wait=2.0, lasts=0.5)
    store_message(store, following.message())
    assert load_sheet(store, following.sheet.id).time.active == pytest.approx(2.5)
    store_message(store, following.tell("save").message())
    assert again(store, batch.id).seconds == pytest.approx(seconds + 1.2 + 0.5 + 2.5)
