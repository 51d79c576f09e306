"""Parquet as Hugging Face's `datasets` keeps images: a column `image` of {bytes, path} with a PNG, and `label`."""

import json
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pyarrow as pa

from digitlab.digits import CLASS_NAMES, NUM_CLASSES
from digitlab.formats import png
from digitlab.formats.parts import MOST_BYTES, FormatError, Part, check_count, reading
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split

if TYPE_CHECKING:
    from pyarrow import parquet

_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_FEATURES = {
    "image": {"_type": "Image"},
    "label": {"names": list(CLASS_NAMES), "_type": "ClassLabel"},
    "writer": {"dtype": "string", "_type": "Value"},
    "human_seconds": {"dtype": "float64", "_type": "Value"},
    "drawn_at": {"dtype": "string", "_type": "Value"},
}
_SCHEMA = pa.schema(
    [
        ("image", _IMAGE),
        ("label", pa.int64()),
        ("writer", pa.string()),
        ("human_seconds", pa.float64()),
        ("drawn_at", pa.string()),
    ],
    metadata={"huggingface": json.dumps({"info": {"features": _FEATURES}})},
)
_COLUMNS = tuple(_FEATURES)
_HOW = "It shall have a column image (a PNG of 28x28 pixels, or {bytes, path}) and a column label (0 to 9)."


def write(source: DigitSource, archive: ZipFile) -> None:
    """Write a Parquet file for each split into a zip, where `datasets.load_dataset` looks for it."""
    from pyarrow import parquet  # not for a server that needs none: 4 MB

    for split in SPLITS:
        info = ZipInfo(f"data/{split}-00000-of-00001.parquet")
        info.compress_type = ZIP_STORED  # it is compressed itself
        with archive.open(info, "w", force_zip64=True) as file, parquet.ParquetWriter(file, _SCHEMA) as writer:
            number = 0
            for chunk in source.read(split, False):
                writer.write_batch(_batch(chunk, number))
                number += len(chunk)


def _batch(chunk: DigitChunk, first: int) -> pa.RecordBatch:
    n = len(chunk)
    seconds = np.full(n, np.nan) if chunk.seconds is None else chunk.seconds
    images = [
        {"bytes": png.encode(image), "path": f"{first + place:06}.png"} for place, image in enumerate(chunk.images)
    ]
    columns = [
        pa.array(images, _IMAGE),
        pa.array(chunk.labels, pa.int64()),
        pa.array([name or None for name in chunk.writers or [""] * n], pa.string()),
        pa.array(seconds, pa.float64(), from_pandas=True),  # NaN becomes null
        pa.array([moment or None for moment in chunk.moments or [""] * n], pa.string()),
    ]
    return pa.record_batch(columns, _SCHEMA)


def read(part: Part) -> Iterator[DigitChunk]:
    """Read digits; a file whose name begins with "test" is to test with.

    Raises:
        FormatError: If it is damaged, too large, or does not have the columns.
    """
    from pyarrow import parquet

    split: Split = "test" if part.base.startswith("test") else "train"
    with tempfile.TemporaryFile() as copy, reading(part) as content:
        while piece := content.read(1 << 20):
            copy.write(piece)
        try:
            file = parquet.ParquetFile(copy)
            _check(file, part.name)
            names = [name for name in _COLUMNS if name in file.schema_arrow.names]
            for batch in file.iter_batches(CHUNK, columns=names, use_threads=False):
                if batch.num_rows:
                    yield _chunk(batch, split, part.name)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise FormatError(
                f"The file {part.name} is no Parquet file, or damaged ({error}). Download or copy it again."
            ) from error


def _check(file: "parquet.ParquetFile", name: str) -> None:
    """Look at what the file says of itself before anything of it is unpacked."""
    about = file.metadata
    check_count(about.num_rows, name)
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if size > MOST_BYTES:
        raise FormatError(
            f"Expected at most {MOST_BYTES // 10**6} MB. Received: {size / 10**6:,.0f} MB in {name}. Take a part."
        )
    missing = {"image", "label"} - set(file.schema_arrow.names)
    if missing:
        raise FormatError(
            f"Expected columns image and label in {name}. Received: {', '.join(file.schema_arrow.names[:8])}. {_HOW}"
        )
    label = file.schema_arrow.field("label").type
    image = file.schema_arrow.field("image").type
    inner = image.field("bytes").type if pa.types.is_struct(image) and image.get_field_index("bytes") >= 0 else image
    if not pa.types.is_integer(label) or not (pa.types.is_binary(inner) or pa.types.is_large_binary(inner)):
        raise FormatError(f"Expected pictures and whole numbers in {name}. Received: {image} and {label}. {_HOW}")


def _chunk(batch: pa.RecordBatch, split: Split, name: str) -> DigitChunk:
    rows: dict[str, list[Any]] = batch.to_pydict()
    n = batch.num_rows
    found = [row.get("bytes") if isinstance(row, dict) else row for row in rows["image"]]
    contents: list[bytes] = [content for content in found if content is not None]
    if len(contents) < n or None in rows["label"]:
        raise FormatError(f"Expected a picture and a label in each row of {name}. Received: a row without. {_HOW}")
    labels = np.array(rows["label"], np.int64)
    if labels.min() < 0 or labels.max() >= NUM_CLASSES:
        raise FormatError(f"Expected labels from 0 to 9. Received: {labels.min()} to {labels.max()} in {name}.")
    times = rows.get("human_seconds")
    if times is not None and not all(isinstance(each, float | None) for each in times):
        raise FormatError(
            f"Expected human_seconds as numbers in {name}. Received: something else. Leave the column out."
        )
    return DigitChunk(
        split=split,
        images=np.stack([png.decode(content, f"a picture in {name}") for content in contents]),
        labels=labels,
        writers=_texts(rows.get("writer"), n),
        seconds=None if times is None else np.array([np.nan if each is None else each for each in times], np.float64),
        moments=_texts(rows.get("drawn_at"), n),
    )


def _texts(values: list[Any] | None, n: int) -> list[str]:
    return [value if isinstance(value, str) else "" for value in values or [""] * n]
