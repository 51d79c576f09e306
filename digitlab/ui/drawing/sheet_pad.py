"""The pad for a sheet of many digits, a Streamlit component of our own: what is sent to its JavaScript and back.

Own code, because streamlit-drawable-canvas sends no times of points, and what it sends cannot be acknowledged.
"""

from pathlib import Path

import streamlit as st

from digitlab.storage.sheets import Sheet

_HERE = Path(__file__).parent
_HTML = """
<div class="pad">
  <div class="surface" data-testid="sheet-pad"><canvas role="img"></canvas></div>
  <div class="bar">
    <button class="save" type="button">Save and next sheet<span class="keys"> (Enter)</span></button>
    <button class="undo" type="button">Undo<span class="keys"> (Ctrl+Z)</span></button>
    <span class="note" role="status"></span>
  </div>
</div>
"""
_component = st.components.v2.component(
    "digitlab_sheet_pad",
    html=_HTML,
    css=(_HERE / "sheet_pad.css").read_text(),
    js=(_HERE / "sheet_pad.js").read_text(),
)


def last_message(key: str) -> object | None:
    """Return the last message of the pad, as the browser sent it and so unchecked; None before the first.

    It stays until the next one, so whoever takes it must skip the events that are stored already.
    """
    state = st.session_state.get(key)
    return state.get("outbox") if state else None


def draw(key: str, sheet: Sheet, *, columns: int, autosave: bool, restore: bool, refused: bool) -> None:
    """Show a sheet to write on. What is written comes with `last_message`.

    Args:
        key: Of the component.
        sheet: The labels to write, and the strokes that are on disk.
        columns: Cells side by side; 0: as many as the screen has room for.
        autosave: Save as soon as no cell is blank.
        restore: Send the strokes that are on disk, for a pad that the browser shows anew.
        refused: The last message was not taken: the pad opens again.
    """
    sent = last_message(key)
    restore = (
        restore or not isinstance(sent, dict) or sent.get("sheet") != sheet.id
    )  # the pad still shows another sheet
    strokes = [{"cell": stroke.cell, "size": stroke.size, "points": stroke.points} for stroke in sheet.strokes]
    _component(
        key=key,
        data={
            "sheet": sheet.id,
            "labels": list(sheet.labels),
            "columns": columns,
            "autosave": autosave,
            "strokes": strokes if restore else [],
            "acknowledged": sheet.acknowledged,
            "refused": refused,
        },
        default={"outbox": None},
        on_outbox_change=lambda: None,
        width="stretch",
        height="content",
    )
