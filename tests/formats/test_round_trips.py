"""What leaves in a format comes back the same, whatever it is."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.write_files import FORMATS
from tests.formats.any_digits import chunks, digits, joined, read_back

SPLITS = ("train", "test")
IMAGES = [name for name, each in FORMATS.items() if not each.has_strokes]


@pytest.mark.parametrize("name", IMAGES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_images_and_labels_come_back(name, data):
    some = [data.draw(chunks(split)) for split in SPLITS]
    back = read_back(FORMATS[name].write, *some)
    for split in SPLITS:
        for mine, read in zip(joined(some, split), joined(back, split), strict=True):
            np.testing.assert_array_equal(mine, read)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(train=chunks("train"), test=chunks("test"))
def test_strokes_come_back_to_the_last_bit(train, test):
    back = read_back(FORMATS["strokes"].write, train, test)
    assert [len(chunk) for chunk in back] == [len(chunk) for chunk in (train, test) if len(chunk)]
    for mine, read in zip([chunk for chunk in (train, test) if len(chunk)], back, strict=True):
        assert read.split == mine.split
        assert read.labels.tolist() == mine.labels.tolist()
        assert list(read.writers) == list(mine.writers)
        assert list(read.moments) == list(mine.moments)
        np.testing.assert_array_equal(read.seconds, mine.seconds)
        for strokes, drawn, image in zip(read.strokes, mine.strokes, read.images, strict=True):
            assert [stroke.shape for stroke in strokes] == [stroke.shape for stroke in drawn]
            for one, other in zip(strokes, drawn, strict=True):
                np.testing.assert_array_equal(one, other)
            np.testing.assert_array_equal(image, strokes_to_digit(drawn))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(chunk=chunks("test"))
def test_parquet_keeps_writers_and_times(chunk):
    for read in read_back(FORMATS["parquet"].write, chunk):
        assert list(read.writers) == list(chunk.writers)
        assert list(read.moments) == list(chunk.moments)
        np.testing.assert_array_equal(read.seconds, chunk.seconds)


@pytest.mark.parametrize("name", IMAGES)
def test_more_than_a_chunk_comes_back_in_order(name):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (1001, 28, 28)), rng.integers(0, 10, 1001)
    some = digits(images[:1000], labels[:1000]), digits(images[1000:], labels[1000:])
    back = read_back(FORMATS[name].write, *some)
    read_images, read_labels = joined(back, "train")
    np.testing.assert_array_equal(read_images, images)
    assert read_labels.tolist() == labels.tolist()
