"""What we write is read by others' readers, and what others' writers write is read by us."""

import csv
import gzip
import io
import json
import struct
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from digitlab.formats.parts import FormatError, part_of_bytes
from digitlab.formats.read_files import read_digits
from digitlab.formats.write_files import FORMATS
from digitlab.storage.digit_chunks import DigitChunk
from tests.formats.any_digits import joined, zipped

RNG = np.random.default_rng(7)
IMAGES = RNG.integers(0, 256, (5, 28, 28)).astype(np.uint8)
LABELS = [3, 1, 4, 1, 5]
STROKES = [[np.array([[1.5, 2, 10], [0.1 + 0.2, 30, 20]]), np.array([[5.0, 6, 30], [7, 8, 40]])]] * 5
SECONDS = np.array([1.5, 2, np.nan])
TRAIN = DigitChunk("train", IMAGES[:3], np.array(LABELS[:3]), STROKES[:3], ["Ana", "Zoë", "=1+1"], SECONDS)
TEST = DigitChunk("test", IMAGES[3:], np.array(LABELS[3:]), STROKES[3:])


def written(name):
    """The files of the zip that we write, by name."""
    with zipfile.ZipFile(io.BytesIO(zipped(FORMATS[name].write, TRAIN, TEST))) as archive:
        assert archive.testzip() is None
        return {each: archive.read(each) for each in archive.namelist()}


def read(files, split="train"):
    """What we read of files that others wrote."""
    return joined(list(read_digits([part_of_bytes(name, content) for name, content in files.items()])), split)


def same(read_of, images=IMAGES, labels=LABELS):
    np.testing.assert_array_equal(read_of[0], images)
    assert read_of[1].tolist() == list(labels)


def test_keras_loads_the_npz(tmp_path, monkeypatch):
    """`keras.datasets.mnist.load_data` is these lines behind its download."""
    path = tmp_path / "mnist.npz"
    path.write_bytes(written("npz")["digits.npz"])
    with np.load(path, allow_pickle=True) as f:
        x_train, y_train = f["x_train"], f["y_train"]
        x_test, y_test = f["x_test"], f["y_test"]
    assert x_train.dtype == y_train.dtype == np.uint8
    same((x_train, y_train), IMAGES[:3], LABELS[:3])
    same((x_test, y_test), IMAGES[3:], LABELS[3:])


def test_pandas_reads_the_csv():
    table = pd.read_csv(io.BytesIO(written("csv")["train.csv"]))
    assert list(table.columns) == ["label", *(f"pixel{number}" for number in range(784))]
    same((table.iloc[:, 1:].to_numpy("uint8").reshape(-1, 28, 28), table["label"]), IMAGES[:3], LABELS[:3])


def test_no_cell_of_the_csv_is_a_formula():
    """Nor text at all: a writer called =1+1 is not in it."""
    rows = list(csv.reader(io.StringIO(written("csv")["train.csv"].decode())))
    assert all(cell.isdigit() for row in rows[1:] for cell in row)


def test_gzip_and_struct_read_the_idx():
    files = written("idx")
    assert sorted(files) == [
        f"{split}-{what}-ubyte.gz" for split in ("t10k", "train") for what in ("images-idx3", "labels-idx1")
    ]
    content = gzip.decompress(files["t10k-images-idx3-ubyte.gz"])
    assert struct.unpack(">4I", content[:16]) == (2051, 2, 28, 28)
    shown = gzip.decompress(files["t10k-labels-idx1-ubyte.gz"])
    assert struct.unpack(">2I", shown[:8]) == (2049, 2)
    labels = np.frombuffer(shown, np.uint8, offset=8)
    same((np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28), labels), IMAGES[3:], LABELS[3:])


def test_pillow_reads_the_pictures():
    files = written("png")
    train = [f"train/{each}.png" for each in ("3/000000", "1/000001", "4/000002")]
    assert list(files) == [*train, "test/1/000000.png", "test/5/000001.png"]
    with Image.open(io.BytesIO(files["train/4/000002.png"])) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        np.testing.assert_array_equal(np.asarray(picture), IMAGES[2])


