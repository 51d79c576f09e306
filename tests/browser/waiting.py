"""What every part of a page needs in a browser: waiting for a state and not for a time, and marks of charts."""

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


def once(read, holds, seconds=SECONDS):
    """Read again and again until `holds(what was read)`, and return that very reading."""
    end = time.monotonic() + seconds
    while not holds(found := read()):
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


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


def marks(page, kind):
    """What the charts of a page say of their marks to a screen reader."""
    labels = page.locator(f"[aria-roledescription='{kind}']").evaluate_all("all => all.map(mark => mark.ariaLabel)")
    return [dict(part.split(": ", 1) for part in label.split("; ")) for label in labels]
