"""The canvas a digit is drawn on: the only place that knows streamlit-drawable-canvas.

A page reads top to bottom: ``take`` the strokes of the last click on Save, ``draw`` the canvas, place the buttons::

    saved = canvas.take("one")
    if saved:
        ...  # store the strokes before anything is shown
    strokes = canvas.draw("one")
    canvas.save_button("one", "Save")
    canvas.undo_button("one")
    canvas.redo_button("one")
    canvas.clear_button("one")

The page must not put anything conditional above the canvas: reserve an ``st.container()`` there, or the browser mounts
the canvas anew and blank while Python keeps the old drawing.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from digitlab.drawing.tidy import cut_at_edge, without_stray_taps

Stroke = npt.NDArray[np.float64]  # (n, 2): x, y in pixels, y down

CANVAS_SIZE = 280  # pixels, width and height
STROKE_WIDTH = 18  # pixels; 1.8 pixels of a 28x28 digit

# Hides the component's toolbar and sends each stroke at once; the file says why.
_companion = st.components.v2.component(
    "digitlab_canvas_companion",
    html="<span></span>",
    js=Path(__file__).with_name("canvas.js").read_text(),
    isolate_styles=False,
)


def canvas_key(key: str) -> str:
    """Return the session-state key the component has now; a cleared or undone canvas is a new component."""
    return f"{key}-canvas-{_get(key, 'generation', 0)}"


def draw(key: str, *, label: str = "Canvas: draw one digit with mouse, finger or pen") -> list[Stroke]:
    """Show a black canvas to draw on in white, and return what is on it.

    The drawing outlives reruns and a visit to another page, not a reload of the browser's page.

    Args:
        key: Name of the canvas, unique in the app: letters, digits and ``_``.
        label: What a screen reader says about it.

    Returns:
        Strokes as ``strokes_of`` returns them, cut at the edge of the canvas and without stray taps; an empty list for
        a blank canvas.
    """
    # Can only be imported while Streamlit runs (it looks its files up in Streamlit's registry); the rest does without.
    from streamlit_drawable_canvas import st_canvas  # noqa: PLC0415

    component_key = canvas_key(key)
    if component_key not in st.session_state:
        # The component starts anew: first view, cleared, undone, or back from another page. What it starts from must
        # stay the same as long as it lives: a changed initial drawing loads again and drops a stroke on its way.
        _set(key, "initial", _get(key, "draft", None))
    canvas = st_canvas(
        key=component_key,
        width=CANVAS_SIZE,
        height=CANVAS_SIZE,
        stroke_width=STROKE_WIDTH,
        stroke_color="#ffffff",
        background_color="#000000",
        initial_drawing=_get(key, "initial", None),
        # A visitor may leave the page before it has run with the last stroke: the callback hears of it even then.
        on_change=partial(_keep_draft, key),
    )
    _companion(
        key=f"{key}-companion",
        data={
            "key": key,
            "canvas": component_key,
            "label": label,
            "size": CANVAS_SIZE,
            "clicks": _get(key, "clicks", 0),
        },
        height="content",
    )
    _set(key, "draft", canvas.json_data)
    return _digit_strokes(canvas.json_data)


def save_button(key: str, label: str = "Save", *, shortcut: str | None = "S", disabled: bool = False) -> None:
    """Show the button that hands the drawing over to ``take`` and clears the canvas.

    A click on a blank canvas does nothing, so a double click saves once.

    Args:
        key: Name of the canvas.
        label: Text on the button.
        shortcut: A letter that does the same, or None. C and R belong to Streamlit.
        disabled: True while nothing may be saved.
    """
    _button(key, "save", _save, label, shortcut, disabled=disabled, kind="primary")


def undo_button(key: str, label: str = "Undo", *, shortcut: str | None = "Z", disabled: bool = False) -> None:
    """Show the button that takes the last stroke or clear back; arguments as for ``save_button``."""
    _button(key, "undo", undo, label, shortcut, disabled=disabled)


def redo_button(key: str, label: str = "Redo", *, shortcut: str | None = "Y", disabled: bool = False) -> None:
    """Show the button that does again what was taken back last; arguments as for ``save_button``."""
    _button(key, "redo", redo, label, shortcut, disabled=disabled)


def clear_button(key: str, label: str = "Clear", *, shortcut: str | None = None, disabled: bool = False) -> None:
    """Show the button that empties the canvas, until Undo; arguments as for ``save_button``."""
    _button(key, "clear", _clear, label, shortcut, disabled=disabled)


def take(key: str) -> list[Stroke]:
    """Return the strokes of a click on Save, once; an empty list when there was none.

    Call it before the page shows anything: the next prompt then comes together with the empty canvas, and nothing can
    interrupt the page between taking the strokes and storing them.
    """
    strokes: list[Stroke] = _get(key, "saved", [])
    _set(key, "saved", [])
    return strokes


def has_ink(key: str) -> bool:
    """Return whether there is something on the canvas, as far as the browser has told."""
    return bool(_drawing(key)["objects"])


def put_back(key: str) -> None:
    """Show again what the last click on Save took. To be called before the canvas is shown."""
    _restart(key, _get(key, "taken", []))


def undo(key: str) -> None:
    """Take the last stroke or clear back. To be called from a callback, before the canvas is shown."""
    shown, cleared = _drawing(key)["objects"], _get(key, "cleared", [])
    if shown or cleared:
        _set(key, "undone", [*_undone(key, shown), shown])
        _restart(key, shown[:-1] if shown else cleared.pop())


def redo(key: str) -> None:
    """Do again what was taken back last, if nothing was drawn since. To be called as ``undo``."""
    shown = _drawing(key)["objects"]
    undone = _undone(key, shown)
    if undone:
        later = undone.pop()
        _set(key, "undone", undone)
        if shown and not later:
            _set(key, "cleared", [*_get(key, "cleared", []), shown])
        _restart(key, later)


def clear(key: str) -> None:
    """Empty the canvas for another drawing: nothing brings this one back. To be called as ``undo``."""
    _set(key, "cleared", [])
    _set(key, "undone", [])
    _restart(key, [])


def strokes_of(drawing: Mapping[str, Any]) -> list[Stroke]:
    """Read the strokes from the component's Fabric JSON.

    Fabric turns the pointer's positions into ``M first, Q position midpoint, ..., L last``: a smooth curve whose
    control points are the positions themselves. The M is the first again, moved by a thousandth of the stroke width.

    Args:
        drawing: ``{"objects": [{"path": [["M", x, y], ["Q", cx, cy, x, y], ..., ["L", x, y]]}, ...]}``.

    Returns:
        One float64 array per stroke in the order drawn, shape (n, 2): the pointer's x, y in pixels, y down, not limited
        to the canvas. Positions closer than 0.4 pixels and the last but one are missing (Fabric leaves them out). A
        click without a movement has one or two rows.

    Raises:
        ValueError: If the JSON is not of that form or holds numbers that are not finite.

    Source:
        ``PencilBrush`` and ``getSmoothPathFromPoints`` of Fabric.js 7.4.0.
    """
    if not isinstance(drawing, dict) or not isinstance(drawing.get("objects"), list):
        raise ValueError(  # noqa: TRY004 - whatever is wrong with the JSON is a wrong value
            f'expected a drawing as {{"objects": [...]}}, got {drawing!r:.80}; pass the JSON of the canvas'
        )
    return [_stroke(item, number) for number, item in enumerate(drawing["objects"])]


def _stroke(item: object, number: int) -> Stroke:
    problem = f'stroke {number}: expected {{"path": [["M", x, y], ["Q", cx, cy, x, y], ..., ["L", x, y]]}}'
    path = item.get("path") if isinstance(item, dict) else None
    path = path if isinstance(path, list) else []
    form = [(*command[:1], len(command)) for command in path if isinstance(command, list)]
    if len(form) < 2 or form != [("M", 3), *[("Q", 5)] * (len(path) - 2), ("L", 3)]:
        raise ValueError(f"{problem}, got {item!r:.80}; only free-hand strokes can be read")
    points = [command[1:3] for command in (path[1:] if len(path) > 2 else path)]
    try:
        stroke = np.array(points, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{problem}, got {points!r:.80}; x and y must be numbers") from None
    if not np.isfinite(stroke).all():
        raise ValueError(f"{problem}, got x or y that is not finite; every point needs a place")
    return stroke


def _button(
    key: str,
    name: str,
    action: Callable[[str], None],
    label: str,
    shortcut: str | None,
    *,
    disabled: bool,
    kind: Literal["primary", "secondary"] = "secondary",
) -> None:
    st.button(
        label,
        key=f"{key}-button-{name}",
        on_click=_on_click,
        args=(key, action),
        shortcut=shortcut,
        disabled=disabled,
        type=kind,
    )


def _on_click(key: str, action: Callable[[str], None]) -> None:
    _set(key, "clicks", _get(key, "clicks", 0) + 1)  # tells the browser to let the pointer on the canvas again
    action(key)


def _save(key: str) -> None:
    strokes = _digit_strokes(_drawing(key))
    if strokes and not _get(key, "saved", []):  # a drawing not yet taken must not be replaced by the next one
        _set(key, "saved", strokes)
        _set(key, "taken", _drawing(key)["objects"])
        clear(key)


def _clear(key: str) -> None:
    shown = _drawing(key)["objects"]
    if shown:
        _set(key, "cleared", [*_get(key, "cleared", []), shown])  # drawings that Undo brings back, the last one first
        _set(key, "undone", [])
        _restart(key, [])


def _undone(key: str, shown: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the drawings that Redo brings back, the last one first; none if there is a stroke since the last Undo."""
    # A canvas begins with the draft and only grows: another number of strokes is another drawing.
    undone: list[list[dict[str, Any]]] = _get(key, "undone", []) if len(shown) == _get(key, "begun_with", 0) else []
    return undone


