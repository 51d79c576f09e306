import copy
import json

import pytest

from digitlab.storage.pad_message import check_message, event_from_json, event_to_builtins

STROKE = {
    "n": 2,
    "type": "stroke",
    "cell": 3,
    "size": 76.6,
    "began": 1_790_000_000_000,
    "ended": 1_790_000_000_500,
    "pointer": "pen",
    "points": [[1.5, 2, 0, 0.5], [30, 40.1, 500, 1]],
}
MESSAGE = {
    "sheet": 7,
    "client": "abc123",
    "events": [
        {"n": 1, "type": "shown", "at": 1_790_000_000_000},
        STROKE,
        {"n": 3, "type": "undo", "at": 1_790_000_001_000},
        {"n": 4, "type": "clear", "cell": 0, "at": 1_790_000_001_000.5},
        {"n": 5, "type": "redo", "at": 1_790_000_001_500},
        {"n": 6, "type": "save", "at": 1_790_000_002_000},
        {**STROKE, "n": 7, "type": "late"},
        {"n": 8, "type": "went_on", "at": 1_790_000_003_000},
    ],
}
HUGE = 10**400


def changed(*place, to):
    """The message with one value changed, or taken away (`to=None` of a key: `...`)."""
    message = copy.deepcopy(MESSAGE)
    inner = message
    for step in place[:-1]:
        inner = inner[step]
    if to is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = to
    return message


def test_a_message_as_the_pad_sends_it():
    sheet, client, events, _ = check_message(json.loads(json.dumps(MESSAGE)))
    assert (sheet, client) == (7, "abc123")
    assert stored(events) == MESSAGE["events"]


def stored(events):
    """As the events are in the database, read and written again."""
    texts = [json.dumps(event_to_builtins(event), allow_nan=False) for event in events]
    assert tuple(map(event_from_json, texts)) == events
    return [json.loads(text) for text in texts]


def test_events_come_out_in_their_order_and_with_known_fields_only():
    message = changed("events", to=[{**event, "more": 1} for event in reversed(MESSAGE["events"])])
    assert stored(check_message(message).events) == MESSAGE["events"]


def test_no_events_are_fine():
    assert check_message({"sheet": 1, "client": "a", "events": []}) == (1, "a", (), None)


@pytest.mark.parametrize("pointer", ["mouse", "touch", "pen", ""])
def test_pointers(pointer):
    assert check_message(changed("events", 1, "pointer", to=pointer)).events[1].pointer == pointer


@pytest.mark.parametrize("message", [None, 3, "text", b"bytes", [], [MESSAGE], {}, {"sheet": 1}, float("nan")])
def test_what_is_no_message(message):
    with pytest.raises(ValueError, match="Expected a message of the pad. Received: .*. Nothing was stored."):
        check_message(message)


@pytest.mark.parametrize(
    "place",
    [("sheet",), ("client",), ("events",)]
    + [("events", 1, name) for name in STROKE]
    + [("events", 0, "at"), ("events", 3, "at"), ("events", 3, "cell"), ("events", 4, "at"), ("events", 2, "at")],
    ids=str,
)
def test_a_field_that_is_missing_is_named(place):
    with pytest.raises(ValueError, match=f"missing required field `{place[-1]}`"):
        check_message(changed(*place, to=...))


NO_NUMBERS = [None, "1", True, [1], {}, float("nan"), float("inf"), -float("inf"), HUGE, -1]