def test_pyarrow_reads_the_parquet_as_datasets_does():
    files = written("parquet")
    assert list(files) == ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"]
    table = parquet.read_table(io.BytesIO(files["data/train-00000-of-00001.parquet"]))
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert features["label"] == {"_type": "ClassLabel", "names": list("0123456789")}
    assert set(features) == set(table.column_names)
    row = table.to_pylist()[1]
    assert (row["label"], row["writer"], row["human_seconds"]) == (1, "Zoë", 2.0)
    with Image.open(io.BytesIO(row["image"]["bytes"])) as picture:
        np.testing.assert_array_equal(np.asarray(picture), IMAGES[1])


def test_json_reads_the_strokes_as_quick_draw_gives_them():
    lines = written("strokes")["train.ndjson"].decode().splitlines()
    drawing = json.loads(lines[1])
    assert (drawing["word"], drawing["writer"], drawing["human_seconds"]) == ("1", "Zoë", 2.0)
    assert drawing["drawing"][0] == [[1.5, 0.1 + 0.2], [2.0, 30.0], [10.0, 20.0]]
    assert json.loads(lines[2])["human_seconds"] is None


def test_numpy_writes_an_npz(tmp_path):
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "set.npz", x_train=IMAGES, y_train=np.array(LABELS), x_test=IMAGES[:1], y_test=np.array([3]))
        files = {"set.npz": (tmp_path / "set.npz").read_bytes()}
        same(read(files))
        same(read(files, "test"), IMAGES[:1], [3])
    np.savez(tmp_path / "set.npz", x_train=IMAGES.reshape(5, 784).astype(np.int16), y_train=np.array([LABELS]).T)
    same(read({"set.npz": (tmp_path / "set.npz").read_bytes()}))


@pytest.mark.parametrize("header", [True, False])
def test_pandas_writes_a_csv(header):
    table = pd.DataFrame(IMAGES.reshape(5, 784), columns=[f"pixel{number}" for number in range(784)])
    table.insert(0, "label", LABELS)
    for options in ({}, {"quoting": csv.QUOTE_NONNUMERIC}, {"lineterminator": "\r\n"}, {"encoding": "utf-8-sig"}):
        text = io.BytesIO()
        table.to_csv(text, index=False, header=header, **options)
        same(read({"mnist_train.csv": text.getvalue()}))
    same(read({"mnist_train.csv.gz": gzip.compress(text.getvalue())}))


def idx(array):
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("raw/emnist-digits-train-images-idx3-ubyte.gz", "raw/emnist-digits-train-labels-idx1-ubyte.gz"),
    ],
)
def test_idx_files_under_the_names_that_others_give_them(images, labels):
    pack = gzip.compress if images.endswith(".gz") else bytes
    same(read({images: pack(idx(IMAGES)), labels: pack(idx(np.array(LABELS, np.uint8)))}))


def test_two_sets_in_two_folders_are_not_mixed_up():
    """Also where a zip holds them in any order."""
    ones, sevens = (np.full(5, label, np.uint8) for label in (1, 7))
    files = {
        "b/train-images-idx3-ubyte": idx(255 - IMAGES),
        "a/train-images-idx3-ubyte": idx(IMAGES),
        "a/train-labels-idx1-ubyte": idx(ones),
        "b/train-labels-idx1-ubyte": idx(sevens),
    }
    images, labels = read(files)
    assert {(int(image[0, 0]), int(label)) for image, label in zip(images, labels, strict=True)} == {
        *((int(image[0, 0]), 1) for image in IMAGES),
        *((255 - int(image[0, 0]), 7) for image in IMAGES),
    }


