"""Film the first three minutes in some seconds: `python -m digitlab.tools.animation OUT.webp`.

Home writes a digit by itself, a person writes one over it, then ten digits, and reads what a network trained on them
reads. The hand is that of the demo's drawings. The server is one of its own, whose database is gone afterwards.
"""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from digitlab.digits import Floats, with_article
from digitlab.drawing.demo import CANVAS_SIZE, read
from digitlab.tools.app_in_browser import LOADED, chromium, rest, running_app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Locator, Page

SIZE = (720, 860)  # px
_QUALITY = 55  # of WebP: letters stay sharp
_POINTS = 8  # of the pen from picture to picture
_TRAINED = 300_000  # ms, on a busy machine


class Film:
    """Pictures of a page, and how long each is shown.

    Args:
        page: What is filmed.
    """

    def __init__(self, page: "Page") -> None:
        self._page, self._folder = page, tempfile.TemporaryDirectory()
        self._files: list[Path] = []
        self._lasts: list[int] = []

    def take(self, lasts: int) -> None:
        """Take a picture that is shown for so many ms."""
        self._files.append(Path(self._folder.name) / f"{len(self._files)}.png")
        self._page.screenshot(path=self._files[-1], animations="disabled")
        self._lasts.append(lasts)

    def save(self, file: Path) -> None:
        """Write an animated WebP that begins anew after the last picture."""
        first, *others = [Image.open(each).convert("RGB") for each in self._files]
        first.save(file, save_all=True, append_images=others, duration=self._lasts, loop=0, quality=_QUALITY, method=6)
        self._folder.cleanup()


def record(file: Path) -> None:
    """Film it.

    Args:
        file: To write, its folder is there.

    Raises:
        RuntimeError: If Playwright or Chromium is missing, or the server does not start.
    """
    with tempfile.TemporaryDirectory() as place, chromium() as browser, running_app(Path(place)) as url:
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.set_default_timeout(LOADED)
        page.goto(url)
        film = Film(page)
        drawings = {(drawing.sitting, drawing.label): drawing.strokes for drawing in read()}
        _home(page, film, drawings[1, 3])
        for label in range(10):
            page.get_by_role("heading", name=f"Draw {with_article(label)}", exact=True).wait_for()
            canvas = page.locator("[data-testid=stBidiComponentIsolated]:not([inert]) canvas.upper-canvas").first
            _write(page, canvas, drawings[0, label])
            film.take(250)
            page.get_by_role("button", name="Save").first.click()
        _answer(page, film, drawings[2, 4])
        film.save(file)


def _home(page: "Page", film: Film, strokes: "Iterable[Floats]") -> None:
    pad = page.get_by_test_id("live-pad")
    pad.wait_for()
    rest(page)
    for _ in range(30):
        film.take(180)
        page.wait_for_timeout(100)
    _write(page, pad, strokes, film)
    film.take(1500)
    page.get_by_role("button", name="Draw your ten digits").click()


def _answer(page: "Page", film: Film, strokes: "Iterable[Floats]") -> None:
    page.get_by_role("heading", name="of drawing: your network").wait_for(timeout=_TRAINED)
    rest(page)
    film.take(3000)
    pad = page.get_by_test_id("live-pad")
    pad.scroll_into_view_if_needed()
    rest(page)
    _write(page, pad, strokes, film)
    film.take(3000)


def _write(page: "Page", surface: "Locator", strokes: "Iterable[Floats]", film: Film | None = None) -> None:
    """Write strokes with the mouse, filmed or not."""
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    if box is None:
        raise RuntimeError("Expected a surface to write on. Received: one that is not shown.")
    corner, size = np.array([box["x"], box["y"]]), np.array([box["width"], box["height"]])
    for stroke in strokes:
        points = corner + stroke[:, :2] / CANVAS_SIZE * size
        page.mouse.move(*points[0])
        page.mouse.down()
        for number, point in enumerate(points[1:], start=1):
            page.mouse.move(*point)
            if film and number % _POINTS == 0:
                film.take(100)
        page.mouse.up()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m digitlab.tools.animation", description=__doc__)
    parser.add_argument("out", type=Path, help="file to write, such as three-minutes.webp")
    try:
        record(parser.parse_args().out)
    except RuntimeError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
