"""Home is alive: a digit is written and read on its pad, and from the first touch on the visitor's own."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.controls import menu_link
from tests.browser.devices import touch
from tests.browser.drawing import quick_digits
from tests.browser.page_objects import LivePad
from tests.browser.waiting import idle, next_frame

# Asks for an example, and notes each stage and how high the bars are, frame by frame, until it is shown.
_WATCH = """live => new Promise(done => {
  const seen = [];
  live.querySelector(".another").click();
  const look = () => {
    const highest = Math.max(...[...live.querySelectorAll(".fill")].map(fill => parseFloat(fill.style.height)));
    if (seen.at(-1)?.[0] !== live.dataset.stage) seen.push([live.dataset.stage, highest]);
    if (live.dataset.state === "shown") done(seen); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""

# Asks for an example, and tells how many different amounts of ink were seen on the pad in 40 frames, and whether
# anything around it was animated.
_MOVES = """async live => {
  const pad = live.querySelector(".pad"), inks = new Set();
  let animated = false;
  live.querySelector(".another").click();
  for (let frames = 0; frames < 40; frames += 1) {
    await new Promise(requestAnimationFrame);
    const { data } = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
    inks.add(data.reduce((sum, value) => sum + value, 0));
    animated ||= live.getAnimations({ subtree: true }).some(({ effect }) => effect.getTiming().duration > 1);
  }
  return [inks.size, animated];
}"""

_KEPT = "JSON.stringify([localStorage, sessionStorage, document.cookie])"


@pytest.fixture
def home(visit, app_url, store):
    home = LivePad(visit(app_url))
    home.expect_shown()
    return home


@pytest.mark.slow
def test_a_digit_is_written_and_its_steps_follow_each_other(open_page, app_url, store):
    page = open_page(reduced_motion="no-preference")
    page.goto(app_url)
    home = LivePad(page)
    home.expect_shown()
    expect(home.reading).to_have_text(re.compile(r"This is a 3 \(\d+\s%\)"))
    seen = home.live.evaluate(_WATCH)
    assert [stage for stage, _ in seen[-4:]] == ["ink", "box", "digit", "bars"], seen
    assert [highest > 50 for _, highest in seen[-4:]] == [False, False, False, True]
    expect(home.reading).to_have_text(re.compile(r"This is a 4 "))
    inks, _ = home.live.evaluate(_MOVES)
    assert inks > 5, "it is written"


def test_who_wants_no_motion_sees_the_end_of_it_at_once(home):
    assert home.ink() > 0.03
    expect(home.reading).to_have_text(re.compile(r"This is a 3 "))
    expect(home.pad).to_have_attribute("aria-label", re.compile("As an example a 3 is written on it"))
    assert home.live.evaluate(_MOVES) == [1, False], "the next is there at once too, and stays"


def test_the_first_touch_clears_it_and_the_bars_move_with_the_pen(home):
    page, digit = home.page, quick_digits()[8]
    (stroke,) = home.place(digit[:1])
    before = home.ink()
    page.mouse.move(*stroke[0])
    page.mouse.down()
    expect(home.live).to_have_attribute("data-state", "own")
    assert home.ink() < before / 4, "the example is gone"
    assert home.bars() == [0] * 10, "a dot is nothing to read"
    read, milliseconds = set(), []
    for point in stroke[1:]:
        page.mouse.move(*point)
        next_frame(page)
        read.add(tuple(home.bars()))
        milliseconds.append(float(home.live.get_attribute("data-ms")))
    page.mouse.up()
    assert len(read) > 3, "the bars stand still"
    home.draw(digit[1:])
    expect(home.reading).to_have_text(re.compile(r"This is an 8 \(\d+\s%\)"))
    expect(home.live.get_by_role("status")).to_have_text(re.compile("This is an 8"))
    print(f"median of a move of the pen to the bars {sorted(milliseconds)[len(milliseconds) // 2]} ms")  # shown with -s


@pytest.mark.slow
def test_every_digit_is_read(home):
    for label, strokes in quick_digits().items():
        home.draw(strokes)
        home.expect_reading(label)
        assert home.bars()[label] == max(home.bars()) > 50
        home.live.get_by_role("button", name="Clear").click()
        assert home.ink() == 0
        assert home.bars() == [0] * 10


@pytest.mark.slow
def test_nothing_is_sent_or_stored_while_one_writes(page, app_url, store):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.extend([frame])))
    page.goto(app_url)
    home, before = LivePad(page), store.version()
    home.expect_shown()
    idle(page, quiet=500)
    assert sent, "the page itself was asked for"
    sent.clear()
    requests, kept = [], page.evaluate(_KEPT)
    page.on("request", lambda request: requests.append(request.url))
    home.draw(quick_digits()[5])
    home.expect_reading(5)
    home.live.get_by_role("button", name="Clear").click()
    idle(page, quiet=500)
    assert (sent, requests) == ([], [])
    assert store.version() == before
    assert page.evaluate(_KEPT) == kept


def test_a_guess_leaves_the_drawing_and_is_marked_in_the_comparison(home):
    page = home.page
    home.draw(quick_digits()[2])
    home.expect_reading(2)
    drawn = home.ink()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Your estimate: 51 of 100")).to_be_visible()
    home.expect_reading(2)
    assert home.ink() == drawn
    expect(page).to_have_url(re.compile(r"[?&]guess=51"))
    menu_link(page, "Compare").click()
    expect(page.get_by_text("your estimate: 51")).to_be_visible()


def test_keys_reach_what_is_not_drawing(home):
    page = home.page
    home.draw(quick_digits()[7])
    home.live.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    assert home.ink() == 0
    page.keyboard.press("Tab")
    expect(home.live.get_by_role("button", name="Show an example")).to_be_focused()
    page.keyboard.press("Enter")
    expect(home.reading).to_have_text(re.compile(r"This is a 4 "))
    expect(page.get_by_role("list", name="Probability of each digit").get_by_role("listitem")).to_have_count(10)


def test_on_a_phone(open_page, app_url, store):
    page = open_page(**PHONE)
    page.goto(app_url)
    home = LivePad(page)
    home.expect_shown()
    idle(page)
    one, two = home.place([quick_digits()[6][0], [(20, 20), (60, 60), (90, 90)]])
    touch(page, one, two)
    home.expect_reading(6)  # of the first finger alone
    width = page.evaluate("[document.querySelector('[data-testid=stMain]').scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    below = home.live.locator(".bars").bounding_box()
    pad = home.pad.bounding_box()
    assert below["y"] + below["height"] - pad["y"] < 500, "pad and bars are seen together"
