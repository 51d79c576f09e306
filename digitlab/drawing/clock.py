"""Human seconds: how long somebody worked at drawings, from the moments at which something happened.

The time of a digit is *think* (from the sheet shown, or the pen-up before, to its first pen-down), *draw* (pen down)
and *pause* (pen up between its strokes). The time of a sheet has also *handling*: the way to a button. A gap longer
than a threshold is *idle*: a break, counted apart. Whatever is cleared or drawn again has taken its time all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

IDLE_SECONDS = 10.0  # a longer gap between two moments is a break, not work
LOOKING_SECONDS = 60.0  # of looking at pictures without a click; what is longer is a break


@dataclass(frozen=True)
class Moment:
    """Something a person did at a sheet.

    Attributes:
        began: Seconds, on any clock.
        ended: Seconds, on the same clock; of a click, the same as `began`.
        cell: Number of the cell a stroke was drawn in; None for whatever else happened.
    """

    began: float
    ended: float
    cell: int | None = None


@dataclass(frozen=True)
class DigitTime:
    """Seconds of work at one digit; the module says what each is."""

    think: float = 0.0
    draw: float = 0.0
    pause: float = 0.0

    @property
    def active(self) -> float:
        """All seconds of work at the digit."""
        return self.think + self.draw + self.pause


@dataclass(frozen=True)
class SheetTime:
    """Seconds at a sheet.

    Attributes:
        cells: For each cell that was drawn in, by its number, the seconds of work at its digit.
        handling: Seconds of work that belong to no cell, such as the way to the Save button.
        idle: Seconds of breaks.
        wall: Seconds from the first moment to the last.
    """

    cells: dict[int, DigitTime]
    handling: float
    idle: float
    wall: float

    @property
    def active(self) -> float:
        """Seconds of work: at all cells, and the handling."""
        return sum(time.active for time in self.cells.values()) + self.handling


def sheet_time(moments: Iterable[Moment], idle_seconds: float = IDLE_SECONDS) -> SheetTime:
    """Add up the seconds at a sheet.

    Args:
        moments: What happened, in order: the sheet was shown, strokes, clicks on undo, clear and save.
        idle_seconds: A longer gap before a moment is idle.

    Returns:
        The seconds, all 0.0 without a moment. Active and idle seconds together are the wall seconds, where moments do
        not overlap.

    Example:
        >>> four = [Moment(0.0, 0.0), Moment(1.5, 2.5, cell=3), Moment(2.75, 3.25, cell=3), Moment(60.0, 60.0)]
        >>> time = sheet_time(four)
        >>> time.cells[3], time.active, time.idle
        (DigitTime(think=1.5, draw=1.5, pause=0.25), 3.25, 56.75)
    """
    cells: dict[int, DigitTime] = {}
    handling = idle = 0.0
    first: float | None = None
    last = 0.0
    last_cell: int | None = None
    for moment in moments:
        if first is None:
            first = last = moment.began
        gap = max(0.0, moment.began - last)
        if gap > idle_seconds:
            idle, gap = idle + gap, 0.0
        if moment.cell is None:
            handling += gap + moment.ended - moment.began
        else:
            before = cells.get(moment.cell, DigitTime())
            again = last_cell == moment.cell
            cells[moment.cell] = DigitTime(
                before.think + (0.0 if again else gap),
                before.draw + moment.ended - moment.began,
                before.pause + (gap if again else 0.0),
            )
        last = max(last, moment.ended)
        last_cell = moment.cell
    return SheetTime(cells, handling, idle, 0.0 if first is None else last - first)


def active_seconds(moments: Sequence[float], idle_seconds: float = IDLE_SECONDS) -> float:
    """Return the seconds of work between the first and the last moment; breaks are left out.

    Args:
        moments: Seconds on any clock, in order, at which the person was seen at work (prompt shown, stroke, saved).
        idle_seconds: A longer gap is a break.

    Returns:
        Seconds, 0.0 or more.

    Raises:
        ValueError: If the moments are not in order.

    Example:
        >>> active_seconds([0.0, 2.0, 3602.0, 3605.0])
        5.0
    """
    if any(not later >= earlier for earlier, later in zip(moments, moments[1:], strict=False)):
        raise ValueError(f"Expected moments in order of time. Received: {list(moments)}.")
    return sheet_time((Moment(moment, moment) for moment in moments), idle_seconds).handling


def looking_seconds(moments: Sequence[float]) -> float:
    """Return the seconds of looking at pictures between the first and the last moment.

    Who looks does not click: ten seconds without a click are no break yet, and the look before a break was work. So of
    each gap `LOOKING_SECONDS` count at most.

    Args:
        moments: Seconds on any clock, in order: the pictures were shown, clicks.

    Returns:
        Seconds, 0.0 or more.

    Example:
        >>> looking_seconds([0.0, 25.0, 3625.0])
        85.0
    """
    return sum(min(max(0.0, later - earlier), LOOKING_SECONDS) for earlier, later in pairwise(moments))


def local_time(moment: str, zone: str | None) -> str:
    """Write a stored moment as the clock of a time zone shows it.

    Args:
        moment: UTC, ISO 8601.
        zone: Name of the time zone, such as `Europe/Berlin`; where it is not known, UTC is shown and named.

    Example:
        >>> local_time("2026-11-26T06:55:45.123+00:00", "Europe/Berlin")
        '2026-11-26 07:55'
        >>> local_time("2026-11-26T06:55:45.123+00:00", None)
        '2026-11-26 06:55 UTC'
    """
    utc = datetime.fromisoformat(moment)
    try:
        return f"{utc.astimezone(ZoneInfo(zone or '')):%Y-%m-%d %H:%M}"
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return f"{utc:%Y-%m-%d %H:%M} UTC"


def in_words(seconds: float) -> str:
    """Write a duration for a reader.

    Args:
        seconds: 0 or more.

    Example:
        >>> in_words(9.44), in_words(16.2), in_words(190.2), in_words(3900)
        ('9.4 s', '16 s', '3 min 10 s', '1 h 5 min')
    """
    if round(seconds, 1) < 10:
        return f"{seconds:.1f} s"
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
