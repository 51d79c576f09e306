"""Damaged and hostile files: a clear error that names the remedy for this case, little memory, little time."""

import gzip
import io
import json
import pickle
import struct
import time
import tracemalloc
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from digitlab.formats import parts
from digitlab.formats.parts import FormatError, part_of_bytes
from digitlab.formats.read_files import parts_of_path, read_digits
from digitlab.formats.write_files import FORMATS
from tests.formats.any_digits import digits, zipped

IMAGES = np.random.default_rng(1).integers(0, 256, (3, 28, 28)).astype(np.uint8)
LABELS = np.array([3, 1, 4])


class Evil:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a file was run')",))


def zip_of(*files, **info):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_that_says(**lies):
    """A zip of an empty train.csv whose list of contents says something else of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.csv", b"")
        for name, value in lies.items():
            setattr(archive.getinfo("train.csv"), name, value)
    return buffer.getvalue()


def zip_changed(packing):
    """A zip whose file is no longer what was packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        archive.writestr("train.csv", csv(line()))
    content = bytearray(buffer.getvalue())
    content[60:80] = bytes(20)
    return bytes(content)


def idx(array, n=None):
    shape = (len(array) if n is None else n, *array.shape[1:])
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *shape) + array.astype(np.uint8).tobytes()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npz_raw(x, y=None):
    """An NPZ with these bytes in the place of the array x_train."""
    buffer = io.BytesIO()
    np.save(buffer, LABELS)
    return zip_of(("x_train.npy", x), ("y_train.npy", y or buffer.getvalue()))


def header(text, version=b"\x01\x00", length=None):
    size = len(text) if length is None else length
    return b"\x93NUMPY" + version + size.to_bytes(2 if version[0] == 1 else 4, "little") + text


def csv(*lines):
    return "\n".join(["label," + ",".join(f"pixel{number}" for number in range(784)), *lines]).encode()


def line(label=3, pixel=0, n=784):
    return ",".join([str(label), *[str(pixel)] * n])


def shape(text):
    return header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (%s, 28, 28), }\n" % text)


def png(size=(28, 28)):
    buffer = io.BytesIO()
    Image.new("L", size).save(buffer, "PNG")
    return buffer.getvalue()


