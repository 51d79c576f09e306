"""People who draw sheets, as the server sees them: without a browser, for load.py.

Each speaks Streamlit's own protocol and does what sheet_pad.js does: numbers its events, sends all that are not
acknowledged, sends them again after two seconds, takes a new name for each sheet and saves it with its last cell. A
look at a sheet is told with the first stroke on it. After a cut it asks for its old session, as a browser does.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.helpers import human_strokes

RESEND_AFTER = 2.0  # s, as in sheet_pad.js
PACE = 1.2  # s from stroke to stroke
WAIT = 40.0  # s at the end, for what is not acknowledged yet
GONE = (OSError, websockets.WebSocketException)  # the connection
_CELL = 100  # px
_PAD = "digitlab_sheet_pad"


class Session:
    """A browser tab: asks for pages and hears what the server says to it.

    With the id of an earlier session it goes on with that, if the server still knows it.
    """

    def __init__(self, url, earlier=""):
        self.address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        self.received = 0  # bytes
        self.page_script_hash, self.id = "", earlier

    async def __aenter__(self):
        protocols = ["streamlit", "none", self.id] if self.id else ["streamlit"]  # in the second place: a token
        self.socket = await websockets.connect(self.address, subprotocols=protocols, max_size=None)
        return self

    async def __aexit__(self, *_error):
        await self.socket.close()

    async def hear(self):
        data = await self.socket.recv()
        self.received += len(data)
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "new_session":
            self.page_script_hash = message.new_session.page_script_hash
            self.id = message.new_session.initialize.session_id
        return message

    async def ask(self, page=None, query="", fragment="", **values):
        """Run a page, or a fragment of it, with new values of widgets: `{widget id: (field, value)}`."""
        message = BackMsg()
        run = message.rerun_script
        run.query_string = query
        if page is None:
            run.page_script_hash = self.page_script_hash
        else:
            run.page_name = page
        run.fragment_id = fragment
        for widget, (kind, value) in values.items():
            state = run.widget_states.widgets.add()
            state.id = widget
            setattr(state, kind, value)
        await self.socket.send(message.SerializeToString())

    async def open(self, page, query=""):
        """Open a page; returns the messages until all of it is there."""
        await self.ask(page, query)
        heard = []
        while not heard or heard[-1].WhichOneof("type") != "script_finished":
            heard.append(await asyncio.wait_for(self.hear(), 120))
            if heard[-1].WhichOneof("type") == "script_finished":
                if heard[-1].script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    heard.clear()  # the page begins anew by itself
                elif heard[-1].script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RuntimeError(f"The page {page!r} ended with {heard[-1].script_finished}.")
        return heard


def elements(messages, kind):
    """The elements of a kind among messages."""
    found = [message.delta.new_element for message in messages if message.WhichOneof("type") == "delta"]
    return [getattr(element, kind) for element in found if element.WhichOneof("type") == kind]


@dataclass
class Person:
    """Who draws, and what came of it.

    Attributes:
        query: Of the link to the page: who it is.
        seconds: How long to draw.
        pace: Seconds from stroke to stroke.
        window: Which of the person's windows this is, from 0.
        clock: Seconds that the browser's clock is wrong by.
        draws_on: Whether to draw on when that time is over.
        stays: Whether to keep the window open though all is drawn and acknowledged.
        sent: Events, `{(sheet, client, number): event}`.
        sent_at: When each was sent first, monotonic seconds; the same keys.
        acknowledged_at: When each was acknowledged.
        saves: Seconds from a save to the next sheet.
        resent: How often a message was sent again.
        opened: Seconds until there was a sheet.
        told: What the page has said in warnings and errors.
        over: Whether all is done.
        failed: What went wrong; empty if nothing.
    """

    query: str
    seconds: float
    number: int
    pace: float = PACE
    window: int = 0
    clock: float = 0.0
    draws_on: Callable[[], bool] = lambda: False
    stays: Callable[[], bool] = lambda: False
    sent: dict = field(default_factory=dict)
    sent_at: dict = field(default_factory=dict)
    acknowledged_at: dict = field(default_factory=dict)
    saves: list = field(default_factory=list)
    resent: int = 0
    opened: float | None = None
    told: set = field(default_factory=set)
    over: bool = False
    failed: str = ""

    @property
    def strokes(self):
        return [key for key, event in self.sent.items() if event["type"] == "stroke"]

    @property
    def waits(self):
        """Seconds from each acknowledged stroke to its acknowledgement."""
        return [self.acknowledged_at[key] - self.sent_at[key] for key in self.strokes if key in self.acknowledged_at]

    async def draw(self, url):
        """Draw; when the connection or the server goes, go on drawing, connect again and send what waits."""
        self._rng = random.Random(self.number + 1000 * self.window)
        self._outbox, self._sheet, self._client, self._count, self._last_sent = [], None, "", 0, 0.0
        self._begin, self._others, self._away_until = None, [], 0.0
        self._changed, self._session, self._pad_id, self._fragment, self._data = asyncio.Event(), None, None, "", None
        began = time.monotonic()
        connected, resending = asyncio.create_task(self._stay_connected(url)), asyncio.create_task(self._send_again())
        try:
            await self._until(lambda: self._sheet is not None, 60, "no sheet")
            self.opened = time.monotonic() - began
            await self._fill_sheets(time.monotonic() + self.seconds)
            with suppress(TimeoutError):
                await self._until(lambda: not self._waits(), WAIT, "not acknowledged")
            self.over = True
            while self.stays():
                await asyncio.sleep(0.1)
        except TimeoutError as error:
            self.failed = str(error)
        finally:
            self.over = True
            connected.cancel()
            resending.cancel()

    async def cut(self, seconds=0.0):
        """Lose the connection, without a goodbye, and have none for some seconds."""
        self._away_until = time.monotonic() + seconds
        if self._session:
            self._session.socket.transport.abort()

    async def _stay_connected(self, url):
        known = ""
        while True:
            with suppress(*GONE):
                async with Session(url, known) as session:
                    await session.ask("draw_batch", self.query)
                    self._session = session
                    await self._listen(session)
            known = self._session.id if self._session else known
            self._session = self._pad_id = None
            await asyncio.sleep(max(0.3, self._away_until - time.monotonic()))

    async def _fill_sheets(self, end):
        def enough():
            return time.monotonic() > end and not self.draws_on()

        while not enough():
            sheet, labels = self._sheet, self._data["labels"]
            for cell, label in enumerate(labels):
                for stroke in human_strokes()[label]:
                    await asyncio.sleep(self._rng.uniform(0.7, 1.3) * self.pace)
                    if enough() or self._sheet != sheet:
                        return
                    await self._add("stroke", cell=cell, **self._stroke(stroke))
            saved = time.monotonic()
            await self._add("save", at=self._now())
            await self._until(lambda sheet=sheet: self._sheet != sheet, 60, "no next sheet")
            self.saves.append(time.monotonic() - saved)

    def _stroke(self, points):
        points = np.array(points) * _CELL / 280 + self._rng.uniform(-3, 3)
        ended = self._now()
        rows = [[float(x), float(y), 10.0 * at, 0.5] for at, (x, y) in enumerate(points.round(1))]
        return {"size": _CELL, "began": ended - 10 * len(rows), "ended": ended, "pointer": "pen", "points": rows}

    async def _add(self, kind, **more):
        self._count += 1
        event = {"n": self._count, "type": kind, **more}
        key = self._sheet, self._client, self._count
        self.sent[key], self.sent_at[key] = event, time.monotonic()
        self._outbox.append(event)
        await self._send()

    async def _send(self):
        self._last_sent = time.monotonic()
        if self._session is None or self._pad_id is None:
            return  # it waits
        message = {"sheet": self._sheet, "client": self._client, "begin": self._begin, "events": self._outbox}
        value = json.dumps({"outbox": {**message, "others": self._others}})
        with suppress(*GONE):
            await self._session.ask(None, self.query, self._fragment, **{self._pad_id: ("json_value", value)})

    async def _send_again(self):
        while True:
            await asyncio.sleep(0.1)
            if self._waits() and time.monotonic() - self._last_sent > RESEND_AFTER:
                self.resent += 1
                await self._send()

    async def _listen(self, session):
        while True:
            message = await session.hear()
            if message.WhichOneof("type") != "delta" or message.delta.WhichOneof("type") != "new_element":
                continue
            element = message.delta.new_element
            if element.WhichOneof("type") == "alert":
                self.told.add(element.alert.body)
            if element.WhichOneof("type") == "exception":
                self.failed = f"{element.exception.type}: {element.exception.message}"
            if element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == _PAD:
                self._pad_id, self._fragment = element.bidi_component.id, message.delta.fragment_id
                await self._update(json.loads(element.bidi_component.json))

    def _waits(self):
        """Whether something is to be sent: a look at a sheet alone is not."""
        return any("seen" not in event for event in self._outbox) or self._others

    async def _update(self, data):
        now, self._data, before = time.monotonic(), data, self._sheet
        other = data["sheet"] != before
        # A sheet that was saved has all; one that is another window's now may lack what is not acknowledged.
        kinds = [event["type"] for event in self._outbox]
        lacks = other and "stroke" in kinds and "save" not in kinds
        done = self._count if other and not lacks else data["acknowledged"].get(self._client, 0)
        for key in self.sent:
            if key[:2] == (before, self._client) and key[2] <= done:
                self.acknowledged_at.setdefault(key, now)
        self._outbox = [event for event in self._outbox if event["n"] > done]
        if done:  # those of other sheets were sent before what is acknowledged now
            for part in self._others:
                for event in part["events"]:
                    self.acknowledged_at.setdefault((part["sheet"], part["client"], event["n"]), now)
            self._others = []
        if other:
            if lacks:
                part = {"sheet": before, "client": self._client, "begin": self._begin, "events": self._outbox}
                self._others = [*self._others, part]
            self._sheet, self._begin, self._outbox = data["sheet"], data["begin"], []
            self._client = "".join(self._rng.choices("abcdefghijklmnopqrstuvwxyz", k=12))
            self._count = 1
            event = {"n": 1, "type": "shown", "at": self._now()}
            self._outbox = [event if self._others else {**event, "seen": data["seen"]}]
            self.sent[self._sheet, self._client, 1], self.sent_at[self._sheet, self._client, 1] = self._outbox[0], now
            if self._others:
                await self._send()
        self._changed.set()

    async def _until(self, condition, seconds, what):
        """Wait; without a connection nobody becomes impatient."""
        began = time.monotonic()
        while not condition():
            self._changed.clear()
            end = max(began, self._away_until) + seconds
            try:
                await asyncio.wait_for(self._changed.wait(), max(0.01, end - time.monotonic()))
            except TimeoutError:
                if time.monotonic() > max(began, self._away_until) + seconds:
                    raise TimeoutError(f"{what} after {seconds} s") from None

    def _now(self):
        return round(1000 * (time.time() + self.clock))
