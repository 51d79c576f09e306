"""A real Chromium and a real server, for all browser tests."""

import os
import shutil

import pytest
from playwright.sync_api import expect

from digitlab.storage.store import Store
from tests.browser.drawing import idle
from tests.browser.server import check_log, database_in, end_server, start_server

expect.set_options(timeout=20_000)  # of a busy machine

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
        servers.append(start_server(script, tmp_path_factory.mktemp("server"), **variables))
        return servers[-1].url

    yield start
    for server in servers:
        end_server(server)
    for server in servers:
        check_log(server)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The database of the real app; clean at the beginning of each module."""
    store = Store(database_in(tmp_path_factory.mktemp("database")))
    yield store
    store.close()


@pytest.fixture(scope="module")
def app_url(serve, store):
    """The address of the real app."""
    return serve("app.py", DIGITLAB_DATABASE_URL=store.place)


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
