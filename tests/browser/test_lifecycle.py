"""The server ends, also by `kill -9`: its processes end with it, and what was drawn is there at the next start."""

import signal
import time
from contextlib import closing
from urllib.parse import urlencode

import psutil
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from tests.browser.controls import TRAINING, menu_link
from tests.browser.drawing import quick_digits, same_strokes
from tests.browser.page_objects import DrawingDesk, JobProgress
from tests.browser.server import check_log, end_server, start_server

pytestmark = pytest.mark.slow  # the app is started three times, and its worker four times

SECONDS = 30  # until nothing is left of a server that has ended


@pytest.fixture
def start(tmp_path):
    """Start the app; each time on the same database."""
    servers = []

    def start():
        servers.append(start_server("app.py", tmp_path))
        return servers[-1]

    yield start
    for server in servers:
        end_server(server)
    check_log(servers[0])  # all write into the same


def processes(server, at_least):
    """The server's scheduler, nanny and worker (and Python's own helper), once they are all there."""
    for _ in range(600):
        found = psutil.Process(server.process.pid).children(recursive=True)
        if len(found) >= at_least:
            return found
        time.sleep(0.1)
    pytest.fail(f"expected {at_least} processes, got {found}")


def living(found):
    """Those that run; one that has ended but that nobody has asked for yet does not count."""
    return [process for process in found if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def end_by(server, how):
    """End the server by a signal while its page trains; all its processes end with it."""
    found = processes(server, at_least=3)
    server.process.send_signal(how)
    server.process.wait(SECONDS)
    end = time.monotonic() + SECONDS
    while left := living(found):
        assert time.monotonic() < end, left
        time.sleep(0.1)


def train(page, url, **link):
    """Start a training."""
    page.goto(f"{url}/dense?{urlencode({f'dense_{name}': value for name, value in link.items()})}")
    training = JobProgress(page)
    training.start()
    return training


def test_a_server_that_is_killed_again_and_again_leaves_all_that_was_drawn_and_nothing_else(visit, start):
    digits = quick_digits()
    server = start()
    page = visit(f"{server.url}/draw_one?writer=ana")
    expect(menu_link(page, "Dense network")).to_be_visible()  # ours, also where a page is opened first by its link
    desk = DrawingDesk(page)
    desk.answer(0, *digits[0])
    expect(page.get_by_test_id("stImage")).to_be_visible()
    server.process.kill()  # in the moment in which the drawing is acknowledged
    server.process.wait()
    with closing(Store(server.database)) as store:
        (batch,) = read_batches(store)
        (drawing,) = read_drawings(store, [batch.id])
    assert (batch.writer, drawing.label) == ("ana", 0)
    assert same_strokes(drawing.strokes, digits[0])

    server = start()
    visit(f"{server.url}/draw_one?writer=ana")
    desk.expect_drawn(1)
    desk.answer(1, *digits[1])
    desk.expect_drawn(2)
    train(page, server.url, epochs=100)
    expect(page.get_by_text("s left")).to_be_visible(timeout=TRAINING)  # in the middle of it
    end_by(server, signal.SIGKILL)

    server = start()
    visit(f"{server.url}/draw_one?writer=ana")
    desk.expect_drawn(2)
    expect(page.get_by_test_id("stImage")).to_have_count(2)
    desk.answer(2, *digits[2])
    desk.expect_drawn(3)
    train(page, server.url, epochs=1, train_share="1%").expect_result("Dense 128 on 1% of MNIST")
    with closing(Store(server.database)) as store:
        assert len(read_runs(store)) == 1, "the training that was killed left no run"
        assert [batch.drawn for batch in read_batches(store)] == [3], "no second batch"
    train(page, server.url, epochs=100).expect_running()
    end_by(server, signal.SIGTERM)
