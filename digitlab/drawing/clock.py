"""Human time: pure functions of the moments at which something happened.

Of a digit: *think* (from the sheet shown, or the pen-up before, to its first pen-down), *draw* (pen down) and *pause*
(pen up between its strokes). Of a sheet also *handling*: the way to a button. A gap longer than a threshold is *idle*:
it is cut out and counted apart. What is cleared or drawn again has cost its time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

IDLE_SECONDS = 10.0  # a longer gap between two moments is a break, not work


@dataclass(frozen=True)
class Moment:
    """Something a person did at a sheet, from `began` to `ended` (seconds); `cell` of a stroke, else None."""

    began: float
    ended: float
    cell: int | None = None


@dataclass(frozen=True)
class DigitTime:
    """Seconds for one digit."""

    think: float = 0.0
    draw: float = 0.0
    pause: float = 0.0

    @property
    def active(self) -> float:
        """All of it."""
        return self.think + self.draw + self.pause


@dataclass(frozen=True)
class SheetTime:
    """Seconds for a sheet: of each cell that was drawn in, and what belongs to none."""

    cells: dict[int, DigitTime]
    handling: float
    idle: float
    wall: float

    @property
    def active(self) -> float:
        """Work: all cells and the handling."""
        return sum(time.active for time in self.cells.values()) + self.handling


def sheet_time(moments: Iterable[Moment], idle_seconds: float = IDLE_SECONDS) -> SheetTime:
    """Add up the time of a sheet.

    Args:
        moments: What happened, in order: the sheet was shown, strokes, clicks on undo, clear and save.
        idle_seconds: A longer gap before a moment is idle.

    Returns:
        Active and idle seconds together are the wall seconds, where moments do not overlap.
    """
    cells: dict[int, DigitTime] = {}
    handling = idle = 0.0
    first = last = last_cell = None
    for moment in moments:
        gap = max(0.0, moment.began - last) if last is not None else 0.0
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
        first = moment.began if first is None else first
        last = moment.ended if last is None else max(last, moment.ended)
        last_cell = moment.cell
    return SheetTime(cells, handling, idle, last - first if last is not None else 0.0)


def active_seconds(moments: Sequence[float], idle_seconds: float = IDLE_SECONDS) -> float:
    """Seconds of work between the first and the last moment; longer gaps are left out.

    Args:
        moments: Seconds on any clock, in order, at which the person was seen at work (prompt shown, stroke, saved).
        idle_seconds: A longer gap does not count.

    Returns:
        Seconds, 0.0 or more.

    Raises:
        ValueError: If the moments are not in order.
    """
    if any(not later >= earlier for earlier, later in zip(moments, moments[1:], strict=False)):
        raise ValueError(f"Expected moments in order of time. Received: {list(moments)}.")
    return sheet_time((Moment(moment, moment) for moment in moments), idle_seconds).handling


def in_words(seconds: float) -> str:
    """Write a duration for a reader: `9.4 s`, `3 min 10 s`, `1 h 5 min`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
