"""What the sheet pad sends, checked before anything of it is stored.

A message of the pad is `{"sheet": id, "client": str, "events": [...]}`, each event `{"n": number, "type": ...}` with

- `shown`, `undo`, `save`: `at`, in milliseconds since 1970;
- `clear`: `at` and `cell`;
- `stroke`: `cell`, `size` (side of the cell in pixels), `began`, `ended`, `pointer` and `points`: rows of x, y in
  pixels of the cell, milliseconds since `began`, pressure 0-1.
"""

import math

import numpy as np

MAX_CELLS = 50
_MAX_POINTS = 20_000  # of one stroke: minutes with the pen down
_MAX_EVENTS = 2_000  # of one message
_POINTERS = ("mouse", "touch", "pen", "")
_LATEST = 4e12  # ms since 1970: the year 2096


def check_message(message: object) -> tuple[int, str, list[dict]]:
    """Check a message of the pad.

    Args:
        message: Anything.

    Returns:
        Sheet, client, and the events in the order of their numbers, each with the known fields only.

    Raises:
        ValueError: If it is not as the module describes.
    """
    try:
        return _check(message)
    except KeyError as error:
        raise ValueError(
            f"Expected a message of the pad. Received: one without {error}. Nothing was stored."
        ) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"Expected a message of the pad. Received: {error}. Nothing was stored.") from error


def _check(message: dict) -> tuple[int, str, list[dict]]:
    sheet_id, client, events = message["sheet"], message["client"], message["events"]
    if not (type(sheet_id) is int and isinstance(client, str) and 1 <= len(client) <= 20):
        raise ValueError(f"sheet {sheet_id!r:.40}, client {client!r:.40}")
    if not isinstance(events, list) or len(events) > _MAX_EVENTS:
        raise ValueError("events that are no list, or too many")
    checked = sorted((_check_event(event) for event in events), key=lambda event: event["n"])
    if len({event["n"] for event in checked}) < len(checked):
        raise ValueError("an event twice")
    return sheet_id, client, checked


def _check_event(event: dict) -> dict:
    checked = {"n": _whole(event["n"], 1, 10**9), "type": event["type"]}
    if event["type"] == "stroke":
        checked["cell"] = _whole(event["cell"], 0, MAX_CELLS - 1)
        checked["size"] = _finite(event["size"], 1, 10_000)
        checked["began"] = _finite(event["began"], 0, _LATEST)
        checked["ended"] = _finite(event["ended"], checked["began"], _LATEST)
        if event["pointer"] not in _POINTERS:
            raise ValueError(f"pointer {event['pointer']!r:.40}")
        checked["pointer"] = event["pointer"]
        if not isinstance(event["points"], list) or not 1 <= len(event["points"]) <= _MAX_POINTS:
            raise ValueError(f"a stroke that does not have 1 to {_MAX_POINTS} points")
        points = np.array(event["points"], dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 4 or not np.isfinite(points).all() or np.abs(points).max() > 1e7:
            raise ValueError("points that are not rows of four finite numbers")
        checked["points"] = event["points"]
    elif event["type"] in ("shown", "undo", "clear", "save"):
        checked["at"] = _finite(event["at"], 0, _LATEST)
        if event["type"] == "clear":
            checked["cell"] = _whole(event["cell"], 0, MAX_CELLS - 1)
    else:
        raise ValueError(f"an event of type {event['type']!r:.40}")
    return checked


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r:.40} where a whole number from {least} to {most} belongs")
    return value


def _finite(value: object, least: float, most: float) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{value!r:.40} where a number from {least} to {most} belongs")
    return value
