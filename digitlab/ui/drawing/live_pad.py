"""A pad that is read while one writes on it, all in the browser: nothing drawn on it is sent or stored."""

from pathlib import Path

import streamlit as st

from digitlab.formats.model_page import PAD_CSS, PAD_HTML, PAD_JS
from digitlab.learning.model_files import ModelError
from digitlab.ui import resources

_HERE = Path(__file__).parent
_WRITTEN = (_HERE / "live_pad.json").read_text()  # a list of drawings: `label`, `strokes` of rows x, y, ms
_component = st.components.v2.component(
    "digitlab_live_pad",
    html=PAD_HTML,
    css=PAD_CSS,
    js=PAD_JS + (_HERE / "live_pad.js").read_text(),
)


def show(key: str, model_id: str, *, examples: bool = True) -> None:
    """Show the pad.

    Args:
        key: Of the component.
        model_id: Of the run whose dense network reads; see `browser_network.pack`.
        examples: Until it is touched, digits are written and read on it; else it begins blank.
    """
    try:
        network = resources.browser_network(model_id)
    except (ModelError, ValueError) as error:
        st.error(str(error), icon=":material/error:")
        return
    _component(
        key=key, data={"network": network, "written": _WRITTEN if examples else "[]"}, width="stretch", height="content"
    )
