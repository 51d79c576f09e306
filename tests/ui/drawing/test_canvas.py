"""digitlab/ui/canvas.py without a browser: reading the component's JSON, and the buttons in AppTest."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from digitlab.ui.drawing.canvas import strokes_of
from tests.helpers import at_canvas_key, canvas_value, fabric_json

APP = Path(__file__).parents[2] / "browser/canvas_app.py"
CURVE = [(10, 20), (30, 25), (60, 80), (61, 120)]
BAR = [(200, 40), (100, 40)]


def test_strokes_are_the_positions_of_the_pointer_in_order():
    strokes = strokes_of(fabric_json([CURVE, BAR]))
    assert [stroke.dtype for stroke in strokes] == [np.float64, np.float64]
    assert np.array_equal(strokes[0], CURVE)
    assert np.array_equal(strokes[1], BAR)


def test_a_real_path_of_fabric():
    """Recorded from Chromium: M is the first position moved by 0.018 pixels, the pair of a Q's end is a midpoint."""
    path = [["M", 59.982, 59.982], ["Q", 60, 60, 80, 70], ["Q", 100, 80, 140, 140], ["L", 180.018, 200.018]]
    (stroke,) = strokes_of({"objects": [{"type": "Path", "path": path}]})
    assert np.allclose(stroke, [[60, 60], [100, 80], [180, 200]], atol=0.02)


def test_a_blank_canvas_has_no_strokes():
    assert strokes_of({"objects": [], "background": "#000000"}) == []


def test_a_dot_is_a_stroke():
    (dot,) = strokes_of({"objects": [{"path": [["M", 139.98, 140], ["L", 140.02, 140]]}]})
    assert dot.shape == (2, 2)


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (None, "expected a drawing"),
        ([], "expected a drawing"),
        ({}, "expected a drawing"),
        ({"objects": "many"}, "expected a drawing"),
        ({"objects": [7]}, "stroke 0: expected"),
        ({"objects": [{"type": "Rect", "left": 3}]}, "only free-hand strokes"),
        ({"objects": [{"path": []}]}, "only free-hand strokes"),
        ({"objects": [{"path": "M 1 2 L 3 4"}]}, "only free-hand strokes"),
        ({"objects": [{"path": [["M", 1, 2], ["C", 1, 2, 3, 4, 5, 6]]}]}, "only free-hand strokes"),
        ({"objects": [{"path": [["M", 1], ["L", 1, 2]]}]}, "only free-hand strokes"),
        ({"objects": [{"path": [[["M"], 1, 2], ["L", 1, 2]]}]}, "only free-hand strokes"),
        ({"objects": [{"path": [["M", 1, 2], ["L", "left", 2]]}]}, "must be numbers"),
        ({"objects": [{"path": [["M", 1, 2], ["L", None, 2]]}]}, "must be numbers|not finite"),
        ({"objects": [{"path": [["M", 1, 2], ["L", [1, 2], 2]]}]}, "must be numbers"),
        ({"objects": [{"path": [["M", 1, 2], ["L", float("nan"), 2]]}]}, "not finite"),
        ({"objects": [{"path": [["M", 1, 2], ["Q", 1, float("inf"), 2, 3], ["L", 1, 2]]}]}, "not finite"),
    ],
)
def test_malformed_drawings_are_refused(drawing, message):
    with pytest.raises(ValueError, match=message):
        strokes_of(drawing)


def counts(at):
    assert not at.exception
    return at.text[0].value


def pad(strokes):
    at = AppTest.from_file(str(APP), default_timeout=30).run()
    at.session_state[at_canvas_key(at, "pad")] = canvas_value(strokes)
    return at.run()


def test_save_hands_the_strokes_over_once_and_clears():
    at = pad([CURVE, BAR])
    assert counts(at) == "2 strokes, 0 saved"
    key = at_canvas_key(at, "pad")
    at.button(key="pad-button-save").click().run()
    assert counts(at) == "0 strokes, 1 saved"
    assert at_canvas_key(at, "pad") != key
    at.button(key="pad-button-save").click().run()
    assert counts(at.run()) == "0 strokes, 1 saved"
    assert at.session_state["saved"] == [[[list(map(float, p)) for p in stroke] for stroke in (CURVE, BAR)]]


def test_undo_and_clear():
    at = pad([CURVE, BAR])
    at.button(key="pad-button-undo").click().run()
    assert counts(at) == "1 strokes, 0 saved"
    at.session_state[at_canvas_key(at, "pad")] = canvas_value([CURVE, BAR, BAR])
    assert counts(at.run()) == "3 strokes, 0 saved"
    at.button(key="pad-button-clear").click().run()
    assert counts(at) == "0 strokes, 0 saved"


def press(at, *names):
    for name in names:
        at.button(key=f"pad-button-{name}").click().run()
    return int(counts(at).split()[0])


def test_undo_brings_back_what_clear_took():
    at = pad([CURVE, BAR])
    assert press(at, "clear") == 0
    assert press(at, "undo") == 2
    assert press(at, "undo") == 1
    assert press(at, "redo") == 2
    assert press(at, "redo") == 0  # the clear
    assert press(at, "redo") == 0
    assert press(at, "undo") == 2
    assert press(at, "clear", "clear", "undo") == 2  # a clear of a blank canvas is no act


def test_undo_goes_back_over_two_clears_and_redo_over_both():
    at = pad([CURVE, BAR])
    press(at, "clear")
    at.session_state[at_canvas_key(at, "pad")] = canvas_value([BAR])
    at.run()
    assert [press(at, "clear"), press(at, "undo"), press(at, "undo"), press(at, "undo")] == [0, 1, 0, 2]
    assert [press(at, "redo") for _ in range(4)] == [0, 1, 0, 0]


def test_after_a_new_stroke_there_is_nothing_to_do_again():
    at = pad([CURVE, BAR])
    press(at, "undo")
    at.session_state[at_canvas_key(at, "pad")] = canvas_value([CURVE, CURVE])
    at.run()
    assert press(at, "redo") == 2
    assert press(at, "undo", "undo", "redo") == 1


@pytest.mark.parametrize("button", ["undo", "redo"])
def test_what_was_saved_is_not_brought_back(button):
    at = pad([CURVE, BAR])
    assert press(at, "undo", "save", button) == 0
    at = pad([CURVE, BAR])
    assert press(at, "clear") == 0
    at.session_state[at_canvas_key(at, "pad")] = canvas_value([BAR])
    assert press(at.run(), "save", button) == 0


def test_what_is_outside_the_canvas_is_not_stored():
    """The right half of a ring cannot be seen, and a tap far away is no part of a digit."""
    ring = [(280 + 80 * np.cos(turn), 140 + 100 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 40)]
    at = pad([ring, [(14, 14), (15, 15)], [(300, 20), (320, 60)]])
    assert press(at, "save") == 0
    ((stroke,),) = at.session_state["saved"]
    xs = np.array(stroke)[:, 0]
    assert xs.min() == pytest.approx(200, abs=2)
    assert xs.max() == 280
