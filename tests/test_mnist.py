import gzip
import hashlib
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digitlab import mnist
from digitlab.mnist import DATA_DIR, SHA256, DataFileError, load_test, load_train

ROOT = Path(__file__).parents[1]
SPLITS = {"train": load_train, "t10k": load_test}


def idx(array, magic=None):
    """An array in IDX format, gzipped."""
    header = struct.pack(f">{1 + array.ndim}I", magic or 0x0800 + array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), 1)


@pytest.fixture
def other(tmp_path, monkeypatch):
    """A folder with a small data set of another kind, in place of MNIST."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 7), ("t10k", 3)):
        images = rng.integers(0, 256, (n, 28, 28)).astype(np.uint8)
        (tmp_path / f"{split}-images-idx3-ubyte.gz").write_bytes(idx(images))
        (tmp_path / f"{split}-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(n, dtype=np.uint8)))
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", SHA256)
def test_the_files_are_the_official_ones(name):
    content = gzip.decompress((DATA_DIR / f"{name}.gz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == SHA256[name]
    assert SHA256[name] in (DATA_DIR / "README.md").read_text()


def test_the_hashes_are_those_published():
    """Of MNIST's own files, as others publish them; a copy of the table would not notice a changed table."""
    assert [SHA256[name][:8] for name in sorted(SHA256)] == ["0fa7898d", "ff7bcfd4", "ba891046", "65a50cbb"]


@pytest.mark.parametrize(("split", "n"), [("train", 60_000), ("t10k", 10_000)])
def test_format(split, n):
    images, labels = SPLITS[split]()
    assert (images.shape, images.dtype) == ((n, 28, 28), np.uint8)
    assert (labels.shape, labels.dtype) == ((n,), np.uint8)
    assert np.bincount(labels).argmax() == 1  # the most frequent label of both
    assert images.max() == 255


def test_what_is_only_read_is_the_same_and_not_kept(other):
    images, labels = mnist.read_train()
    assert np.array_equal(images, load_train()[0])
    assert np.array_equal(labels, load_train()[1])
    assert mnist.read_train()[0] is not mnist.read_train()[0]


