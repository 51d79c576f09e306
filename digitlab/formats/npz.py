"""NPZ with the four arrays `x_train`, `y_train`, `x_test`, `y_test`, as Keras' own `mnist.npz` holds them."""

import io
import tokenize
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np

from digitlab.digits import IMAGE_SIZE, Labels
from digitlab.formats.parts import MOST_BYTES, MOST_DIGITS, BoundedFile, FormatError, Part, check_count, copied, reading
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split

FILE = "digits.npz"
_LONGEST_HEADER = 10_000  # bytes; one of ours has 128
_REMEDY = 'Save them by np.savez("digits.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test).'


def write(source: DigitSource, archive: ZipFile) -> None:
    """Write one `.npz` into a zip."""
    with archive.open(FILE, "w", force_zip64=True) as file, ZipFile(file, "w", ZIP_DEFLATED) as npz:
        for split in SPLITS:
            n, labels = source.count(split), [np.empty(0, np.uint8)]
            with npz.open(f"x_{split}.npy", "w", force_zip64=True) as array:
                _write_header(array, (n, IMAGE_SIZE, IMAGE_SIZE))  # type: ignore[arg-type]
                for chunk in source.read(split, False):
                    array.write(np.ascontiguousarray(chunk.images).data)
                    labels.append(chunk.labels.astype(np.uint8))
            with npz.open(f"y_{split}.npy", "w") as array:
                _write_header(array, (n,))  # type: ignore[arg-type]
                array.write(np.concatenate(labels).data)


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def read(part: Part) -> Iterator[DigitChunk]:
    """Read digits from an `.npz`; nothing in it is unpickled.

    Raises:
        FormatError: If it is damaged or does not hold the arrays that Keras' MNIST has.
    """
    with copied(part) as file:
        try:
            with ZipFile(file) as npz:
                names = set(npz.namelist())
                splits = [split for split in SPLITS if {f"x_{split}.npy", f"y_{split}.npy"} <= names]
                if not splits:
                    raise FormatError(
                        f"Expected the arrays x_train and y_train, or x_test and y_test, in {part.name}. Received: "
                        f"{', '.join(sorted(name.removesuffix('.npy') for name in names)[:8]) or 'none'}. {_REMEDY}"
                    )
                for split in splits:
                    yield from _read_split(npz, split, part.name)
        except (BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise FormatError(f"The file {part.name} is damaged ({error}). Download or copy it again.") from error


def _read_split(npz: ZipFile, split: Split, name: str) -> Iterator[DigitChunk]:
    x_part, y_part = (_member(npz, f"{letter}_{split}.npy", name) for letter in "xy")
    with reading(x_part) as images, reading(y_part, 8 * MOST_DIGITS + _LONGEST_HEADER) as labels:
        x_type, x_shape = _read_header(images, x_part.name)
        y_type, y_shape = _read_header(labels, y_part.name)
        n = x_shape[0] if x_shape else 0
        flat = (IMAGE_SIZE**2,), (IMAGE_SIZE, IMAGE_SIZE), (IMAGE_SIZE, IMAGE_SIZE, 1)
        if x_shape[1:] not in flat or y_shape not in ((n,), (n, 1)):
            raise FormatError(
                f"Expected images of shape (n, 28, 28) and labels of shape (n,) in {name}. Received: {x_shape} and "
                f"{y_shape}. {_REMEDY}"
            )
        check_count(n, name)
        for start in range(0, n, CHUNK):
            size = min(CHUNK, n - start)
            pixels = _read_numbers(images, x_type, size * IMAGE_SIZE**2, 255, x_part.name)
            shown = _read_numbers(labels, y_type, size, 9, y_part.name)
            yield DigitChunk(split, pixels.astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE), shown.astype(np.int64))
        if images.read(1) or labels.read(1):
            raise FormatError(f"Expected {n:,} digits in {name}, as it says itself. Received: more bytes than that.")


def _member(npz: ZipFile, name: str, of: str) -> Part:
    info = npz.getinfo(name)
    if info.flag_bits & 1 or info.file_size > MOST_BYTES:
        raise FormatError(
            f"Expected an array of at most {MOST_BYTES // 10**6} MB without a password. Received: {name} in {of}, "
            f"{info.file_size / 10**6:,.0f} MB. Take fewer digits."
        )
    return Part(f"{name} in {of}", info.file_size, lambda: npz.open(info))  # type: ignore[return-value,arg-type]


def _read_header(file: BoundedFile, name: str) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """Read magic number and header of an array, which is text that tells its type and shape."""
    damaged = f"Expected an array of NumPy. Received: {name}, which does not begin as one. {_REMEDY}"
    start = file.read(8)
    major, wide = start[6] if len(start) == 8 else 0, 2
    if start[:6] != b"\x93NUMPY" or major not in (1, 2, 3):
        raise FormatError(damaged)
    if major > 1:
        wide = 4
    size = file.read(wide)
    length = int.from_bytes(size, "little")
    if length > _LONGEST_HEADER:
        raise FormatError(
            f"Expected a header of about 100 bytes. Received: {name}, whose header says that it has {length:,}. "
            f"The file is damaged, or made to do harm. {_REMEDY}"
        )
    header = io.BytesIO(size + file.read(length))
    read_header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
    try:
        shape, fortran, dtype = read_header(header)
    except (ValueError, SyntaxError, TypeError, tokenize.TokenError) as error:
        raise FormatError(damaged) from error
    if dtype.hasobject:
        raise FormatError(
            f"Expected numbers. Received: {name}, which holds Python objects (a pickle): such a file could run any "
            f"program when it is opened, so it is not. Make it numbers by np.array(..., dtype=np.uint8). {_REMEDY}"
        )
    if dtype.kind not in "iu" or (fortran and len(shape) > 1):
        raise FormatError(
            f"Expected whole numbers from 0 to 255, row after row. Received: {name} of type {dtype}"
            f"{', column after column' if fortran else ''}. If its pixels go from 0 to 1, save (255 * x).round()"
            '.astype("uint8").'
        )
    return dtype, shape


def _read_numbers(file: BoundedFile, dtype: np.dtype[np.generic], n: int, most: int, name: str) -> Labels:
    content = file.read(n * dtype.itemsize)
    if len(content) != n * dtype.itemsize:
        raise FormatError(f"The array {name} is cut off. Download or copy the file again.")
    numbers: Labels = np.frombuffer(content, dtype)
    if numbers.size and (numbers.min() < 0 or numbers.max() > most):
        raise FormatError(
            f"Expected {'pixels' if most > 9 else 'labels'} from 0 to {most}. Received: {numbers.min()} to "
            f"{numbers.max()} in {name}."
        )
    return numbers
