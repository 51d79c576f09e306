"""A pad that is read while one writes on it, all in the browser: nothing drawn on it is sent or stored."""

from pathlib import Path

import streamlit as st

from digitlab.learning.model_files import ModelError
from digitlab.ui import resources

_HERE = Path(__file__).parent
# No browser translates what the script writes and reads.
_HTML = """
<div class="live notranslate" translate="no">
  <div class="writing">
    <canvas class="pad" role="img" data-testid="live-pad"></canvas>
    <div class="buttons">
      <button class="clear" type="button">Clear</button>
      <button class="another" type="button">Show an example</button>
    </div>
  </div>
  <div class="reader">
    <div class="making">
      <figure><canvas class="box"></canvas><figcaption>Its ink in 20x20 pixels</figcaption></figure>
      <figure><canvas class="digit"></canvas><figcaption>Centred in 28x28 by its mass</figcaption></figure>
    </div>
    <div class="answer">
      <p class="reading"></p>
      <ol class="bars" aria-label="Probability of each digit"></ol>
    </div>
  </div>
  <p class="said" role="status"></p>
</div>
"""
_WRITTEN = (_HERE / "live_pad.json").read_text()  # a list of drawings: `label`, `strokes` of rows x, y, ms
_component = st.components.v2.component(
    "digitlab_live_pad",
    html=_HTML,
    css=(_HERE / "live_pad.css").read_text(),
    js="".join((_HERE / name).read_text() for name in ("reader.js", "live_pad.js")),
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
