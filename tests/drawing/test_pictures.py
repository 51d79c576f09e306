import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from digitlab.drawing import pictures


def frames(gif):
    return [(np.array(frame.convert("L")), frame.info["duration"]) for frame in ImageSequence.Iterator(Image.open(gif))]


def test_a_png_reads_back_the_same():
    digit = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    kind, data = pictures.png_uri(digit).split(",")
    assert kind == "data:image/png;base64"
    assert (np.array(Image.open(io.BytesIO(base64.b64decode(data)))) == digit).all()


def test_montage_keeps_every_digit_in_its_place():
    images = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    grid = pictures.montage(images, columns=3)
    assert grid.shape == (56, 84)
    assert [grid[0, 0], grid[0, 28], grid[0, 56], grid[28, 0], grid[28, 28]] == [0, 1, 2, 3, 4]
    assert (grid[28:, 56:] == 60).all()


def test_a_replay_takes_the_time_the_hand_took():
    first = np.array([[0, 0, 5000, 0.5], [0, 100, 5500, 0.5]])
    second = np.array([[50, 0, 5900, 0.5], [50, 100, 6400, 0.5]])
    played = frames(io.BytesIO(pictures.replay([first, second])))
    assert sum(duration for _, duration in played[:-1]) == pytest.approx(1400, abs=100)
    ink = [int((image > 127).sum()) for image, _ in played]
    assert ink == sorted(ink)
    assert ink[-1] > 1.8 * ink[len(ink) // 2 - 2] > 0


def test_a_replay_does_not_wait_for_a_break_and_needs_no_times():
    long = [np.array([[0, 0, 0], [9, 9, 100]]), np.array([[9, 0, 60_000], [0, 9, 60_100]])]
    assert sum(duration for _, duration in frames(io.BytesIO(pictures.replay(long)))) < 4_000
    untimed = np.stack([np.arange(40.0), np.arange(40.0)], axis=1)
    assert len(frames(io.BytesIO(pictures.replay([untimed])))) > 3
    assert frames(io.BytesIO(pictures.replay([np.array([[3.0, 3.0]])])))[-1][0].max() > 127


def test_nothing_cannot_be_replayed():
    with pytest.raises(ValueError, match="blank canvas"):
        pictures.replay([])
