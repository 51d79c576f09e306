"""Parquet as Hugging Face's `datasets` keeps images: a column `image` of {bytes, path} with a PNG, and `label`."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pyarrow as pa

from digitlab.digits import CLASS_NAMES, NUM_CLASSES, Floats
from digitlab.formats import png
from digitlab.formats.parts import MOST_BYTES, FormatError, Part, check_count, check_seconds, copied, split_of
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

    with copied(part) as content:
        try:
            file = parquet.ParquetFile(content)
            _check(file, part.name)
            names = [name for name in _COLUMNS if name in file.schema_arrow.names]
            for batch in file.iter_batches(CHUNK, columns=names, use_threads=False):
                if batch.num_rows:
                    yield _chunk(batch, split_of(part), part.name)
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
    low, high = min(rows["label"]), max(rows["label"])
    if low < 0 or high >= NUM_CLASSES:
        raise FormatError(f"Expected labels from 0 to 9. Received: {low} to {high} in {name}.")
    return DigitChunk(
        split=split,
        images=np.stack([png.decode(content, f"a picture in {name}") for content in contents]),
        labels=np.array(rows["label"], np.int64),
        writers=_texts(rows.get("writer"), n),
        seconds=_seconds(rows["human_seconds"], name) if "human_seconds" in rows else None,
        moments=_texts(rows.get("drawn_at"), n),
    )


def _seconds(values: list[Any], name: str) -> Floats:
    if not all(isinstance(value, int | float | None) for value in values):
        raise FormatError(
            f"Expected human_seconds as numbers in {name}. Received: something else. Leave the column out."
        )
    seconds = np.array([np.nan if value is None else value for value in values], np.float64)
    for value in seconds[~np.isnan(seconds)]:
        check_seconds(value, name)
    return seconds


def _texts(values: list[Any] | None, n: int) -> list[str]:
    return [value if isinstance(value, str) else "" for value in values or [""] * n]
