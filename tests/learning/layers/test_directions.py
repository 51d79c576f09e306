"""The layer; networks with it are built in `test_networks`, kept and loaded in `test_model_files`."""

import numpy as np
import pytest

from digitlab.mnist import load_test

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
