"""Inputs that a link can set. A value that is not on offer is refused with a message (by Streamlit alone: silently)."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

_REFUSED = ":material/link_off:"


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
    asked = None if key in st.session_state else st.query_params.get(key)
    with st.container():  # a message moves nothing below it to another place
        value = int(widget(label, least, most, default, key=key, bind="query-params", **more))
        if asked is not None and not same(asked, value):
            st.warning(
                f"The link asks for {label.lower()} {asked} (expected {least} to {most}; {value} is used).",
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
    asked = None if key in st.session_state else st.query_params.get(key)
    first = options.index(default) if default is not None and default in options else 0
    chosen: dict[str, Any] = {"default": options[first], "required": True}
    if widget is st.selectbox:
        chosen = {"index": first}
    with st.container():  # a message moves nothing below it to another place
        value: str = widget(label, options, format_func=show, key=key, bind="query-params", **chosen, **more)
        if asked is not None and asked != show(value):
            st.warning(f"The link asks for {label.lower()} {asked!r:.80}, which is not on offer.", icon=_REFUSED)
    return value


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
