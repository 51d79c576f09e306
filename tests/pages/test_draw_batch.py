import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawing_rows, read_drawings
from digitlab.storage.sheets import load_sheet
from digitlab.ui import resources, windows
from tests.helpers import has_key, human_strokes, texts
from tests.storage.pads import counts, everything, strokes_of

START = 1_790_000_000_000  # ms


def start(at, per_digit, seed=0):
    at.slider(key="batch_per_digit").set_value(per_digit)
    at.number_input(key="batch_seed").set_value(seed)
    at.run()
    at.button(key="batch_start").click().run()
    assert not at.exception


class Pad:
    """What the browser would send for the sheet a page shows."""

    def __init__(self, at, store, batch_id, client="ana"):
        self.at, self.store, self.client = at, store, client
        self.key, self.events, self.now = f"batch_pad_{batch_id}", [], START
        (self.batch,) = [batch for batch in read_batches(store) if batch.id == batch_id]
        self.open()

    def open(self):
        """Take the sheet that the page shows; it may not be stored yet."""
        (element,) = self.at.get("bidi_component")
        shown = json.loads(element.proto.json)
        begin = shown["begin"]
        positions = begin["positions"] if begin else load_sheet(self.store, shown["sheet"]).positions
        self.sheet = SimpleNamespace(
            id=shown["sheet"], labels=tuple(shown["labels"]), positions=tuple(positions), begin=begin
        )
        self.events = []
        return self

    def tell(self, kind, **more):
        if kind != "stroke":
            more["at"] = self.now
        self.events.append({"n": len(self.events) + 1, "type": kind, **more})
        return self

    def digit(self, *cells, scale=0.3):
        for cell in cells:
            for stroke in human_strokes()[self.sheet.labels[cell]]:
                points = [[scale * x, scale * y, 10.0 * number, 0.5] for number, (x, y) in enumerate(stroke)]
                self.now += 1500
                times = {"began": self.now - 500, "ended": self.now}
                self.tell("stroke", cell=cell, size=84.0, pointer="pen", points=points, **times)
        return self

    def send(self, **changes):
        message = {"sheet": self.sheet.id, "client": self.client, "events": self.events, **changes}
        self.at.session_state[self.key] = {"outbox": message}
        self.at.run()
        assert not self.at.exception, self.at.exception
        return self

    def save(self):
        return self.tell("save").send()


@pytest.fixture
def drawing(visit, store):
    """A page with a new batch: `at, pad = drawing(2, cells=5)`."""

    def begin(per_digit=1, **link):
        at = visit("draw_batch", **link)
        start(at, per_digit)
        return at, Pad(at, store, read_batches(store)[-1].id)

    return begin


def stats(at):
    """What the page says of the drawing so far, by name."""
    parts = (element.value.split("\n#### ") for element in at.markdown if "\n#### " in element.value)
    return dict(parts)


def test_first_view_offers_a_batch(visit, store):
    at = visit("draw_batch")
    assert at.button(key="batch_start").label == "Start 100 drawings"
    assert "Start a batch" in at.info[0].value
    assert read_batches(store) == []
    assert not at.get("bidi_component")


def test_without_a_writer_nothing_is_drawn(visit):
    at = visit("draw_batch", writer="Ana")
    at.text_input(key="writer").set_value("").run()
    assert "Enter a name" in at.info[0].value
    assert not at.button


def test_a_batch_is_balanced_and_asks_in_its_order(drawing, store):
    at, pad = drawing(2, batch_cells="8")
    assert Counter(pad.batch.labels) == {label: 2 for label in range(10)}
    assert pad.batch.labels != tuple(sorted(pad.batch.labels))
    assert pad.sheet.labels == pad.batch.labels[:8]
    assert stats(at) == {"Digits": "0 of 20", "Digits a minute": "–", "Your time": "0.0 s", "Time left": "–"}


def test_the_seed_makes_the_order(visit, store):
    at = visit("draw_batch")
    for seed in (1, 1, 2):
        start(at, 1, seed)
    first, same, other = (batch.labels for batch in read_batches(store))
    assert first == same != other


