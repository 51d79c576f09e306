"""Which sheet a window has in hand: one of its own, also where the same person draws in another window."""

import streamlit as st

from digitlab.storage import sheets
from digitlab.storage.batches import Batch
from digitlab.storage.sheets import InHand, Sheet
from digitlab.storage.store import Store
from digitlab.ui import state, windows
from digitlab.ui.drawing.drawing_desk import WINDOWS


def open_sheet(store: Store, batch: Batch, cells: int, idle_seconds: float) -> Sheet | None:
    """Return this window's sheet in hand; arguments as for `sheets.open_sheet`.

    Returns:
        The sheet; None if every prompt of the batch has a drawing or is on a sheet in another window.
    """
    group = ("sheets", batch.id)
    while True:
        elsewhere, mine = dict(windows.others(group)), windows.mine(group)
        sheet = sheets.open_sheet(store, batch, cells, idle_seconds, elsewhere=elsewhere, mine=mine)
        if sheet is None or windows.take(group, (sheet.id, sheet.positions)):  # else another window was quicker
            return sheet


def show_messages(desk: str, batch: Batch, sheet: Sheet | None) -> None:
    """Say what was refused, until it is read, and what other windows have in hand.

    Args:
        desk: Prefix of the session-state keys.
        batch: As stored.
        sheet: In hand.
    """
    if message := state.message(desk):
        st.warning(message)
        st.button("I have read it", key=f"{desk}_read", on_click=state.set_message, args=(desk, None))
    if sheet and sheet.left_out:
        cells = ", ".join(str(cell + 1) for cell in sheet.left_out)
        st.warning(
            f"Cell {cells}: there was ink of another window already. Yours is left out, so that the two are not mixed."
        )
    group = ("sheets", batch.id)
    elsewhere = sorted(windows.others(group))
    if not elsewhere:
        return
    st.info(WINDOWS, icon=":material/select_window:")
    if sheet is None:
        st.button(
            "Go on with the other window's sheet here",
            key=f"{desk}_take",
            on_click=_take,
            args=(batch.id, elsewhere[0]),
        )


def _take(batch_id: int, sheet: InHand) -> None:
    windows.take(("sheets", batch_id), sheet, from_others=True)
