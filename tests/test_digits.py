import numpy as np
import pytest

from digitlab.digits import CLASS_NAMES, IMAGE_SIZE, NUM_CLASSES, check_images, check_labels, data_version, enlarge

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
LABELS = np.array([7, 0, 9])


def test_the_format():
    assert (IMAGE_SIZE, NUM_CLASSES, CLASS_NAMES[0], CLASS_NAMES[-1]) == (28, 10, "0", "9")
    assert len(CLASS_NAMES) == NUM_CLASSES


@pytest.mark.parametrize("n", [0, 1, 3])
def test_good_images_and_labels_come_back_as_they_are(n):
    images, labels = IMAGES[:n], LABELS[:n]
    assert check_images(images) is images
    assert check_labels(labels, n) is labels


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_labels_of_any_integer_type(dtype):
    check_labels(LABELS.astype(dtype), 3)


@pytest.mark.parametrize(
    ("images", "received"),
    [
        (IMAGES[0], r"uint8 array of shape \(28, 28\)"),
        (IMAGES[..., None], r"uint8 array of shape \(3, 28, 28, 1\)"),
        (IMAGES[:, :27], r"uint8 array of shape \(3, 27, 28\)"),
        (IMAGES.astype(np.float32), r"float32 array of shape \(3, 28, 28\)"),
        (IMAGES.astype(np.int8), "int8"),
        (np.array(7, np.uint8), r"uint8 array of shape \(\)"),
        (IMAGES.tolist(), "list"),
        (None, "NoneType"),
    ],
)
def test_images_that_are_refused(images, received):
    with pytest.raises(ValueError, match=rf"uint8 array of shape \(n, 28, 28\)\. Received: .*{received}"):
        check_images(images)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS[:2], r"Expected 3 labels .* Received: int64 array of shape \(2,\)"),
        (LABELS[None], r"shape \(1, 3\)"),
        (LABELS.astype(float), "float64"),
        (LABELS > 5, "bool"),
        (np.array(["7", "0", "9"]), "<U1"),
        ([7, 0, 9], "list"),
        (np.array([0, 10, 3]), "from 0 to 9. Received labels from 0 to 10"),
        (np.array([0, -1, 3]), "labels from -1 to 3"),
    ],
)
def test_labels_that_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        check_labels(labels, 3)


def test_equal_data_has_an_equal_version_whatever_its_type_and_layout():
    version = data_version(IMAGES, LABELS)
    assert len(version) == 16
    assert int(version, 16)
    assert data_version(IMAGES.copy(), LABELS.astype(np.uint8)) == version
    assert data_version(np.asfortranarray(IMAGES), LABELS) == version


def test_any_change_changes_the_version():
    pixel, label = IMAGES.copy(), LABELS.copy()
    pixel[2, 27, 27] ^= 1
    label[0] = 1
    versions = [
        data_version(IMAGES, LABELS),
        data_version(pixel, LABELS),
        data_version(IMAGES, label),
        data_version(IMAGES[::-1], LABELS[::-1]),
        data_version(IMAGES[:2], LABELS[:2]),
    ]
    assert len(set(versions)) == len(versions)


def test_a_small_change_of_a_large_set_changes_the_version():
    """Hashes by a sample, such as Streamlit's, miss this."""
    images, labels = np.zeros((3000, 28, 28), np.uint8), np.zeros(3000, int)
    version = data_version(images, labels)
    for index in (0, 1234, 2999):
        images[index, 3, 5] = 1
        assert data_version(images, labels) != version
        images[index, 3, 5] = 0


def test_enlarge_makes_each_pixel_a_square():
    picture = enlarge(np.array([[0, 255], [7, 1]], np.uint8), 3)
    assert (picture.shape, picture.dtype) == ((6, 6), np.uint8)
    assert np.array_equal(picture[:3, 3:], np.full((3, 3), 255))
    assert np.array_equal(picture[::3, ::3], [[0, 255], [7, 1]])
