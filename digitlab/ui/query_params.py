"""What a link asks of an input. Streamlit takes a value that is not on offer out of the link without a word."""

from collections.abc import Callable, Sequence

import streamlit as st

_REFUSED = ":material/link_off:"


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
                icon=_REFUSED,
            )
    return value


def choice(
    widget: Callable,
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str | None = None,
    show: Callable[[str], str] = str,
    **more: object,
) -> str | None:
    """Show a choice among options that goes into the link; a link to another option is refused with a message.

    Args:
        widget: `st.selectbox`, `st.segmented_control` or `st.pills`.
        label: Text above the input.
        options: On offer; may be none.
        key: Of the widget.
        default: Chosen first; None: the first option.
        show: Gives the text of an option, which is also what the link holds.
        **more: Handed on to the widget.

    Returns:
        The chosen option; None if there are none.
    """
    asked = None if key in st.session_state else st.query_params.get(key)
    first = options.index(default) if default in options else 0
    chosen = {"index": first} if widget is st.selectbox else {"default": options[first], "required": True}
    with st.container():  # a message moves nothing below it to another place
        value = widget(label, options, format_func=show, key=key, bind="query-params", **chosen, **more)
        if asked is not None and (value is None or asked != show(value)):
            st.warning(f"The link asks for {label.lower()} {asked!r:.80}, which is not on offer.", icon=_REFUSED)
    return value


def same(asked: str, value: object) -> bool:
    """Return whether a link's text stands for a value."""
    try:
        return float(asked) == float(value)
    except ValueError:
        return asked == str(value)
