"""Each test has its own database. The worker is one for all, and few tests need it: they train."""

import functools
import json
from pathlib import Path

import cloudpickle
import pytest
from altair.utils import schemapi
from streamlit.testing.v1 import AppTest

from digitlab.jobs.work import Outcome
from digitlab.learning import warm_up
from digitlab.storage import opening
from digitlab.storage import store as database
from digitlab.ui import resources, state, windows
from digitlab.ui.drawing import drawing_desk
from tests.helpers import finished, put_model, reference_files

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(scope="session", autouse=True)
def charts_are_checked_once():
    """Spare the pages half of the time of their charts: what Altair has found to be valid it need not check again."""
    check, valid, converter = schemapi.validate_jsonschema, {}, functools.cache(schemapi._FromDict)

    def check_once(spec, schema, rootschema=None, *, raise_error=True):
        chart = json.dumps(spec, default=repr), id(schema)
        error = None if chart in valid else check(spec, schema, rootschema, raise_error=raise_error)
        if error is None:
            valid[chart] = schema  # kept: or another one might get its id
        return error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemapi, "validate_jsonschema", check_once)
        patch.setattr(schemapi, "_FromDict", lambda classes: converter(tuple(classes)))  # sorts all that there are
        yield


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """The bytes of a database with nothing in it: to make one takes longer than to visit a page."""
    path = tmp_path_factory.mktemp("new") / "digitlab.db"
    database.Store(f"sqlite:///{path}").close()
    return path.read_bytes()


def _set_up_without_waiting(connection, record, set_up=opening._set_up_sqlite):
    """Set a connection up as ever, but do not wait for the disk: nobody cuts the power of a test."""
    set_up(connection, record)
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, new_database):
    """The test's own folder, with a new database in it. What pages ask the worker for waits: see `queue`, `worker`."""
    windows._windows.clear()  # those of other tests
    monkeypatch.setattr(opening, "_set_up_sqlite", _set_up_without_waiting)
    monkeypatch.setattr(warm_up, "PARTS", 0)  # most tests train nothing
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'digitlab.db'}")
    (tmp_path / "digitlab.db").write_bytes(new_database)
    engine = resources.jobs()
    monkeypatch.setattr(engine, "_connect", lambda: None)
    monkeypatch.setattr(engine, "_hand_over", lambda client: None)
    yield tmp_path
    _stop_jobs(engine)


def _stop_jobs(engine):
    alive = [job for job in engine._jobs.values() if not job.over]
    for job in reversed(alive):  # the waiting ones first, or the next would begin
        engine.stop(job.id)
    for job in alive:
        finished(engine, job.id)


@pytest.fixture
def worker(folder, monkeypatch):
    """The one worker, real: what pages ask it for is done."""
    engine = resources.jobs()
    monkeypatch.delattr(engine, "_connect")
    monkeypatch.delattr(engine, "_hand_over")
    return engine


class Queue:
    """What pages have asked the worker for, and what they are told of it in its place."""

    def __init__(self, engine):
        self._engine = engine

    def asked(self, tag):
        """What the newest job with a tag is to do: its argument."""
        _, (argument,) = cloudpickle.loads(self._engine._waiting[self._engine.latest(tag).id])
        return argument

    def answer(self, tag, result):
        """Let the newest job with a tag be over, with what it returned."""
        job = self._engine.latest(tag)
        with self._engine._state:
            del self._engine._waiting[job.id]
            self._engine._end(job.id, Outcome("finished", result))


@pytest.fixture
def queue(folder):
    """Where jobs wait: `queue.asked("dense").settings`, `queue.answer("dense", "dense-1")`."""
    return Queue(resources.jobs())


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
    """Open a page as a new visitor, with what the link says: `visit("dense", dense_epochs="3")`.

    A class may have logins: then `user` is what the provider says of an account.
    """

    def open_page(page, *, user=None, **link):
        at = AppTest.from_file(APP, default_timeout=60)
        if user is not None:
            at.user = user
        if page != "home":  # which has no path of its own
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
