"""Mouse, fingers, pen and keys as the browser gets them; also what Playwright has no words for."""

from contextlib import contextmanager


class Events:
    """Sends single events of a device, as Chromium's protocol takes them; places are pixels of the page."""

    def __init__(self, session):
        self._send = session.send

    def mouse(self, kind, place, *, pressed=True, **more):
        """`kind` is Moved, Pressed or Released; a pen is a mouse with `pointerType="pen", force=0.5`."""
        button = "none" if kind == "Moved" and not pressed else "left"
        event = {"type": f"mouse{kind}", "x": place[0], "y": place[1], "button": button, "buttons": int(pressed)}
        self._send("Input.dispatchMouseEvent", {**event, "clickCount": 1, **more})

    def touch(self, kind, *places, first=0):
        """`kind` is Start, Move, End or Cancel; fingers at these places are numbered from `first` on."""
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places, first)]
        self._send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": fingers})

    def key(self, key, code, *, ctrl=False):
        """Press a key of any keyboard: what is printed on it, and where it is on an English one."""
        down = {"type": "rawKeyDown"} if ctrl else {"type": "keyDown", "text": key}
        for event in (down, {"type": "keyUp"}):
            self._send("Input.dispatchKeyEvent", {**event, "key": key, "code": code, "modifiers": 2 * ctrl})


@contextmanager
def events_of(page):
    """Send events to a page: `with events_of(page) as send: send.touch("Start", (10, 10))`."""
    session = page.context.new_cdp_session(page)
    yield Events(session)
    session.detach()


def press_and_move(page, points):
    """One stroke of the mouse, in pixels of the page; it ends the moment the button goes up."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def touch(page, *paths):
    """Fingers that go down one after the other and move together; each path in pixels of the page."""
    with events_of(page) as send:
        for number in range(len(paths)):
            send.touch("Start", *(path[0] for path in paths[: number + 1]))
        for step in range(1, max(map(len, paths))):
            send.touch("Move", *(path[min(step, len(path) - 1)] for path in paths))
        send.touch("End")
