"""A dense network as one HTML page with a pad: it reads what is written on it, offline, and asks nothing outside.

The pad and the reader are those of the app's first page, free of Streamlit: the files in `pad/`.
"""

from html import escape
from pathlib import Path
from string import Template

from digitlab.formats import model_card
from digitlab.learning.browser_network import pack
from digitlab.run import Run

MOST_BYTES = 1_000_000  # of the page
_MOST_REST = 40_000  # bytes of it that are not the network
_BYTES_OF_A_WEIGHT = 2  # 12 bits as letters that stand for 6

_HERE = Path(__file__).parent / "pad"
PAD_HTML, PAD_CSS = ((_HERE / f"live_pad.{ending}").read_text() for ending in ("html", "css"))
PAD_JS = "".join((_HERE / name).read_text() for name in ("reader.js", "live_pad.js"))


def why_not(run: Run) -> str:
    """Say in one sentence why a network cannot leave as a page; nothing if it can.

    Args:
        run: Of the network.

    Example:
        >>> why_not(Run("guess", "Random guess", "uniform", tests={}))
        'Only a network that was trained here leaves as a page.'
    """
    if run.settings is None:
        return "Only a network that was trained here leaves as a page."
    if run.settings.network != "dense":
        return (
            "A convolutional network does not leave as a page: the reader in the page computes dense layers alone. "
            "Take it as TensorFlow Lite."
        )
    if _BYTES_OF_A_WEIGHT * run.parameters > MOST_BYTES - _MOST_REST:
        return (
            f"With {run.parameters:,} parameters this network is too large for a page of less than "
            f"{MOST_BYTES // 10**6} MB. Take it as TensorFlow Lite, or train one with fewer hidden units."
        )
    return ""


def write(run: Run, tflite: bytes) -> bytes:
    """Write the page.

    Args:
        run: Of the network.
        tflite: Content of its `.tflite` file, as `model_files.load_tflite` returns it.

    Returns:
        HTML, less than `MOST_BYTES`.

    Raises:
        ValueError: If the network is not dense, or too large for a page.
    """
    if run.settings is None or why_not(run):
        raise ValueError(why_not(run))
    network = pack(tflite, run.settings, MOST_BYTES - _MOST_REST)
    facts = "\n".join(f"<dt>{escape(title)}</dt><dd>{escape(text)}</dd>" for title, text in model_card.facts(run))
    page = Template((_HERE / "model_page.html").read_text()).substitute(
        title=escape(run.name),
        css=PAD_CSS,
        pad=PAD_HTML,
        facts=facts,
        network=network.replace("<", "\\u003c"),
        js=PAD_JS,
    )
    return page.encode()
