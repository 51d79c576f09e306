"""Load MNIST, or another data set in its format, from IDX files; see data/README.md."""

import functools
import gzip
import hashlib
import io
import math
import mmap
import os
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, NUM_CLASSES, Floats, Images, Labels, check_images, check_labels
from digitlab.orientation import find_lie

DATA_DIR = Path(__file__).parents[1] / "data"

# sha256 of the uncompressed files; see data/README.md.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_PART = 2**20  # bytes unpacked at a time


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes."""


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


def read_train() -> tuple[Images, Labels]:
    """Read what `load_train` returns without keeping it: the server needs few of its 47 MB, and seldom."""
    return _read_split(_data_dir(), "train")


def load_test() -> tuple[Images, Labels]:
    """Load the 10,000 test digits, once per process.

    Returns:
        `(x_test, y_test)`: read-only uint8 arrays of shape (10000, 28, 28) and (10000,).

    Raises:
        DataFileError: If a file is missing or damaged.
    """
    return _load_split(_data_dir(), "t10k")


@functools.cache
def mean_digits() -> Floats:
    """Return the mean image of each of MNIST's test digits, float64 (10, 28, 28), 0-255, read-only.

    Raises:
        DataFileError: If a file of the project is missing or damaged.
    """
    images, labels = _load_split(DATA_DIR, "t10k")
    means = np.stack([images[labels == label].mean(axis=0) for label in range(NUM_CLASSES)])
    means.setflags(write=False)
    return means


def is_another() -> bool:
    """Return whether `DIGITLAB_MNIST_DIR` names a data set in place of the project's MNIST."""
    return _data_dir().resolve() != DATA_DIR.resolve()


def idx_header(*shape: int) -> bytes:
    """Return how an IDX file of unsigned bytes in this shape begins: big-endian magic number and sizes.

    Example:
        >>> idx_header(2).hex(" ", 4)
        '00000801 00000002'
    """
    return struct.pack(f">{1 + len(shape)}I", 0x0800 + len(shape), *shape)


def read_idx_header(file: Readable, dimensions: int) -> int:
    """Read the beginning of an IDX file of 28x28 images (3 dimensions) or of labels (1).

    Args:
        file: Opened to read, unpacked, at its beginning.
        dimensions: 3 or 1.

    Returns:
        How many digits it says that follow.

    Raises:
        ValueError: If it is none.
    """
    start = file.read(4 * (1 + dimensions))
    expected = (0x0800 + dimensions, *(IMAGE_SIZE, IMAGE_SIZE)[: dimensions - 1])
    numbers = struct.unpack(f">{len(start) // 4}I", start[: len(start) // 4 * 4])
    if len(start) != 4 * (1 + dimensions) or (numbers[0], *numbers[2:]) != expected:
        raise ValueError(
            f"Expected the numbers {list(expected[:1])}, how many, {list(expected[1:])} at its beginning. Received: "
            f"{list(numbers)}."
        )
    return int(numbers[1])


def _data_dir() -> Path:
    return Path(os.environ.get("DIGITLAB_MNIST_DIR") or DATA_DIR).expanduser()


@functools.cache
def _load_split(folder: Path, split: str) -> tuple[Images, Labels]:
    return _read_split(folder, split)


def _read_split(folder: Path, split: str) -> tuple[Images, Labels]:
    images, labels = _read_idx(folder, f"{split}-images", 3), _read_idx(folder, f"{split}-labels", 1)
    try:
        check_images(images), check_labels(labels, len(images))
    except ValueError as error:
        raise DataFileError(f"{folder} does not hold digits in the format of MNIST. {error}") from error
    if folder.resolve() != DATA_DIR.resolve():
        _check_upright(images, labels, folder)
    return images, labels


def _check_upright(images: Images, labels: Labels, folder: Path) -> None:
    """Refuse a set that lies on its side: whatever learns from it reads no digit that a person draws."""
    lie = find_lie(images, labels, mean_digits())
    if not lie.fine:
        raise DataFileError(
            f"The digits in {folder} are {lie.describe()}. `python -m digitlab upright {folder} NEW_FOLDER` stands "
            "them up; then let DIGITLAB_MNIST_DIR name the new folder, or unset it to use MNIST."
        )


def _find(folder: Path, name: str, dimensions: int) -> Path:
    """Return the file of a set: as MNIST's are named, with a dot for a hyphen as some name them, or unpacked."""
    names = [f"{name}{mark}idx{dimensions}-ubyte" for mark in "-."]
    paths = [folder / f"{each}{ending}" for each in names for ending in (".gz", "")]
    return next((path for path in paths if path.is_file()), paths[0])


def _read_idx(folder: Path, name: str, dimensions: int) -> npt.NDArray[np.uint8]:
    """Read one IDX file, gzipped or not."""
    path = _find(folder, name, dimensions)
    ours, what = folder.resolve() == DATA_DIR.resolve(), "28x28 images" if dimensions == 3 else "labels"
    remedy = (
        "Restore it from the project (git checkout -- data), or make it anew as data/README.md tells."
        if ours
        else "Put the four IDX files there, or unset DIGITLAB_MNIST_DIR to use MNIST."
    )
    try:
        content, sha256 = _unpack(path)
    except FileNotFoundError as error:
        raise DataFileError(f"The data file {path} is missing. {remedy}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(f"The data file {path} cannot be read ({error}). {remedy}") from error
    official = f"{name}-idx{dimensions}-ubyte"
    if ours and sha256 != SHA256[official]:
        raise DataFileError(f"The data file {path} is damaged: its sha256 is not that of MNIST's {official}. {remedy}")
    try:
        n = read_idx_header(io.BytesIO(content[: 4 * (1 + dimensions)]), dimensions)
    except ValueError as error:
        raise DataFileError(f"The data file {path} is not an IDX file of {what}. {error} {remedy}") from error
    shape, header = (n, IMAGE_SIZE, IMAGE_SIZE)[:dimensions], 4 * (1 + dimensions)
    if len(content) != header + math.prod(shape):
        raise DataFileError(
            f"The data file {path} is not an IDX file of {n} digits as it says: its length is {len(content)} bytes. "
            f"{remedy}"
        )
    # frombuffer on what cannot be written to gives a read-only view: safe to share between visitors.
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _unpack(path: Path) -> tuple[bytes | mmap.mmap, str]:
    """Unpack a file, gzipped or not, into one without a name; return its content and its sha256.

    What is not looked at of it takes no memory: the server keeps 10,000 test digits and shows a few.
    """
    sha256 = hashlib.sha256()
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as packed, tempfile.TemporaryFile() as unpacked:
        while part := packed.read(_PART):
            sha256.update(part)
            unpacked.write(part)
        unpacked.flush()
        empty = not unpacked.tell()  # of which there is no map
        content = b"" if empty else mmap.mmap(unpacked.fileno(), 0, access=mmap.ACCESS_READ)
    return content, sha256.hexdigest()
