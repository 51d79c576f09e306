"""The pad for a sheet of many digits, a Streamlit component of our own: what is sent to its JavaScript and back.

Own code, because streamlit-drawable-canvas sends no times of points, and what it sends cannot be acknowledged.
"""

from pathlib import Path

import msgspec
import streamlit as st

from digitlab.storage.pad_message import ClearCell, NewSheet
from digitlab.storage.sheet_replay import Act
from digitlab.storage.sheets import Sheet

_HERE = Path(__file__).parent
_HTML = """
<div class="pad notranslate" translate="no">
  <div class="surface" data-testid="sheet-pad"><canvas role="img"></canvas></div>
  <div class="bar">
    <button class="save" type="button">Save and next sheet<span class="keys"> (Enter)</span></button>
    <button class="undo" type="button">Undo<span class="keys"> (Ctrl+Z)</span></button>
    <button class="redo" type="button">Redo<span class="keys"> (Ctrl+Y)</span></button>
    <span class="waiting" role="status"></span>
    <span class="note" role="status"></span>
  </div>
</div>
"""
_component = st.components.v2.component(
    "digitlab_sheet_pad",
    html=_HTML,
    css=(_HERE / "sheet_pad.css").read_text(),
    js="".join((_HERE / f"sheet_{part}.js").read_text() for part in ("acts", "outbox", "pad")),
)


def last_messages(key: str) -> list[object]:
    """Return the last messages of the pad, as the browser sent them and so unchecked; none before the first.

    The last of them is of the pad that is shown; those before it are of others whose page was closed before they could
    send them, or of the sheet before. They stay until the next ones, so whoever takes them must skip the events that
    are stored already.
    """
    sent = _sent(key)
    if isinstance(sent, dict) and "sheet" not in sent and "ask" in sent:
        return []
    others = sent.get("others") if isinstance(sent, dict) else None
    return [*(others if isinstance(others, list) else []), *([] if sent is None else [sent])]


def planned(key: str) -> NewSheet | None:
    """Return what begins the sheet that the pad was last given; None if it was stored already."""
    begin: NewSheet | None = st.session_state.get(f"{key}_begin")
    return begin


def _sent(key: str) -> object | None:
    state = st.session_state.get(key)
    return state.get("outbox") if state else None


def draw(key: str, sheet: Sheet, *, more: int, columns: int, autosave: bool, restore: bool, refused: bool) -> None:
    """Show a sheet to write on. What is written comes with `last_messages`.

    Args:
        key: Of the component.
        sheet: The labels to write, and the strokes that are on disk.
        more: How many prompts are left for later sheets.
        columns: Cells side by side; 0: as many as the screen has room for.
        autosave: Save as soon as no cell is blank.
        restore: Send the strokes that are on disk, for a pad that the browser shows anew.
        refused: The last message was not taken: the pad opens again.
    """
    sent = _sent(key)
    st.session_state[f"{key}_begin"] = sheet.begin
    # The pad still shows another sheet, or it says that it lacks them.
    restore = restore or not isinstance(sent, dict) or sent.get("sheet") != sheet.id or bool(sent.get("ask"))
    _component(
        key=key,
        data={
            "sheet": sheet.id,
            "key": sheet.key,
            "begin": msgspec.to_builtins(sheet.begin),
            "seen": sheet.events,
            "labels": list(sheet.labels),
            "more": more,
            "columns": columns,
            "autosave": autosave,
            "done": [_shown(act) for act in sheet.done] if restore else None,
            "undone": [_shown(act) for act in sheet.undone] if restore else None,
            "acknowledged": sheet.acknowledged,
            "refused": refused,
        },
        default={"outbox": None},
        on_outbox_change=lambda: None,
        width="stretch",
        height="content",
    )


def _shown(act: Act) -> dict[str, object]:
    """Return of an act what its being shown needs."""
    if isinstance(act, ClearCell):
        return {"type": "clear", "cell": act.cell}
    return {"type": "stroke", "cell": act.cell, "size": act.size, "points": act.points}
