"""Whatever happens to a sheet, in any order: what is on disk is what the model says.

Two windows draw on the sheets of one batch. Messages are lost on the way, their acknowledgements too, and the server
ends in between; a window sends all it has no acknowledgement for, as the pad does.
"""

import itertools
import tempfile
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from digitlab.storage.batches import read_batches, start_batch
from digitlab.storage.drawings import delete_drawings, read_drawings
from digitlab.storage.sheet_saving import close_empty_sheet, store_message
from digitlab.storage.sheets import load_sheet, open_sheet
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.storage.pads import START

CELLS, PROMPTS = 3, 20  # more than a try can draw: there is always a sheet
windows = st.sampled_from([0, 1])
cells = st.integers(0, CELLS - 1)
arrives = st.sampled_from(["taken", "taken", "answer lost", "lost"])


@dataclass
class ModelSheet:
    """What is to be on disk of a sheet: `strokes` are its living ones, `known` the last number of each client.

    It is planned until its first event is taken: `begin` says how. `earlier` and `later` are what undo and redo bring
    back: the strokes as they were before and after other acts.
    """

    positions: list[int]
    begin: dict
    strokes: list[dict] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    log: list[tuple[str, dict]] = field(default_factory=list)  # all that was taken, with its client
    stored: bool = False
    saved: bool = False


@dataclass
class Window:
    """A browser page: the sheet it shows, its name, and what it has no acknowledgement for."""

    sheet: int | None = None
    client: str = ""
    sequence: int = 0
    outbox: list[dict] = field(default_factory=list)

    @property
    def saving(self):
        return any(event["type"] == "save" for event in self.outbox)