@pytest.mark.parametrize("load", SPLITS.values())
def test_loaded_once_and_read_only(load):
    images, labels = load()
    assert load()[0] is images
    assert load()[1] is labels
    for array in (images, labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_digits_that_nobody_looks_at_take_no_memory():
    program = (
        "import psutil; from digitlab import mnist; memory = psutil.Process().memory_info; before = memory().rss; "
        "images = mnist.load_test()[0]; print(memory().rss - before, images.nbytes)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    taken, size = map(int, done.stdout.split())
    assert taken < size / 2


def test_another_data_set(other):
    x_train, y_train = load_train()
    assert (x_train.shape, y_train.tolist()) == ((7, 28, 28), [0, 1, 2, 3, 4, 5, 6])
    assert load_test()[0].shape == (3, 28, 28)
    images = gzip.decompress((other / "train-images-idx3-ubyte.gz").read_bytes())[16:]
    assert x_train.tobytes() == images


def test_files_under_other_names(other):
    """With a dot for a hyphen, unpacked, as many sites hand them out."""
    images, labels = load_train()
    for path in list(other.glob("train*.gz")):
        (other / path.stem.replace("-idx", ".idx")).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    mnist._load_split.cache_clear()
    again, again_labels = load_train()
    np.testing.assert_array_equal(images, again)
    assert labels.tolist() == again_labels.tolist()


def test_a_folder_of_the_home_directory(other, monkeypatch):
    monkeypatch.setenv("HOME", str(other.parent))
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", f"~/{other.name}")
    assert len(load_train()[0]) == 7


@pytest.mark.parametrize(("lying", "said"), [("transpose", "as EMNIST is distributed"), ("rot180", "upside down")])
def test_a_set_that_lies_on_its_side_is_not_taken_without_a_word(tmp_path, monkeypatch, lying, said):
    images, labels = load_test()
    lies = {"transpose": images.transpose(0, 2, 1), "rot180": images[:, ::-1, ::-1]}[lying]
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(idx(lies[:500]))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(idx(labels[:500]))
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(tmp_path))
    with pytest.raises(DataFileError, match=f"{said}.*python -m digitlab upright"):
        load_test()


def test_mnist_again_when_the_variable_is_gone(other, monkeypatch):
    assert len(load_test()[0]) == 3
    monkeypatch.delenv("DIGITLAB_MNIST_DIR")
    assert len(load_test()[0]) == 10_000
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", "")
    assert len(load_test()[0]) == 10_000


BAD_IMAGES = {
    "missing": (None, "is missing"),
    "not gzip": (b"<html>not found</html>", "cannot be read"),
    "truncated": (idx(np.zeros((3, 28, 28), np.uint8))[:-12], "cannot be read"),
    "gzip with a damaged middle": (b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 40, "cannot be read"),
    "empty": (b"", "cannot be read|not an IDX file"),
    "gzip of nothing": (gzip.compress(b""), "not an IDX file of 28x28 images"),
    "gzip of three bytes": (gzip.compress(b"abc"), "not an IDX file of 28x28 images"),
    "half a header": (gzip.compress(bytes([0, 0, 8, 3, 0, 0])), "not an IDX file of 28x28 images"),
    "wrong magic number": (idx(np.zeros((3, 28, 28), np.uint8), 0x0D03), "not an IDX file of 28x28 images"),
    "labels": (idx(np.zeros(3, np.uint8)), "not an IDX file of 28x28 images"),
    "wrong size": (idx(np.zeros((3, 28, 27), np.uint8)), r"not an IDX file.*\[2051, 3, 28, 27\]"),
    "pixels missing": (
        gzip.compress(gzip.decompress(idx(np.zeros((3, 28, 28), np.uint8)))[:-1]),
        "its length is 2367 bytes",
    ),
    "too many pixels": (gzip.compress(gzip.decompress(idx(np.zeros((3, 28, 28), np.uint8))) + b"\0"), "not an IDX"),
}


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images_are_refused_with_file_and_remedy(other, case):
    content, message = BAD_IMAGES[case]
    path = other / "t10k-images-idx3-ubyte.gz"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(DataFileError, match=message) as error:
        load_test()
    assert str(path) in str(error.value)
    assert "DIGITLAB_MNIST_DIR" in str(error.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (idx(np.zeros(4, np.uint8)), "Expected 3 labels"),
        (idx(np.array([1, 2, 10], np.uint8)), "labels from 1 to 10"),
        (idx(np.zeros((3, 28, 28), np.uint8)), "not an IDX file of labels"),
    ],
    ids=["too many", "a ten", "images"],
)
def test_bad_labels_are_refused(other, labels, message):
    (other / "t10k-labels-idx1-ubyte.gz").write_bytes(labels)
    with pytest.raises(DataFileError, match=message) as error:
        load_test()
    assert str(other) in str(error.value)


def test_a_repaired_file_is_read_without_a_restart(other):
    path = other / "t10k-labels-idx1-ubyte.gz"
    good = path.read_bytes()
    path.write_bytes(b"?")
    with pytest.raises(DataFileError):
        load_test()
    path.write_bytes(good)
    assert load_test()[1].tolist() == [0, 1, 2]


def test_a_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DataFileError, match=r"nowhere.*is missing"):
        load_train()


def test_our_own_files_are_checked_under_other_names_too(tmp_path, monkeypatch):
    for path in DATA_DIR.glob("t10k*.gz"):
        (tmp_path / path.name.replace("-idx", ".idx")).write_bytes(path.read_bytes())
    expected = load_test()[0]
    monkeypatch.setattr(mnist, "DATA_DIR", tmp_path)
    assert np.array_equal(load_test()[0], expected)


@pytest.mark.parametrize("through_a_link", [False, True])
def test_damage_of_our_own_files_is_noticed(tmp_path, through_a_link):
    """The project with one pixel changed, in a place of its own or reached through a symbolic link."""
    root = tmp_path / "project"
    for folder in ("digitlab", "data"):
        (root / folder).mkdir(parents=True)
    for name in ("__init__.py", "digits.py", "mnist.py", "orientation.py"):
        (root / "digitlab" / name).write_bytes((Path(mnist.__file__).parent / name).read_bytes())
    for path in DATA_DIR.glob("t10k*.gz"):
        content = bytearray(gzip.decompress(path.read_bytes()))
        content[-1] ^= 1
        (root / "data" / path.name).write_bytes(gzip.compress(content, 1))
    if through_a_link:
        (tmp_path / "link").symlink_to(root)
        root = tmp_path / "link"
    program = "from digitlab import mnist; mnist.load_test()"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert "t10k-images-idx3-ubyte.gz is damaged: its sha256" in done.stderr
    assert "git checkout -- data" in done.stderr
