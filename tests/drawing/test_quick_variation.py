import numpy as np
import pytest

from digitlab.drawing.quick_variation import vary_together
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.settings import MAX_STRENGTH
from tests.drawing.measure import DRAWINGS

RENDERED = np.stack([strokes_to_digit(drawing) for drawing in DRAWINGS])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_format_order_and_seed():
    images = vary_together(RENDERED, 0.4, rng(1))
    assert (images.shape, images.dtype) == (RENDERED.shape, np.uint8)
    distance = ((images[:, None].astype(float) - RENDERED[None]) ** 2).sum(axis=(2, 3))
    assert (distance.argmin(axis=1) == np.arange(10)).mean() >= 0.8  # each is most like the one it was made of
    assert (images != RENDERED).any(axis=(1, 2)).all()
    assert (images == vary_together(RENDERED, 0.4, rng(1))).all()
    assert (images != vary_together(RENDERED, 0.4, rng(2))).any()


def test_ten_are_distorted_alike_and_thousand_are_not():
    same = RENDERED[[3]].repeat(10, axis=0)
    assert (np.ptp(vary_together(same, 1.0, rng()), axis=0) == 0).all()
    varied = vary_together(RENDERED[[3]].repeat(1000, axis=0), 1.0, rng())
    assert 5 < len(np.unique(varied.reshape(1000, -1), axis=0)) <= 8  # 128 share a distortion


def test_little_strength_moves_little_and_the_ink_stays():
    """A distortion of nearly nothing gives the digit back: rows are rows, columns columns, nothing is shifted."""
    images = vary_together(RENDERED, 0.001, rng())
    assert np.abs(images.astype(int) - RENDERED).max() <= 8
    ink = vary_together(RENDERED.repeat(50, axis=0), 0.5, rng()).sum(axis=(1, 2)).reshape(10, 50).mean(axis=1)
    assert np.allclose(ink / RENDERED.sum(axis=(1, 2)), 1, atol=0.35)


def test_without_strength_pixels_stay_and_blank_stays_blank():
    assert (vary_together(RENDERED, 0.0, rng()) == RENDERED).all()
    assert not vary_together(np.zeros((2, 28, 28), np.uint8), 1.0, rng()).any()
    assert vary_together(RENDERED[:0], 1.0, rng()).shape == (0, 28, 28)


@pytest.mark.parametrize("strength", [-0.1, MAX_STRENGTH + 0.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength):
    with pytest.raises(ValueError, match="strength of variation from 0 to 2"):
        vary_together(RENDERED, strength, rng())


def test_what_is_no_digit_is_refused():
    with pytest.raises(ValueError, match="uint8"):
        vary_together(RENDERED / 255, 1.0, rng())


def test_at_most_strength_nothing_is_read_outside_of_a_digit():
    images = vary_together(RENDERED.repeat(200, axis=0), MAX_STRENGTH, rng())
    assert images.any(axis=(1, 2)).mean() > 0.9
