"""Take pictures of every page, filled by the demo experiment: `python -m digitlab.tools.screenshots OUT`.

In the sizes of a computer's screen, a tablet and two phones, in light and in dark. It starts a server of its own, whose
database and models are gone afterwards, adds the demo by its button and waits for its trainings.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = ((1280, 900), (820, 1180), (390, 844), (360, 740))  # px
THEMES = ("light", "dark")
_ROOT = Path(__file__).parents[2]
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
_TRAINED = 900_000  # ms: on a busy machine
_LOADED = 120_000
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
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "Expected Playwright, which drives the browser. Received: a Python without it. "
            "Install what the tests need: pip install -r requirements.txt."
        ) from error
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("Expected Chromium. Received: none. Install it, in Debian by: apt-get install chromium.")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        with _server(Path(place)) as url:
            page = browser.new_page()
            _add_demo(page, url)
            addresses = {name: f"{url}/{path}" for name, path in _menu(page).items() if not names or name in names}
            page.close()
            made += _take_all(browser, addresses, folder)
        if not names or "class" in names:
            with _server(Path(place), DIGITLAB_CLASS_CODE="pictures", DIGITLAB_TEACHER_CODE=_TEACHER) as url:
                made += _take_all(browser, {"class": f"{url}/class"}, folder, join=url)
        browser.close()
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
    _rest(page)
    long = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(long, _LONGEST))})
    _rest(page)
    page.screenshot(path=file, animations="disabled")


def _rest(page: "Page") -> None:
    """Wait until the page has run and nothing on it grows any more."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(state="attached", timeout=_LOADED)
    page.evaluate(
        """async () => {
            const size = () => [...document.querySelectorAll("[data-testid=stMain], canvas, svg")]
                .map((node) => `${node.scrollWidth} ${node.scrollHeight}`).join();
            for (let last = "", rests = 0; rests < 4;) {
                await new Promise((done) => setTimeout(done, 150));
                rests = size() === last ? rests + 1 : 0;
                last = size();
            }
        }"""
    )


def _add_demo(page: "Page", url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Add the demo").click(timeout=_LOADED)
    page.get_by_role("button", name="Remove the demo").wait_for(timeout=_LOADED)
    page.get_by_text("still to come").wait_for(state="hidden", timeout=_TRAINED)
    _rest(page)


def _menu(page: "Page") -> dict[str, str]:
    """Return the path of each page in the menu, by what it is called here."""
    links = page.get_by_test_id("stSidebarNavLink").evaluate_all("links => links.map((link) => link.pathname)")
    return {path.strip("/") or "home": path.strip("/") for path in links}


def _join(page: "Page", url: str, name: str) -> None:
    page.goto(url)
    page.get_by_label("Code of the class").fill(_TEACHER, timeout=_LOADED)
    page.get_by_label("A name or a pseudonym").fill(f"Teacher {name}")
    page.get_by_role("button", name="Join").click()
    page.get_by_text("Your personal link").wait_for(timeout=_LOADED)


@contextmanager
def _server(folder: Path, **variables: str) -> Iterator[str]:
    """Run the app on a free port with a home, a database and models in a folder; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "HOME": str(folder),
        "DIGITLAB_DATABASE_URL": f"sqlite:///{folder / 'digitlab.db'}",
        "DIGITLAB_MODELS_DIR": str(folder / "models"),
        **variables,
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--global.e2eTest=true"]
    with (folder / "log.txt").open("a") as log:
        process = subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Expected the app to answer at {address}. Received: nothing.")


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
