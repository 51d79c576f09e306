import pytest

from digitlab.storage.drawings import read_drawing_rows, read_strokes
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store
from tests.helpers import human_strokes
from tests.storage.pads import START, Pad, everything, in_threads, new_batch, strokes_of


def test_a_sheet_asks_for_the_next_prompts(batch, sheet):
    assert (sheet.batch_id, sheet.positions, sheet.labels) == (batch.id, (0, 1, 2, 3, 4), batch.labels[:5])
    assert (sheet.strokes, sheet.acknowledged, sheet.idle_seconds, sheet.time.wall) == ((), {}, 10.0, 0.0)


def test_it_is_the_same_sheet_until_it_is_saved(store, batch, sheet):
    assert open_sheet(store, batch, 5, 10.0) == sheet
    assert open_sheet(store, batch, 50, 99.0) == sheet  # begun with other options
    pad = Pad(sheet).digit(0)
    store_message(store, pad.message())
    assert open_sheet(store, batch, 5, 10.0).id == sheet.id
    store_message(store, pad.tell("save").message())
    following = open_sheet(store, batch, 5, 10.0)
    assert following.id != sheet.id
    assert following.positions == (1, 2, 3, 4, 5)


def test_the_last_sheet_is_smaller_and_then_there_is_none(store, batch):
    for cells in (7, 3):
        sheet = open_sheet(store, batch, 7, 10.0)
        assert len(sheet.labels) == cells
        pad = Pad(sheet)
        for cell in range(cells):
            pad.digit(cell)
        store_message(store, pad.tell("save").message())
    assert open_sheet(store, batch, 7, 10.0) is None


@pytest.mark.parametrize(("cells", "idle"), [(0, 10), (51, 10), (-1, 10), (5, 0), (5, -1), (5, float("nan"))])
def test_options_that_are_refused(store, batch, cells, idle):
    with pytest.raises(ValueError, match="1 to 50 cells"):
        open_sheet(store, batch, cells, idle)


def test_a_look_at_a_sheet_stores_nothing(store, batch):
    before = everything(store)
    sheet = open_sheet(store, batch, 5, 10.0)
    assert open_sheet(store, batch, 5, 10.0) == sheet, "whoever looks sees the same one"
    assert everything(store) == before
    with pytest.raises(ValueError, match="Expected a sheet that is stored"):
        load_sheet(store, sheet.id)
    store_message(store, Pad(sheet).digit(0).message())
    assert len(load_sheet(store, sheet.id).strokes) == len(human_strokes()[sheet.labels[0]])
    in_hand = open_sheet(store, batch, 8, 10.0)
    assert (in_hand.id, in_hand.key, in_hand.begin) == (sheet.id, sheet.key, None)


def test_a_pad_that_does_not_say_how_its_sheet_begins(store, batch):
    sheet = open_sheet(store, batch, 5, 10.0)
    message = {**Pad(sheet).digit(0).message(), "begin": None}
    with pytest.raises(ValueError, match="Expected a sheet that is stored"):
        store_message(store, message)
    store_message(store, message, planned=sheet.begin)
    assert load_sheet(store, sheet.id).strokes


@pytest.mark.parametrize(
    "change", [{"positions": [0, 0]}, {"positions": [10]}, {"positions": [3]}, {"positions": [5]}, {"batch": 99}]
)
def test_a_sheet_of_prompts_that_are_not_free_is_not_begun(store, batch, sheet, change):
    """Twice the same one, none of this batch, on a sheet in hand, drawn; or no batch."""
    store_message(
        store,
        Pad(open_sheet(store, batch, 1, 10.0, elsewhere={sheet.id: sheet.positions})).digit(0).tell("save").message(),
    )
    planned = open_sheet(store, batch, 2, 10.0, elsewhere={sheet.id: sheet.positions})
    message = Pad(planned).digit(0).message()
    before = everything(store)
    with pytest.raises(ValueError, match="Expected prompts that nobody draws"):
        store_message(store, {**message, "begin": {**message["begin"], **change}})
    assert everything(store) == before
    store_message(store, message)


