"""A real Chromium and a real server, one for all browser tests; each module begins with an empty database."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from digitlab.storage import demo, schema
from digitlab.storage.batches import balanced_labels, read_batches, start_batch
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.controls import TRAINING
from tests.browser.page_objects import DrawingDesk, JobProgress, SheetPad
from tests.browser.server import check_log, database_in, end_server, start_server
from tests.browser.stored import Kept
from tests.browser.waiting import idle
from tests.helpers import a_run, add_run, put_model, reference_files

expect.set_options(timeout=20_000)  # of a busy machine

collect_ignore = ["canvas_app.py", "read_only"]  # a page and a program, not modules with examples

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
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 1}
SMALL_PHONE = {**PHONE, "viewport": {"width": 360, "height": 740}}
DARK = {"color_scheme": "dark"}  # and a window of its own
WITH_TRAININGS = ["test_curve.py", "test_dense.py", "test_first_minutes.py", "test_story.py", "test_tour.py"]


@pytest.hookimpl(trylast=True)  # pytest has put tests beside each other that share a parameter
def pytest_collection_modifyitems(items):
    def turn(item):
        ours = item.path.parent == Path(__file__).parent
        return ours + (ours and item.path.name in WITH_TRAININGS)

    # Last of all: where Playwright has run, asyncio runs no more. Trainings at the very end: until then the worker of
    # the app has warmed up.
    items.sort(key=turn)


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


@pytest.fixture(scope="session")
def servers():
    """Those that `serve` started."""
    return []


@pytest.fixture(autouse=True)
def clean_logs(servers):
    """What a test makes a server log must be clean: this names the test."""
    read = {id(server): len(server.log()) for server in servers}
    yield
    for server in servers:
        check_log(server, read.get(id(server), 0))


@pytest.fixture(scope="session")
def serve(tmp_path_factory, servers):
    """Start a script: ``url = serve("tests/browser/canvas_app.py", NAME="value of an environment variable")``.

    Each server has its own home and database.
    """

    def start(script, **variables):
        servers.append(start_server(script, tmp_path_factory.mktemp("server"), **variables))
        return servers[-1].url

    yield start
    for server in servers:
        end_server(server)
    for server in servers:
        check_log(server)


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    store = Store(database_in(tmp_path_factory.mktemp("database")))
    yield store
    store.close()


@pytest.fixture(scope="session")
def app_url(serve, database, contexts, free_tabs):
    """The address of the real app, whose worker has begun to warm up."""
    url = serve("app.py", DIGITLAB_DATABASE_URL=database.place)
    page = contexts().new_page()
    page.goto(f"{url}/dense")
    JobProgress(page).start_button.wait_for(timeout=TRAINING)
    page.goto("about:blank")
    free_tabs.setdefault(repr([]), []).append(page)
    return url


@pytest.fixture(scope="module")
def store(database):
    """The database of the real app; empty at the beginning of each module."""
    with database.write() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            if table is not schema.meta:  # whose version of the data goes on growing
                connection.execute(table.delete())
    return database


@pytest.fixture(scope="session")
def contexts(browser_type, browser_type_launch_args, browser_context_args, tmp_path_factory):
    """A browser for each kind of screen: ``context = contexts(has_touch=True)``.

    Each keeps its profile on disk as the one of a person does: only then Chromium keeps the scripts of Streamlit in the
    form it has compiled them to, and the second page and all that follow are there in half the time.
    """
    opened = {}

    def open_context(**more):
        key = repr(sorted(more.items()))
        if key not in opened:
            opened[key] = browser_type.launch_persistent_context(
                tmp_path_factory.mktemp("profile"), **browser_type_launch_args, **{**browser_context_args, **more}
            )
        return opened[key]

    yield open_context
    for context in opened.values():
        context.close()


@pytest.fixture(scope="session")
def free_tabs():
    """Tabs that no test uses, by kind of screen: in a new one Chromium would have to read all scripts anew."""
    return {}


@pytest.fixture
def open_page(contexts, browser_context_args, free_tabs):
    """Open an empty page: ``page = open_page(has_touch=True)``; at the end no script may have failed in any of them.

    One with a ``script`` of its own, which is run before those of each page it shows, is not used again.
    """
    opened, problems = [], []

    def note(error):
        problems.append(str(error))

    def open_one(script=None, **more):
        free = free_tabs.setdefault(repr(sorted(more.items())), [])
        page = free.pop() if free and not script else contexts(**more).new_page()
        page.set_viewport_size({**browser_context_args, **more}["viewport"])
        page.bring_to_front()  # what is behind another tab is not drawn, and its clocks are slow
        page.on("pageerror", note)
        if script:
            page.add_init_script(script)
        opened.append((page, None if script else free))
        return page

    yield open_one
    opened = [(page, free) for page, free in opened if not page.is_closed()]
    failed = [page.url for page, _ in opened if page.get_by_test_id("stException").count()]
    for page, free in opened:
        if free is None:
            page.close()
            continue
        page.remove_listener("pageerror", note)
        page.evaluate("if (origin !== 'null') [sessionStorage, localStorage].forEach(storage => storage.clear())")
        page.goto("about:blank")
        free.append(page)
    assert not problems
    assert not failed


@pytest.fixture
def page(open_page):
    """A page of the window that most tests share."""
    return open_page()


@pytest.fixture
def visit(page):
    """Open an address and wait until it is shown."""

    def open_address(url):
        page.goto(url)
        idle(page)
        return page

    return open_address


@pytest.fixture(scope="module")
def filled(store):
    """The demo with runs of each kind, as if they were trained."""
    one, full, _ = demo.add_demo(store)
    runs = [
        a_run("dense-demo", "dense", right=0.987, own=1.0),
        a_run("one-demo", "one", right=0.92, own=0.9, drawings=10, minutes=0.3, batch_ids=(one.id,)),
        a_run("full-demo", "full", right=0.93, own=0.9, drawings=20, minutes=0.6, batch_ids=(one.id, full.id)),
    ]
    for run in runs:
        add_run(store, replace(run, owner_id=one.writer_id))
        put_model(store, run.id, reference_files())
    return store


# What is drawn on


@pytest.fixture
def desk_of(open_page, app_url, store):
    """Open the page that asks for one digit after the other for a new writer: `desk = desk_of("Ana", **DARK)`."""

    def open_it(writer, **screen):
        page = open_page(**screen)
        page.goto(f"{app_url}/draw_one?writer={writer}")
        idle(page)
        return DrawingDesk(page)

    return open_it


@pytest.fixture
def batch_of(store):
    """Start a batch: `batch_of("Ana")`."""

    def start(writer, per_digit=2, kind="full"):
        batch_id = start_batch(store, add_writer(store, writer), kind, balanced_labels(per_digit, 1), 1)
        return next(batch for batch in read_batches(store) if batch.id == batch_id)

    return start


@pytest.fixture
def sheet_of(page, batch_of, app_url):
    """Open a sheet for a new writer: `pad, batch = sheet_of("Ana", cells=6)`."""

    def open_it(writer, *, cells=6, per_digit=2, kind="full"):
        batch = batch_of(writer, per_digit, kind)
        page.goto(f"{app_url}/draw_batch?writer={writer}&batch_cells={cells}")
        return SheetPad(page), batch

    return open_it


@pytest.fixture
def phone(open_page, batch_of, app_url):
    """Open a sheet on a phone: `pad, batch = phone("Ana", cells=6, device_scale_factor=2)`."""

    def open_it(writer, *, cells=6, **more):
        batch = batch_of(writer)
        page = open_page(**{**SMALL_PHONE, **more})
        page.goto(f"{app_url}/draw_batch?writer={writer}&batch_cells={cells}")
        return SheetPad(page), batch

    return open_it


@pytest.fixture
def kept(store):
    """What is on disk of the sheets."""
    return Kept(store)
