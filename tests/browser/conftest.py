"""A real Chromium and a real server, for all browser tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.browser.drawing import ROOT, idle

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "no chromium on this machine: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def base_url():
    """Not used; pytest-playwright's own one is written in a way pytest 9 warns about, which counts as an error here."""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Start a script: ``url = serve("tests/browser/canvas_app.py", NAME="value of an environment variable")``.

    Each server has its own home, database and models folder. At the end its log must be clean.
    """
    servers = []

    def start(script, **variables):
        folder = tmp_path_factory.mktemp("server")
        (folder / "models").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = {
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
            "global.e2eTest": "true",
        }
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "DIGITLAB_DATABASE_URL": f"sqlite:///{folder / 'digitlab.db'}",
            "DIGITLAB_MODELS_DIR": str(folder / "models"),
            **variables,
        }
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script)]
        command += [f"--{name}={value}" for name, value in options.items()]
        log = folder / "log.txt"
        with log.open("w") as output:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        servers.append((server, log))
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, server, log)
        return url

    yield start
    for server, _ in servers:
        server.terminate()
    for server, log in servers:
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        text = log.read_text()
        assert "deprecat" not in text.lower(), text
        assert "Traceback" not in text, text


def _wait_for(url, server, log):
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def app_url(serve):
    """The address of the real app."""
    return serve("app.py")


@pytest.fixture
def visit(page):
    """Open an address and wait until it is shown; at the end no script may have failed in the browser or in Python."""
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def open_page(url):
        page.goto(url)
        idle(page)
        return page

    yield open_page
    assert not problems
    assert page.get_by_test_id("stException").count() == 0
