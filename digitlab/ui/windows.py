"""Which window of a browser has what in hand, so that two of the same person do not draw into each other.

Known to this server alone: what two servers on one database must not mix is kept apart by the storage.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

Group = tuple[object, ...]  # things of which a window has one in hand, such as the sheets of a batch


class Windows:
    """What each window that is open has in hand: of each group at most one thing.

    Safe to use from many threads.

    Args:
        is_open: Tells whether a window is still there.

    Example:
        >>> windows = Windows(lambda window: True)
        >>> windows.take(("sheets", 7), 1, "left"), windows.take(("sheets", 7), 1, "right")
        (True, False)
        >>> windows.others(("sheets", 7), "right")
        {1}
    """

    def __init__(self, is_open: Callable[[str], bool]) -> None:
        self._is_open = is_open
        self._lock = Lock()
        self._in_hand: dict[Group, dict[str, Any]] = {}

    def others(self, group: Group, window: str) -> set[Any]:
        """Return what the other open windows have in hand."""
        with self._lock:
            return self._others(group, window)

    def mine(self, group: Group, window: str) -> Any:  # noqa: ANN401 - whatever it has taken
        """Return what a window has in hand; None: nothing."""
        with self._lock:
            return self._in_hand.get(group, {}).get(window)

    def take(self, group: Group, thing: object, window: str, *, from_others: bool = False) -> bool:
        """Take a thing in hand; return whether it could be had, as no other open window has it.

        Args:
            group: It belongs to.
            thing: What can be told apart and hashed, such as a number.
            window: That takes it.
            from_others: Take it away from another window that has it.
        """
        with self._lock:
            taken = thing in self._others(group, window)
            if taken and not from_others:
                return False
            holders = self._in_hand.setdefault(group, {})
            for other in [other for other, held in holders.items() if held == thing]:
                del holders[other]
            holders[window] = thing
            return True

    def _others(self, group: Group, window: str) -> set[Any]:
        holders = self._in_hand.get(group, {})
        for other in [other for other in holders if other != window and not self._is_open(other)]:
            del holders[other]
        return {thing for other, thing in holders.items() if other != window}


def others(group: Group) -> set[Any]:
    """Return what the visitor's other windows have in hand of a group."""
    return _windows().others(group, this_window())


def mine(group: Group) -> Any:  # noqa: ANN401 - whatever it has taken
    """Return what this window has in hand of a group; None: nothing."""
    return _windows().mine(group, this_window())


def take(group: Group, thing: object, *, from_others: bool = False) -> bool:
    """Take a thing in hand for this window; arguments and return value as of `Windows.take`."""
    return _windows().take(group, thing, this_window(), from_others=from_others)


def this_window() -> str:
    """Return the name of the visitor's window; a page that is loaded again is another one."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_open(window: str) -> bool:
    """Return whether a window is still there."""
    return bool(window) and _is_open(window)


@st.cache_resource(show_spinner=False)
def _windows() -> Windows:
    return Windows(_is_open)


def _is_open(window: str) -> bool:
    return get_instance().is_active_session(window)
