"""Inputs that a link can set. A value that is not on offer is refused with a message (by Streamlit alone: silently)."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from digitlab.ui.plain import in_plain

_REFUSED = ":material/link_off:"


def keep_when_back() -> None:
    """Keep what was chosen on a page when the visitor comes back to it by the browser's Back.

    To be called before the first input whose value goes into the link. Streamlit leaves a page by two entries in the
    browser's history, of which the last has no parameters; whoever goes back lands there, and each input would take
    its default. In a run that does not come from the history an input keeps the value of this session.
    """
    context = get_script_run_ctx()
    if context and context.is_history_navigation and not st.query_params:
        st.rerun()


def go(page: str, **link: str) -> NoReturn:
    """Go to another page.

    Where nothing is said of the link, Streamlit refuses to leave a page that has the value of an input in it.

    Args:
        page: Its script, such as `pages/draw_one.py`.
        **link: What the link shall say.
    """
    st.switch_page(page, query_params=link)


def kept(key: str, *, number: bool) -> dict[str, Any]:
    """Return the arguments by which an input's value goes into the link, and stays when the page is left.

    What Streamlit itself cannot take from a link is taken out of it: nothing at all, or a number that is not finite.

    Args:
        key: Of the widget.
        number: It is an input for a number.
    """
    asked = None if key in st.session_state else st.query_params.get(key)
    arguments: dict[str, Any] = {"key": key, "persist_state": "session", "bind": "query-params"}
    if asked is not None and (not asked.strip() or (number and not _finite(asked))):
        del st.query_params[key]
        arguments["bind"] = None  # in this run, in which Streamlit still knows the link as it was
    return arguments


def number(
    widget: Callable[..., Any], label: str, least: int, most: int, default: int, *, key: str, **more: object
) -> int:
    """Show an input for a whole number that goes into the link; refuse a link that asks for one out of its range.

    Args:
        widget: `st.slider` or `st.number_input`.
        label: Text above the input.
        least: Smallest number on offer.
        most: Largest.
        default: Shown first.
        key: Of the widget.
        **more: Passed to the widget.

    Returns:
        The number.
    """
    keep_when_back()
    asked = None if key in st.session_state else st.query_params.get(key)
    with st.container():  # a message moves nothing below it to another place
        value = int(widget(label, least, most, default, **kept(key, number=True), **more))
        if asked is not None and not same(asked, value):
            st.warning(
                f"The link asks for {label.lower()} {in_plain(asked[:80])} "
                f"(expected {least} to {most}; {value} is used).",
                icon=_REFUSED,
            )
    return value


def choice(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str | None = None,
    show: Callable[[str], str] = str,
    **more: object,
) -> str:
    """Show a choice among options that goes into the link; refuse a link that asks for another option.

    Args:
        widget: `st.selectbox`, `st.segmented_control` or `st.pills`.
        label: Text above the input.
        options: On offer, at least one.
        key: Of the widget.
        default: Chosen first; None: the first option.
        show: Gives the text of an option, which is also what the link holds.
        **more: Passed to the widget.

    Returns:
        The chosen option.
    """
    keep_when_back()
    asked = None if key in st.session_state else st.query_params.get(key)
    first = options.index(default) if default is not None and default in options else 0
    chosen: dict[str, Any] = {"default": options[first], "required": True}
    if widget is st.selectbox:
        chosen = {"index": first}
    with st.container():  # a message moves nothing below it to another place
        value: str = widget(label, options, format_func=show, **kept(key, number=False), **chosen, **more)
        if asked is not None and asked != show(value):
            st.warning(
                f"The link asks for {label.lower()} “{in_plain(asked[:80])}”, which is not on offer.", icon=_REFUSED
            )
    return value


def _finite(asked: str) -> bool:
    try:
        return math.isfinite(float(asked))
    except ValueError:
        return True


def same(asked: str, value: object) -> bool:
    """Return whether a link's text stands for a value.

    Example:
        >>> same("10", 10.0), same("ten", 10)
        (True, False)
    """
    try:
        return float(asked) == float(str(value))
    except ValueError:
        return asked == str(value)
