"""A folder with a set in MNIST's format that lies on its side, written anew upright."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digitlab import mnist
from digitlab.digits import IMAGE_SIZE
from digitlab.formats import idx
from digitlab.formats.parts import FormatError
from digitlab.formats.read_files import parts_of_path
from digitlab.orientation import Lie, find_lie, stand_up
from digitlab.storage.digit_chunks import SPLITS


def stand_up_folder(folder: Path, new_folder: Path) -> tuple[Lie, int]:
    """Write the four IDX files of a folder anew, upright and light on dark.

    Args:
        folder: With the four files, named as MNIST's, with dots, or as EMNIST's.
        new_folder: Where to; made if missing.

    Returns:
        How they lay, and how many digits there are.

    Raises:
        FormatError: If they cannot be read, or a file is there already.
    """
    chunks = list(idx.read(parts_of_path(folder)))
    images = np.concatenate([np.empty((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8), *(chunk.images for chunk in chunks)])
    labels = np.concatenate([np.empty(0, np.int64), *(chunk.labels for chunk in chunks)])
    if not len(labels):
        raise FormatError(f"Expected IDX files of a set in {folder}. Received: none with digits in them.")
    lie = find_lie(images, labels, mnist.mean_digits())
    new_folder.mkdir(parents=True, exist_ok=True)
    files = {
        (split, kind): new_folder / f"{idx.IN_FILE[split]}-{kind}-ubyte.gz"
        for split in SPLITS
        for kind in ("images-idx3", "labels-idx1")
    }
    for path in files.values():
        if path.exists():
            raise FormatError(
                f"Expected a folder without such files. Received: {path}, which is there. Name a new folder."
            )
    for split in SPLITS:
        some = [chunk for chunk in chunks if chunk.split == split]
        n = sum(map(len, some))
        upright = (stand_up(chunk.images, lie) for chunk in some)
        _write(files[split, "images-idx3"], mnist.idx_header(n, IMAGE_SIZE, IMAGE_SIZE), upright)
        _write(files[split, "labels-idx1"], mnist.idx_header(n), (chunk.labels.astype(np.uint8) for chunk in some))
    return lie, len(labels)


def _write(path: Path, header: bytes, arrays: Iterable[npt.NDArray[np.uint8]]) -> None:
    with gzip.open(path, "wb") as file:
        file.write(header)
        for array in arrays:
            file.write(array.tobytes())
