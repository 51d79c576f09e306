"""Digits as no person would make them, for property tests; and the way through a file and back."""

import io
import zipfile

import numpy as np
from hypothesis import strategies as st

from digitlab.formats.parts import part_of_bytes
from digitlab.formats.read_files import read_digits
from digitlab.storage.digit_chunks import DigitChunk, DigitSource

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12).map(str.strip)
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def strokes_of_digit(draw):
    """Strokes of two to four columns that are more than a dot."""
    columns = draw(st.integers(2, 4))
    drawn = draw(st.lists(st.lists(st.tuples(*[numbers] * columns), min_size=1, max_size=4), min_size=1, max_size=3))
    corner = [[0.0] * columns, [1e6] * columns]
    return [np.array(stroke, float) for stroke in [corner, *drawn]]


@st.composite
def chunks(draw, split, most=4):
    """Up to `most` digits of a split, with all that can be known of them."""
    n = draw(st.integers(0, most))
    images = np.frombuffer(draw(st.binary(min_size=n * 784, max_size=n * 784)), np.uint8).reshape(-1, 28, 28)
    labels = np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), np.int64)
    seconds = draw(st.lists(st.none() | st.floats(0, 1000), min_size=n, max_size=n))
    return DigitChunk(
        split=split,
        images=images,
        labels=labels,
        strokes=draw(st.lists(strokes_of_digit(), min_size=n, max_size=n)),
        writers=draw(st.lists(names, min_size=n, max_size=n)),
        seconds=np.array([np.nan if each is None else each for each in seconds], float),
        moments=draw(st.lists(st.sampled_from(["", "2026-11-26T06:55:45.123+00:00"]), min_size=n, max_size=n)),
    )


def source_of(*some):
    """What reads these chunks."""
    counts = tuple(sum(len(chunk) for chunk in some if chunk.split == split) for split in ("train", "test"))
    return DigitSource(counts, lambda split, strokes: (chunk for chunk in some if chunk.split == split and len(chunk)))


def zipped(write, *some):
    """The content of the zip that a format writes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        write(source_of(*some), archive)
    return buffer.getvalue()


def read_back(write, *some):
    """What is read of the zip that a format writes."""
    return list(read_digits([part_of_bytes("digits.zip", zipped(write, *some))])) if any(map(len, some)) else []


def digits(images, labels, split="train"):
    return DigitChunk(split, np.asarray(images, np.uint8), np.asarray(labels, np.int64))


def joined(some, split):
    """Images and labels of a split."""
    of_split = [chunk for chunk in some if chunk.split == split]
    images = np.concatenate([np.empty((0, 28, 28), np.uint8), *(chunk.images for chunk in of_split)])
    return images, np.concatenate([np.empty(0, np.int64), *(chunk.labels for chunk in of_split)])
