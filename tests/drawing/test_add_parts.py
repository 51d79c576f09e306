"""Flags, feet, bars and tails drawn onto pictures."""

import numpy as np
import pytest

from digitlab.drawing.add_parts import add_parts

N = 600


def pictures(rows, columns):
    """As many equal pictures with ink in some rows and columns."""
    images = np.zeros((N, 28, 28), np.uint8)
    images[:, rows, columns] = 255
    return images


ONE = pictures(slice(4, 24), slice(13, 15))
SEVEN = np.maximum(ONE, pictures(slice(4, 6), slice(6, 15)))


def drawn(images, label, seed=0):
    return add_parts(images, np.full(N, label), np.random.default_rng(seed))


@pytest.mark.parametrize("label", [0, 2, 3, 4, 5, 6, 8])
def test_other_digits_stay(label):
    assert (drawn(ONE, label) == ONE).all()


@pytest.mark.parametrize(("images", "label", "share"), [(ONE, 1, 1 - 0.5 * 0.7), (SEVEN, 7, 0.3), (SEVEN, 9, 0.3)])
def test_a_share_is_given_ink_and_none_loses_any(images, label, share):
    new = drawn(images, label)
    assert new.shape == images.shape
    assert new.dtype == np.uint8
    assert (new >= images).all()
    assert (new != images).any(axis=(1, 2)).mean() == pytest.approx(share, abs=0.06)
    assert (new == drawn(images, label)).all()
    assert (new != drawn(images, label, seed=1)).any()


def test_where_the_parts_are():
    added = np.where(drawn(ONE, 1) > ONE, 1, 0).sum(axis=0)
    assert added[4:14, :13].sum() > 10 * added[4:14, 15:].sum(), "a flag goes down to the left from the top"
    assert added[22:26, :13].any()
    assert added[22:26, 15:].any(), "a foot lies to both sides"
    assert not added[18:20].any(), "nothing at the middle of the stem"
    bar = np.where(drawn(SEVEN, 7) > SEVEN, 1, 0).sum(axis=0)
    assert not bar[:8].any()
    assert not bar[22:].any()
    tail = np.where(drawn(SEVEN, 9) > SEVEN, 1, 0).sum(axis=0)
    assert tail[18:, :13].sum() > 10 * tail[18:, 16:].sum()
    assert not tail[:16].any()


def test_blank_and_no_pictures_stay():
    assert not drawn(np.zeros_like(ONE), 1).any()
    assert add_parts(ONE[:0], np.zeros(0, int), np.random.default_rng(0)).shape == (0, 28, 28)
