"""Take pictures of every page, filled by the demo experiment: `python -m digitlab.tools.screenshots OUT`.

In the sizes of a computer's screen, a tablet and two phones, in light and in dark. It starts a server of its own, whose
database and models are gone afterwards, adds the demo by its button and waits for its trainings.
"""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from digitlab.tools.app_in_browser import LOADED, chromium, rest, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = ((1280, 900), (820, 1180), (390, 844), (360, 740))  # px
THEMES = ("light", "dark")
_TRAINED = 900_000  # ms: on a busy machine
_LONGEST = 12_000  # px of a picture
_TEACHER = "teacher-of-the-pictures"


def take(folder: Path, *, names: tuple[str, ...] = ()) -> list[Path]:
    """Take the pictures.

    Args:
        folder: For the files, such as `compare-390-dark.png`.
        names: Only of these pages, by the last part of their address (`home` for the first); empty: of all.

    Returns:
        The files.

    Raises:
        RuntimeError: If Playwright or Chromium is missing, or the server does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        with running_app(Path(place)) as url:
            page = browser.new_page()
            _add_demo(page, url)
            addresses = {name: f"{url}/{path}" for name, path in _menu(page).items() if not names or name in names}
            page.close()
            made += _take_all(browser, addresses, folder)
        if not names or "class" in names:
            with running_app(Path(place), DIGITLAB_CLASS_CODE="pictures", DIGITLAB_TEACHER_CODE=_TEACHER) as url:
                made += _take_all(browser, {"class": f"{url}/class"}, folder, join=url)
    return made


def _take_all(browser: "Browser", addresses: dict[str, str], folder: Path, join: str = "") -> list[Path]:
    made = []
    for theme in THEMES:
        page = browser.new_page(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        if join:
            _join(page, join, theme)
        for name, address in addresses.items():
            page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
            page.goto(address)
            for width, height in SIZES:
                made.append(folder / f"{name}-{width}-{theme}.png")
                _take_one(page, width, height, made[-1])
        page.close()
    return made


def _take_one(page: "Page", width: int, height: int, file: Path) -> None:
    """Take a picture as high as the page is long: what scrolls is a part of it, not the page itself."""
    page.set_viewport_size({"width": width, "height": height})
    rest(page)
    long = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(long, _LONGEST))})
    rest(page)
    page.screenshot(path=file, animations="disabled")


def _add_demo(page: "Page", url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Add the demo").click(timeout=LOADED)
    page.get_by_role("button", name="Remove the demo").wait_for(timeout=LOADED)
    page.get_by_text("still to come").wait_for(state="hidden", timeout=_TRAINED)
    rest(page)


def _menu(page: "Page") -> dict[str, str]:
    """Return the path of each page in the menu, by what it is called here."""
    links = page.get_by_test_id("stSidebarNavLink").evaluate_all("links => links.map((link) => link.pathname)")
    return {path.strip("/") or "home": path.strip("/") for path in links}


def _join(page: "Page", url: str, name: str) -> None:
    page.goto(url)
    page.get_by_label("Code of the class").fill(_TEACHER, timeout=LOADED)
    page.get_by_label("A name or a pseudonym").fill(f"Teacher {name}")
    page.get_by_role("button", name="Join").click()
    page.get_by_text("Your personal link").wait_for(timeout=LOADED)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m digitlab.tools.screenshots", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("pages", nargs="*", help="only these pages, such as home or compare")
    arguments = parser.parse_args()
    try:
        print(*take(arguments.out, names=tuple(arguments.pages)), sep="\n")
    except RuntimeError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
