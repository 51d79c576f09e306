"""What the server writes about its work: enough to see what happened, nothing about anybody."""

import logging

import pytest

from digitlab.jobs.engine import Jobs
from digitlab.jobs.job import Job
from digitlab.jobs.work import Outcome
from digitlab.storage.drawings import save_drawing
from digitlab.storage.schema import StoreError
from digitlab.storage.sheet_saving import store_message
from digitlab.storage.sheets import open_sheet
from digitlab.storage.store import Store
from digitlab.ui import log
from tests.storage.pads import Pad, new_batch
from tests.storage.samples import DIGIT, STROKES

WRITER = "Zoe Secret"


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, "digitlab")
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


@pytest.fixture
def store(tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    yield opened
    opened.close()


def test_drawings_that_are_stored(store, said):
    batch = new_batch(store, WRITER)
    sheet = open_sheet(store, batch, 5, 10.0)
    store_message(store, Pad(sheet).digit(0).digit(1).message())
    assert said() == [], "a stroke is not worth a line"
    store_message(store, Pad(sheet, "two").tell("save").message())
    save_drawing(store, (batch.id, 9), STROKES, DIGIT, 1.0)
    assert said() == [
        ("INFO", f"Sheet {sheet.id} of batch 1: 2 drawings stored."),
        ("INFO", "Drawing 3 of batch 1 stored."),
    ]
    assert WRITER not in str(said())


def test_what_the_database_refuses(store, said):
    batch = new_batch(store, WRITER)
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError):
        save_drawing(store, (batch.id, 0), STROKES, DIGIT, 1.0)
    ((level, message),) = said()
    assert (level, message[:24]) == ("WARNING", "Refused by the database:")


@pytest.mark.parametrize(
    ("outcome", "level"),
    [(Outcome("finished", result="x"), "INFO"), (Outcome("failed", error="Zoe's drawing"), "WARNING")],
)
def test_jobs_that_end(said, outcome, level):
    jobs = Jobs()
    jobs._jobs["a1"] = Job("a1", tag="retrain")
    with jobs._state:
        jobs._end("a1", outcome)
    jobs.close()
    assert said() == [(level, f"Job a1: {outcome.status}.")]


def test_the_terminal_gets_each_line_once(capsys):
    logger = logging.getLogger("digitlab")
    before = logger.handlers[:], logger.level
    logger.handlers.clear()
    try:
        log.start()
        log.start()
        logging.getLogger("digitlab.storage").info("Drawing 3 of batch 1 stored.")
        assert capsys.readouterr().err.count("INFO digitlab.storage: Drawing 3 of batch 1 stored.\n") == 1
    finally:
        logger.handlers[:], logger.level = before