def test_what_is_written_is_counted_when_it_is_on_disk(drawing, store):
    at, pad = drawing(2)
    pad.tell("shown").digit(0, 1, 2).send()
    strokes = [event for event in pad.events if event["type"] == "stroke"]
    assert load_sheet(store, pad.sheet.id).strokes == strokes_of(strokes)
    seconds = 1.5 * len(strokes)
    assert stats(at)["Digits"] == "3 of 20"
    assert stats(at)["Digits a minute"] == f"{180 / seconds:.0f}"
    assert stats(at)["Your time"] == f"{seconds:.1f} s"
    assert read_drawings(store, [pad.batch.id]) == []


def test_a_saved_sheet_and_the_next(drawing, store):
    at, pad = drawing(2, batch_cells="5")
    pad.tell("shown").digit(0, 1, 3, 4).save()
    assert [drawing.position for drawing in read_drawings(store, [pad.batch.id])] == [0, 1, 3, 4]
    assert [drawing.label for drawing in read_drawings(store, [pad.batch.id])] == [
        pad.batch.labels[position] for position in (0, 1, 3, 4)
    ]
    assert stats(at)["Digits"] == "4 of 20"
    assert not at.warning
    assert pad.open().sheet.positions == (2, 5, 6, 7, 8)
    assert at.info[0].value.endswith(f"or you chose to redraw them: {pad.sheet.labels[0]}.")


def test_on_a_first_sheet_nothing_comes_again(drawing):
    at, pad = drawing(2, batch_cells="5")
    pad.tell("shown").digit(3).send()
    assert not at.info


def test_a_message_that_stays_is_taken_once(drawing, store):
    """Streamlit keeps the last message and hands it over again with every run."""
    at, pad = drawing()
    pad.digit(0, 1).save()
    for _ in range(3):
        at.run()
        assert not at.warning
    assert len(read_drawing_rows(store)) == 2


def test_a_test_batch_is_another_batch(drawing, store):
    at, pad = drawing()
    pad.digit(0).save()
    at.segmented_control(key="batch_kind").set_value("test").run()
    assert "Start a batch" in at.info[0].value
    start(at, 1)
    Pad(at, store, read_batches(store)[-1].id).digit(0, 1).save()
    assert {batch.kind: batch.drawn for batch in read_batches(store)} == {"full": 1, "test": 2}
    at.segmented_control(key="batch_kind").set_value("full").run()
    assert stats(at)["Digits"] == "1 of 10"


def test_a_sheet_goes_on_after_a_reload(drawing, visit, store):
    _, pad = drawing(writer="Ana")
    pad.digit(0, 1).send()
    again = visit("draw_batch", writer="Ana")
    assert stats(again)["Digits"] == "2 of 10"
    Pad(again, store, pad.batch.id, "ana2").tell("shown").digit(2).save()
    assert len(read_drawings(store, [pad.batch.id])) == 3
    assert visit("draw_batch", writer="Ben").info


def test_all_drawn_offers_the_next_step(drawing, store):
    at, pad = drawing()
    pad.digit(*range(10)).save()
    assert "All drawn." in at.success[0].value
    assert not at.get("bidi_component")
    assert read_batches(store)[0].drawn == 10
    at.run()
    assert "All drawn." in at.success[0].value
    start(at, 1)
    assert stats(at)["Digits"] == "0 of 10"


def test_the_last_sheet_is_the_same_in_every_run(drawing, store):
    at, pad = drawing(batch_cells="7")
    pad.digit(*range(7)).save()
    last = pad.open().sheet
    assert len(last.labels) == 3
    for _ in range(3):
        at.run()
    assert pad.open().sheet.id == last.id


