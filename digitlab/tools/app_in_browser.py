"""The app as a person sees it, for pictures: a server of its own, and Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOADED = 120_000  # ms until a page is there, on a busy machine
_ROOT = Path(__file__).parents[2]
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Start Chromium, and end it.

    Raises:
        RuntimeError: If Playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "Expected Playwright, which drives the browser. Received: a Python without it. "
            "Install what the tests need: pip install -r requirements.txt."
        ) from error
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise RuntimeError("Expected Chromium. Received: none. Install it, in Debian by: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def rest(page: "Page") -> None:
    """Wait until the page has run and nothing on it grows any more."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(state="attached", timeout=LOADED)
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


@contextmanager
def running_app(folder: Path, **variables: str) -> Iterator[str]:
    """Run the app on a free port with a home, a database and models in a folder; give its address.

    Raises:
        RuntimeError: If it does not start.
    """
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
