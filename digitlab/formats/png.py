"""PNG files in folders named by their labels, `train/3/000123.png`.

So Keras' `image_dataset_from_directory` and Hugging Face's imagefolder read them.
"""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from PIL import Image

from digitlab.digits import IMAGE_SIZE, Images
from digitlab.formats.parts import FormatError, Part, check_count, read_all
from digitlab.formats.pictures import DAMAGED, ENDINGS, open_picture
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split

_LARGEST_FILE = 100_000  # bytes; a digit has 300
_TEST_FOLDERS = {"test", "testing", "t10k", "val", "validation"}


def write(source: DigitSource, archive: ZipFile) -> None:
    """Write a PNG for each digit into a zip; numbers count within a split, in the order of drawing."""
    for split in SPLITS:
        number = 0
        for chunk in source.read(split, False):
            for image, label in zip(chunk.images, chunk.labels, strict=True):
                # Not ZipFile.writestr(name): it would put the time of day into each, and compress what is compressed.
                archive.writestr(ZipInfo(f"{split}/{label}/{number:06}.png"), encode(image), ZIP_STORED)
                number += 1


def encode(image: Images) -> bytes:
    """Return one digit as the content of a PNG file, 0 black to 255 white."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def decode(content: bytes, name: str) -> Images:
    """Read a picture of exactly 28x28 pixels, black to white.

    Raises:
        FormatError: If it is none.
    """
    with open_picture(content, name) as picture:
        if picture.size != (IMAGE_SIZE, IMAGE_SIZE):
            raise FormatError(
                f"Expected digits of 28x28 pixels. Received: {name}, {picture.width}x{picture.height}. Photos "
                "and scans of any size are brought in as photos."
            )
        try:
            return np.asarray(picture.convert("L"))
        except DAMAGED as error:
            raise FormatError(f"The picture {name} is damaged ({error}). Copy it again.") from error


def is_picture(part: Part) -> bool:
    """Return whether a file is a picture in a folder named by a label, by its name."""
    folder = PurePosixPath(part.name).parent.name
    return part.base.endswith(ENDINGS) and len(folder) == 1 and folder in "0123456789"


def read(parts: Sequence[Part]) -> Iterator[DigitChunk]:
    """Read digits from pictures in class folders, in the order of the numbers in their names.

    Raises:
        FormatError: If one is damaged or not 28x28 pixels.
    """
    pictures = [part for part in parts if is_picture(part)]
    check_count(len(pictures), "these pictures")
    for split in SPLITS:
        some = sorted((part for part in pictures if _split(part) == split), key=_order)
        for start in range(0, len(some), CHUNK):
            now = some[start : start + CHUNK]
            images = np.stack([decode(read_all(part, _LARGEST_FILE), part.name) for part in now])
            labels = np.array([int(PurePosixPath(part.name).parent.name) for part in now], np.int64)
            yield DigitChunk(split, images, labels)


def _split(part: Part) -> Split:
    return "test" if _TEST_FOLDERS & {folder.lower() for folder in PurePosixPath(part.name).parts[:-2]} else "train"


def _order(part: Part) -> tuple[int, str]:
    number = re.search(r"\d+", part.base)
    return int(number[0][:15]) if number else 0, part.name
