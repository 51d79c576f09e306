"""The code on a sheet: which sheet it is, whose, and in which order its digits stand.

Black and white squares in two strips that the frame and the marks already straighten, so that no library is needed to
read them, as one would be for a QR code.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitlab.formats.paper.layout import CELLS, LAYOUTS, MODULES, PAPERS, Layout
from digitlab.formats.paper.reed_solomon import add_parity, correct
from digitlab.formats.parts import FormatError
from digitlab.storage.batches import balanced_labels
from digitlab.storage.names import check_writer_name

VERSION = 1  # of the sheet: another layout or another code is another version
MOST_SEED = 2**31 - 1
_BYTES = 2 * MODULES[0] * MODULES[1] // 8
_PARITY = 24  # bytes of it: twelve of the 120 may be wrong
_HEADER = struct.Struct(">BBIHB")  # version, paper and cells, seed, check of the order, bytes of the name
_CHECK = 4  # bytes of a checksum behind everything
LONGEST_NAME = _BYTES - _PARITY - _HEADER.size - _CHECK  # bytes in UTF-8
# What is combined with the code, so that a short name leaves no large white or black part.
_MIXED_IN: npt.NDArray[np.bool_] = np.unpackbits(
    np.frombuffer(hashlib.shake_256(b"DigitLab sheet").digest(_BYTES), np.uint8)
).astype(bool)


@dataclass(frozen=True)
class SheetCode:
    """What the code says.

    Attributes:
        writer: Name of whoever is to write the digits.
        seed: That makes their order, 0 to 2^31 - 1; it also tells one sheet from another.
        layout: Paper and number of cells.

    Raises:
        ValueError: If the name cannot be shown or is too long for the code, or the seed is out of its range.
    """

    writer: str
    seed: int
    layout: Layout

    def __post_init__(self) -> None:
        object.__setattr__(self, "writer", check_writer_name(self.writer))
        length = len(self.writer.encode())
        if length > LONGEST_NAME:
            raise ValueError(
                f"Expected a name of at most {LONGEST_NAME} bytes for the code of a sheet. Received: {length}. Give a "
                "shorter one; when the sheet comes in, the full name can be given."
            )
        if not 0 <= self.seed <= MOST_SEED:
            raise ValueError(f"Expected a seed from 0 to {MOST_SEED:,}. Received: {self.seed}.")

    @property
    def labels(self) -> list[int]:
        """What is to be written into each cell, row by row: in random balanced order, as on the screen."""
        return balanced_labels(self.layout.cells // 10, self.seed)


def encode(code: SheetCode) -> npt.NDArray[np.bool_]:
    """Return the squares of the code in the order of `Layout.modules`: bool array of shape (960,), true is black.

    Example:
        >>> code = SheetCode("Ana", 7, Layout("a4", 100))
        >>> decode(encode(code)) == code
        True
    """
    name = code.writer.encode()
    data = _HEADER.pack(VERSION, _kind(code.layout), code.seed, _check(code.labels), len(name)) + name
    data = data.ljust(_BYTES - _PARITY - _CHECK, b"\0")
    whole = add_parity(data + zlib.crc32(data).to_bytes(_CHECK), _PARITY)
    squares: npt.NDArray[np.bool_] = np.unpackbits(np.frombuffer(whole, np.uint8)).astype(bool) ^ _MIXED_IN
    return squares


def decode(squares: npt.NDArray[np.bool_]) -> SheetCode | None:
    """Return what a code says, though up to a tenth of it is covered; None if it is none.

    Args:
        squares: As `encode` returns them.

    Raises:
        FormatError: If the sheet is of another version or kind, or its order cannot be made again.
    """
    whole = correct(np.packbits(squares ^ _MIXED_IN).tobytes(), _PARITY)
    if whole is None or zlib.crc32(whole[:-_CHECK]).to_bytes(_CHECK) != whole[-_CHECK:]:
        return None
    version, kind, seed, check, length = _HEADER.unpack_from(whole)
    layout = {_kind(each): each for each in LAYOUTS}.get(kind)
    if version != VERSION or layout is None:
        raise FormatError(
            f"Expected a sheet of version {VERSION} on a paper and with cells that are known here. Received: one of "
            f"version {version} and kind {kind}, which another DigitLab made. Bring it in there, or update this one."
        )
    code = SheetCode(whole[_HEADER.size : _HEADER.size + length].decode(), seed, layout)
    if _check(code.labels) != check:
        raise FormatError(
            f"The order of sheet {seed} cannot be made again: it was printed by a DigitLab whose random numbers "
            "differ. Bring it in there, or bring it in as a photo whose digits you label."
        )
    return code


def _kind(layout: Layout) -> int:
    return list(PAPERS).index(layout.paper) + 16 * CELLS.index(layout.cells)


def _check(labels: list[int]) -> int:
    return zlib.crc32(bytes(labels)) & 0xFFFF
