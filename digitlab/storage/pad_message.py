"""What the sheet pad sends: typed records, checked before anything of it is stored and when it is read again.

A message of the pad is `{"sheet": id, "client": str, "events": [...]}`; an event is a JSON object with its number `n`
and its `type`, as the classes here describe. In the database each event is such a JSON object too. Of a sheet that its
first event begins, the message also says `"begin": {...}`, as `NewSheet` describes.
"""

from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

MAX_CELLS = 50
FIRST_PLANNED = 2**30  # ids of sheets from here on are made of what they ask for (`sheets`); before, they were counted
_MAX_POINTS = 20_000  # of one stroke: minutes with the pen down
_MAX_EVENTS = 2_000  # of one message
_LONGEST = 3.6e6  # ms of one stroke

_Number = Annotated[int, Meta(ge=1, le=10**9)]  # the client's own count
_Cell = Annotated[int, Meta(ge=0, le=MAX_CELLS - 1)]
_Time = Annotated[float, Meta(ge=0, le=4e12)]  # ms since 1970, until the year 2096
_Pixels = Annotated[float, Meta(ge=-1e7, le=1e7)]  # no pen goes farther
_Since = Annotated[float, Meta(ge=0, le=1e7)]  # ms since the stroke began
_Pressure = Annotated[float, Meta(ge=0, le=1)]
_Point = tuple[_Pixels, _Pixels, _Since, _Pressure]


class PenStroke(msgspec.Struct, frozen=True, tag_field="type", tag="stroke"):
    """A stroke, from pen-down to pen-up.

    Attributes:
        n: Number of the event.
        cell: Where it began.
        size: Side of the cell, pixels.
        began: Milliseconds since 1970.
        ended: The same.
        pointer: What drew it; empty where the browser does not say.
        points: Rows of x, y in pixels of the cell (y down), milliseconds since `began`, pressure 0-1.
    """

    n: _Number
    cell: _Cell
    size: Annotated[float, Meta(ge=1, le=10_000)]
    began: _Time
    ended: _Time
    pointer: Literal["mouse", "touch", "pen", ""]
    points: Annotated[tuple[_Point, ...], Meta(min_length=1, max_length=_MAX_POINTS)]

    def __post_init__(self) -> None:
        if not 0 <= self.ended - self.began <= _LONGEST:
            raise ValueError(f"a stroke that ends {self.ended - self.began:.0f} ms after it began")


class LateStroke(PenStroke, frozen=True, tag_field="type", tag="late"):
    """A stroke that goes on with the last digit of a sheet that has saved itself."""


class SheetShown(msgspec.Struct, frozen=True, tag_field="type", tag="shown", omit_defaults=True):
    """The sheet was shown, `at` milliseconds since 1970.

    It may be sent later, with the first stroke: then `seen` is how many events of others it showed.
    """

    n: _Number
    at: _Time
    seen: Annotated[int, Meta(ge=0, le=10**9)] | None = None


class WentOn(msgspec.Struct, frozen=True, tag_field="type", tag="went_on"):
    """Until `at` milliseconds since 1970 the writer was still at the sheet before: this one's clock begins then."""

    n: _Number
    at: _Time


class Undo(msgspec.Struct, frozen=True, tag_field="type", tag="undo"):
    """The last act, a stroke or a clear, was taken back, `at` milliseconds since 1970."""

    n: _Number
    at: _Time


class UndoStroke(msgspec.Struct, frozen=True, tag_field="type", tag="undo_stroke"):
    """The last stroke was taken back: what undo meant before it took back clears too. No pad sends it."""

    n: _Number
    at: _Time


class Redo(msgspec.Struct, frozen=True, tag_field="type", tag="redo"):
    """What was taken back last was done again, `at` milliseconds since 1970."""

    n: _Number
    at: _Time


class ClearCell(msgspec.Struct, frozen=True, tag_field="type", tag="clear"):
    """All strokes of a cell were taken back, `at` milliseconds since 1970."""

    n: _Number
    at: _Time
    cell: _Cell


class SaveSheet(msgspec.Struct, frozen=True, tag_field="type", tag="save"):
    """The sheet is to be saved; the button was pressed `at` milliseconds since 1970."""

    n: _Number
    at: _Time


PadEvent = PenStroke | LateStroke | SheetShown | WentOn | Undo | UndoStroke | Redo | ClearCell | SaveSheet


class NewSheet(msgspec.Struct, frozen=True):
    """A sheet that its first event begins.

    Attributes:
        sheet: Its id.
        batch: Id of the batch.
        positions: Of the prompts, cell by cell.
        idle_seconds: Threshold of the clock.
    """

    sheet: Annotated[int, Meta(ge=FIRST_PLANNED, le=2**31 - 1)]
    batch: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    positions: Annotated[tuple[Annotated[int, Meta(ge=0, le=10**6)], ...], Meta(min_length=1, max_length=MAX_CELLS)]
    idle_seconds: Annotated[float, Meta(gt=0, le=3600)]


class PadMessage(NamedTuple):
    """A message: of which sheet (id in the store), by which browser page, its events by number, and what begins it."""

    sheet: int
    client: str
    events: tuple[PadEvent, ...]
    begin: NewSheet | None = None


class _Message(msgspec.Struct):
    sheet: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    client: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,20}\Z")]
    events: Annotated[list[PadEvent], Meta(max_length=_MAX_EVENTS)]
    begin: NewSheet | None = None


def check_message(message: object) -> PadMessage:
    """Check a message of the pad.

    Args:
        message: Anything.

    Returns:
        The message, its events in the order of their numbers, with the known fields only.

    Raises:
        ValueError: If it is not as the module describes.

    Example:
        >>> check_message({"sheet": 7, "client": "a1", "events": [{"n": 1, "type": "undo", "at": 0}]}).events
        (Undo(n=1, at=0.0),)
    """
    try:
        checked = msgspec.convert(message, _Message)
    except (msgspec.ValidationError, ValueError) as error:
        raise ValueError(f"Expected a message of the pad. Received: {error!s:.200}. Nothing was stored.") from error
    events = tuple(sorted(checked.events, key=lambda event: event.n))
    if len({event.n for event in events}) < len(events):
        raise ValueError("Expected a message of the pad. Received: an event twice. Nothing was stored.")
    return PadMessage(checked.sheet, checked.client, events, checked.begin)


def event_from_json(text: str) -> PadEvent:
    """Read a stored event.

    Raises:
        ValueError: If it is not an event of the pad.
    """
    try:
        event: PadEvent = msgspec.json.decode(text, type=PadEvent)
    except msgspec.DecodeError as error:
        raise ValueError(f"Expected a stored event of the pad. Received: {error!s:.200}.") from error
    return event


def event_to_builtins(event: PadEvent) -> dict[str, object]:
    """Return an event as the JSON object that is stored, made of dicts, lists and plain values."""
    return dict(msgspec.to_builtins(event))