def png_header(width, height):
    """A PNG that says that it is this large; nothing follows."""
    content = bytearray(png())
    content[16:24] = struct.pack(">2I", width, height)
    import zlib

    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def table(**columns):
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def pair(images, labels):
    return {"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels}


def one(name, content):
    return {name: content}


GOOD_ZIP = zipped(FORMATS["npz"].write, digits(IMAGES, LABELS))
PICTURE = {"bytes": png(), "path": None}
STROKE = '{"word": "3", "drawing": [[[0, 9], [0, 9]]]}'

CASES = {
    "nothing": ({}, "no file"),
    "some other file": (one("letter.docx", b"PK"), "Write the digits anew"),
    "two formats": (one("a.csv", csv(line())) | one("b.npz", b"x"), "one after the other"),
    "digits and a photo": (one("a.csv", csv(line())) | one("b.jpg", png()), "CSV and photos.*one after the other"),
    "a pickle": (one("digits.pkl", pickle.dumps(Evil())), "Pickles are never opened"),
    "loose photos": (one("photo.jpg", png()), "brought in as photos"),
    "no digit": (one("a.csv", csv()), "without a single digit"),
    # Zips
    "zip cut off": (one("a.zip", GOOD_ZIP[: len(GOOD_ZIP) // 2]), "cut off or damaged. Download"),
    "zip changed in the middle": (
        one("a.zip", GOOD_ZIP[:900] + bytes(60) + GOOD_ZIP[960:]),
        "damaged",
    ),
    "zip with ../": (one("a.zip", zip_of(("../../cron.d/x.csv", csv(line())))), "outside itself.*make the zip anew"),
    "zip with an absolute path": (one("a.zip", zip_of(("/etc/x.csv", csv(line())))), "outside itself"),
    "zip with a Windows path": (one("a.zip", zip_of(("C:\\x.csv", csv(line())))), "outside itself"),
    "zip bomb": (one("a.zip", zip_that_says(file_size=450_000_000)), "made to do harm"),
    "gzip bomb": (lambda: one("train.csv.gz", gzip.compress(bytes(10**8), 1)), "lines of at most"),
    "gzip bomb behind digits": (
        lambda: pair(gzip.compress(idx(IMAGES) + bytes(10**8), 1), idx(LABELS)),
        "more bytes",
    ),
    "zip with a file without a name": (one("a.zip", zip_that_says(filename="")), "outside itself"),
    "zip with a file that is a dot": (one("a.zip", zip_that_says(filename=".")), "outside itself"),
    "zip packed in another way": (one("a.zip", zip_that_says(compress_type=9)), "not read here.*as a plain zip"),
    "zip by bzip2, changed": (one("a.zip", zip_changed(zipfile.ZIP_BZIP2)), "cut off or damaged"),
    "zip by LZMA, changed": (one("a.zip", zip_changed(zipfile.ZIP_LZMA)), "cut off or damaged"),
    "zip whose file begins before it": (one("a.zip", GOOD_ZIP[:-3] + bytes([127, 0, 0])), "damaged"),
    "zip in a zip": (one("a.zip", zip_of(("b.zip", GOOD_ZIP))), "unpack the outer one"),
    # IDX
    "no labels": (one("train-images-idx3-ubyte", idx(IMAGES)), "file of labels beside.*Bring in both"),
    "fewer labels": (pair(idx(IMAGES), idx(LABELS[:2])), "3 images .* and 2 labels"),
    "idx cut off": (pair(idx(IMAGES)[:-1], idx(LABELS)), "cut off: download or copy"),
    "idx says too many": (pair(idx(IMAGES, 3_000_000_000), idx(LABELS, 3_000_000_000)), "Take a part"),
    "idx of other images": (pair(idx(IMAGES[:, :20, :20]), idx(LABELS)), "not a pair of IDX files"),
    "letters": (pair(idx(IMAGES), idx(LABELS + 20)), "part of the digits"),
    "idx gzip cut off": (pair(gzip.compress(idx(IMAGES))[:-20], idx(LABELS)), "cut off or damaged"),
    # NPZ
    "npz with a pickle": (
        one("a.npz", npz(x_train=np.array([Evil()] * 3, object), y_train=LABELS)),
        "Python objects.*np.uint8",
    ),
    "npz with other names": (one("a.npz", npz(arr_0=IMAGES, arr_1=LABELS)), "Received: arr_0, arr_1.*np.savez"),
    "npz from 0 to 1": (one("a.npz", npz(x_train=IMAGES / 255, y_train=LABELS)), r"float64.*\(255 \* x\)"),
    "npz of other shape": (one("a.npz", npz(x_train=IMAGES[:, :20], y_train=LABELS)), r"shape \(n, 28, 28\)"),
    "npz with fewer labels": (one("a.npz", npz(x_train=IMAGES, y_train=LABELS[:2])), "shape"),
    "npz with a ten": (one("a.npz", npz(x_train=IMAGES, y_train=LABELS + 7)), "labels from 0 to 9"),
    "npz with negative pixels": (one("a.npz", npz(x_train=IMAGES.astype(int) - 9, y_train=LABELS)), "from 0 to 255"),
    "npz of 2 GB, by its header": (
        one("a.npz", npz_raw(shape(b"2739137"))),
        "shape|Take a part",
    ),
    "a header of 2 GB": (one("a.npz", npz_raw(header(b"{", b"\x02\x00", 2**31))), "header of about 100 bytes"),
    "a header that is a program": (one("a.npz", npz_raw(header(b"__import__('os').abort()\n"))), "array of NumPy"),
    "a header that does not end": (one("a.npz", npz_raw(header(b"{'shape': (3, \n"))), "array of NumPy"),
    "npz cut off inside": (
        one("a.npz", npz_raw(shape(b"3") + bytes(99))),
        "cut off",
    ),
    "npz that is none": (one("a.npz", b"x" * 100), "damaged"),
    # CSV
    "a formula": (one("train.csv", csv(line(), line(label='=HYPERLINK("http://a")'))), "line 3 of train.csv.*label"),
    "text in a cell": (one("train.csv", csv(line(pixel="black"))), "'black' for pixel0 in line 2"),
    "a command in a cell": (one("train.csv", csv(line(pixel="@SUM(1)"))), "pixel0 in line 2"),
    "too large a pixel": (one("train.csv", csv(line(pixel=256))), "'256' for pixel0"),
    "a negative label": (one("train.csv", csv(line(label=-1))), "'-1' for label"),
    "a line too short": (one("train.csv", csv(line(), line(n=783))), "784 cells in line 3"),
    "an endless line": (one("train.csv", csv("1" * 4_000_000)), "lines of at most"),
    "numbers that Python takes": (one("train.csv", csv(line(label="1_0"))), "label"),
    "digits of other scripts": (one("train.csv", csv(line(label="٣"))), "label"),
    "without labels": (one("test.csv", csv().replace(b"label,", b"")), "Kaggle's train.csv"),
    "another table": (one("people.csv", b"name,age\nAna,9\n"), "2 columns"),
    "no text": (one("train.csv", bytes(range(256)) * 9), "Expected"),
    # Strokes
    "no JSON": (one("a.ndjson", b"{}\n"), "Quick, Draw.*line 1 of a.ndjson"),
    "no UTF-8": (one("a.ndjson", b'{"word": "\xff", "drawing": []}'), "Quick, Draw.*line 1 of a.ndjson"),
    "a cat": (one("a.ndjson", f"{STROKE}\n".encode() + b'{"word": "cat", "drawing": [[[0],[0]]]}'), "'cat' in line 2"),
    "a dot": (one("a.ndjson", b'{"word": "3", "drawing": [[[1],[1]]]}'), "only a dot.*Leave this line out"),
    "no points": (one("a.ndjson", b'{"word": "3", "drawing": []}'), "blank"),
    "uneven columns": (one("a.ndjson", b'{"word": "3", "drawing": [[[1, 2],[1]]]}'), "all of one length"),
    "infinity": (one("a.ndjson", b'{"word": "3", "drawing": [[[1, 1e999],[1, 2]]]}'), "line 1"),
    "numbers as text": (one("a.ndjson", b'{"word": "3", "drawing": [[["1"],["2"]]]}'), "line 1"),
    "years of work": (one("a.ndjson", STROKE.replace("{", '{"human_seconds": 1e9, ').encode()), "to a day"),
    "a million points": (
        one("a.ndjson", json.dumps({"word": "3", "drawing": [[list(range(30_000))] * 2]}).encode()),
        "20,000 points",
    ),
    "deep brackets": (one("a.ndjson", b'{"word": "3", "drawing": ' + b"[" * 100_000), "line 1"),
    # Pictures
    "20,000 pixels": (one("train/3/1.png", png_header(20_000, 20_000)), "20,000x20,000|Make it smaller"),
    "a long picture": (one("train/3/1.png", png_header(20_000, 10)), "20,000x10"),
    "a photo among digits": (one("train/3/1.png", png((640, 480))), "640x480.*as photos"),
    "text called png": (one("train/3/1.png", b"hello"), "save it as PNG or JPEG"),
    "png cut off": (one("train/3/1.png", png()[:45]), "damaged"),
    # Parquet
    "no parquet": (one("a.parquet", b"PAR1" + bytes(40)), "no Parquet file, or damaged"),
    "other columns": (one("a.parquet", table(text=["a"], stars=[3])), "columns image and label.*text, stars"),
    "labels as text": (one("a.parquet", table(image=[PICTURE], label=["3"])), "whole numbers"),
    "a row without a picture": (one("a.parquet", table(image=[PICTURE, None], label=[3, 4])), "each row"),
    "a label of 12": (one("a.parquet", table(image=[PICTURE], label=[12])), "labels from 0 to 9"),
    "a label beyond all numbers": (
        one("a.parquet", table(image=[PICTURE], label=pa.array([2**64 - 1], pa.uint64()))),
        "labels from 0 to 9",
    ),
    "parquet with years of work": (
        one("a.parquet", table(image=[PICTURE], label=[1], human_seconds=[1e9])),
        "to a day.*a.parquet",
    ),
    "parquet with work below nothing": (
        one("a.parquet", table(image=[PICTURE], label=[1], human_seconds=[-1.0])),
        "to a day.*a.parquet",
    ),
    "parquet with work as text": (
        one("a.parquet", table(image=[PICTURE], label=[1], human_seconds=["1"])),
        "human_seconds as numbers",
    ),
    "a large picture in it": (one("a.parquet", table(image=[{"bytes": png((64, 64))}], label=[1])), "64x64"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_refused(case):
    files, message = CASES[case]
    files = files() if callable(files) else files  # what takes long to make is made for its own test alone
    handed = [part_of_bytes(name, content) for name, content in files.items()]
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(FormatError, match=f"(?s){message}"):
            list(read_digits(handed))
        took, (_, most) = time.process_time() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 30_000_000
    assert took < 10


def test_a_zip_with_a_password():
    content = bytearray(zip_of(("train.csv", csv(line()))))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    with pytest.raises(FormatError, match="password. Unpack it"):
        list(read_digits([part_of_bytes("a.zip", bytes(content))]))


def test_a_zip_that_lies_about_sizes():
    """It says 100 bytes where 10 MB follow: no more than it says is read."""
    packed = bytearray(zip_of(("train.csv", csv(line()) + bytes(10_000_000))))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = packed.index(mark) + place
        packed[start : start + 4] = struct.pack("<I", 100)
    with pytest.raises(FormatError, match="damaged|785|784|Expected"):
        list(read_digits([part_of_bytes("a.zip", bytes(packed))]))


def test_too_many_files(monkeypatch):
    monkeypatch.setattr(parts, "MOST_FILES", 3)
    content = zip_of(*((f"train/3/{number}.png", png()) for number in range(4)))
    with pytest.raises(FormatError, match="at most 3 files.*in parts"):
        list(read_digits([part_of_bytes("a.zip", content)]))


def test_more_digits_than_come_in_in_one_go(monkeypatch):
    monkeypatch.setattr(parts, "MOST_DIGITS", 2)
    with pytest.raises(FormatError, match="at most 2 digits"):
        list(read_digits([part_of_bytes("train.csv", csv(line(), line(), line()))]))


def test_a_full_disk_is_not_called_a_damaged_file(monkeypatch):
    monkeypatch.setattr(parts.tempfile, "TemporaryFile", partial(Path.open, Path("/dev/full"), "r+b"))
    with pytest.raises(FormatError, match="room in .* for a copy of digits.npz. Received: .*No space left"):
        list(read_digits([part_of_bytes("digits.npz", npz(x_train=IMAGES, y_train=LABELS))]))


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(FormatError, match="not there"):
        parts_of_path(tmp_path / "nowhere")


def test_a_good_file_is_still_read():
    (chunk,) = read_digits([part_of_bytes("a.zip", GOOD_ZIP)])
    np.testing.assert_array_equal(chunk.images, IMAGES)
