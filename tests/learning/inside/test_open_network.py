import numpy as np
import pytest

from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.inside.open_network import OpenNetwork
from digitlab.learning.model_files import ModelError
from digitlab.learning.networks import build
from digitlab.mnist import load_test
from digitlab.settings import Settings

NETWORKS = {
    "two layers": Settings(hidden_units=(16, 8), activation="gelu"),
    "one layer": Settings(hidden_units=(16,), activation="tanh", straighten=True, dropout=0.2),
    "directions": Settings(hidden_units=(16,), activation="sigmoid", directions=True),
    "none": Settings(hidden_units=()),
    "cnn": Settings(hidden_units=(16,), network="cnn"),
}


# One of them goes through all of it; to convert a network takes a second.
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "two layers" else pytest.mark.slow) for name in NETWORKS]
)
def test_every_layer_says_what_keras_says(name):
    import keras

    model = build(NETWORKS[name])
    images = load_test()[0][:70]  # more than one invocation
    seen = OpenNetwork(model_files.as_tflite(model), name).look(images)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    values, expected = images.astype(np.float32), {}
    for layer in model.layers:
        values = layer(values)
        expected[layer.name] = np.asarray(values)
    assert len(seen.hidden) == len(NETWORKS[name].hidden_units)
    for hidden, layer in zip((*seen.hidden, seen.logits), dense, strict=True):
        assert hidden.shape == (70, layer.units)
        assert np.allclose(hidden, expected[layer.name], atol=1e-3)


def test_the_first_layer_of_a_network_on_pixels_is_given_pixels():
    images = load_test()[0][:3]
    seen = OpenNetwork(model_files.as_tflite(build(Settings(hidden_units=(8,)))), "pixels").look(images)
    assert np.allclose(seen.inputs, images.reshape(3, -1) / 255, atol=1e-6)


def test_it_reads_as_the_app_does(network, predictor):
    images = load_test()[0][:100]
    logits = network.look(images).logits
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.allclose(shares / shares.sum(axis=1, keepdims=True), predictor.predict(images), atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"no model at all"])
def test_a_damaged_file_is_told(content):
    with pytest.raises(ModelError, match="dense-1 is damaged"):
        OpenNetwork(content, "dense-1")


def test_other_shapes_are_refused(network):
    with pytest.raises(ValueError, match="Expected images"):
        network.look(np.zeros((2, 20, 20), np.uint8))


def test_threads_do_not_mix_their_digits(network, predictor):
    from concurrent.futures import ThreadPoolExecutor

    images = load_test()[0][:40]
    expected = predictor.predict(images).argmax(axis=1)
    assert isinstance(predictor, Predictor)
    with ThreadPoolExecutor(4) as threads:
        logits = list(threads.map(lambda image: network.look(image[None]).logits[0], images))
    assert (np.argmax(logits, axis=1) == expected).all()
