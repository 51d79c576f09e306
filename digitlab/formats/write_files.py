"""Digits out: one zip with the digits in a format of the field and a data card."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from digitlab.formats import card, csv, idx, npz, parquet, png, strokes
from digitlab.storage.digit_chunks import SPLITS, DigitChunk, DigitSource, Split
from digitlab.storage.digit_export import Outgoing, count_labels, source, with_strokes
from digitlab.storage.store import Store


@dataclass(frozen=True)
class Format:
    """A format that digits leave in.

    Attributes:
        title: For the reader.
        write: Writes a source into a zip.
        how_to_read: A snippet for whoever opens the file.
        has_strokes: It holds strokes, not images.
    """

    title: str
    write: Callable[[DigitSource, ZipFile], None]
    how_to_read: str
    has_strokes: bool = False


FORMATS = {
    "npz": Format(
        "NPZ, as Keras' mnist.npz",
        npz.write,
        'import numpy as np\ndigits = np.load("digits.npz")\nx_train, y_train = digits["x_train"], digits["y_train"]',
    ),
    "idx": Format(
        "IDX, MNIST's own four files",
        idx.write,
        "import gzip, numpy as np\n"
        'x_train = np.frombuffer(gzip.open("train-images-idx3-ubyte.gz").read()[16:], np.uint8).reshape(-1, 28, 28)\n'
        'y_train = np.frombuffer(gzip.open("train-labels-idx1-ubyte.gz").read()[8:], np.uint8)',
    ),
    "csv": Format(
        "CSV, as Kaggle's Digit Recognizer",
        csv.write,
        'import pandas as pd\ntable = pd.read_csv("train.csv")\n'
        'x_train, y_train = table.drop(columns="label").to_numpy("uint8").reshape(-1, 28, 28), table["label"]',
    ),
    "png": Format(
        "PNG pictures in a folder for each digit",
        png.write,
        'import keras\ntrain = keras.utils.image_dataset_from_directory("train", color_mode="grayscale", '
        "image_size=(28, 28))",
    ),
    "strokes": Format(
        "Pen strokes, as Quick, Draw! (NDJSON)",
        strokes.write,
        'import json\ndrawings = [json.loads(line) for line in open("train.ndjson")]\n'
        'x, y = drawings[0]["drawing"][0][:2]  # the first stroke of the first drawing',
        has_strokes=True,
    ),
    "parquet": Format(
        "Parquet, as Hugging Face datasets",
        parquet.write,
        'from datasets import load_dataset\ndigits = load_dataset("path/of/this/folder")',
    ),
}


@dataclass(frozen=True)
class Written:
    """What a file holds.

    Attributes:
        train: Digits to train on.
        test: Digits to test on.
        left_out: Digits that the format cannot hold: without strokes, where these are what it holds.
        version: sha256 of images and labels, see `card.digits_hash`.
    """

    train: int
    test: int
    left_out: int
    version: str


def write_zip(
    file: IO[bytes],
    format_name: str,
    store: Store,
    outgoing: Outgoing,
    *,
    licence: str,
    title: str,
    tell: Callable[[float], None] = lambda _: None,
) -> Written:
    """Write digits and their card into a zip, a thousand at a time.

    Args:
        file: Opened to write bytes.
        format_name: A key of `FORMATS`.
        store: Where the digits are.
        outgoing: Which digits.
        licence: A key of `card.LICENCES`.
        title: Of the set, for its card.
        tell: Called with the share that is done, 0-1.

    Raises:
        ValueError: If there is no such format or licence, or digits were erased at this moment.
    """
    for what, name, known in (("format", format_name, FORMATS), ("licence", licence, card.LICENCES)):
        if name not in known:
            raise ValueError(f"Expected a {what} among {', '.join(known)}. Received: {name!r:.40}.")
    chosen, n = FORMATS[format_name], len(outgoing)
    if chosen.has_strokes:
        outgoing = with_strokes(store, outgoing)
    digits = _told(source(store, outgoing), tell)
    version = card.digits_hash(digits)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        chosen.write(digits, archive)
        counts = count_labels(outgoing)
        about = card.About(
            title=title,
            how_to_read=chosen.how_to_read,
            counts=[counts[split] for split in SPLITS],
            writers=outgoing.writers,
            seconds=float(outgoing.seconds.sum()),
            imported=int(np.sum(outgoing.imported)),
            left_out=n - len(outgoing),
            licence=licence,
            version=version,
        )
        archive.writestr("README.md", card.write_card(about))
    return Written(*digits.counts, n - len(outgoing), version)


def _told(digits: DigitSource, tell: Callable[[float], None]) -> DigitSource:
    """Return the same source, which tells how far it is: all digits are read twice, for the hash and for the file."""
    done, n = [0], 2 * max(1, sum(digits.counts))

    def read(split: Split, strokes: bool) -> Iterator[DigitChunk]:
        for chunk in digits.read(split, strokes):
            yield chunk
            done[0] += len(chunk)
            tell(min(1.0, done[0] / n))

    return DigitSource(digits.counts, read)
