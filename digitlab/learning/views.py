"""Slightly varied views of the test pictures: a network that reads all of one is less misled by how it was written.

The views are the same for every network, so they are made once for a data set, which takes a minute, and kept.

Source: test-time augmentation as in A. Krizhevsky et al., "ImageNet classification with deep convolutional neural
networks" (2012), with the variation that DigitLab trains with. Their number and strength were chosen on 30 people,
tested on digits of MNIST's *training* set.
"""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Images, Labels, data_version
from digitlab.drawing.pixel_variation import vary_images
from digitlab.learning.npz_files import DAMAGE, keep
from digitlab.settings import LIMITS

VIEWS, STRENGTH = int(LIMITS["views"][1]), 0.4
_SEED = 0
_KEPT_FILES = 2  # of data sets, about 40 MB each for 10,000 pictures


def load_views(images: Images, labels: Labels, folder: Path) -> Images:
    """Return the views of test pictures, from the file where they are kept; if it is not there, make it.

    Args:
        images: uint8 array of shape (n, 28, 28).
        labels: Integer array of shape (n,), what they show; only the version of the data set depends on it.
        folder: Where the file is kept; made if missing. Files of earlier data sets are deleted but for the newest.

    Returns:
        uint8 array of shape (16, n, 28, 28).
    """
    path = folder / f"views-{data_version(images, labels)}-{VIEWS}x{STRENGTH}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            views: Images = file["views"]
            return views
    except DAMAGE:
        return _make_file(images, path)


def read_features(front: str, images: Images, labels: Labels, folder: Path, count: int) -> list[npt.NDArray[np.uint8]]:
    """Return what the front of a network makes of views, to read them with `training.read_mean`.

    Args:
        front: As `networks.describe_front` tells it.
        images: As for `load_views`, like the next two.
        labels: See there.
        folder: See there.
        count: Of the views, 1 to 16.

    Returns:
        For each view a uint8 array of shape (n, ...), as `compiled_steps.fixed_features` returns it.
    """
    return _features(front, images.tobytes(), labels.astype(np.uint8).tobytes(), folder)[:count]


@lru_cache(maxsize=1)  # 63 MB for 10,000 pictures and a network that is told directions
def _features(front: str, images: bytes, labels: bytes, folder: Path) -> list[npt.NDArray[np.uint8]]:
    """Return what the front of a network makes of each view."""
    from digitlab.learning import compiled_steps

    pictures = np.frombuffer(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    views = load_views(pictures, np.frombuffer(labels, np.uint8), folder)
    return [compiled_steps.features_of(front, view) for view in views]


def _make_file(images: Images, path: Path) -> Images:
    rng = np.random.default_rng(_SEED)
    views = np.stack([vary_images(images, STRENGTH, rng) for _ in range(VIEWS)])
    keep(path, views=views)
    with suppress(OSError):  # another worker may have deleted them
        newest_first = sorted(path.parent.glob("views-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in newest_first[_KEPT_FILES:]:
            file.unlink()
    return views
