from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning import training
from digitlab.learning.networks import build
from digitlab.learning.training import train
from digitlab.mnist import load_test, load_train
from digitlab.settings import Settings

X, Y = (array[:1000] for array in load_train())
TEN = np.array([np.flatnonzero(label == Y)[0] for label in range(10)])
TEN_DIGITS = X[TEN], Y[TEN]
SOME = X[:300], Y[:300]
VALIDATION = X[-50:], Y[-50:]
SMALL = {"hidden_units": (16,), "batch_size": 32, "epochs": 3}  # of one size: steps are compiled for each anew


def small(**changes):
    return Settings(**{**SMALL, **changes})


def without_seconds(history):
    return [replace(epoch, seconds=0.0) for epoch in history]


def predictions(model, images):
    return model(images).numpy().argmax(axis=1)


@pytest.mark.parametrize(
    ("optimizer", "learning_rate"),
    [
        ("adam", 0.003),
        pytest.param("sgd", 0.05, marks=pytest.mark.slow),
        pytest.param("rmsprop", 0.001, marks=pytest.mark.slow),
    ],
)
def test_memorises_ten_digits(optimizer, learning_rate):
    settings = small(optimizer=optimizer, learning_rate=learning_rate, epochs=150)
    model = build(settings)
    history = train(model, TEN_DIGITS, VALIDATION, settings)
    assert history[-1].accuracy == 1.0
    assert history[-1].loss < 0.2 < history[0].loss
    assert np.array_equal(predictions(model, TEN_DIGITS[0]), TEN_DIGITS[1])


@pytest.mark.parametrize("settings", [small(), small(hidden_units=(), epochs=1), small(batch_size=512, dropout=0.4)])
def test_the_history(settings):
    heard = []
    model = build(settings)
    history = train(model, SOME, VALIDATION, settings, on_epoch=heard.append)
    assert tuple(heard) == history
    assert [epoch.epoch for epoch in history] == list(range(1, settings.epochs + 1))
    assert [epoch.seen for epoch in history] == settings.epochs * [300]
    seconds = [epoch.seconds for epoch in history]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_the_last_validation_is_that_of_the_model():
    """Against Keras' own loss and metric."""
    import keras

    settings = small(dropout=0.4)
    model = build(settings)
    last = train(model, SOME, VALIDATION, settings)[-1]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(VALIDATION[1], model(VALIDATION[0]))
    assert last.val_loss == pytest.approx(float(loss), rel=1e-5)
    assert last.val_accuracy == (predictions(model, VALIDATION[0]) == VALIDATION[1]).mean()


def test_one_step_of_sgd_is_the_gradient_of_the_mean_loss():
    """One mini-batch holds all: the step is that of plain calculus, softmax minus one-hot."""
    settings = Settings(hidden_units=(), optimizer="sgd", learning_rate=0.1, batch_size=16, epochs=1)
    model = build(settings)
    kernel, bias = (weights.copy() for weights in model.get_weights())
    x = TEN_DIGITS[0].reshape(10, -1) / 255
    logits = x @ kernel + bias
    error = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) - np.eye(10)[TEN_DIGITS[1]]
    history = train(model, TEN_DIGITS, VALIDATION, settings)
    assert np.allclose(model.get_weights()[0], kernel - 0.1 * x.T @ error / 10, atol=1e-5)
    assert np.allclose(model.get_weights()[1], bias - 0.1 * error.mean(axis=0), atol=1e-5)
    assert history[0].accuracy == (logits.argmax(axis=1) == TEN_DIGITS[1]).mean()


def test_digits_are_varied_anew_in_each_epoch_but_the_first(monkeypatch):
    seen = []
    of_epochs = training.run_epochs

    def watched(compiled, digits, *rest):
        return of_epochs(compiled, (seen.append(each[0].numpy()) or each for each in digits), *rest)

    monkeypatch.setattr(training, "run_epochs", watched)
    settings = small(vary_anew=0.5)
    train(build(settings), SOME, VALIDATION, settings)
    first, second, third = seen
    assert np.array_equal(first, SOME[0])
    assert (second != first).any(axis=(1, 2)).all()
    assert (third != second).any(axis=(1, 2)).all()


@pytest.mark.slow
def test_varied_digits_go_through_the_front_and_the_same_seed_gives_the_same():
    settings = small(vary_anew=0.5, straighten=True, directions=True)
    one, other = (train(build(settings), SOME, VALIDATION, settings) for _ in range(2))
    assert without_seconds(one) == without_seconds(other)
    plain = replace(settings, vary_anew=0.0)
    first, second, _ = without_seconds(train(build(plain), SOME, VALIDATION, plain))
    assert first == without_seconds(one)[0]
    assert second != without_seconds(one)[1]


def test_the_same_seed_gives_the_same_history():
    histories = []
    for seed in (4, 4, 5):
        settings = small(seed=seed, dropout=0.4)
        histories.append(without_seconds(train(build(settings), SOME, VALIDATION, settings)))
    assert histories[0] == histories[1]
    assert histories[0] != histories[2]


def test_labels_of_any_integer_type():
    settings = small(epochs=1)
    histories = [
        without_seconds(train(build(settings), (SOME[0], SOME[1].astype(dtype)), VALIDATION, settings))
        for dtype in (np.uint8, np.int64)
    ]
    assert histories[0] == histories[1]