def test_another_number_of_cells_makes_another_sheet_unless_it_is_begun(drawing, store):
    at, pad = drawing(2)
    at.slider(key="batch_cells").set_value(4).run()
    assert len(pad.open().sheet.labels) == 4
    pad.digit(0).send()
    at.slider(key="batch_cells").set_value(9).run()
    assert len(pad.open().sheet.labels) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sheet": 99}, "Expected a sheet that is stored"),
        ({"sheet": None}, "Expected a message of the pad"),
        ({"events": [{"n": 1, "type": "stroke"}]}, "required field `cell`"),
        ({"events": "text"}, "Expected a message of the pad"),
        ({"client": ""}, "Expected a message of the pad"),
    ],
)
def test_a_bad_message_is_refused_and_the_page_goes_on(drawing, store, changes, message):
    at, pad = drawing()
    pad.digit(0).send(**changes)
    assert message in at.warning[0].value
    assert counts(store)["pen_events"] == 0
    pad.send()
    assert message in at.warning[0].value, "it stays until it is read"
    assert stats(at)["Digits"] == "1 of 10"
    at.button(key="batch_read").click().run()
    assert not at.warning


def test_what_another_page_could_not_send_is_stored_first(drawing, store):
    """A tab was closed before the server answered; the next one brings its strokes, under their own client."""
    at, pad = drawing()
    closed = {"sheet": pad.sheet.id, "client": "closed", "events": pad.digit(0).events}
    pad.events = []
    pad.tell("shown").digit(1).send(others=[closed])
    assert [stroke.cell for stroke in load_sheet(store, pad.sheet.id).strokes][0] == 0
    assert stats(at)["Digits"] == "2 of 10"
    pad.send(others=[{**closed, "sheet": 99}])
    assert "Expected a sheet that is stored" in at.warning[0].value
    pad.digit(2).send(others="text")
    assert stats(at)["Digits"] == "3 of 10"
    at.button(key="batch_read").click().run()  # the refusal before stays until it is read
    assert not at.warning


def test_a_pad_that_lacks_what_is_stored_gets_it(drawing, store):
    """The run that sent it may have ended after the browser was gone."""
    at, pad = drawing()
    pad.digit(0).tell("clear", cell=0).tell("undo").send()

    def shown():
        (element,) = at.get("bidi_component")
        return json.loads(element.proto.json)

    assert shown()["done"] is not None  # AppTest runs the whole page each time
    at.session_state[pad.key] = {"outbox": {"others": [], "ask": 1}}
    at.run()
    assert not at.warning
    assert {act["type"] for act in shown()["done"]} == {"stroke"}
    assert [act["type"] for act in shown()["undone"]] == ["clear"]
    assert shown()["acknowledged"] == {"ana": len(pad.events)}


def test_a_message_that_is_none_is_refused(drawing):
    at, pad = drawing()
    at.session_state[pad.key] = {"outbox": "text"}
    at.run()
    assert "Expected a message of the pad" in at.warning[0].value
    assert not at.exception


# Quality checks


def test_ordinary_digits_are_not_asked_about_by_shape(drawing, store):
    at, pad = drawing()
    pad.digit(*range(10)).save()
    assert all("tiny" not in row.marks for row in read_drawing_rows(store))


def test_what_is_marked_can_be_kept_relabelled_or_drawn_again(drawing, store):
    at, pad = drawing(2)
    pad.digit(0, 1, 2, scale=0.02).save()
    assert "Please look at 3:" in texts(at)
    assert "tiny" in texts(at)
    first, second, third = (row.id for row in read_drawing_rows(store))
    at.button(key=f"batch_{first}_keep").click().run()
    assert not has_key(at, f"batch_{first}_keep")
    at.selectbox(key=f"batch_{second}_label").set_value("7").run()
    at.button(key=f"batch_{third}_redraw").click().run()
    assert not at.exception
    assert "Please look at" not in texts(at)
    table = read_drawing_rows(store)
    assert [row.deleted for row in table] == [False, False, True]
    assert [row.marks for row in table[:2]] == [(), ()]
    assert [row.label for row in table[:2]] == [pad.batch.labels[0], 7]
    assert stats(at)["Digits"] == "2 of 20"


