"""The reader that runs in the browser answers as the app itself does."""

import numpy as np
import pytest

from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import browser_network, model_files
from digitlab.learning.evaluation import Predictor
from digitlab.settings import Settings
from tests.browser.drawing import ROOT
from tests.helpers import human_strokes

pytestmark = pytest.mark.slow  # Home's pad reads with it in test_live_pad

READER = (ROOT / "digitlab/formats/pad/reader.js").read_text()
READ_ALL = """([text, drawings]) => {
  const network = unpackNetwork(text);
  return drawings.map(drawing => {
    const began = performance.now(), { digit } = drawingSteps(drawing), read = readDigit(network, digit);
    return { digit: [...digit], read: [...read], ms: performance.now() - began };
  });
}"""


def varied(count):
    """Varied copies of one person's digits, as a page has them: `[[[x, y], ...], ...]` each, in pixels."""
    rng = np.random.default_rng(14)
    digits = [[np.array(stroke, float) for stroke in drawing] for drawing in human_strokes().values()]
    copies = [vary_strokes(digits[number % len(digits)], 1.0, rng) for number in range(count)]
    return [[(140 + 180 * stroke.astype(float)).round(2).tolist() for stroke in strokes] for strokes in copies]


def read_in_browser(page, text, drawings):
    page.goto("about:blank")
    page.add_script_tag(content=READER)
    return page.evaluate(READ_ALL, [text, drawings])


def expect_agreement(answers, tflite, drawings):
    """Same digit, same label, all ten probabilities within 0.01; returns the largest difference."""
    digits = np.stack([strokes_to_digit([np.array(stroke) for stroke in strokes]) for strokes in drawings])
    expected = Predictor(tflite, "model").predict(digits)
    drawn = np.array([answer["digit"] for answer in answers]).reshape(digits.shape)
    assert np.abs(drawn - digits.astype(int)).max() <= 1
    read = np.array([answer["read"] for answer in answers])
    assert np.allclose(read.sum(axis=1), 1)
    assert np.array_equal(read.argmax(axis=1), expected.argmax(axis=1))
    worst = np.abs(read - expected).max()
    assert worst < 0.01
    return worst


def test_a_thousand_drawings_are_read_as_the_app_reads_them(page):
    tflite = model_files.load_tflite(model_files.REFERENCE)
    text = browser_network.pack(tflite, model_files.load_card(model_files.REFERENCE).settings)
    drawings = varied(1000)
    answers = read_in_browser(page, text, drawings)
    worst = expect_agreement(answers, tflite, drawings)
    assert len({int(np.argmax(answer["read"])) for answer in answers}) == 10
    milliseconds = [answer["ms"] for answer in answers]
    assert np.quantile(milliseconds, 0.25) < 30  # a busy machine makes some of them wait
    median = np.median(milliseconds)
    print(f"largest difference of a probability {worst:.4f}, median of a reading {median:.1f} ms")  # shown with -s


@pytest.mark.parametrize(
    "settings",
    [
        Settings(hidden_units=()),
        Settings(hidden_units=(24, 16), activation="gelu"),
        Settings(hidden_units=(24, 24), activation="tanh", straighten=True),
        Settings(hidden_units=(24,), activation="sigmoid", directions=True, dropout=0.2),
    ],
    ids=lambda settings: settings.activation,
)
def test_other_dense_networks_too(page, settings):
    from digitlab.learning.networks import build

    model = build(settings)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.3, weights.shape) for weights in model.get_weights()])
    tflite, drawings = model_files.as_tflite(model), varied(40)
    expect_agreement(read_in_browser(page, browser_network.pack(tflite, settings), drawings), tflite, drawings)


def test_nothing_is_made_of_a_blank_pad_or_a_dot(page):
    page.goto("about:blank")
    page.add_script_tag(content=READER)
    for strokes in ([], [[]], [[[5, 5]]], [[[5, 5], [5, 5]]]):
        assert page.evaluate("strokes => drawingSteps(strokes)", strokes) is None
    dot_of_an_i = [[[5, 5]], [[5, 20], [5, 90]]]
    drawn = page.evaluate("strokes => [...drawingSteps(strokes).digit]", dot_of_an_i)
    expected = strokes_to_digit([np.array(stroke, float) for stroke in dot_of_an_i])
    assert np.abs(np.array(drawn).reshape(28, 28) - expected.astype(int)).max() <= 1