class Sheets(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/digitlab.db"
        self.store = Store(self.url)
        self.batch_id = start_batch(
            self.store, add_writer(self.store, "Ana"), "full", [number % 10 for number in range(PROMPTS)], 0
        )
        self.windows = [Window(), Window()]
        self.sheets = {}
        self.drawn = {}  # position: strokes
        self.names, self.now, self.marks = itertools.count(), START, itertools.count(1)

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    # What the windows do

    @initialize()
    def load_both(self):
        self.load(0)
        self.load(1)

    @rule(number=windows)
    def load(self, number):
        """Open the page, or open it again."""
        window = self.windows[number]
        (batch,) = read_batches(self.store)
        sheet = open_sheet(self.store, batch, CELLS, 10.0)
        in_hand = [sheet_id for sheet_id, model in self.sheets.items() if model.stored and not model.saved]
        missing = [position for position in range(PROMPTS) if position not in self.drawn][:CELLS]
        if not in_hand and missing:
            assert sheet.positions == tuple(missing)
            model = self.sheets.setdefault(sheet.id, ModelSheet(missing, msgspec.to_builtins(sheet.begin)))
            assert not model.stored, "another sheet has another number"
            in_hand = [sheet.id]
        assert sheet.id in in_hand if sheet else not in_hand
        shown = sheet.id if sheet else None
        if window.sheet == shown and sheet:
            known = sheet.acknowledged.get(window.client, 0)
            window.outbox = [event for event in window.outbox if event["n"] > known]
            if window.outbox:
                return  # it goes on under its name
        self.windows[number] = Window(shown, f"w{next(self.names)}")

    @rule(number=windows, drawn_in=st.lists(cells, min_size=1, max_size=4), how=arrives)
    def draw(self, number, drawn_in, how):
        for cell in drawn_in:
            points = [[next(self.marks) % 90, 5, 0, 0.5], [50, 60, 10, 0.5]]
            self.stroke(number, cell, points, how)

    @rule(number=windows, cell=cells, how=arrives)
    def dot(self, number, cell, how):
        self.stroke(number, cell, [[50, 50, 0, 0.5]], how)

    def stroke(self, number, cell, points, how):
        began, self.now = self.now, self.now + 500
        moments = {"began": began, "ended": self.now, "size": 100, "pointer": "pen"}
        self.tell(number, {"type": "stroke", "cell": cell, "points": points, **moments}, how)

    @rule(number=windows, kind=st.sampled_from(["shown", "undo", "undo", "redo"]), how=arrives)
    def click(self, number, kind, how):
        self.tell(number, {"type": kind, "at": self.now}, how)

    @rule(number=windows, cell=cells, how=arrives)
    def clear(self, number, cell, how):
        self.tell(number, {"type": "clear", "at": self.now, "cell": cell}, how)

    @rule(number=windows, how=arrives)
    def save(self, number, how):
        self.tell(number, {"type": "save", "at": self.now}, how)

    @rule(number=windows, how=arrives)
    def send_again(self, number, how):
        self.send(self.windows[number], how)

    @rule(number=windows)
    def choose_another_number_of_cells(self, number):
        window = self.windows[number]
        model = self.sheets.get(window.sheet)
        if model and model.stored and not model.saved:
            close_empty_sheet(self.store, window.sheet)
            model.saved = not model.strokes

    # What happens to the server

    @rule()
    def server_ends(self):
        self.store.close()
        self.store = Store(self.url)

    @precondition(lambda self: self.drawn)
    @rule(data=st.data())
    def delete_a_drawing(self, data):
        position = data.draw(st.sampled_from(sorted(self.drawn)))
        drawings = {drawing.position: drawing.id for drawing in read_drawings(self.store, [self.batch_id])}
        delete_drawings(self.store, [drawings[position]])
        del self.drawn[position]

    # How a message is sent, and what is to come of it

    def tell(self, number, event, how):
        window = self.windows[number]
        self.now += 300
        model = self.sheets.get(window.sheet)
        if model is None or window.saving or event.get("cell", 0) >= len(model.positions):
            return
        window.sequence += 1
        window.outbox.append({"n": window.sequence, **event})
        self.send(window, how)

    def send(self, window, how):
        if window.sheet is None or how == "lost":
            return
        model = self.sheets[window.sheet]
        message = {"sheet": window.sheet, "client": window.client, "events": window.outbox, "begin": model.begin}
        if window.outbox and not model.stored:
            in_hand = [other.positions for other in self.sheets.values() if other.stored and not other.saved]
            if set(model.positions) & {*self.drawn, *itertools.chain(*in_hand)}:
                with pytest.raises(ValueError, match="Expected prompts that nobody draws"):
                    store_message(self.store, message)
                window.outbox = []
                return
            model.stored = True
        new = [event for event in window.outbox if event["n"] > model.known.get(window.client, 0)]
        if model.saved and any(event["type"] == "stroke" for event in new):
            with pytest.raises(ValueError, match="saved meanwhile"):
                store_message(self.store, message)
            window.outbox = []
            return
        taken = store_message(self.store, message)
        assert len(taken.drawing_ids) == (self.expect(window, model, new) if new and not model.saved else 0)
        if how == "taken":
            window.outbox = []

    def expect(self, window, model, new):
        """Bring the model up to date and return how many drawings are stored."""
        model.known[window.client] = new[-1]["n"]
        model.log += [(window.client, event) for event in new]
        model.strokes = self.count(model.log)
        if new[-1]["type"] != "save":
            return 0
        model.saved = True
        of_cell = {cell: [s for s in model.strokes if s["cell"] == cell] for cell in range(len(model.positions))}
        drawn = {cell: strokes for cell, strokes in of_cell.items() if any(len(s["points"]) > 1 for s in strokes)}
        self.drawn |= {model.positions[cell]: strokes for cell, strokes in drawn.items()}
        return len(drawn)

    @staticmethod
    def count(log):
        """The strokes that count: a client takes back what it knows, and adds to no digit that it does not know."""
        first = {client: place for place, (client, _) in reversed(list(enumerate(log)))}
        there, gone = [], []  # (place in the log, whether it counts); (what was taken back, place of the undo)

        def seen(client, other):
            return log[other][0] == client or other < first[client]

        def inked():
            left = []
            for place, counts in there:
                client, event = log[place]
                if event["type"] == "stroke":
                    left.append((place, counts))
                else:
                    left = [e for e in left if log[e[0]][1]["cell"] != event["cell"] or not seen(client, e[0])]
            return left

        for place, (client, event) in enumerate(log):
            mine = [entry for entry in there if seen(client, entry[0])]
            taken = [entry for entry in gone if seen(client, entry[1])]
            if event["type"] == "undo" and mine:
                there.remove(mine[-1])
                gone.append((mine[-1], place))
            elif event["type"] == "redo" and taken:
                gone.remove(taken[-1])
                there.append(taken[-1][0])
            elif event["type"] in {"stroke", "clear"}:
                ink = [entry for entry in inked() if log[entry[0]][1]["cell"] == event["cell"]]
                if event["type"] == "clear" and not any(entry in mine for entry in ink):
                    continue
                counts = event["type"] == "clear" or all(entry in mine for entry in ink if entry[1])
                there.append((place, counts))
                gone = [entry for entry in gone if entry not in taken]
        return [log[place][1] for place, counts in inked() if counts]

    @invariant()
    def what_is_on_disk_is_what_the_model_says(self):
        for sheet_id, model in self.sheets.items():
            if not model.stored:
                continue
            sheet = load_sheet(self.store, sheet_id)
            assert [stroke.began for stroke in sheet.strokes] == [stroke["began"] for stroke in model.strokes]
            assert sheet.acknowledged == model.known
        drawings = read_drawings(self.store, [self.batch_id])
        assert {drawing.position for drawing in drawings} == set(self.drawn)
        assert len(drawings) == len(self.drawn)
        for drawing in drawings:
            strokes = zip(drawing.strokes, self.drawn[drawing.position], strict=True)
            assert all((stroke[:, :2] == np.array(event["points"])[:, :2]).all() for stroke, event in strokes)


Sheets.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None, derandomize=True)
TestSheets = pytest.mark.slow(Sheets.TestCase)
