"""IDX, MNIST's own format: `train-images-idx3-ubyte.gz` and three more files of this kind.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from zipfile import ZipFile

import numpy as np

from digitlab import mnist
from digitlab.digits import IMAGE_SIZE
from digitlab.formats.parts import MOST_DIGITS, FormatError, Part, check_count, reading
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split

IN_FILE = {"train": "train", "test": "t10k"}  # what a split is called in the names of the files
_NAME = re.compile(r"(images|labels)[-._]idx([13])[-._]ubyte(\.gz)?$")


def write(source: DigitSource, archive: ZipFile) -> None:
    """Write the four files into a zip, an empty set too."""
    for split in SPLITS:
        n, labels = source.count(split), []
        with (
            archive.open(f"{IN_FILE[split]}-images-idx3-ubyte.gz", "w") as file,
            gzip.GzipFile("", "wb", 6, file, mtime=0) as packed,
        ):
            packed.write(mnist.idx_header(n, IMAGE_SIZE, IMAGE_SIZE))
            for chunk in source.read(split, False):
                packed.write(np.ascontiguousarray(chunk.images).data)
                labels.append(chunk.labels.astype(np.uint8).tobytes())
        content = gzip.compress(mnist.idx_header(n) + b"".join(labels), 6, mtime=0)
        archive.writestr(f"{IN_FILE[split]}-labels-idx1-ubyte.gz", content)


def is_idx(part: Part) -> bool:
    """Return whether a file is one of the four, by its name."""
    return bool(_NAME.search(part.base))


def read(parts: Sequence[Part]) -> Iterator[DigitChunk]:
    """Read digits from pairs of files of images and of labels; gzipped or not, also as EMNIST names them.

    Raises:
        FormatError: If a file is damaged or lacks its pair.
    """
    for (_, name), pair in _find_pairs(parts).items():
        if len(pair) < 2:
            there = next(iter(pair.values())).name
            missing = "labels" if "images" in pair else "images"
            raise FormatError(f"Expected a file of {missing} beside {there}. Received: none. Bring in both together.")
        split: Split = "train" if "train" in name else "test"
        yield from _read_pair(pair["images"], pair["labels"], split)


def _find_pairs(parts: Sequence[Part]) -> dict[tuple[PurePosixPath, str], dict[str, Part]]:
    """Return the files of images and of labels that belong together, by folder and what stands before their kind.

    What has no pair in its folder belongs to the folder above: some sets have a folder for each file. Kaggle's MNIST
    has these and the same files beside them once more; a copy, of the same size, is left out.
    """
    pairs: dict[tuple[PurePosixPath, str], dict[str, Part]] = {}
    for part in parts:
        if kind := _NAME.search(part.base):
            folder, name = PurePosixPath(part.name).parent, part.base[: kind.start()].strip("-._")
            pairs.setdefault((folder, name), {})[kind[1]] = part
    for depth in range(max((len(folder.parts) for folder, _ in pairs), default=0), 0, -1):
        for folder, name in [key for key, pair in pairs.items() if len(key[0].parts) == depth and len(pair) < 2]:
            ((what, part),) = pairs[folder, name].items()
            above = pairs.setdefault((folder.parent, name), {})
            if above.setdefault(what, part).size == part.size:
                del pairs[folder, name]
    return pairs


def _read_pair(images: Part, labels: Part, split: Split) -> Iterator[DigitChunk]:
    with reading(images) as image_file, reading(labels, MOST_DIGITS + 9) as label_file:
        try:
            n = mnist.read_idx_header(image_file, 3)
            n_labels = mnist.read_idx_header(label_file, 1)
        except ValueError as error:
            raise FormatError(f"{images.name} and {labels.name} are not a pair of IDX files. {error}") from error
        if n != n_labels:
            raise FormatError(
                f"Expected a label for each image. Received: {n} images in {images.name} and {n_labels} labels in "
                f"{labels.name}: they do not belong together, or one was changed."
            )
        check_count(n, images.name)
        for start in range(0, n, CHUNK):
            size = min(CHUNK, n - start)
            pixels, shown = image_file.read(size * IMAGE_SIZE**2), label_file.read(size)
            if (len(pixels), len(shown)) != (size * IMAGE_SIZE**2, size):
                raise FormatError(
                    f"Expected {n:,} digits in {images.name} and {labels.name}, as they say themselves. Received: "
                    f"fewer. A file is cut off: download or copy it again."
                )
            yield _chunk(pixels, shown, split, labels.name)
        if image_file.read(1) or label_file.read(1):
            raise FormatError(
                f"Expected {n:,} digits in {images.name} and {labels.name}. Received: more bytes than that."
            )


def _chunk(pixels: bytes, shown: bytes, split: Split, name: str) -> DigitChunk:
    labels = np.frombuffer(shown, np.uint8).astype(np.int64)
    if labels.max() > 9:
        raise FormatError(
            f"Expected labels from 0 to 9. Received: {labels.max()} in {name}. Of a set with letters (EMNIST) bring in "
            "the part of the digits."
        )
    return DigitChunk(split, np.frombuffer(pixels, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE), labels)
