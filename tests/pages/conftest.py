"""Each test has its own database; the worker that trains is one for all, and real."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from digitlab.curve import writer_curves
from digitlab.storage import store as database
from digitlab.storage.batches import read_batches
from digitlab.storage.schema import StoreError
from digitlab.ui import resources, state, windows
from digitlab.ui.drawing import drawing_desk
from tests.helpers import put_model, reference_files

APP = Path(__file__).parents[2] / "app.py"


def pytest_collection_finish(session):
    """Start the one worker of the pages' tests: it warms up while the tests before them run.

    One of several processes of tests does not know whether it will be given any of these.
    """
    ours = any(item.path.parent == Path(__file__).parent for item in session.items)
    if ours and not session.config.option.collectonly and "PYTEST_XDIST_WORKER" not in os.environ:
        resources.jobs()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The test's own folder; what still runs at its end is stopped."""
    windows._windows.clear()  # those of other tests
    resources.jobs()  # started before the environment is set: the worker must not depend on it
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'digitlab.db'}")
    yield tmp_path
    for tag in ("dense", "retrain", "references", "first answer"):
        while job := resources.jobs().latest(tag):
            resources.jobs().stop(job.id)
            time.sleep(0.05)
    with suppress(StoreError):
        _stop_curves(f"sqlite:///{tmp_path / 'digitlab.db'}")


def _stop_curves(url):
    """Stop the trainings of learning curves: they begin by themselves when a batch is finished."""
    opened = database.Store(url)
    batches = read_batches(opened)
    opened.close()
    for writer in writer_curves.drawings_by_writer(batches):
        for job in reversed(resources.jobs().all(writer_curves.plan_curves(batches, writer, url).job_tag)):
            resources.jobs().stop(job.id)
            while not resources.jobs().get(job.id).over:
                time.sleep(0.05)


@pytest.fixture
def store(folder):
    """The test's database, as the pages open it."""
    opened = database.Store(f"sqlite:///{folder / 'digitlab.db'}")
    yield opened
    opened.close()


@pytest.fixture
def keep_model(store):
    """Give a stored run a real model: `keep_model("dense-1")`."""
    return lambda run_id: put_model(store, run_id, reference_files())


@pytest.fixture
def visit():
    """Open a page as a new visitor, with what the link says: `visit("dense", dense_epochs="3")`."""

    def open_page(page, **link):
        at = AppTest.from_file(APP, default_timeout=60)
        at.run()
        at.switch_page(f"pages/{page}.py")
        for name, value in link.items():
            at.query_params[name] = value
        return at.run()

    return open_page


@pytest.fixture
def clock(monkeypatch):
    """The clock of the drawing desk: `clock.now += 3` lets three seconds pass."""

    class Clock:
        now = 1_000.0

        def time(self):
            return self.now

    hand = Clock()
    monkeypatch.setattr(drawing_desk, "time", hand)
    monkeypatch.setattr(state, "time", hand)
    return hand