def test_a_model_is_asked_what_it_sees(drawing, store):
    """Digits of another label than the prompt's: the reference model says so of most of them."""
    at, pad = drawing()
    labels = np.array(pad.sheet.labels)
    for cell, label in enumerate(labels):
        points = human_strokes()[(int(label) + 1) % 10]
        for stroke in points:
            rows = [[0.3 * x, 0.3 * y, 10.0 * number, 0.5] for number, (x, y) in enumerate(stroke)]
            pad.now += 1000
            times = {"began": pad.now - 500, "ended": pad.now}
            pad.tell("stroke", cell=cell, size=84.0, pointer="pen", points=rows, **times)
    pad.save()
    marked = [row for row in read_drawing_rows(store) if f"looks like a {(row.label + 1) % 10}" in row.marks]
    assert len(marked) >= 5


def flagged_one(seed):
    """A 1 with a long flag, which the reference model takes for a 7: one stroke in pixels of a cell of 84."""
    points = np.array([(75.0, 72.0), (150.0, 60.0), (150.0, 230.0)]) + np.random.default_rng(seed).normal(0, 4, (3, 2))
    return [(0.3 * points).tolist()]


def draw_ones(pad, strokes_by_cell):
    for cell, strokes in strokes_by_cell.items():
        for stroke in strokes:
            pad.now += 1500
            rows = [[x, y, 10.0 * number, 0.5] for number, (x, y) in enumerate(stroke)]
            times = {"began": pad.now - 500, "ended": pad.now}
            pad.tell("stroke", cell=cell, size=84.0, pointer="pen", points=rows, **times)
    return pad.save()


def asked_about(store):
    return [row.id for row in read_drawing_rows(store) if row.marks and not row.deleted]


def test_who_writes_a_one_with_a_flag_is_asked_twice_and_never_again(drawing, store):
    at, pad = drawing(20, batch_cells="50")
    cells = [cell for cell, label in enumerate(pad.sheet.labels) if label == 1]
    draw_ones(pad, {cell: flagged_one(cell) for cell in cells})
    assert len(asked_about(store)) == len(cells) >= 5
    clicks = 0
    while asked_about(store):
        assert "Please look at 2:" in texts(at) or clicks == len(cells) - 1
        at.button(key=f"batch_{asked_about(store)[0]}_keep").click().run()
        assert not at.exception
        clicks += 1
    assert clicks == 2
    assert "Please look at" not in texts(at)
    # Another sitting, and in it a real 7 where a 1 was to be drawn.
    at, pad = drawing(20, batch_cells="50")
    first, *others = [cell for cell, label in enumerate(pad.sheet.labels) if label == 1]
    seven = [[(21, 18), (60, 18), (33, 69)], [(30, 45), (57, 45)]]
    draw_ones(pad, {first: seven} | {cell: flagged_one(1000 + cell) for cell in others})
    assert "Please look at 1:" in texts(at)
    (wrong,) = asked_about(store)
    assert wrong == [row.id for row in read_drawing_rows(store)][-len(others) - 1]


@pytest.mark.parametrize("asked", ["0", "5000", "many"])
def test_a_number_of_a_link_that_is_out_of_range_is_refused(visit, asked):
    numbers = {"batch_per_digit": (100, 10), "batch_cells": (50, 20)}
    at = visit("draw_batch", **dict.fromkeys(numbers, asked))
    assert not at.exception
    for warning, (key, (most, default)) in zip(at.warning, numbers.items(), strict=True):
        assert at.slider(key=key).value == default
        assert f" {asked} (expected 1 to {most};" in warning.value


def test_a_second_window_has_a_sheet_of_its_own(visit, drawing, store, monkeypatch):
    monkeypatch.setattr(windows, "this_window", lambda: "left")
    at, pad = drawing(batch_cells="4")
    assert "in another window too" not in texts(at)
    monkeypatch.setattr(windows, "this_window", lambda: "right")
    other = visit("draw_batch", batch_cells="4")
    assert "in another window too" in texts(other)
    second = Pad(other, store, pad.batch.id, "bo")
    assert not set(second.sheet.positions) & set(pad.sheet.positions)
    third = Pad(visit("draw_batch", batch_cells="4"), store, pad.batch.id)  # the same window, its page reloaded
    assert third.sheet == second.sheet
    assert counts(store)["sheets"] == 0, "looking stores nothing"
    second.digit(0).send()
    monkeypatch.setattr(windows, "this_window", lambda: "left")
    pad.digit(0).save()
    assert sorted(drawing.position for drawing in read_drawings(store, [pad.batch.id])) == [pad.sheet.positions[0]]
    assert load_sheet(store, second.sheet.id).positions == second.sheet.positions


