"""Digits in: files in any of the formats, found out by what they are called and what they begin with."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from digitlab.formats import csv, idx, npz, parquet, png, strokes
from digitlab.formats.experiment.manifest import MANIFEST, NAMES
from digitlab.formats.parts import FormatError, Part, check_count, unpack
from digitlab.formats.pictures import ENDINGS
from digitlab.storage.digit_chunks import DigitChunk

_STROKES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
_WHAT = (
    "Expected IDX files, an .npz, .csv, .ndjson or .parquet file, or PNGs in folders named 0 to 9, also in a zip. "
    "Received: {received}. {remedy}"
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
    groups = {
        "IDX": [part for part in parts if idx.is_idx(part)],
        "NPZ": [part for part in parts if part.base.endswith(".npz")],
        "strokes": [part for part in parts if part.base.endswith(_STROKES)],
        "Parquet": [part for part in parts if part.base.endswith(".parquet")],
        "CSV": [part for part in parts if part.base.endswith((".csv", ".csv.gz"))],
        "pictures": [part for part in parts if png.is_picture(part)],
        "photos": [part for part in parts if part.base.endswith(ENDINGS) and "/" not in part.name],
    }
    there = {name: group for name, group in groups.items() if group}
    if len(there) != 1 or "photos" in there:
        received = " and ".join(there) if len(there) > 1 else ", ".join(part.name for part in parts[:5]) or "no file"
        remedy = "Bring them in one after the other." if len(there) > 1 else _remedy(parts)
        raise FormatError(_WHAT.format(received=received, remedy=remedy))
    ((name, group),) = there.items()
    if name == "IDX":
        yield from idx.read(group)
    elif name == "pictures":
        yield from png.read(group)
    else:
        read = {"NPZ": npz.read, "strokes": strokes.read, "Parquet": parquet.read, "CSV": csv.read}[name]
        for part in group:
            yield from read(part)


def _remedy(parts: Sequence[Part]) -> str:
    names = [part.base for part in parts]
    if any(name.endswith(".zip") for name in names):
        return "A zip in a zip is not looked into: unpack the outer one."
    if any(name.endswith((".png", ".jpg", ".jpeg", ".heic", ".webp")) for name in names):
        return "Pictures outside such folders are brought in as photos: each with a guess of what it shows."
    if any(name.endswith((".pkl", ".pickle", ".pt", ".joblib", ".npy")) for name in names):
        return "Pickles are never opened: they can run any program. Save the arrays by np.savez."
    return "Write the digits anew in one of these formats."
