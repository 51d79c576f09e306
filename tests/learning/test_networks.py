import inspect
import re

import numpy as np
import pytest

from digitlab.learning.networks import build, count_parameters, describe
from digitlab.mnist import load_test
from digitlab.settings import NETWORKS, OF_THE_NETWORK, Settings

IMAGES = load_test()[0][:20]


@pytest.mark.parametrize("hidden_units", [(), (8,), (128,), (64, 32), (16, 8, 8)])
def test_a_network_from_digits_to_logits(hidden_units):
    settings = Settings(hidden_units=hidden_units, dropout=0.2)
    model = build(settings)
    logits = np.array(model(IMAGES).numpy())
    assert (logits.shape, logits.dtype) == ((20, 10), np.float32)
    assert model.count_params() == count_parameters(settings)
    assert np.abs(logits).max() < 20  # the network scales 0-255 itself
    dense = [layer for layer in model.layers if type(layer).__name__ == "Dense"]
    assert [layer.units for layer in dense] == [*hidden_units, 10]


def test_what_a_network_is_built_of_it_keeps_for_good():
    used = set(re.findall(r"settings\.(\w+)", inspect.getsource(build)))
    assert used - {"seed"} == set(OF_THE_NETWORK)


def test_parameters_without_building():
    assert count_parameters(Settings()) == 785 * 128 + 129 * 10


@pytest.mark.parametrize("directions", [True, False])
@pytest.mark.parametrize("network", NETWORKS)
def test_each_kind_of_network_takes_digits_and_has_as_many_parameters_as_is_told(network, directions):
    settings = Settings(network=network, hidden_units=(8,), straighten=True, directions=directions)
    model = build(settings)
    assert model(IMAGES).shape == (20, 10)
    assert model.count_params() == count_parameters(settings)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu"])
def test_activations(activation):
    hidden = [
        layer
        for layer in build(Settings(hidden_units=(8, 8), activation=activation)).layers
        if getattr(layer, "units", None) == 8
    ]
    assert [layer.activation.__name__ for layer in hidden] == [activation, activation]


def test_dropout_only_where_asked_for_and_only_in_training():
    model = build(Settings(hidden_units=(64, 32), dropout=0.5))
    assert [layer.rate for layer in model.layers if type(layer).__name__ == "Dropout"] == [0.5, 0.5]
    assert not any(type(layer).__name__ == "Dropout" for layer in build(Settings(hidden_units=(64,))).layers)
    assert np.array_equal(model(IMAGES).numpy(), model(IMAGES).numpy())
    assert not np.array_equal(model(IMAGES, training=True).numpy(), model(IMAGES, training=True).numpy())


def test_the_seed_makes_the_weights():
    one, same, other = (build(Settings(hidden_units=(8,), seed=seed))(IMAGES).numpy() for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_weights_are_those_of_keras_own_seed_and_tensorflow_keeps_what_it_has_prepared():
    """To set TensorFlow's seed makes it forget the compiled steps: 0.15 s of each training."""
    import keras
    import tensorflow as tf
    from tensorflow.python.eager import context

    settings = Settings(hidden_units=(8,), seed=3)
    tf.random.set_seed(5)
    weights = build(settings).get_weights()
    assert context.global_seed() == 5, "it was not set"
    keras.utils.set_random_seed(3)
    glorot = keras.layers.Dense(8)
    glorot.build((None, 28 * 28))
    np.testing.assert_array_equal(weights[0], glorot.get_weights()[0])


def test_a_description_is_the_same_for_all_that_compute_the_same():
    def described(**changes):
        return describe(build(Settings(**{"hidden_units": (8, 8), "dropout": 0.2, **changes})).layers[1:])

    assert described(seed=1) == described(seed=2)
    different = [{}, {"hidden_units": (8,)}, {"activation": "tanh"}, {"dropout": 0.3}]
    assert len({described(**changes) for changes in different}) == 4
