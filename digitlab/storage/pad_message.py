"""What the sheet pad sends, checked before anything of it is stored.

A message of the pad is `{"sheet": id, "client": str, "events": [...]}`, each event `{"n": number, "type": ...}` with

- `shown`, `undo`, `save`: `at`, in milliseconds since 1970;
- `clear`: `at` and `cell`;
- `stroke`: `cell`, `size` (side of the cell in pixels), `began`, `ended`, `pointer` and `points`: rows of x, y in
  pixels of the cell, milliseconds since `began`, pressure 0-1.
"""

import math
import re

import numpy as np

MAX_CELLS = 50
_MAX_POINTS = 20_000  # of one stroke: minutes with the pen down
_MAX_EVENTS = 2_000  # of one message
_POINTERS = ("mouse", "touch", "pen", "")
_LATEST = 4e12  # ms since 1970: the year 2096
_LONGEST = 3.6e6  # ms of one stroke
_LARGEST = 1e7  # pixels or ms: no pen goes farther


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
    if not isinstance(message, dict):
        raise TypeError(f"{message!r:.40}")
    sheet_id, client, events = _whole(message["sheet"], 1, 2**31 - 1), message["client"], message["events"]
    if not (isinstance(client, str) and re.fullmatch("[a-z0-9]{1,20}", client)):
        raise ValueError(f"client {client!r:.40}")
    if not isinstance(events, list) or len(events) > _MAX_EVENTS:
        raise ValueError("events that are no list, or too many")
    checked = sorted((_check_event(event) for event in events), key=lambda event: event["n"])
    if len({event["n"] for event in checked}) < len(checked):
        raise ValueError("an event twice")
    return sheet_id, client, checked


def _check_event(event: dict) -> dict:
    if not isinstance(event, dict):
        raise TypeError(f"{event!r:.40} where an event belongs")
    checked = {"n": _whole(event["n"], 1, 10**9), "type": event["type"]}
    if event["type"] == "stroke":
        checked["cell"] = _whole(event["cell"], 0, MAX_CELLS - 1)
        checked["size"] = _finite(event["size"], 1, 10_000)
        checked["began"] = _finite(event["began"], 0, _LATEST)
        checked["ended"] = _finite(event["ended"], checked["began"], checked["began"] + _LONGEST)
        if event["pointer"] not in _POINTERS:
            raise ValueError(f"pointer {event['pointer']!r:.40}")
        checked["pointer"] = event["pointer"]
        if not isinstance(event["points"], list) or not 1 <= len(event["points"]) <= _MAX_POINTS:
            raise ValueError(f"a stroke that does not have 1 to {_MAX_POINTS} points")
        checked["points"] = _check_points(event["points"])
    elif event["type"] in ("shown", "undo", "clear", "save"):
        checked["at"] = _finite(event["at"], 0, _LATEST)
        if event["type"] == "clear":
            checked["cell"] = _whole(event["cell"], 0, MAX_CELLS - 1)
    else:
        raise ValueError(f"an event of type {event['type']!r:.40}")
    return checked


def _check_points(rows: list) -> list[list[float]]:
    points = np.array(rows)  # no dtype: text must stay text
    if points.ndim != 2 or points.shape[1] != 4 or points.dtype.kind not in "if":
        raise ValueError("points that are not rows of four numbers")
    time, pressure = points[:, 2], points[:, 3]
    if not (np.abs(points) <= _LARGEST).all() or time.min() < 0 or pressure.min() < 0 or pressure.max() > 1:
        raise ValueError("points with a number that no pen makes")
    return points.tolist()


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r:.40} where a whole number from {least} to {most} belongs")
    return value


def _finite(value: object, least: float, most: float) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{value!r:.40} where a number from {least} to {most} belongs")
    return value