@pytest.mark.parametrize(
    "places",
    [
        ("images/", "labels/"),
        ("set/images/raw/", "set/labels/raw/"),
        ("archive/", "archive/", "archive/train-images-idx3-ubyte/", "archive/train-labels-idx1-ubyte/"),
        ("archive/train-images-idx3-ubyte/", "archive/train-labels-idx1-ubyte/"),
        ("", "labels/"),
    ],
    ids=["a folder for each", "deeper", "as Kaggle has MNIST, twice", "one of Kaggle's", "one beside a folder"],
)
def test_idx_files_that_lie_in_folders_of_their_own(places):
    files = [("train-images-idx3-ubyte", idx(IMAGES)), ("train-labels-idx1-ubyte", idx(np.array(LABELS, np.uint8)))]
    names = [f"{place}{files[number % 2][0]}" for number, place in enumerate(places)]
    same(read({name: files[number % 2][1] for number, name in enumerate(names)}))
    same(read({name: files[number % 2][1] for number, name in reversed(list(enumerate(names)))}))


def test_of_two_files_of_images_none_is_left_out_without_a_word():
    labels = idx(np.array(LABELS, np.uint8))
    whole = {"a/train-images-idx3-ubyte": idx(IMAGES), "a/train-labels-idx1-ubyte": labels}
    for name, images in (("b/train-images-idx3-ubyte", IMAGES), ("a/b/train-images-idx3-ubyte", IMAGES[:3])):
        with pytest.raises(FormatError, match=f"a file of labels beside {name}"):
            read({**whole, name: idx(images)})


def test_pillow_writes_pictures_in_class_folders():
    files = {}
    for number, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        buffer = io.BytesIO()
        Image.fromarray(image).convert("RGB" if number % 2 else "L").save(buffer, "PNG")
        files[f"mnist_png/training/{label}/{number}.png"] = buffer.getvalue()
    same(read(files))
    same(read({name.replace("training", "testing"): content for name, content in files.items()}, "test"))


@pytest.mark.parametrize("as_struct", [True, False])
def test_pyarrow_writes_a_parquet_as_datasets_does(as_struct):
    contents = []
    for image in IMAGES:
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        contents.append({"bytes": buffer.getvalue(), "path": None} if as_struct else buffer.getvalue())
    file = io.BytesIO()
    columns = {"image": contents, "label": pa.array(LABELS, pa.int8()), "human_seconds": [1, 2, None, 4, 5]}
    parquet.write_table(pa.table(columns), file)
    same(read({"mnist/train-00000-of-00001.parquet": file.getvalue()}))


def test_quick_draw_lines_raw_and_simplified():
    raw = {
        "key_id": "5152802093400064", "word": "seven", "recognized": True, "countrycode": "AT",
        "timestamp": "2017-03-08 21:12:07.266040 UTC",
        "drawing": [[[167, 109, 80], [140, 194, 227], [0, 10, 20]], [[1, 90], [1, 3], [40, 50]]],
    }  # fmt: skip
    simplified = {"word": "7", "drawing": [[[167, 109], [140, 194]]], "countrycode": "AT"}
    text = "\n".join(map(json.dumps, [raw, simplified])) + "\n\n"
    (chunk,) = read_digits([part_of_bytes("full_raw_seven.ndjson", text.encode())])
    assert chunk.labels.tolist() == [7, 7]
    assert chunk.strokes[0][0].tolist() == [[167, 140, 0], [109, 194, 10], [80, 227, 20]]
    assert chunk.images.shape == (2, 28, 28)
    assert np.isnan(chunk.seconds).all()


def test_a_zip_made_by_others_with_what_their_systems_add():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mine/train-images-idx3-ubyte", idx(IMAGES))
        archive.writestr("mine/train-labels-idx1-ubyte", idx(np.array(LABELS, np.uint8)))
        archive.writestr("__MACOSX/mine/._train-labels-idx1-ubyte", b"\0\5\x16\7")
        archive.writestr("mine/.DS_Store", b"\0\0\0\1Bud1")
        archive.writestr("mine/README.txt", "my digits")
    same(read({"mine.zip": buffer.getvalue()}))
