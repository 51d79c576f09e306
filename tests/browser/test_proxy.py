"""Under a path of its own, behind a proxy with another port: what a school's web server in front of it does."""

import selectors
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from digitlab.storage.store import Store
from tests.browser.controls import go, join
from tests.browser.drawing import quick_digits, same_strokes
from tests.browser.page_objects import DrawingDesk
from tests.browser.server import database_in
from tests.browser.stored import drawings_of
from tests.browser.waiting import idle

pytestmark = pytest.mark.slow  # a server of its own under another path

CODE = "owl-12"


def pass_on(left, right):
    """Carry bytes both ways until one side ends."""
    with suppress(OSError), left, right, selectors.DefaultSelector() as waiting:  # a browser may hang up
        waiting.register(left, selectors.EVENT_READ, right)
        waiting.register(right, selectors.EVENT_READ, left)
        while True:
            for key, _ in waiting.select():
                data = key.fileobj.recv(65536)
                if not data:
                    return
                key.data.sendall(data)


@pytest.fixture
def proxy():
    """A port that leads to another one: `port = proxy(8501)`; it passes on what it gets as it is."""
    door = socket.create_server(("127.0.0.1", 0))

    def start(port):
        def serve():
            while True:
                try:
                    visitor, _ = door.accept()
                except OSError:  # closed: the test is over
                    return
                there = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pass_on, args=(visitor, there), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        return door.getsockname()[1]

    yield start
    door.shutdown(socket.SHUT_RDWR)
    door.close()


def test_one_joins_draws_and_comes_back_through_it(serve, proxy, tmp_path, open_page):
    place = database_in(tmp_path)
    store = Store(place)
    url = urlsplit(serve("app.py", path="/lab", DIGITLAB_DATABASE_URL=place, DIGITLAB_CLASS_CODE=CODE))
    address = f"http://127.0.0.1:{proxy(url.port)}/lab"
    page = open_page()
    page.goto(f"{address}/")
    idle(page)
    join(page, "Ana", CODE)
    page.get_by_text("Your personal link, Ana").click()
    link = page.get_by_text(f"{address}/?me=")
    expect(link).to_be_visible()
    personal = link.inner_text()
    go(page, "Draw one")
    digits = quick_digits(1)
    desk = DrawingDesk(page)
    desk.answer(0, *digits[0])
    desk.expect_prompt(1)

    (drawing,) = drawings_of(store, "Ana", 1)
    assert same_strokes(drawing.strokes, digits[0])
    page.context.clear_cookies()
    page.goto(personal)
    idle(page)
    expect(page.get_by_text("Your personal link, Ana")).to_be_visible()
    expect(page.get_by_role("button", name="Join", exact=True)).to_have_count(0)
    store.close()
