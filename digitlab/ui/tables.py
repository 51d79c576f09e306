"""Tables: how shares are written; rows to choose, of which what is chosen are ids, never places in the table."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

Id = TypeVar("Id", int, str)


def in_percent(frame: pd.DataFrame, columns: Collection[str]) -> pd.DataFrame:
    """Return a table with shares, 0-1, in percent, to be shown by `percent_column`; of columns those that are there.

    Example:
        >>> in_percent(pd.DataFrame({"low": [0.5]}), ["low", "high"])["low"].tolist()
        [50.0]
    """
    return frame.assign(**{name: 100 * frame[name].astype(float) for name in columns if name in frame})


def percent_column(title: str | None = None, help: str | None = None) -> ColumnConfig:
    """Return how to show a column of percents: 91.2 %.

    Args:
        title: Above the column; None: its name.
        help: Explains it.
    """
    return st.column_config.NumberColumn(title, format="%.1f\N{NO-BREAK SPACE}%%", help=help)


def choose_rows(frame: pd.DataFrame, ids: Sequence[Id], *, key: str, **more: Any) -> list[Id]:  # noqa: ANN401
    """Show a table and let the visitor choose rows.

    The browser keeps which places are chosen, also when other rows stand there meanwhile. So a table of other rows is
    another table, in which nothing is chosen yet.

    Args:
        frame: What is shown.
        ids: Of its rows, in their order.
        key: Name of the table, unique in the app.
        **more: Passed to `st.dataframe`.

    Returns:
        The ids of the chosen rows.
    """
    table = st.dataframe(
        frame,
        key=table_key(key, ids),
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        placeholder="",
        **more,
    )
    return [ids[row] for row in table["selection"]["rows"] if row < len(ids)]


def table_key(key: str, ids: Sequence[int] | Sequence[str]) -> str:
    """Return the key that the table has as long as it shows these rows.

    Example:
        >>> table_key("my", [3, 2]) == table_key("my", [2, 3])
        False
    """
    return f"{key}_{hashlib.blake2b(repr(list(ids)).encode(), digest_size=8).hexdigest()}"
