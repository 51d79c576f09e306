"""What a link asks of an input. Streamlit takes a value that is not on offer out of the link without a word."""

from collections.abc import Callable

import streamlit as st


def number(widget: Callable, label: str, least: int, most: int, default: int, *, key: str, **more: object) -> int:
    """Show an input for a whole number that goes into the link; a link out of its range is refused with a message.

    Args:
        widget: `st.slider` or `st.number_input`.
        label: Text above the input.
        least: Smallest number on offer.
        most: Largest.
        default: Shown first.
        key: Of the widget.
        **more: Handed on to the widget.

    Returns:
        The number.
    """
    asked = None if key in st.session_state else st.query_params.get(key)
    with st.container():  # a message moves nothing below it to another place
        value = int(widget(label, least, most, default, key=key, bind="query-params", **more))
        if asked is not None and not same(asked, value):
            st.warning(
                f"The link asks for {label.lower()} {asked} (expected {least} to {most}; {value} is used).",
                icon=":material/link_off:",
            )
    return value


def same(asked: str, value: object) -> bool:
    """Return whether a link's text stands for a value."""
    try:
        return float(asked) == float(value)
    except ValueError:
        return asked == str(value)
