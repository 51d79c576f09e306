"""A model as one page: opened as a file, without a network, it reads what is written on it as the app does."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats import model_page
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import REFERENCE
from tests.browser.conftest import DARK, PHONE
from tests.browser.devices import touch
from tests.browser.drawing import quick_digits
from tests.browser.page_objects import LivePad
from tests.browser.test_reader import expect_agreement, varied

pytestmark = pytest.mark.slow  # its pad and its reader are those of Home

READ_ALL = """drawings => {
  const network = unpackNetwork(document.getElementById("network").textContent);
  return drawings.map(drawing => {
    const { digit } = drawingSteps(drawing);
    return { digit: [...digit], read: [...readDigit(network, digit)] };
  });
}"""


@pytest.fixture(scope="module")
def tflite():
    return model_files.load_tflite(REFERENCE)


@pytest.fixture(scope="module")
def address(tmp_path_factory, tflite):
    path = tmp_path_factory.mktemp("page") / "my digits.html"
    path.write_bytes(model_page.write(model_files.load_card(REFERENCE), tflite))
    assert path.stat().st_size < 1_000_000
    return path.as_uri()


@pytest.fixture
def open_file(open_page, address):
    """Open the page; whatever it asks for but itself fails the test."""

    def opened(**screen):
        page, asked = open_page(**screen), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        pages.append((page, asked))
        return page

    pages = []
    yield opened
    for page, asked in pages:
        assert [url for url in asked if not url.startswith("data:")] == [address]
        page.goto("about:blank")


def test_a_hundred_drawings_are_read_as_in_the_app(open_file, tflite):
    """By the reader that `test_reader` gives a thousand."""
    drawings = varied(100)
    worst = expect_agreement(open_file().evaluate(READ_ALL, drawings), tflite, drawings)
    print(f"largest difference of a probability {worst:.4f}")  # shown with -s


@pytest.mark.parametrize("how", ["mouse", "touch"])
def test_what_is_written_on_the_pad_is_read(open_file, tflite, how):
    page = open_file(**(PHONE if how == "touch" else {}))
    pad = LivePad(page)
    for strokes in list(quick_digits().values())[:4]:
        page.get_by_role("button", name="Clear").click()
        if how == "mouse":
            pad.draw(strokes)
        else:
            for stroke in pad.place(strokes):
                touch(page, stroke)
        digit = strokes_to_digit([np.array(stroke, float) for stroke in strokes])
        probabilities = Predictor(tflite, REFERENCE).predict(digit[None])[0]
        expect(pad.reading).to_have_text(re.compile(rf"This is an? {probabilities.argmax()} \(\d+"))
        assert np.abs(np.array(pad.bars()) - 100 * probabilities).max() < 1.5  # whole percents, and rounded weights


def test_it_fits_a_phone_and_tells_of_its_network(open_file):
    page = open_file(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("About this network").click()
    expect(page.get_by_text("read right", exact=False).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    buttons = page.get_by_role("button").all()
    assert min(button.bounding_box()["height"] for button in buttons if button.is_visible()) >= 40


def test_it_is_dark_where_the_screen_is(open_file):
    background = "getComputedStyle(document.body).backgroundColor"
    assert open_file(**DARK).evaluate(background) == "rgb(14, 19, 27)"
    assert open_file().evaluate(background) == "rgb(255, 255, 255)"


def test_the_page_forbids_itself_to_ask_outside(open_file):
    """Also where a name or a network would bring it in."""
    page = open_file()
    with pytest.raises(Exception, match="Failed to fetch|violates|Content Security Policy"):
        page.evaluate("fetch('http://127.0.0.1:9/')")
    assert json.loads(page.evaluate("document.getElementById('network').textContent"))["layers"]
