"""The layer; networks with it are kept and loaded in `test_model_files`."""

import numpy as np
import pytest
from scipy import ndimage

from digitlab.mnist import load_test

IMAGES = load_test()[0][:200]


@pytest.fixture(scope="module")
def straighten():
    from digitlab.learning.layers.straighten import Straighten

    layer = Straighten()
    return lambda images: layer(images.astype(np.float32) / 255).numpy()


def moments(images):
    """Means, standard deviations and covariance of the ink, each (n,)."""
    mass = images.sum(axis=(1, 2))
    pixel = np.arange(28)
    x, y = (images.sum(axis=axis) @ pixel / mass for axis in (1, 2))
    dx, dy = pixel - x[:, None], pixel - y[:, None]
    covariance = np.einsum("nij,ni,nj->n", images, dy, dx) / mass
    deviations = [np.sqrt((images.sum(axis=axis) * d**2).sum(axis=1) / mass) for axis, d in ((1, dx), (2, dy))]
    return x, y, *deviations, covariance


def test_digits_come_out_upright_in_the_middle_and_of_one_height(straighten):
    x, y, _, height, covariance = moments(straighten(IMAGES))
    assert np.abs(x - 13.5).max() < 0.6
    assert np.abs(y - 13.5).max() < 0.6
    assert np.abs(height - 5.4).max() < 0.5
    assert np.abs(covariance).mean() < 0.1 * np.abs(moments(IMAGES.astype(float))[-1]).mean()


def test_slanting_a_digit_changes_little(straighten):
    slanted = np.stack(
        [ndimage.affine_transform(image, [[1, 0], [0.3, 1]], offset=[0, -4], order=1) for image in IMAGES]
    )
    before = np.abs(slanted.astype(float) - IMAGES).mean() / 255
    assert np.abs(straighten(slanted) - straighten(IMAGES)).mean() < 0.35 * before


def test_range_and_blank(straighten):
    straight = straighten(IMAGES)
    assert straight.shape == IMAGES.shape
    assert straight.min() >= 0
    assert straight.max() <= 1 + 1e-6
    assert not straighten(np.zeros((1, 28, 28))).any()


def test_rows_are_read_between_neighbours_and_are_blank_outside():
    from digitlab.learning.layers.straighten import _read_rows

    images, columns = IMAGES[:9] / np.float32(255), np.random.default_rng(0).uniform(-5, 33, (9, 28, 28))
    columns[0] = np.arange(28) - 1
    read = _read_rows(images, columns.astype(np.float32)).numpy()
    places = np.arange(-1, 29)
    for image, row_places, row in zip(
        images.reshape(-1, 28), columns.reshape(-1, 28), read.reshape(-1, 28), strict=True
    ):
        assert np.allclose(row, np.interp(row_places, places, np.pad(image, 1)), atol=1e-5)
