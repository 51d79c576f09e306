"""How a page looks: nothing is cut, overlaps or scrolls sideways at any size, and axe finds nothing serious."""

import gzip
from pathlib import Path

from digitlab.tools.screenshots import SIZES
from tests.browser.waiting import idle, once, still

HERE = Path(__file__).parent
LAYOUT = (HERE / "layout.js").read_text().partition("\n")[2]  # without its comment
AXE = gzip.decompress((HERE / "axe" / "axe.min.js.gz").read_bytes()).decode()
RUN_AXE = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => `${id}: ${nodes.length}, such as ${nodes[0].html.slice(0, 200)}`)"""


def settle(page):
    """Wait until the page has run and nothing on it grows any more."""
    idle(page)
    still(page.get_by_test_id("stMainBlockContainer"), 300)


def found_by_axe(page):
    """What axe calls serious or critical."""
    page.evaluate(AXE)
    return page.evaluate(RUN_AXE)


def expect_good_layout(page):
    """Nothing is cut, overlaps or scrolls sideways at any size; the last is that of a computer's screen."""
    for width, height in SIZES[::-1]:
        page.set_viewport_size({"width": width, "height": height})
        still(page.get_by_test_id("stMainBlockContainer"))
        # A chart takes its new width a moment later; what is wrong for good is still wrong then.
        once(lambda: [width, *page.evaluate(LAYOUT)], lambda found: len(found) == 1, seconds=5)  # noqa: B023