def test_a_message_that_is_refused_begins_no_sheet(store, batch):
    planned, before = open_sheet(store, batch, 5, 10.0), everything(store)
    with pytest.raises(ValueError, match="Expected cells below 5"):
        store_message(store, Pad(planned).digit(0).stroke(5, [(1, 1), (9, 9)]).message())
    assert everything(store) == before


def test_the_same_prompts_again_are_another_sheet(store, batch):
    first = open_sheet(store, batch, 5, 10.0)
    store_message(store, Pad(first).stroke(0, [(20, 20)]).tell("save").message())  # a dot: no drawing
    again = open_sheet(store, batch, 5, 10.0)
    assert (again.positions, again.id != first.id) == (first.positions, True)


def test_another_window_has_a_sheet_of_its_own(store, batch, sheet):
    here = {sheet.id: sheet.positions}
    other = open_sheet(store, batch, 5, 10.0, elsewhere=here)
    assert other.positions == (5, 6, 7, 8, 9)
    assert open_sheet(store, batch, 5, 10.0, elsewhere={**here, other.id: other.positions}) is None, (
        "also a planned one"
    )
    store_message(store, Pad(other).digit(0).tell("save").message())
    assert open_sheet(store, batch, 5, 10.0, elsewhere=here).positions == (6, 7, 8, 9)
    assert open_sheet(store, batch, 5, 10.0).id == sheet.id


def test_a_window_keeps_its_sheet_when_another_is_closed(store, batch, sheet):
    """Planned or stored: nobody finds other prompts under the pen."""
    planned = open_sheet(store, batch, 3, 10.0, elsewhere={sheet.id: sheet.positions})
    mine = planned.id, planned.positions
    store_message(store, Pad(sheet).digit(0).digit(1).tell("save").message())  # 2, 3 and 4 are free again
    assert open_sheet(store, batch, 3, 10.0).positions == (2, 3, 4)
    assert open_sheet(store, batch, 3, 10.0, mine=mine) == planned
    store_message(store, Pad(planned).digit(0).message())
    store_message(store, Pad(open_sheet(store, batch, 3, 10.0, elsewhere=dict([mine]))).digit(0).message())
    assert open_sheet(store, batch, 3, 10.0, mine=mine).id == planned.id


def test_what_a_window_did_not_see_is_not_its_own_though_it_says_so_late(store, batch, sheet):
    """A pad tells that its sheet was shown with its first stroke; another one has written meanwhile."""
    store_message(store, Pad(sheet, "left").digit(0).message())
    seen = load_sheet(store, sheet.id).events
    store_message(store, Pad(sheet, "left2").digit(1).message())
    mine = load_sheet(store, sheet.id).strokes
    right = Pad(sheet, "right").tell("shown", seen=seen).digit(1).tell("undo").tell("clear", cell=1)
    store_message(store, right.message())
    assert load_sheet(store, sheet.id).strokes == mine


def test_two_windows_on_one_sheet_do_not_mix_their_ink(store, sheet):
    """Neither knows of the other: two servers on one database."""
    left, right = Pad(sheet, "left").tell("shown"), Pad(sheet, "right").tell("shown")
    for pad in (left, right):
        store_message(store, pad.message())
    for cell in range(5):
        left.digit(cell)
    store_message(store, left.message())
    mine = load_sheet(store, sheet.id).strokes
    right.digit(1).digit(3).tell("undo").tell("clear", cell=0)
    store_message(store, right.message())
    after = load_sheet(store, sheet.id)
    assert after.strokes == mine
    assert 1 in after.left_out
    later = Pad(sheet, "later").tell("shown").stroke(1, [(1, 1), (9, 9)])  # it was shown what is there
    store_message(store, later.message())
    assert len(load_sheet(store, sheet.id).strokes) == len(mine) + 1


