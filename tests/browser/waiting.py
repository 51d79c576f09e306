"""What every part of a page needs in a browser: waiting for a state and not for a time, pointers, marks of charts."""

import time

from playwright.sync_api import expect

SECONDS = 30  # of a busy machine, for what has no other limit

_RESTED = """quiet => {
  const state = "[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]";
  const now = performance.now();
  if (!document.querySelector(`[data-testid=stApp]${state}`)) window.restingSince = undefined;
  else window.restingSince ??= now;
  return now - window.restingSince >= quiet;
}"""
_STILL = """(node, quiet) => new Promise(resolve => {
  let place = null, since = 0;
  const look = () => {
    node.scrollIntoView({ block: "center" });
    const box = node.getBoundingClientRect(), now = performance.now(), found = `${box.x} ${box.y} ${box.width}`;
    if (found !== place) [place, since] = [found, now];
    if (now - since >= quiet) resolve(); else setTimeout(look, 20);
  };
  look();
})"""
_NEXT_FRAME = "() => new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))"

# A script for a page: `cutNow()` closes its connections and lets no other through until `window.cut = false`.
SOCKETS = """
const Real = window.WebSocket, sockets = [];
window.cut = false;
window.WebSocket = class extends Real {
  constructor(url, ...more) {
    super(window.cut ? "ws://127.0.0.1:9/" : url, ...more);
    sockets.push(this);
  }
};
window.cutNow = () => { window.cut = true; sockets.forEach(socket => socket.close()); };
"""


def until(condition, received=lambda: None, seconds=SECONDS):
    """Wait until `condition()` holds, and return what it gave."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, received()
        time.sleep(0.02)
    return value


def idle(page, quiet=120):
    """Wait until the page's script has rested for `quiet` ms: a widget may wait before it sends."""
    page.evaluate("() => { delete window.restingSince; }")
    page.wait_for_function(_RESTED, arg=quiet, polling=20, timeout=1000 * SECONDS)


def pause(page, milliseconds):
    """Let some time pass, and wait until the page's script rests then; benchmarks measure what comes after it."""
    page.wait_for_timeout(milliseconds)
    idle(page)


def still(locator, quiet=150):
    """Scroll so that an element is in the middle, and wait until it stays there: what is above it may still grow."""
    locator.evaluate(_STILL, quiet)


def next_frame(page):
    """Wait until the browser has shown what was done."""
    page.evaluate(_NEXT_FRAME)


def expect_no_message(page):
    """No script has failed, and nothing was refused."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def press_and_move(page, points):
    """One stroke of the mouse, in pixels of the page; it ends the moment the button goes up."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def touch(page, *paths):
    """Fingers that go down one after the other and move together; each path in pixels of the page."""
    device = page.context.new_cdp_session(page)

    def tell(kind, step, fingers):
        touching = [
            {"x": path[min(step, len(path) - 1)][0], "y": path[min(step, len(path) - 1)][1], "id": number}
            for number, path in enumerate(paths[:fingers])
        ]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})

    for number in range(len(paths)):
        tell("touchStart", 0, number + 1)
    for step in range(1, max(map(len, paths))):
        tell("touchMove", step, len(paths))
    tell("touchEnd", 0, 0)
    device.detach()


def marks(page, kind):
    """What the charts of a page say of their marks to a screen reader."""
    labels = page.locator(f"[aria-roledescription='{kind}']").evaluate_all("all => all.map(mark => mark.ariaLabel)")
    return [dict(part.split(": ", 1) for part in label.split("; ")) for label in labels]


def menu_link(page, name):
    """A page's entry in the menu; links on the pages may have the same words."""
    return page.get_by_test_id("stSidebarNavItems").get_by_role("link", name=name)
