import numpy as np

from digitlab.learning.inside.likeness import blur, distances, nearest
from digitlab.mnist import load_test


def test_a_digit_is_most_like_itself_and_then_mostly_like_its_own_kind():
    images, labels = load_test()
    blurred = blur(images[:3000])
    same = 0
    for place in range(50):
        found = nearest(images[place], blurred, 6)
        assert found[0] == place
        same += (labels[found[1:]] == labels[place]).sum()
    assert same > 0.85 * 250


def test_a_line_a_pixel_elsewhere_is_still_near():
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, 4:24, 13], images[1, 4:24, 14], images[2, 13, 4:24] = 255, 255, 255
    apart = distances(blur(images), blur(images))
    assert apart[0, 1] < 0.75 * apart[0, 2], "their pixels have as little in common"
    assert np.allclose(apart, apart.T)
    assert np.allclose(np.diag(apart), 0, atol=1e-3)


def test_fewer_than_asked_for_are_all_there_are():
    images = load_test()[0][:3]
    assert sorted(nearest(images[0], blur(images), 6)) == [0, 1, 2]
    assert len(nearest(images[0], blur(images[:0]), 6)) == 0
