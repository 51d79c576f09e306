"""A store with drawings, for what is trained and stored; and a small data set."""

import gzip
import struct
from contextlib import closing

import numpy as np
import pytest

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.mnist import load_test, load_train
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.drawing import human_digits


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A store with drawings of one person."""
    with closing(Store(f"sqlite:///{tmp_path_factory.mktemp('lab') / 'digitlab.db'}")) as store:
        yield store


@pytest.fixture(scope="module")
def batches(lab):
    """Id of a batch of each kind; the digits of the `test` batch are another ten of the same person."""
    ids, writer = {}, add_writer(lab, "Ana")
    for nth, kind in enumerate(["one", "full", "test"]):
        ids[kind] = start_batch(lab, writer, kind, range(10), 0)
        for label, strokes in human_digits(nth=nth).items():
            drawn = [np.array(stroke, float) for stroke in strokes]
            save_drawing(lab, (ids[kind], label), drawn, strokes_to_digit(drawn), 1.25)
    ids["empty"] = start_batch(lab, writer, "full", [1], 0)
    return ids


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """The first 300 and 80 digits of MNIST as a data set of its own."""
    for split, (images, labels), n in (("train", load_train(), 300), ("t10k", load_test(), 80)):
        for kind, array in (("images-idx3", images[:n]), ("labels-idx1", labels[:n])):
            header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
            (tmp_path / f"{split}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes(), 1))
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(tmp_path))
