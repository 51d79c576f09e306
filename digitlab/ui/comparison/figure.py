"""Show a figure: the chart, the same as a table, and the chart as a file."""

from functools import partial

import streamlit as st

from digitlab.comparison.figures import Figure
from digitlab.ui.tables import in_percent, percent_column

_MIME = {"png": "image/png", "svg": "image/svg+xml"}
_SHARES = ("Accuracy", "From", "To", "Standard deviation", *"0123456789")


def show(figure: Figure) -> None:
    """Show a figure; its files are made when they are asked for.

    Args:
        figure: As `digitlab.comparison.figures` makes it.
    """
    st.subheader(figure.title, anchor=False)
    st.markdown(figure.text)
    st.altair_chart(figure.chart, key=f"figure_{figure.key}")  # it describes itself
    if figure.note:
        st.caption(figure.note)
    details = st.expander("As a table, as a file", key=f"details_{figure.key}", on_change="rerun")
    if details.open:
        with details:
            st.dataframe(
                in_percent(figure.table, _SHARES),
                hide_index=True,
                placeholder="",
                key=f"table_{figure.key}",
                column_config=dict.fromkeys(_SHARES, percent_column()),
            )
            with st.container(horizontal=True):
                for form, mime in _MIME.items():
                    st.download_button(
                        form.upper(),
                        partial(figure.file, form),
                        f"digitlab-{figure.key}.{form}",
                        mime,
                        key=f"{form}_{figure.key}",
                        icon=":material/download:",
                        on_click="ignore",
                    )