def test_each_batch_has_its_own(store, sheet):
    other = open_sheet(store, new_batch(store, "Ben"), 5, 10.0)
    assert other.id != sheet.id
    store_message(store, Pad(other).digit(0).message())
    assert load_sheet(store, sheet.id).strokes == ()


def test_a_sheet_that_is_not_there(store):
    with pytest.raises(ValueError, match="Expected a sheet that is stored. Received: sheet 9. Reload the page."):
        load_sheet(store, 9)


def test_many_open_the_same_sheet_at_once(url, store, batch):
    found = []

    def open_it():
        other = Store(url)
        found.append(open_sheet(other, batch, 5, 10.0).id)
        other.close()

    in_threads([open_it] * 8)
    assert len(found) == 8
    assert len(set(found)) == 1


def test_undo_and_clear(store, sheet):
    pad = Pad(sheet)
    for number, cell in enumerate((0, 1, 0, 2, 1)):
        pad.stroke(cell, [(number, 1), (number + 1, 9)])
    strokes = pad.events[:]
    pad.tell("undo")
    store_message(store, pad.message())
    assert load_sheet(store, sheet.id).strokes == strokes_of(strokes[:4])
    store_message(store, pad.tell("clear", cell=0).message())
    assert load_sheet(store, sheet.id).strokes == strokes_of([strokes[1], strokes[3]])
    store_message(store, pad.tell("undo").message())  # the clear was the last act
    assert load_sheet(store, sheet.id).strokes == strokes_of(strokes[:4])
    for _ in range(5):  # more than there is
        pad.tell("undo")
    store_message(store, pad.message())
    assert load_sheet(store, sheet.id).strokes == ()
    pad.digit(4).tell("save")
    (drawing_id,) = store_message(store, pad.message()).drawing_ids
    assert read_drawing_rows(store)[0].position == 4
    assert len(read_strokes(store, drawing_id)) == len(human_strokes()[sheet.labels[4]])


def test_the_clock_goes_on_after_a_reload(store, sheet):
    store_message(store, Pad(sheet).tell("shown").stroke(0, [(1, 1), (50, 50)]).message())
    reloaded = Pad(sheet, "ana2", now=START + 5_000).tell("shown").stroke(1, [(1, 1), (50, 50)])
    store_message(store, reloaded.message())
    assert load_sheet(store, sheet.id).time.active == pytest.approx(6.5)


def test_undo_takes_back_the_last_act_and_not_another_cell_s_stroke(store, sheet):
    """Cell 0 has two strokes, cell 1 one and is cleared: undo brings that one back."""
    pad = Pad(sheet)
    for number, cell in enumerate((0, 0, 1)):
        pad.stroke(cell, [(number, 1), (number + 1, 9)])
    strokes = strokes_of(pad.events)
    store_message(store, pad.tell("clear", cell=1).message())
    assert load_sheet(store, sheet.id).strokes == strokes[:2]
    store_message(store, pad.tell("undo").message())
    assert load_sheet(store, sheet.id).strokes == strokes


def test_redo(store, sheet):
    pad = Pad(sheet)

    def kept(*events):
        for kind, *cell in events:
            pad.tell(kind, **({"cell": cell[0]} if cell else {}))
        store_message(store, pad.message())
        return load_sheet(store, sheet.id).strokes

    for number, cell in enumerate((0, 1)):
        pad.stroke(cell, [(number, 1), (number + 1, 9)])
    first, second = strokes_of(pad.events)
    assert kept(["clear", 0]) == (second,)
    assert kept(["redo"]) == (second,)  # nothing was taken back
    assert kept(["undo"], ["undo"]) == (first,)
    assert kept(["redo"]) == (first, second)
    assert kept(["redo"]) == (second,)  # the clear
    assert kept(["undo"], ["clear", 4]) == (first, second)
    assert kept(["redo"]) == (second,)  # a clear of a blank cell was no act
    assert kept(["undo"], ["undo"]) == (first,)
    pad.stroke(0, [(5, 5), (9, 9)])
    assert len(kept(["redo"])) == 2  # after a new stroke there is nothing to do again
