"""Load MNIST, or another data set in its format, from gzipped IDX files; see data/README.md."""

import functools
import gzip
import hashlib
import os
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Images, Labels, check_images, check_labels

DATA_DIR = Path(__file__).parents[1] / "data"

# sha256 of the uncompressed files; see data/README.md.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

# IDX magic numbers: unsigned bytes (0x08) in 3 and in 1 dimensions.
_IMAGES_MAGIC, _LABELS_MAGIC = 0x0803, 0x0801


class DataFileError(OSError):
    """A data file is missing or damaged; the message names it and the remedy."""


def load_train() -> tuple[Images, Labels]:
    """Load the 60,000 training digits, once per process.

    Returns:
        `(x_train, y_train)`: read-only uint8 arrays of shape (60000, 28, 28) and (60000,).

    Raises:
        DataFileError: If a file is missing or damaged.
    """
    return _load_split(_data_dir(), "train")


def load_test() -> tuple[Images, Labels]:
    """Load the 10,000 test digits, once per process.

    Returns:
        `(x_test, y_test)`: read-only uint8 arrays of shape (10000, 28, 28) and (10000,).

    Raises:
        DataFileError: If a file is missing or damaged.
    """
    return _load_split(_data_dir(), "t10k")


def is_another() -> bool:
    """Return whether `DIGITLAB_MNIST_DIR` names a data set in place of the project's MNIST."""
    return _data_dir().resolve() != DATA_DIR.resolve()


def _data_dir() -> Path:
    return Path(os.environ.get("DIGITLAB_MNIST_DIR") or DATA_DIR)


@functools.cache
def _load_split(folder: Path, split: str) -> tuple[Images, Labels]:
    images = _read_idx(folder / f"{split}-images-idx3-ubyte.gz", _IMAGES_MAGIC)
    labels = _read_idx(folder / f"{split}-labels-idx1-ubyte.gz", _LABELS_MAGIC)
    try:
        return check_images(images), check_labels(labels, len(images))
    except ValueError as error:
        raise DataFileError(f"{folder} does not hold digits in the format of MNIST. {error}") from error


def _read_idx(path: Path, magic: int) -> npt.NDArray[np.uint8]:
    """Read one gzipped IDX file: big-endian magic number and sizes, then the bytes."""
    ours = path.parent.resolve() == DATA_DIR.resolve()
    remedy = (
        "Restore it from the project (git checkout -- data), or make it anew as data/README.md tells."
        if ours
        else "Put the four gzipped IDX files there, or unset DIGITLAB_MNIST_DIR to use MNIST."
    )
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise DataFileError(f"The data file {path} is missing. {remedy}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(f"The data file {path} cannot be read ({error}). {remedy}") from error
    if ours and hashlib.sha256(content).hexdigest() != SHA256[path.stem]:
        raise DataFileError(f"The data file {path} is damaged: its sha256 is not that of MNIST's {path.stem}. {remedy}")
    dimensions = magic & 0xFF
    header = np.frombuffer(content, dtype=">u4", count=min(1 + dimensions, len(content) // 4))
    shape = tuple(int(size) for size in header[1:])
    expected = (magic, IMAGE_SIZE, IMAGE_SIZE)[: 1 if dimensions == 1 else 3]
    if (*header[:1], *shape[1:]) != expected or len(content) != header.nbytes + int(np.prod(shape)):
        raise DataFileError(
            f"The data file {path} is not an IDX file of {'28x28 images' if dimensions == 3 else 'labels'}: its magic "
            f"number and sizes are {header.tolist()}, its length is {len(content)} bytes. {remedy}"
        )
    # frombuffer on bytes gives a read-only view: safe to share between visitors.
    return np.frombuffer(content, dtype=np.uint8, offset=header.nbytes).reshape(shape)