@pytest.mark.parametrize("begun", [False, True])
def test_the_other_windows_sheet_can_be_gone_on_with_here(visit, drawing, store, monkeypatch, begun):
    monkeypatch.setattr(windows, "this_window", lambda: "left")
    at, pad = drawing()
    if begun:
        pad.digit(0).send()
    monkeypatch.setattr(windows, "this_window", lambda: "right")
    other = visit("draw_batch")
    assert "The rest is on the sheet in your other window." in texts(other)
    other.button(key="batch_take").click().run()
    assert Pad(other, store, pad.batch.id).sheet.id == pad.sheet.id
    monkeypatch.setattr(windows, "this_window", lambda: "left")
    assert "The rest is on the sheet in your other window." in texts(at.run())
    pad.tell("shown").digit(1).send()  # written before that was seen: it is stored all the same
    assert 1 in [stroke.cell for stroke in load_sheet(store, pad.sheet.id).strokes]


def test_two_windows_that_a_new_server_does_not_know_begin_what_they_show(visit, drawing, store, monkeypatch):
    """Each has drawn without a connection; the first to come back is not the one that was first before."""
    pads = {}
    for name in ("left", "right"):
        monkeypatch.setattr(windows, "this_window", lambda name=name: name)
        at = visit("draw_batch", batch_cells="4") if pads else drawing(batch_cells="4")[0]
        pads[name] = Pad(at, store, read_batches(store)[-1].id, name).digit(0, 1)
    windows._windows.clear()
    for name in ("right", "left"):
        monkeypatch.setattr(windows, "this_window", lambda name=name: f"new {name}")
        at, pad = visit("draw_batch", batch_cells="4"), pads[name]
        Pad(at, store, pad.batch.id, f"new {name}")
        at.session_state[pad.key] = {
            "outbox": {"sheet": pad.sheet.id, "client": name, "events": pad.events, "begin": pad.sheet.begin}
        }
        at.run()
        assert not at.warning
        assert len(load_sheet(store, pad.sheet.id).strokes) == len(pad.events)
        assert Pad(at, store, pad.batch.id).sheet.id == pad.sheet.id, "it is in this window's hand now"


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"batch_cells": "4"},
        pytest.param({"batch_kind": "To test with: never trained on"}, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("sheet", ["none", "blank", "begun"])
def test_a_link_alone_stores_nothing_though_there_is_a_batch(visit, drawing, store, link, sheet):
    _, pad = drawing(writer="Ana")
    if sheet != "none":
        pad.digit(0).send()
    if sheet == "blank":
        pad.tell("clear", cell=0).send()
    before = everything(store)
    for _ in range(2):
        at = visit("draw_batch", writer="Ana", **link)
        at.run()
        assert not at.exception
    assert everything(store) == before


def test_a_database_that_refuses_is_told_until_it_does_not(drawing, store):
    at, pad = drawing()

    def make(read_only):
        for connection in [resources.store()._engine.raw_connection() for _ in range(3)]:
            connection.execute(f"PRAGMA query_only = {read_only}")
            connection.close()

    make(1)
    pad.tell("shown").digit(0).send()
    assert at.warning[0].value.startswith("What you draw waits in this browser, and is stored as soon as")
    assert "attempt to write a readonly database. Nothing was stored." in at.warning[0].value
    assert counts(store)["pen_events"] == 0
    (element,) = at.get("bidi_component")
    assert json.loads(element.proto.json)["acknowledged"] == {}
    make(0)
    pad.send()
    assert not at.warning, "what was said is over"
    assert len(load_sheet(store, pad.sheet.id).strokes) == len(pad.events) - 1
