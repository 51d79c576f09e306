"""Hyperparameters in their ranges, and what is refused."""

import json
from dataclasses import FrozenInstanceError, asdict, fields

import numpy as np
import pytest

from digitlab.settings import ACTIVATIONS, BATCH_SIZES, LIMITS, OPTIMIZERS, Settings, check_range


def test_default_settings_are_in_range_and_json():
    settings = Settings()
    assert (settings.activation, settings.optimizer, settings.batch_size) == ("relu", "adam", 128)
    numbers = {field.name for field in fields(settings) if field.type in {int, float}}
    assert numbers - {"batch_size"} == set(LIMITS) - {"hidden_units"}, "each number has its range"
    assert json.loads(json.dumps(asdict(settings)))["epochs"] == 5
    assert hash(settings) == hash(Settings())
    with pytest.raises(FrozenInstanceError):
        settings.epochs = 9


@pytest.mark.parametrize("name", [name for name in LIMITS if name != "hidden_units"])
def test_the_ends_of_a_range_are_in_it(name):
    for value in LIMITS[name]:
        assert getattr(Settings(**{name: value}), name) == value


def test_choices():
    for name, choices in (("activation", ACTIVATIONS), ("optimizer", OPTIMIZERS), ("batch_size", BATCH_SIZES)):
        for choice in choices:
            Settings(**{name: choice})
    for hidden_units in ((), (8,), (1024, 8, 8)):
        Settings(hidden_units=hidden_units)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_units": (8, 8, 8, 8)}, "at most 3 hidden layers. Received: 4 layers"),
        ({"hidden_units": (7,)}, "hidden_units between 8 and 1024. Received: 7"),
        ({"hidden_units": (128, 1025)}, "hidden_units between 8 and 1024. Received: 1025"),
        ({"hidden_units": (16.0,)}, "hidden_units between .* Received: 16.0"),
        ({"hidden_units": ("16",)}, "hidden_units between .* Received: '16'"),
        ({"hidden_units": (np.int64(16),)}, "hidden_units between .* Received: np.int64"),
        ({"dropout": -0.1}, "dropout between 0.0 and 0.8. Received: -0.1"),
        ({"dropout": 0.9}, "dropout between"),
        ({"learning_rate": 0.0}, "learning_rate between 1e-05 and 1.0. Received: 0.0"),
        ({"learning_rate": 1.1}, "learning_rate between"),
        ({"learning_rate": float("nan")}, "learning_rate between .* Received: nan"),
        ({"learning_rate": "0.1"}, "learning_rate between .* Received: '0.1'"),
        ({"learning_rate": np.float32(0.1)}, "learning_rate between .* Received: np.float32"),
        ({"epochs": 0}, "epochs between 1 and 500. Received: 0"),
        ({"epochs": 501}, "epochs between"),
        ({"epochs": 2.0}, "epochs between .* Received: 2.0"),
        ({"epochs": True}, "epochs between .* Received: True"),
        ({"epochs": None}, "epochs between .* Received: None"),
        ({"epochs": np.int64(5)}, "epochs between .* Received: np.int64"),
        ({"train_share": 0.0}, "train_share between 0.01 and 1.0"),
        ({"train_share": 1.01}, "train_share between"),
        ({"seed": -1}, "seed between 0 and 999999. Received: -1"),
        ({"seed": 1_000_000}, "seed between"),
        ({"batch_size": 100}, "batch_size to be one of .16, 32.* Received: 100"),
        ({"activation": "swish"}, "activation to be one of .*'relu'.* Received: 'swish'"),
        ({"network": "transformer"}, "network to be one of .*'cnn'.* Received: 'transformer'"),
        ({"optimizer": "Adam"}, "optimizer to be one of .*'sgd'.* Received: 'Adam'"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Settings(**settings)


def test_a_single_setting_can_be_checked():
    check_range("dropout", 0)
    with pytest.raises(ValueError, match="dropout between"):
        check_range("dropout", 1)
