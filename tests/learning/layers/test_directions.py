"""The layer, and the networks built with it."""

import numpy as np
import pytest

from digitlab.learning import model_files, networks
from digitlab.learning.evaluation import Predictor
from digitlab.mnist import load_test
from digitlab.settings import Settings

IMAGES = load_test()[0][:200]


@pytest.fixture(scope="module")
def directions():
    from digitlab.learning.layers.directions import Directions

    layer = Directions()
    return lambda images: layer(images.astype(np.float32) / 255).numpy()


def test_format_range_and_blank(directions):
    values = directions(IMAGES)
    assert values.shape == (200, 7, 7, 8)
    assert values.min() >= 0
    assert 0.5 < values.max() <= 1
    assert not directions(np.zeros((1, 28, 28))).any()


@pytest.mark.parametrize(("turns", "direction"), [(0, 2), (1, 0), (2, 6), (3, 4)])
def test_an_edge_is_seen_in_its_direction_and_its_neighbours_only(directions, turns, direction):
    """Ink in the lower half, then turned by quarters: to the right, up, to the left."""
    image = np.zeros((28, 28), np.uint8)
    image[14:] = 255
    inside = directions(np.rot90(image, turns)[None])[0, 1:6, 1:6].max(axis=(0, 1))
    assert inside.argmax() == direction
    assert set(np.flatnonzero(inside > 1e-3)) == {(direction + step) % 8 for step in (-1, 0, 1)}


def test_a_digit_turned_by_a_quarter_has_the_directions_turned(directions):
    turned = directions(np.rot90(IMAGES, axes=(1, 2)))
    expected = np.roll(np.rot90(directions(IMAGES), axes=(1, 2)), -2, axis=3)
    assert np.allclose(turned, expected, atol=1e-5)


def test_a_network_with_it_is_saved_and_loaded_the_same():
    settings = Settings(hidden_units=(16,), straighten=True, directions=True)
    model = networks.build(settings)
    assert model.count_params() == networks.count_parameters(settings)
    logits = model(IMAGES).numpy()
    files = model_files.pack(model)
    assert np.allclose(model_files.from_keras(files.keras, "net-1")(IMAGES).numpy(), logits)
    probabilities = Predictor(files.tflite, "net-1").predict(IMAGES)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.allclose(probabilities, exponentials / exponentials.sum(axis=1, keepdims=True), atol=1e-3)


def test_the_convolutional_network_takes_pixels():
    settings = Settings(hidden_units=(16,), network="cnn", directions=True)
    model = networks.build(settings)
    assert model.count_params() == networks.count_parameters(settings)
