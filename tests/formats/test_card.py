"""The data card, and the whole zip from the database."""

import io
import zipfile

import numpy as np
import pytest

from digitlab.formats import card
from digitlab.formats.parts import part_of_bytes
from digitlab.formats.read_files import read_digits
from digitlab.formats.write_files import FORMATS, write_zip
from digitlab.storage.digit_chunks import DigitChunk
from digitlab.storage.digit_export import find_outgoing
from digitlab.storage.digit_import import find_known, gather, store_imported
from digitlab.storage.store import Store
from tests.formats.any_digits import joined

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (4, 28, 28)).astype(np.uint8)
LINE = [[np.array([[0.0, 0.0], [3.0, 9.0]])]]


@pytest.fixture
def store():
    """Two digits of a writer with an odd name that were drawn, one picture, and one drawing to test with."""
    opened = Store("sqlite://")
    ana = ["[Ana](http://a) | <b>"]
    chunks = [
        DigitChunk("train", IMAGES[:1], np.array([3]), LINE, ana, np.array([1800.0])),
        DigitChunk("train", IMAGES[1:3], np.array([1, 4]), (), ana * 2),
        DigitChunk("test", IMAGES[3:], np.array([7]), LINE, ["Bo"], np.array([1.5])),
    ]
    incoming = gather(chunks)
    store_imported(opened, incoming, find_known(opened, incoming), "x")
    yield opened
    opened.close()


def written(store, name, **options):
    buffer = io.BytesIO()
    asked = {"licence": card.DEFAULT_LICENCE, "title": "My digits"} | options
    told = write_zip(buffer, name, store, find_outgoing(store), **asked)
    return told, buffer.getvalue()


def read_card(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("README.md").decode()


@pytest.mark.parametrize("name", FORMATS)
def test_every_zip_has_a_card(store, name):
    told, content = written(store, name)
    text = read_card(content)
    assert text.startswith("---\nlicense: cc-by-4.0\n")
    assert "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)" in text
    assert "0.50 hours" in text
    assert told.version in text
    assert FORMATS[name].how_to_read in text
    assert "came from a file" in text  # all of these did
    assert r"\[Ana\]\(http\://a\) \| \<b\>" in text  # a name is no link and no table
    images, labels = joined(list(read_digits([part_of_bytes("a.zip", content)])), "test")
    assert labels.tolist() == [7]
    assert (told.train, told.test, told.left_out) == ((1, 1, 2) if name == "strokes" else (3, 1, 0))
    assert ("2 digits without strokes are left out" in text) == (name == "strokes")


def test_equal_digits_have_equal_hashes_in_whatever_format(store):
    assert len({written(store, name)[0].version for name in FORMATS if name != "strokes"}) == 1
    before = written(store, "npz")[0].version
    incoming = gather([DigitChunk("train", 255 - IMAGES[:1], np.array([3]))])
    store_imported(store, incoming, find_known(store, incoming), "x")
    assert written(store, "npz")[0].version != before


def test_another_licence(store):
    assert "license: cc0-1.0" in read_card(written(store, "csv", licence="cc0-1.0")[1])


@pytest.mark.parametrize(
    ("asked", "message"), [({"licence": "mine"}, "a licence among cc-by"), ({"name": "bmp"}, "a format among npz")]
)
def test_what_is_not_known_is_refused(store, asked, message):
    with pytest.raises(ValueError, match=message):
        written(store, **{"name": "npz", **asked})


def test_nobody_and_nothing():
    store = Store("sqlite://")
    told, content = written(store, "idx")
    assert (told.train, told.test) == (0, 0)
    assert "0 handwritten digits" in read_card(content)
    store.close()