def test_the_data_is_left_alone():
    images, labels = SOME[0].copy(), SOME[1].copy()
    train(build(small()), (images, labels), VALIDATION, small())
    assert np.array_equal(images, SOME[0])
    assert np.array_equal(labels, SOME[1])


@pytest.mark.parametrize("n", [1, 31, 32, 33, 1000])
def test_progress_grows_to_one(n):
    """For less than a mini-batch, exactly one, one and a rest, many."""
    shares = []
    train(build(small()), (X[:n], Y[:n]), VALIDATION, small(), on_progress=shares.append)
    assert shares == sorted(shares)
    assert len(set(shares)) == len(shares)
    assert shares[0] > 0
    assert shares[-1] == 1.0


def test_progress_is_told_within_an_epoch():
    x_train, y_train = (array[:3200] for array in load_train())
    shares = []
    train(build(small()), (x_train, y_train), VALIDATION, small(batch_size=16, epochs=1), on_progress=shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_stop_between_epochs_keeps_what_was_learnt():
    settings = small(epochs=500, learning_rate=0.003)
    model, history = build(settings), []
    returned = train(
        model, TEN_DIGITS, VALIDATION, settings, on_epoch=history.append, should_stop=lambda: len(history) >= 99
    )
    assert returned == tuple(history)
    assert len(history) == 100
    assert (predictions(model, TEN_DIGITS[0]) == TEN_DIGITS[1]).all()


def test_stop_in_the_middle_of_an_epoch_keeps_what_was_learnt():
    data = tuple(array[:6400] for array in load_train())
    settings = small(batch_size=16, epochs=4)
    shares = []
    model = build(settings)
    before = (predictions(model, data[0]) == data[1]).mean()
    history = train(model, data, VALIDATION, settings, on_progress=shares.append, should_stop=lambda: len(shares) == 5)
    assert shares == [number / 32 for number in range(1, 6)]
    assert len(history) == 1
    assert (history[0].epoch, history[0].seen) == (1, 5 * 50 * 16)
    assert 0 < history[0].accuracy <= 1
    assert (predictions(model, data[0]) == data[1]).mean() > before + 0.3


def test_stop_at_once_still_gives_a_history():
    history = train(build(small()), SOME, VALIDATION, small(), should_stop=lambda: True)
    assert [epoch.epoch for epoch in history] == [1]


def test_a_model_is_trained_further():
    settings = small(epochs=5)
    model = build(settings)
    first = train(model, SOME, VALIDATION, settings)
    second = train(model, SOME, VALIDATION, settings)
    assert second[0].loss < first[0].loss * 0.8


@pytest.mark.parametrize("optimizer", ["sgd", pytest.param("rmsprop", marks=pytest.mark.slow)])
def test_a_loss_that_is_no_longer_finite_is_told(optimizer):
    settings = small(optimizer=optimizer, learning_rate=1.0, epochs=50)
    model = build(settings)
    model.set_weights([np.full(weights.shape, 1e30, np.float32) for weights in model.get_weights()])
    with pytest.raises(ValueError, match="loss that falls. Received: (inf|nan) in epoch 1.*learning rate 1.0 .*lower"):
        train(model, SOME, VALIDATION, settings)


def test_weights_that_break_in_the_last_step_are_told():
    """The training loss was measured before the step, the validation after it."""
    settings = Settings(hidden_units=(), optimizer="sgd", learning_rate=1.0, batch_size=512, epochs=1)
    model = build(settings)
    kernel, bias = model.get_weights()
    model.set_weights([kernel, np.array([3e38, *bias[1:]], np.float32)])
    sure = np.zeros(300, np.int64)  # so the first loss is 0: the network is sure and right
    seen = []
    with pytest.raises(ValueError, match="loss that falls. Received: (inf|nan) in epoch 1"):
        train(model, (SOME[0], sure), (SOME[0], sure + 1), settings, on_epoch=seen.append)
    assert seen == []


@pytest.mark.parametrize(
    ("train_data", "validation", "message"),
    [
        ((X[:0], Y[:0]), VALIDATION, "digits to train on and .* Received: 0 and 50"),
        (SOME, (X[:0], Y[:0]), "Received: 300 and 0"),
        ((X[:5] / 255, Y[:5]), VALIDATION, r"uint8 array of shape \(n, 28, 28\). Received: float64"),
        ((X[:5, ..., None], Y[:5]), VALIDATION, r"\(5, 28, 28, 1\)"),
        ((X[:5], Y[:4]), VALIDATION, "Expected 5 labels"),
        ((X[:5], np.eye(10)[Y[:5]]), VALIDATION, "Expected 5 labels"),
        ((X[:5], Y[:5].astype(int) + 8), VALIDATION, "labels from 0 to 9"),
        (SOME, (X[:5], Y[:4]), "Expected 5 labels"),
    ],
)
def test_bad_data_is_refused(train_data, validation, message):
    with pytest.raises(ValueError, match=message):
        train(None, train_data, validation, small())


@pytest.mark.slow
def test_it_learns_mnist():
    """A tenth of MNIST is enough to be far above the nearest mean (82 %) on digits never seen."""
    settings = Settings(hidden_units=(64,), epochs=4, batch_size=64)
    model = build(settings)
    train(model, tuple(array[:6000] for array in load_train()), VALIDATION, settings)
    x_test, y_test = load_test()
    assert (predictions(model, x_test) == y_test).mean() > 0.86
