import numpy as np
import pytest

from digitlab.learning import model_files
from digitlab.learning.inside import units
from digitlab.learning.inside.open_network import OpenNetwork
from digitlab.learning.networks import build
from digitlab.mnist import load_test
from digitlab.settings import Settings


@pytest.fixture(scope="module")
def masks():
    """A network on pixels whose unit 1 likes ink at the left, unit 2 ink at the right; unit 1 speaks for a 3."""
    model = build(Settings(hidden_units=(8,)))
    first, last = np.zeros((784, 8), np.float32), np.zeros((8, 10), np.float32)
    columns = np.arange(784) % 28
    first[columns < 14, 1], first[columns >= 14, 1] = 1, -1
    first[columns >= 14, 2] = 1
    last[1, 3], last[2, 3] = 2, -1
    model.set_weights([first, np.zeros(8), last, np.zeros(10)])
    return OpenNetwork(model_files.as_tflite(model), "masks")


def left(n):
    digit = np.zeros((28, 28), np.uint8)
    digit[:n, 5] = 255
    return digit


def test_the_loudest_units_come_first_and_silent_ones_not_at_all(masks):
    digit = left(20)
    digit[:3, 20] = 255
    loud = units.loudest(masks, digit, 0, 3, 5)
    assert [(unit.number, round(unit.fires), round(unit.speaks)) for unit in loud] == [(1, 17, 34), (2, 3, -3)]


def test_weights_are_told_as_pictures(masks):
    tiles = units.weight_tiles(masks)
    assert tiles.shape == (8, 28, 28)
    assert (tiles[1, :, :14] == 1).all()
    assert (tiles[1, :, 14:] == -1).all()


def test_what_units_say_sums_to_the_logit(network):
    digit = load_test()[0][0]
    loud = units.loudest(network, digit, 0, 7, 1000)
    logit = network.look(digit[None]).logits[0, 7]
    assert sum(unit.speaks for unit in loud) + network.dense[-1].biases[7] == pytest.approx(logit, abs=1e-3)


def test_in_an_earlier_layer_nothing_is_said_to_the_answer():
    model = build(Settings(hidden_units=(16, 8)))
    deep = OpenNetwork(model_files.as_tflite(model), "deep")
    digit = load_test()[0][0]
    assert {unit.speaks for unit in units.loudest(deep, digit, 0, 7, 3)} == {None}
    assert None not in {unit.speaks for unit in units.loudest(deep, digit, 1, 7, 3)}


def test_pictures_of_weights_need_pixels(network):
    assert not units.sees_pixels(Settings(directions=True))
    assert not units.sees_pixels(Settings(network="cnn"))
    assert units.sees_pixels(Settings(straighten=True))
    with pytest.raises(ValueError, match="784 pixels"):
        units.weight_tiles(network)


def test_the_most_exciting_digits_excite_most(masks):
    images = np.stack([left(n) for n in (3, 20, 0, 9)])
    fires = masks.look(images).hidden[0]
    assert units.most_exciting(fires, 1, 3).tolist() == [1, 3, 0]


def test_silence_is_no_unit():
    assert units.count_firing(np.zeros(5)) == 0
