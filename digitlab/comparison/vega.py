"""Charts as PNG and SVG files, and Vega's JavaScript for a page that opens without network.

Each call runs vl-convert in a process of its own: loaded into the server, it would keep 100 MB for good.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FORMATS = ("png", "svg")
_ROOT = Path(__file__).parents[2]
_SCALE = 2  # pixels of a PNG per pixel of a chart
_SECONDS = 120  # a chart takes one or two


class VegaError(RuntimeError):
    """A chart could not be rendered; the message says why."""


def render(spec: dict[str, Any], form: str) -> bytes:
    """Render a chart as a file.

    Args:
        spec: A Vega-Lite specification with its data in it, as `altair.Chart.to_dict` returns it.
        form: One of `FORMATS`.

    Returns:
        The content of the file.

    Raises:
        ValueError: If there is no such format.
        VegaError: If the specification cannot be drawn.
    """
    if form not in FORMATS:
        raise ValueError(f"Expected a format among {FORMATS}. Received: {form!r}.")
    return _ask(form, json.dumps(spec))


def javascript() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script; it needs no network and defines `vegaEmbed`.

    Raises:
        VegaError: If it could not be put together.
    """
    return _ask("javascript", "").decode()


def _ask(what: str, content: str) -> bytes:
    command = [sys.executable, "-m", "digitlab.comparison.vega", what]
    try:
        done = subprocess.run(
            command, input=content.encode(), capture_output=True, cwd=_ROOT, timeout=_SECONDS, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise VegaError(f"The chart was not drawn within {_SECONDS} s.") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().splitlines()
        raise VegaError(f"The chart could not be drawn: {reason[-1] if reason else error}.") from error
    return done.stdout


def _main(what: str) -> None:
    import vl_convert

    content = sys.stdin.read()
    if what == "png":
        made = vl_convert.vegalite_to_png(content, scale=_SCALE)
    elif what == "svg":
        made = vl_convert.vegalite_to_svg(content).encode()
    else:
        made = vl_convert.javascript_bundle().encode()  # type: ignore[call-arg]  # the snippet has a default
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _main(sys.argv[1])
