"""What is no digit, on few drawings that nothing was tuned on; `no_digit.py` measures it on people and fonts."""

import numpy as np
import pytest

from digitlab import mnist
from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import model_files
from digitlab.learning.inside import known_digits
from digitlab.learning.inside.likeness import blur
from digitlab.learning.model_files import ModelError
from tests.browser.drawing import human_digits

STAR = [[(0, 60), (160, 60), (30, 160), (80, 0), (130, 160), (0, 60)]]
HASH = [[(40, 0), (40, 200)], [(120, 0), (120, 200)], [(0, 60), (160, 60)], [(0, 140), (160, 140)]]
HOUSE = [[(0, 200), (0, 80), (80, 0), (160, 80), (160, 200), (0, 200)], [(60, 200), (60, 120), (100, 120), (100, 200)]]
TEN = [[(0, 0), (0, 200)], [(80, 0), (60, 100), (80, 200), (130, 200), (150, 100), (130, 0), (80, 0)]]
ZIGZAG = [[(x * 20, 200 * (x % 2)) for x in range(12)]]
E_OF_TURKISH = [[(150, 0), (0, 0), (0, 200), (150, 200)], [(0, 100), (120, 100)], [(20, 230), (60, 250)]]


@pytest.fixture(scope="module")
def known():
    return known_digits.load()


def digit(strokes):
    return strokes_to_digit([np.array(stroke, float) for stroke in strokes])


def test_drawings_that_are_no_digits_are_noted(known):
    rng = np.random.default_rng(0)
    shapes = [STAR, HASH, HOUSE, TEN, ZIGZAG, E_OF_TURKISH]
    drawn = [
        strokes_to_digit(vary_strokes([np.array(stroke, float) for stroke in shape], 0.5, rng))
        for shape in shapes
        for _ in range(4)
    ]
    assert known.are_far(np.stack(drawn)).sum() >= 0.8 * len(drawn)


def test_people_s_digits_and_mnist_s_are_not(known):
    ours = np.stack([digit(strokes) for nth in range(3) for strokes in human_digits(nth=nth).values()])
    assert known.are_far(ours).sum() <= 1
    assert known.are_far(mnist.load_test()[0][:1000]).mean() < 0.04


def test_what_a_network_was_trained_on_is_known_to_it_however_strange(known):
    star = digit(STAR)[None]
    assert known.are_far(star).tolist() == [True]
    assert known.are_far(star, blur(star)).tolist() == [False]
    assert known.are_far(star, blur(digit(HASH)[None])).tolist() == [True]
    assert known.are_far(star, np.empty((0, 196), np.float32)).tolist() == [True]


def test_a_blank_picture_is_no_digit(known):
    assert np.isfinite(known.strangeness(np.zeros((1, 28, 28), np.uint8))).all()


@pytest.mark.slow
def test_the_file_is_what_the_code_makes_of_mnist(known):
    again = known_digits.find(*mnist.load_train(), known.network)
    assert np.abs(again.pictures - known.pictures).max() < 0.003
    assert np.allclose(again.means, known.means, atol=1e-4)
    images = mnist.load_test()[0][:200]
    assert np.abs(again.strangeness(images) - known.strangeness(images)).max() < 0.05


def test_a_file_for_another_reference_model_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(known_digits, "_reference_version", lambda: "0" * 16)
    with pytest.raises(ModelError, match="made for another reference model"):
        known_digits.load()


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 no more"])
def test_a_missing_or_damaged_file_is_told(monkeypatch, tmp_path, content):
    path = tmp_path / "known_digits.npz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(known_digits, "_path", lambda: path)
    with pytest.raises(ModelError, match="cannot be read"):
        known_digits.load()
    assert model_files.shipped_dir() != tmp_path
