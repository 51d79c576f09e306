import io
import subprocess
import sys

import altair as alt
import pandas as pd
import pytest
from PIL import Image

from digitlab.comparison import vega

SPEC = alt.Chart(pd.DataFrame({"x": [1, 2]}), width=100, height=50).mark_bar().encode(x="x:Q").to_dict()


def test_a_chart_as_png_has_twice_its_pixels():
    with Image.open(io.BytesIO(vega.render(SPEC, "png"))) as image:
        assert image.format == "PNG"
        assert image.width > 200
        assert len(image.convert("RGB").getcolors()) > 2, "something is drawn"


def test_a_chart_as_svg():
    svg = vega.render(SPEC, "svg")
    assert svg.startswith(b"<svg")
    assert b"mark-rect" in svg


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="'pdf'"):
        vega.render(SPEC, "pdf")


def test_a_chart_that_cannot_be_drawn_says_so():
    with pytest.raises(vega.VegaError, match="could not be drawn: .+"):
        vega.render({"mark": {"type": "nonsense"}, "$schema": "https://vega.github.io/schema/vega-lite/v0.json"}, "svg")


@pytest.mark.slow
def test_what_renders_is_never_loaded_here():
    program = (
        f"import sys; from digitlab.comparison import vega; assert vega.render({SPEC!r}, 'svg'); "
        "assert not [name for name in sys.modules if name.startswith('vl_convert')]"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=vega._ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
