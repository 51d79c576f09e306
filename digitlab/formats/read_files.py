"""Digits in: files in any of the formats, found out by what they are called and what they begin with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from digitlab.formats import csv, idx, npz, parquet, png, strokes
from digitlab.formats.experiment.manifest import MANIFEST, NAMES
from digitlab.formats.parts import FormatError, Part, check_count, unpack
from digitlab.formats.pictures import ENDINGS
from digitlab.storage.digit_chunks import DigitChunk


@dataclass(frozen=True)
class _Reader:
    """A format that digits come in.

    Attributes:
        name: For the reader.
        files: What its files are, for the reader.
        is_one: Tells whether a file is of it.
        read: Reads all its files, some digits at a time.
    """

    name: str
    files: str
    is_one: Callable[[Part], bool]
    read: Callable[[Sequence[Part]], Iterator[DigitChunk]]


def _one_by_one(
    name: str, files: str, endings: tuple[str, ...], read: Callable[[Part], Iterator[DigitChunk]]
) -> _Reader:
    """Return the reader of a format that its ending tells and of which each file is read by itself."""
    return _Reader(
        name, files, lambda part: part.base.endswith(endings), lambda parts: chain.from_iterable(map(read, parts))
    )


_READERS = (
    _Reader("IDX", "IDX files", idx.is_idx, idx.read),
    _one_by_one("NPZ", ".npz", (".npz",), npz.read),
    _one_by_one("CSV", ".csv", (".csv", ".csv.gz"), csv.read),
    _one_by_one("strokes", ".ndjson", (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz"), strokes.read),
    _one_by_one("Parquet", ".parquet", (".parquet",), parquet.read),
    _Reader("pictures", "pictures in folders named 0 to 9", png.is_picture, png.read),
)


def parts_of_path(path: Path) -> list[Part]:
    """Return a file, or all files in a folder, to be read.

    Raises:
        FormatError: If there is none.
    """
    if not path.exists():
        raise FormatError(f"Expected a file or a folder. Received: {path}, which is not there.")
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    names = {file: file.relative_to(path.parent).as_posix() for file in files}
    return [Part(names[file], file.stat().st_size, lambda file=file: file.open("rb")) for file in files]  # type: ignore[misc]


def read_digits(parts: Sequence[Part]) -> Iterator[DigitChunk]:
    """Read digits from files of one format, some at a time.

    Args:
        parts: What was handed in; zips are looked into.

    Raises:
        FormatError: If they are of no format or of several, damaged, too large, or made to do harm.
    """
    n = 0
    for chunk in _read(unpack(parts)):
        n += len(chunk)
        check_count(n, "these files")
        if len(chunk):
            yield chunk
    if not n:
        raise FormatError("Expected digits. Received: files of a known format without a single digit in them.")


def _read(parts: Sequence[Part]) -> Iterator[DigitChunk]:
    if {MANIFEST, *NAMES.values()} <= {part.name for part in parts}:
        raise FormatError("Expected digits. Received: a whole experiment among other files. Bring it in by itself.")
    there = [(reader, files) for reader in _READERS if (files := [part for part in parts if reader.is_one(part)])]
    photos = [part for part in parts if part.base.endswith(ENDINGS) and "/" not in part.name]
    if len(there) == 1 and not photos:
        ((reader, files),) = there
        return reader.read(files)
    received = [reader.name for reader, _ in there] + ["photos"] * bool(photos)
    several = len(received) > 1
    raise FormatError(
        f"Expected files of one format, also in a zip: {', '.join(reader.files for reader in _READERS)}. Received: "
        f"{' and '.join(received) if several else ', '.join(part.name for part in parts[:5]) or 'no file'}. "
        f"{'Bring them in one after the other.' if several else _remedy(parts)}"
    )


def _remedy(parts: Sequence[Part]) -> str:
    names = [part.base for part in parts]
    if any(name.endswith(".zip") for name in names):
        return "A zip in a zip is not looked into: unpack the outer one."
    if any(name.endswith((".png", ".jpg", ".jpeg", ".heic", ".webp")) for name in names):
        return "Pictures outside such folders are brought in as photos: each with what a network reads in it."
    if any(name.endswith((".pkl", ".pickle", ".pt", ".joblib", ".npy")) for name in names):
        return "Pickles are never opened: they can run any program. Save the arrays by np.savez."
    return "Write the digits anew in one of these formats."
