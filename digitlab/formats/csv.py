"""CSV as Kaggle's Digit Recognizer has it: `label,pixel0,...,pixel783`, a digit a line, numbers alone.

No text of a person stands in it, so no cell can be taken for a formula by a spreadsheet; nor is one read.
"""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pyarrow as pa

from digitlab.digits import IMAGE_SIZE
from digitlab.formats.parts import FormatError, Part, read_lines, reading, split_of
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split

_COLUMNS = ["label", *(f"pixel{number}" for number in range(IMAGE_SIZE**2))]
_LONGEST_LINE = 10_000  # bytes; 784 pixels of three digits and their commas have 3,136
_HOW = "Its first line shall be label,pixel0,...,pixel783, each further line a label 0-9 and 784 pixels 0-255."


def write(source: DigitSource, archive: ZipFile) -> None:
    """Write `train.csv` and `test.csv` into a zip; both have labels."""
    from pyarrow import csv  # not for a server that writes none: 2 MB

    schema = pa.schema([(name, pa.uint8()) for name in _COLUMNS])
    options = csv.WriteOptions(include_header=False)
    for split in SPLITS:
        with archive.open(f"{split}.csv", "w", force_zip64=True) as file:
            file.write((",".join(_COLUMNS) + "\n").encode())
            for chunk in source.read(split, False):
                table = np.column_stack([chunk.labels.astype(np.uint8), chunk.images.reshape(len(chunk), -1)])
                columns = [pa.array(np.ascontiguousarray(column)) for column in table.T]
                lines = BytesIO()
                csv.write_csv(pa.record_batch(columns, schema), lines, options)
                file.write(lines.getvalue())


def read(part: Part) -> Iterator[DigitChunk]:
    """Read digits from a CSV, with the header line or without; a file whose name begins with "test" is to test with.

    Raises:
        FormatError: If a line is not a label and 784 pixels; the message names the line.
    """
    split = split_of(part)
    with reading(part) as file:
        lines = read_lines(file, _LONGEST_LINE)
        first = next(lines, b"").removeprefix(b"\xef\xbb\xbf")
        waiting, number = [], 1
        if any(letter in first for letter in b"abcdefghijklmnopqrstuvwxyz"):
            _check_header(first, part.name)
        elif first.strip():
            waiting, number = [first], 0
        for line in lines:
            if line.strip():
                waiting.append(line)
            if len(waiting) == CHUNK:
                yield _parse(waiting, split, part.name, number)
                number, waiting = number + CHUNK, []
        if waiting:
            yield _parse(waiting, split, part.name, number)


def _check_header(line: bytes, name: str) -> None:
    cells = [cell.strip().strip('"').lower() for cell in line.decode("utf-8", "replace").strip().split(",")]
    if "label" not in cells and len(cells) == IMAGE_SIZE**2:
        raise FormatError(
            f"Expected a column label. Received: {name}, 784 pixels without labels, as Kaggle's test.csv. Only a file "
            "with labels, such as Kaggle's train.csv, can be brought in."
        )
    if cells[0] != "label" or len(cells) != len(_COLUMNS):
        raise FormatError(
            f"Expected the column label and 784 columns of pixels. Received: {len(cells)} columns in {name}, the first "
            f"{cells[0]!r:.40}. {_HOW}"
        )


def _parse(lines: list[bytes], split: Split, name: str, before: int) -> DigitChunk:
    try:
        # Whatever is no whole number, a formula among them, is refused by this.
        table = np.array([[int(cell) for cell in line.split(b",")] for line in lines], np.int64)
        fine = (
            table.shape[1:] == (len(_COLUMNS),) and table.min() >= 0 and table[:, 0].max() <= 9 and table.max() <= 255
        )
    except ValueError:
        fine = False
    if not fine:
        number, why = _first_wrong(lines)
        raise FormatError(f"Expected numbers. Received: {why} in line {before + number + 1} of {name}. {_HOW}")
    images = table[:, 1:].astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return DigitChunk(split, images, table[:, 0])


def _first_wrong(lines: list[bytes]) -> tuple[int, str]:
    """Return the place of the first wrong line and what is wrong with it."""
    for place, line in enumerate(lines):
        cells = line.decode("utf-8", "replace").strip().split(",")
        if len(cells) != len(_COLUMNS):
            return place, f"{len(cells)} cells"
        for column, cell in zip(_COLUMNS, cells, strict=True):
            most = 9 if column == "label" else 255
            if not (cell.strip().isascii() and cell.strip().isdigit() and int(cell) <= most):
                return place, f"{cell!r:.40} for {column}"
    return 0, "something else"
