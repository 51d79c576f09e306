"""Files that somebody hands in, one by one or in a zip, opened so that none of them can do harm.

Nothing is unpacked onto the disk, no name in a file is used as a path, and whatever a header promises, no more is read
than a limit allows.
"""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from digitlab.storage.digit_chunks import Split

try:
    from lzma import LZMAError
except ImportError:  # a Python that was built without it opens no such zip
    LZMAError = zlib.error  # type: ignore[misc,assignment]

MOST_DIGITS = 100_000  # in one go: MNIST has 70,000
MOST_BYTES = 400_000_000  # unpacked, of all files together
MOST_FILES = 120_000
_AT_ONCE = 1 << 20
_LONGEST_SECONDS = 86_400.0  # of one digit: more is no time of work
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # that systems put into zips and folders


class FormatError(ValueError):
    """A file does not hold digits as expected; the message says what is wrong with it and what to do."""


@dataclass(frozen=True)
class Part:
    """One file.

    Attributes:
        name: With its folders, divided by "/".
        size: Bytes, as far as is known before it is read.
        open: Opens it to read from its beginning.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]

    @property
    def base(self) -> str:
        """Its name in lower case, without folders."""
        return PurePosixPath(self.name).name.lower()


def part_of_bytes(name: str, content: bytes) -> Part:
    """Return content in memory as a file.

    Example:
        >>> part_of_bytes("a/Train.CSV", b"label").base
        'train.csv'
    """
    return Part(name, len(content), lambda: io.BytesIO(content))


def unpack(parts: Sequence[Part], most: int = MOST_BYTES) -> list[Part]:
    """Return the files with those in zips in place of the zips; an `.npz`, a zip too, stays as it is.

    Args:
        parts: What was handed in.
        most: Bytes that all may have together.

    Raises:
        FormatError: If a zip is damaged, has a password, names files outside itself, or holds too much.
    """
    found: list[Part] = []
    for part in parts:
        with part.open() as file:
            packed = zipfile.is_zipfile(file) and not part.base.endswith(".npz")
        if part.base.endswith(".zip") and not packed:
            raise FormatError(f"The zip {part.name} is cut off or damaged. Download or copy it again.")
        found += _members(part) if packed else [part]
    found = [part for part in found if not any(junk in part.name for junk in _JUNK)]
    if len(found) > MOST_FILES:
        raise FormatError(f"Expected at most {MOST_FILES:,} files. Received: {len(found):,}. Bring them in in parts.")
    total = sum(part.size for part in found)
    if total > most:
        raise FormatError(
            f"Expected files of at most {most // 10**6} MB together, unpacked. Received: {total / 10**6:,.0f} "
            "MB. Bring them in in parts; a zip that grows so much may have been made to do harm."
        )
    return found


def _members(part: Part) -> list[Part]:
    file = part.open()
    try:
        archive = zipfile.ZipFile(file)
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FormatError(f"The zip {part.name} is damaged ({error}). Download or copy it again.") from error
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise FormatError(
                f"The zip {part.name} names a file outside itself, {info.filename!r}. Nothing was read: make the zip "
                "anew from the folder that holds the files."
            )
        if info.flag_bits & 1:
            raise FormatError(f"The zip {part.name} has a password. Unpack it and bring in the files themselves.")
    return [Part(info.filename, info.file_size, lambda info=info: _open(archive, info)) for info in infos]  # type: ignore[misc]


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        opened: BinaryIO = archive.open(info)  # type: ignore[assignment]
    except ValueError as error:  # the zip says that it begins where no file can
        raise zipfile.BadZipFile(str(error)) from error
    return opened


@contextmanager
def reading(part: Part, most: int = MOST_BYTES) -> Iterator["BoundedFile"]:
    """Open a file, unpacked if it is gzipped, to read at most `most` bytes of it.

    Raises:
        FormatError: If it is damaged or larger; also while it is read.
    """
    try:
        with part.open() as file:
            start = file.read(2)
        with part.open() as file:
            yield BoundedFile(gzip.GzipFile(fileobj=file) if start == b"\x1f\x8b" else file, most, part.name)
    except (zipfile.BadZipFile, EOFError, zlib.error, LZMAError, OSError) as error:
        raise FormatError(f"The file {part.name} is cut off or damaged ({error}). Copy it again.") from error
    except NotImplementedError as error:
        raise FormatError(
            f"The file {part.name} is packed in a way that is not read here ({error}). Pack it anew, as a plain zip."
        ) from error


@contextmanager
def copied(part: Part) -> Iterator[IO[bytes]]:
    """Copy a file, unpacked, into one that can be read in any order, gone afterwards; raises as `reading`."""
    with tempfile.TemporaryFile(buffering=0) as copy:
        with reading(part) as file:
            while piece := file.read(_AT_ONCE):
                _write(copy, piece, part.name)
        yield copy


def _write(copy: IO[bytes], piece: bytes, name: str) -> None:
    left = memoryview(piece)
    try:
        while left:
            left = left[copy.write(left) :]
    except OSError as error:  # not of the file that is read, which would be called damaged
        raise FormatError(
            f"Expected room in {tempfile.gettempdir()} for a copy of {name}. Received: {error}. Make room there and "
            "bring it in again."
        ) from error


def split_of(part: Part) -> Split:
    """Return what the digits of a file are for, by its name.

    Example:
        >>> split_of(part_of_bytes("a/Test.csv", b"label"))
        'test'
    """
    return "test" if part.base.startswith("test") else "train"


def check_seconds(seconds: float | None, where: str) -> None:
    """Refuse what can be no time of work at a digit; None is not known.

    Raises:
        FormatError: If it is negative, not a number, or longer than a day.
    """
    if seconds is not None and not 0 <= seconds <= _LONGEST_SECONDS:
        raise FormatError(f"Expected human_seconds from 0 to a day. Received: {seconds} in {where}.")


def check_count(n: int, name: str) -> None:
    """Refuse a file of more digits than come in in one go.

    Raises:
        FormatError: If it says that it has more.
    """
    if n > MOST_DIGITS:
        raise FormatError(f"Expected at most {MOST_DIGITS:,} digits in one go. Received: {n:,} in {name}. Take a part.")


def read_all(part: Part, most: int = MOST_BYTES) -> bytes:
    """Return the content of a file, unpacked if it is gzipped; raises as `reading`."""
    with reading(part, most) as file:
        return file.read()


def read_lines(file: "BoundedFile", longest: int) -> Iterator[bytes]:
    """Read a text line by line.

    Args:
        file: Opened to read.
        longest: Bytes that a line may have.

    Raises:
        FormatError: If a line is longer.
    """
    rest = b""
    while piece := file.read(_AT_ONCE // 4):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > longest:
            raise FormatError(
                f"Expected lines of at most {longest:,} bytes. Received: a longer one in {file.label}. It is no text, "
                "or its line ends are lost: write it anew."
            )
    yield rest


class BoundedFile:
    """A file of which no more than `most` bytes are read.

    Args:
        file: Opened to read.
        most: Bytes.
        name: Of the file, for the error.
    """

    def __init__(self, file: BinaryIO | gzip.GzipFile, most: int, name: str) -> None:
        self.label = name
        self._file, self._most, self._left = file, most, most

    def read(self, size: int = -1, /) -> bytes:
        """Read `size` bytes, or all of them.

        Raises:
            FormatError: If the file has more than it may.
        """
        wanted = self._left + 1 if size < 0 else size
        pieces, missing = [], min(wanted, self._left + 1)
        while missing and (piece := self._file.read(min(missing, _AT_ONCE))):
            pieces.append(piece)
            missing -= len(piece)
        content = b"".join(pieces)
        self._left -= len(content)
        if self._left < 0:
            raise FormatError(
                f"Expected at most {self._most / 10**6:,.1f} MB in {self.label}, unpacked. Received: more. Bring it in "
                "in parts; a file that grows so much may have been made to do harm."
            )
        return content
