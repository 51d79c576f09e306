"""Files that commands read, and those that they write: never over one that is there, never half of one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from digitlab.formats.parts import FormatError

_LARGEST_PICTURE = 100_000_000  # bytes


def check_new(file: Path) -> None:
    """Refuse to write over a file.

    Raises:
        FormatError: If it is there.
    """
    if file.exists():
        raise FormatError(f"Expected a new file. Received: {file}, which is there already. Give another name.")


@contextmanager
def new_file(file: Path) -> Iterator[IO[bytes]]:
    """Open a file to write; it has its name only when all of it is written.

    Raises:
        FormatError: If another has been given this name meanwhile.
        OSError: If it cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix=f"{file.name}-", dir=file.parent) as folder:
        part = Path(folder) / file.name
        with part.open("wb") as opened:
            yield opened
        check_new(file)
        part.replace(file)


def read_picture(path: Path) -> bytes:
    """Return the content of a photo or scan.

    Raises:
        FormatError: If it is not there, or too large.
    """
    if not path.is_file() or path.stat().st_size > _LARGEST_PICTURE:
        raise FormatError(f"Expected a picture of at most 100 MB. Received: {path}. Name a file that is there.")
    return path.read_bytes()
