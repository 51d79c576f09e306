import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning import browser_network, model_files, presets
from digitlab.learning.evaluation import Predictor
from digitlab.learning.networks import build
from digitlab.mnist import load_test
from digitlab.settings import OF_THE_NETWORK, Settings

REFERENCE = model_files.load_card(model_files.REFERENCE).settings


def unpack(text):
    """Weights and biases of each layer of a packed network, as `reader.js` reads them."""

    def floats(content):
        return np.frombuffer(base64.b64decode(content), np.float32)

    return [
        (
            browser_network.unpack_weights(
                base64.b64decode(layer["weights"]), floats(layer["scales"]), int(layer["inputs"])
            ),
            floats(layer["biases"]),
        )
        for layer in json.loads(text)["layers"]
    ]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (4, 8)])
def test_weights_come_back_but_for_the_rounding(shape):
    weights = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    weights[0] = 0  # a unit that is never used
    packed, scales = browser_network.pack_weights(weights)
    assert len(packed) == 3 * -(-weights.size // 2)
    back = browser_network.unpack_weights(packed, scales, shape[1])
    assert back.dtype == np.float32
    steps = np.abs(weights).max(axis=1, keepdims=True) / 2047
    assert (np.abs(back - weights) <= 0.5001 * steps).all()
    assert (back[0] == 0).all()


@pytest.mark.parametrize(("hidden_units", "straighten"), [((), False), ((16, 16, 16), True)])
def test_layers_are_read_in_their_order(hidden_units, straighten):
    """Also where their shapes do not tell them apart."""
    model = build(Settings(hidden_units=hidden_units, activation="tanh", dropout=0.2, straighten=straighten, seed=1))
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weights.shape) for weights in model.get_weights()])
    read = browser_network.read_weights(model_files.as_tflite(model))
    expected = model.get_weights()
    assert len(read) == len(hidden_units) + 1
    for layer, weights, biases in zip(read, expected[::2], expected[1::2], strict=True):
        assert np.array_equal(layer.weights, weights.T)
        assert np.array_equal(layer.biases, biases)


def test_the_packed_reference_is_small_and_holds_its_weights():
    tflite = model_files.load_tflite(model_files.REFERENCE)
    text = browser_network.pack(tflite, REFERENCE)
    assert len(text) < 250_000
    described = json.loads(text)
    assert (described["straighten"], described["directions"], described["activation"]) == (True, True, "relu")
    told = set(described) | {"network", "hidden_units", "dropout"}  # refused, told by the weights, only for training
    assert set(OF_THE_NETWORK) <= told, "reader.js computes what a network is made of, or pack refuses it"
    for (weights, biases), layer in zip(unpack(text), browser_network.read_weights(tflite), strict=True):
        assert np.abs(weights - layer.weights).max() < 0.0004
        assert np.array_equal(biases, layer.biases)


def test_rounding_the_weights_changes_no_answer():
    """The rounded weights put back into the file."""
    tflite = model_files.load_tflite(model_files.REFERENCE)
    rounded = tflite
    unpacked = unpack(browser_network.pack(tflite, REFERENCE))
    for (weights, _), layer in zip(unpacked, browser_network.read_weights(tflite), strict=True):
        assert rounded.count(layer.weights.tobytes()) == 1
        rounded = rounded.replace(layer.weights.tobytes(), weights.tobytes())
    assert rounded != tflite
    images = load_test()[0][:1000]
    exact, close = (Predictor(content, "reference").predict(images) for content in (tflite, rounded))
    assert np.abs(exact - close).max() < 0.01
    assert np.array_equal(exact.argmax(axis=1), close.argmax(axis=1))


def test_what_cannot_be_read_in_a_browser_is_refused():
    tflite = model_files.load_tflite(model_files.REFERENCE)
    with pytest.raises(ValueError, match="Expected a dense network.* Received: cnn"):
        browser_network.pack(tflite, replace(REFERENCE, network="cnn"))
    with pytest.raises(ValueError, match="at most 200,000 bytes when packed. Received: [0-9,]+. Choose one"):
        browser_network.pack(tflite, REFERENCE, most_bytes=200_000)


@pytest.mark.slow
def test_what_drawings_train_fits_into_a_page_and_as_many_units_on_pixels_do_not():
    usual = presets.defaults(10)
    assert len(browser_network.pack(model_files.as_tflite(build(usual)), usual)) < 500_000
    on_pixels = Settings(hidden_units=usual.hidden_units)
    with pytest.raises(ValueError, match="at most 500,000 bytes when packed"):
        browser_network.pack(model_files.as_tflite(build(on_pixels)), on_pixels)