@pytest.mark.parametrize(
    ("place", "value"),
    [(("sheet",), value) for value in [*NO_NUMBERS, 0, 7.0, 2**31]]
    + [(("client",), value) for value in [None, 3, "", "a" * 21, "A b", "\0", "\ud800", "é", ["a"]]]
    + [(("events",), value) for value in [None, {}, "text", 3, [None], [3], ["text"], [[]], [{}]]]
    + [(("events", 1, "n"), value) for value in [*NO_NUMBERS, 0, 2.0, 2.5, 10**10]]
    + [(("events", 1, "type"), value) for value in [None, "", "strokes", 3, [], {}]]
    + [(("events", 1, "cell"), value) for value in [*NO_NUMBERS, 50, 3.0]]
    + [(("events", 3, "cell"), value) for value in [*NO_NUMBERS, 50, 3.0]]
    + [(("events", 1, "size"), value) for value in [*NO_NUMBERS, 0, 0.5, 10_001]]
    + [(("events", 1, name), value) for name in ("began", "ended") for value in [*NO_NUMBERS, 5e12]]
    + [(("events", 1, "ended"), 1_789_999_999_999), (("events", 1, "ended"), 1_790_090_000_000)]
    + [(("events", number, "at"), value) for number in (0, 2, 3, 4) for value in [*NO_NUMBERS, 5e12]]
    + [(("events", 1, "pointer"), value) for value in [None, "finger", 3, [], {}, True]]
    + [(("events", 1, "points"), value) for value in [None, [], {}, "text", 3, [[]], [1, 2, 3, 4], [None], [[1, 2, 3]]]]
    + [
        (("events", 1, "points"), [[1, 2, 3, 0.5], row])
        for row in [[1, 2, 3], [1, 2, 3, 0.5, 5], "text", None, [1, 2, 3, "0.5"], [1, 2, None, 0], [[1], 2, 3, 0.5]]
    ]
    + [
        (("events", 1, "points"), [[*[1.0, 2.0, 3.0][:column], value, *[2.0, 3.0, 0.5][column:]]])
        for column in range(4)
        for value in [float("nan"), float("inf"), 1e8, -1e8, 10**19, HUGE, "1", None]
    ]
    + [(("events", 1, "points"), [[1, 2, 3, pressure]]) for pressure in (-0.1, 1.1)]
    + [(("events", 1, "points"), [[1, 2, -1, 0.5]])],
    ids=lambda value: f"{value!r:.50}",
)
def test_wrong_values_are_refused_with_a_clear_message(place, value):
    with pytest.raises(ValueError, match="Expected a message of the pad. Received: .*. Nothing was stored.") as error:
        check_message(changed(*place, to=value))
    assert len(str(error.value)) < 300


def test_a_million_points_are_refused():
    with pytest.raises(ValueError, match="length <= 20000"):
        check_message(changed("events", 1, "points", to=[[1, 2, 3, 0.5]] * 1_000_000))


def test_a_point_of_a_million_numbers_is_refused():
    with pytest.raises(ValueError, match="length 4"):
        check_message(changed("events", 1, "points", to=[[1] * 1_000_000]))


def test_more_events_than_anyone_makes_are_refused():
    with pytest.raises(ValueError, match="length <= 2000"):
        check_message(changed("events", to=[{"n": n, "type": "undo", "at": 1} for n in range(1, 10_000)]))


def test_the_same_number_twice_in_one_message_is_refused():
    with pytest.raises(ValueError, match="twice"):
        check_message(changed("events", 1, "n", to=1))


def test_any_one_value_replaced_by_any_other_is_refused_or_taken_never_an_accident():
    """Whatever stands in a message: a ValueError, or the same fields come out."""

    def places(value, path=()):
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in inner:
            yield (*path, key)
            yield from places(item, (*path, key))

    strange = [None, True, -1, 0, 1e308, HUGE, float("nan"), "", "x" * 1000, [], [[]], {}, {"n": 1}, b"", object()]
    for place in places(MESSAGE):
        for value in strange:
            try:
                sheet, client, events, _ = check_message(changed(*place, to=value))
            except ValueError as error:
                assert "Nothing was stored" in str(error)
            else:
                json.dumps([sheet, client, stored(events)], allow_nan=False)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "scribble"}', '{"type": "undo", "n": 0, "at": 1}'])
def test_what_is_stored_but_no_event(text):
    with pytest.raises(ValueError, match="Expected a stored event of the pad"):
        event_from_json(text)
