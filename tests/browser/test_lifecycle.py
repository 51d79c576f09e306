"""The server ends, also by `kill -9`: its processes end with it, and what was drawn is there at the next start."""

import signal
import time
from urllib.parse import urlencode

import psutil
import pytest
from playwright.sync_api import expect

from digitlab.storage.batches import read_batches
from digitlab.storage.drawings import read_drawings
from digitlab.storage.store import Store
from tests.browser.drawing import draw_prompt, human_digits, idle, passes
from tests.browser.server import check_log, end_server, start_server

SECONDS = 30  # until nothing is left of a server that has ended
TRAINING = 90_000  # milliseconds; the first training waits until the worker has loaded TensorFlow


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
    """Start a training; returns once it is under way or waits for the worker, which first has to load TensorFlow."""
    page.goto(f"{url}/dense?{urlencode({f'dense_{name}': value for name, value in link.items()})}")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()


def test_nothing_is_left_of_a_killed_server_and_the_next_start_is_clean(visit, start):
    server, digits = start(), human_digits()
    page = visit(f"{server.url}/draw_one?writer=ana")
    for label in range(2):
        draw_prompt(page, label, digits[label])
    expect(page.get_by_text("2 of 10 drawn")).to_be_visible()
    train(page, server.url, epochs=100)
    expect(page.get_by_text("s left")).to_be_visible(timeout=TRAINING)  # in the middle of it
    end_by(server, signal.SIGKILL)

    again = start()
    visit(f"{again.url}/draw_one?writer=ana")
    expect(page.get_by_text("2 of 10 drawn")).to_be_visible()
    expect(page.get_by_test_id("stImage")).to_have_count(2)
    draw_prompt(page, 2, digits[2])
    expect(page.get_by_text("3 of 10 drawn")).to_be_visible()
    train(page, again.url, epochs=1, train_share="1%")
    expect(page.get_by_role("heading", name="Dense 128 on 1% of MNIST")).to_be_visible(timeout=TRAINING)
    idle(page)


def test_nothing_is_left_of_a_server_that_was_asked_to_end(page, start):
    server = start()
    train(page, server.url, epochs=100)
    end_by(server, signal.SIGTERM)


def test_an_acknowledged_drawing_is_on_disk(visit, start):
    server, digits = start(), human_digits()
    page = visit(f"{server.url}/draw_one?writer=ana")
    draw_prompt(page, 0, digits[0])
    expect(page.get_by_test_id("stImage")).to_be_visible()
    server.process.kill()
    server.process.wait()
    store = Store(server.database)
    (batch,) = read_batches(store)
    (drawing,) = read_drawings(store, [batch.id])
    store.close()
    assert (batch.writer, drawing.label) == ("ana", 0)
    assert all(map(passes, drawing.strokes, digits[0]))
