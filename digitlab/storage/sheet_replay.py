"""What is on a sheet, as the events of the windows that write on it tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digitlab.storage.pad_message import ClearCell, LateStroke, PadEvent, PenStroke, Redo, SheetShown, Undo, UndoStroke

Act = PenStroke | LateStroke | ClearCell


@dataclass(frozen=True)
class _Done:
    """A stroke or a clear: when it was sent (its place among the events), by which client, and whether it counts."""

    place: int
    client: str
    act: Act
    counts: bool = True


@dataclass(frozen=True)
class Acts:
    """What `Sheet` says of its strokes, of what undo and redo would do, and of what is left out."""

    strokes: tuple[PenStroke, ...]
    done: tuple[Act, ...]
    undone: tuple[Act, ...]
    left_out: tuple[int, ...]


def replay(sent: Sequence[tuple[str, PadEvent]]) -> Acts:
    """Return what holds after these events of clients.

    Undo takes the last stroke or clear back, redo does again what was taken back last, until there is another act.
    A clear of a blank cell is no act.

    A client knows what it did and what was there when it showed the sheet: what it says that it has seen, else what was
    there when it first sent something. It takes back only what it knows. What it writes into a cell with ink that it
    does not know is left out: the digit there is another window's.
    """
    done: list[_Done] = []
    undone: list[tuple[_Done, int, str]] = []  # and when and by whom it was taken back
    began: dict[str, int] = {}
    for place, (client, event) in enumerate(sent):
        seen = event.seen if isinstance(event, SheetShown) and event.seen is not None else place
        began.setdefault(client, min(seen, place))
        known = [each for each in done if _knows(client, began, each.client, each.place)]
        if isinstance(event, Undo) and known:
            done = [each for each in done if each is not known[-1]]
            undone.append((known[-1], place, client))
        elif isinstance(event, UndoStroke):
            there = [each for each in _inked(done, began) if each in known]
            done = [each for each in done if each not in there[-1:]]
        elif isinstance(event, Redo):
            again = [each for each in undone if _knows(client, began, each[2], each[1])][-1:]
            undone = [each for each in undone if each not in again]
            done += [each for each, _, _ in again]
        elif isinstance(event, PenStroke | ClearCell):
            in_cell = [each for each in _inked(done, began) if each.act.cell == event.cell]
            if isinstance(event, PenStroke):
                done.append(_Done(place, client, event, all(each in known for each in in_cell if each.counts)))
            elif any(each in known for each in in_cell):
                done.append(_Done(place, client, event))
            else:
                continue
            undone = [each for each in undone if not _knows(client, began, each[2], each[1])]
    inked = _inked(done, began)
    strokes = tuple(each.act for each in inked if each.counts and isinstance(each.act, PenStroke))
    acts = tuple(each.act for each in done if each.counts)
    if _written(acts) != strokes:  # a clear by a window that did not know all of it: a new window cannot take it back
        acts = strokes
    left_out = tuple(sorted({each.act.cell for each in inked if not each.counts}))
    return Acts(strokes, acts, tuple(each.act for each, _, _ in undone), left_out)


def _knows(client: str, began: Mapping[str, int], other: str, place: int) -> bool:
    return client == other or place < began[client]


def _written(acts: Sequence[Act]) -> tuple[PenStroke, ...]:
    """Return the strokes of one window's acts that no clear has taken."""
    strokes: list[PenStroke] = []
    for act in acts:
        if isinstance(act, PenStroke):
            strokes.append(act)
        else:
            strokes = [stroke for stroke in strokes if stroke.cell != act.cell]
    return tuple(strokes)


def _inked(done: Sequence[_Done], began: Mapping[str, int]) -> list[_Done]:
    """Return the strokes that no clear has taken."""
    strokes: list[_Done] = []
    for each in done:
        if isinstance(each.act, PenStroke):
            strokes.append(each)
        else:
            strokes = [
                stroke
                for stroke in strokes
                if stroke.act.cell != each.act.cell or not _knows(each.client, began, stroke.client, stroke.place)
            ]
    return strokes
