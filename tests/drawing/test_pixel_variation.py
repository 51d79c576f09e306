import numpy as np
import pytest

from digitlab.drawing.pixel_variation import vary_images
from digitlab.drawing.preprocess import BOX_SIZE
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.settings import MAX_STRENGTH
from tests.drawing.measure import DRAWINGS, centroid, longest_side

RENDERED = np.stack([strokes_to_digit(drawing) for drawing in DRAWINGS])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_format_order_and_seed():
    images = vary_images(RENDERED, 0.3, rng(1))
    assert (images.shape, images.dtype) == (RENDERED.shape, np.uint8)
    distance = ((images[:, None].astype(float) - RENDERED[None]) ** 2).sum(axis=(2, 3))
    assert (distance.argmin(axis=1) == np.arange(10)).mean() >= 0.7  # each is most like the one it was made of
    assert (images == vary_images(RENDERED, 0.3, rng(1))).all()
    assert (images != vary_images(RENDERED, 0.3, rng(2))).any()


@pytest.mark.parametrize("strength", [0.5, 1.0, MAX_STRENGTH])
def test_varied_digits_are_placed_as_mnist_was(strength):
    images = vary_images(RENDERED.repeat(5, axis=0), strength, rng())
    centroids = np.array([centroid(image) for image in images])
    assert ((centroids > 13.9) & (centroids <= 15.1)).mean() > 0.9
    sides = [longest_side(image) for image in images]
    assert max(sides) <= BOX_SIZE
    assert np.median(sides) >= BOX_SIZE - 1


def test_without_strength_pixels_stay_and_blank_stays_blank():
    assert (vary_images(RENDERED, 0.0, rng()) == RENDERED).all()
    assert not vary_images(np.zeros((2, 28, 28), np.uint8), 1.0, rng()).any()
    assert vary_images(RENDERED[:0], 1.0, rng()).shape == (0, 28, 28)


@pytest.mark.parametrize("strength", [-0.1, MAX_STRENGTH + 0.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength):
    with pytest.raises(ValueError, match="strength of variation from 0 to 2"):
        vary_images(RENDERED, strength, rng())


def test_what_is_no_digit_is_refused():
    with pytest.raises(ValueError, match="uint8"):
        vary_images(RENDERED / 255, 1.0, rng())


def test_no_digit_is_distorted_beyond_numbers():
    """Narrowed towards one side and then the other, a few in a thousand grow by powers of powers."""
    images = vary_images(RENDERED.repeat(120, axis=0), MAX_STRENGTH, rng())
    assert images.any(axis=(1, 2)).mean() > 0.99
