import numpy as np
import pytest

from digitlab.drawing.preprocess import BOX_SIZE
from digitlab.drawing.stroke_variation import vary_drawings, vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.settings import MAX_STRENGTH
from tests.drawing.measure import DRAWINGS, centroid, longest_side

RENDERED = np.stack([strokes_to_digit(drawing) for drawing in DRAWINGS])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_without_strength_drawings_are_rendered_as_ever():
    difference = np.abs(vary_drawings(DRAWINGS, 1, 0.0, rng()).astype(int) - RENDERED)
    assert difference.mean() < 4


def test_format_order_and_seed():
    images = vary_drawings(DRAWINGS, 3, 0.3, rng(1))
    assert images.shape == (30, 28, 28)
    assert images.dtype == np.uint8
    for copy in range(3):  # each copy is most like the drawing it was made of
        distance = ((images[10 * copy :][:10, None].astype(float) - RENDERED[None]) ** 2).sum(axis=(2, 3))
        assert (distance.argmin(axis=1) == np.arange(10)).mean() >= 0.7
    assert (images == vary_drawings(DRAWINGS, 3, 0.3, rng(1))).all()
    assert (images != vary_drawings(DRAWINGS, 3, 0.3, rng(2))).any()
    assert len(np.unique(images, axis=0)) == 30


@pytest.mark.parametrize("strength", [0.5, 1.0, MAX_STRENGTH])
def test_varied_digits_are_placed_as_mnist_was(strength):
    images = vary_drawings(DRAWINGS, 5, strength, rng())
    centroids = np.array([centroid(image) for image in images])
    assert ((centroids > 13.9) & (centroids <= 15.1)).mean() > 0.9
    sides = [longest_side(image) for image in images]
    assert max(sides) <= BOX_SIZE
    assert np.median(sides) >= BOX_SIZE - 1


def test_a_varied_drawing_has_its_strokes():
    for drawing in DRAWINGS:
        varied = vary_strokes(drawing, 1.0, rng())
        assert len(varied) == len(drawing)
        assert all(stroke.ndim == 2 and stroke.shape[1] == 2 and np.isfinite(stroke).all() for stroke in varied)


def test_a_drawing_does_not_depend_on_its_size_and_place():
    moved = [[300 + 7 * stroke for stroke in drawing] for drawing in DRAWINGS]
    same = vary_drawings(moved, 2, 1.0, rng()).astype(int) - vary_drawings(DRAWINGS, 2, 1.0, rng())
    assert np.abs(same).mean() < 1


@pytest.mark.parametrize("strength", [-0.1, MAX_STRENGTH + 0.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength):
    for call in (
        lambda: vary_strokes(DRAWINGS[0], strength, rng()),
        lambda: vary_drawings(DRAWINGS, 1, strength, rng()),
    ):
        with pytest.raises(ValueError, match="strength of variation from 0 to 2"):
            call()


def test_what_is_no_drawing_is_refused():
    with pytest.raises(ValueError, match="blank"):
        vary_strokes([], 1.0, rng())
    with pytest.raises(ValueError, match="only a dot"):
        vary_drawings([[np.array([[3.0, 3.0]])]], 1, 1.0, rng())