def _digit_strokes(drawing: Mapping[str, Any]) -> list[Stroke]:
    """Return what is seen of a drawing and belongs to its digit."""
    tidied = without_stray_taps(cut_at_edge(strokes_of(drawing), CANVAS_SIZE, STROKE_WIDTH), CANVAS_SIZE)
    return [stroke.astype(np.float64) for stroke in tidied]


def _keep_draft(key: str) -> None:
    _set(key, "draft", _drawing(key))


def _drawing(key: str) -> dict[str, Any]:
    """Return the component's Fabric JSON: what the browser sent last, else the draft that was kept."""
    sent = st.session_state.get(canvas_key(key)) or {}
    drawing: dict[str, Any] = (sent.get("drawing") or {}).get("raw") or _get(key, "draft", None) or {"objects": []}
    return drawing


def _restart(key: str, objects: list[dict[str, Any]]) -> None:
    """Show a new canvas that begins with these Fabric objects."""
    _set(key, "generation", _get(key, "generation", 0) + 1)
    _set(key, "draft", {"objects": objects})
    _set(key, "begun_with", len(objects))


def _get(key: str, name: str, default: object) -> Any:  # noqa: ANN401 - session state holds any value
    return st.session_state.get(f"{key}-{name}", default)


def _set(key: str, name: str, value: object) -> None:
    st.session_state[f"{key}-{name}"] = value
