"""The compiled steps against Keras' own optimizers, schedule and layers; and that nothing stays for the next one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from digitlab.learning.evaluation import Predictor
from digitlab.learning.networks import build
from digitlab.learning.training import learning_rates, train
from digitlab.mnist import load_train
from digitlab.settings import NETWORKS, OPTIMIZERS, Settings

X, Y = (array[:400] for array in load_train())


def keras_optimizer(name, rate):
    import keras

    optimizers = keras.optimizers
    made = {"adam": optimizers.Adam, "sgd": partial(optimizers.SGD, momentum=0.9), "rmsprop": optimizers.RMSprop}
    return made[name](rate)


def schedule(settings, steps):
    import keras

    warmup = max(1, steps // 10)
    rate = settings.learning_rate
    return keras.optimizers.schedules.CosineDecay(
        rate / warmup, max(1, steps - warmup), warmup_target=rate, warmup_steps=warmup
    )


def trained(settings, dropout=0.0, data=(X, Y)):
    model = build(replace(settings, dropout=dropout))
    history = train(model, data, (X[:50], Y[:50]), settings)
    return model.get_weights(), [epoch.loss for epoch in history]


@pytest.mark.parametrize("count", [1, 9, 10, 11, 57, 200])
def test_the_learning_rates_are_those_of_keras_schedule(count):
    settings = Settings(learning_rate=0.02)
    steps = [*range(0, count, 1 + count // 20), count - 1]  # Keras' schedule is slow
    expected = [float(schedule(settings, count)(step)) for step in steps]
    rates = learning_rates(settings, count)
    assert (rates.dtype, rates.shape) == (np.float32, (count,))
    assert np.allclose(rates[steps], expected, rtol=1e-4, atol=1e-7)


# An optimizer does not know the network: one of them is enough for the convolutional one, which takes long to compile.
@pytest.mark.parametrize(
    ("network", "optimizer"),
    [
        ("dense", "adam"),
        *(pytest.param("dense", other, marks=pytest.mark.slow) for other in OPTIMIZERS if other != "adam"),
        pytest.param("cnn", "adam", marks=pytest.mark.slow),
    ],
)
def test_the_weights_are_those_of_keras_optimizer(network, optimizer):
    """Each epoch is one mini-batch of the same digits, so their order does not matter."""
    import keras

    settings = Settings(
        hidden_units=(16,), optimizer=optimizer, learning_rate=0.002, batch_size=512, epochs=12, network=network
    )
    weights, _ = trained(settings)
    model = build(Settings(hidden_units=(16,), network=network))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras_optimizer(optimizer, schedule(settings, 12)), loss, run_eagerly=True)
    begun = model.get_weights()
    model.fit(X, Y, batch_size=512, epochs=12, verbose=0)
    for ours, keras_own, before in zip(weights, model.get_weights(), begun, strict=True):
        assert np.abs(ours - keras_own).max() < 0.03 * np.abs(keras_own - before).max()


@pytest.mark.slow
def test_smoothed_labels_are_those_of_keras_and_the_history_tells_the_plain_loss():
    import keras

    settings = Settings(hidden_units=(16,), learning_rate=0.002, batch_size=512, epochs=12, label_smoothing=0.3)
    weights, losses = trained(settings)
    model = build(Settings(hidden_units=(16,)))
    plain = keras.losses.CategoricalCrossentropy(from_logits=True)(keras.ops.one_hot(Y, 10), model(X))
    assert losses[0] == pytest.approx(float(plain), rel=1e-4)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.3)
    model.compile(keras_optimizer("adam", schedule(settings, 12)), loss, run_eagerly=True)
    begun = model.get_weights()
    model.fit(X, keras.ops.one_hot(Y, 10), batch_size=512, epochs=12, verbose=0)
    for ours, keras_own, before in zip(weights, model.get_weights(), begun, strict=True):
        assert np.abs(ours - keras_own).max() < 0.03 * np.abs(keras_own - before).max()


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_the_parts_of_a_mini_batch_make_one_step(network, monkeypatch):
    """Also where a part has no digit: three digits for four cores, and a last mini-batch of one."""
    from digitlab.learning import compiled_steps

    settings = Settings(hidden_units=(16,), batch_size=16, epochs=3, network=network)

    def in_parts(count):
        """Of three and of 17 digits."""
        monkeypatch.setattr(compiled_steps, "_PARTS", count)
        compiled_steps._steps.cache_clear()  # compiled for another number of parts
        return [trained(settings, data=(X[:n], Y[:n])) for n in (3, 17)]

    try:
        for (weights, losses), (expected, expected_losses) in zip(in_parts(4), in_parts(1), strict=True):
            assert losses == pytest.approx(expected_losses, rel=1e-4)
            assert all(np.allclose(*pair, atol=1e-4) for pair in zip(weights, expected, strict=True))
    finally:
        compiled_steps._steps.cache_clear()


@pytest.mark.parametrize("has", [True, False])
def test_half_precision_learns_nearly_the_same_where_the_processor_has_it_and_else_just_the_same(has, monkeypatch):
    from digitlab.learning import compiled_steps

    monkeypatch.setattr(compiled_steps, "_has_bfloat16", lambda: has)
    settings = Settings(hidden_units=(16,), batch_size=512, epochs=12, learning_rate=0.002)
    begun = build(settings).get_weights()
    weights, losses = trained(settings)
    half, its_losses = trained(replace(settings, half_precision=True))
    again, _ = trained(settings)
    assert all(np.array_equal(*pair) for pair in zip(weights, again, strict=True))
    assert (its_losses == losses) is not has
    for ours, full, before in zip(half, weights, begun, strict=True):
        assert np.array_equal(ours, full) is not has
        assert np.abs(ours - full).mean() < 0.05 * np.abs(full - before).mean()


def test_what_was_learnt_in_half_precision_is_validated_in_full(monkeypatch):
    import keras

    from digitlab.learning import compiled_steps

    monkeypatch.setattr(compiled_steps, "_has_bfloat16", lambda: True)
    settings = Settings(hidden_units=(16,), epochs=2, half_precision=True)
    model = build(settings)
    last = train(model, (X, Y), (X, Y), settings)[-1]
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(Y, model(X))
    assert last.val_loss == pytest.approx(float(expected), rel=1e-5)
    assert {weights.dtype for weights in model.get_weights()} == {np.dtype(np.float32)}


@pytest.mark.slow
def test_a_lenet_that_was_stored_when_its_second_pooling_lost_a_row_trains_further(monkeypatch):
    """In half precision and with dropout; its files leave as those of any other network."""
    import keras

    from digitlab.learning import compiled_steps, model_files

    monkeypatch.setattr(compiled_steps, "_has_bfloat16", lambda: True)
    settings = Settings(network="lenet", hidden_units=(16,), dropout=0.3, epochs=3, half_precision=True)
    with monkeypatch.context() as patch:
        patch.setattr(
            keras.layers, "MaxPooling2D", lambda pool, padding, of_keras=keras.layers.MaxPooling2D: of_keras(pool)
        )
        older = build(settings)
    assert older.count_params() == build(settings).count_params() - 16 * 64 * (4**2 - 3**2)
    model = model_files.from_keras(model_files.pack(older).keras, "lenet-1")
    history = train(model, (X, Y), (X, Y), settings)
    assert history[-1].val_loss < history[0].val_loss
    assert {weights.dtype for weights in model.get_weights()} == {np.dtype(np.float32)}
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    read = Predictor(model_files.pack(model).tflite, "lenet-1").predict(X[:50])
    assert np.abs(read - keras.ops.softmax(model(X[:50])).numpy()).max() < 1e-4


def test_the_predicted_labels_are_those_of_the_model():
    from digitlab.learning import compiled_steps

    model = build(Settings(hidden_units=(16,), dropout=0.3))
    with compiled_steps.of_model(model, "adam") as compiled:
        labels = compiled.predict(X[:333]).numpy()
    assert labels.dtype == np.int32
    assert np.array_equal(labels, model(X[:333]).numpy().argmax(axis=1))


def test_validation_is_the_same_in_one_piece_and_in_several():
    import keras

    model = build(Settings(hidden_units=(16,)))
    x, y = (array[:2345] for array in load_train())
    settings = Settings(hidden_units=(16,), epochs=1, learning_rate=0.00001)
    [epoch] = train(model, (X, Y), (x, y), settings)
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, model(x))
    assert epoch.val_loss == pytest.approx(float(expected), rel=1e-4)
    assert epoch.val_accuracy == pytest.approx((model(x).numpy().argmax(axis=1) == y).mean())


def test_a_training_does_not_know_of_the_one_before():
    """Not its weights, not what its optimizer remembered, not its dropout; and nothing was compiled anew."""
    from digitlab.learning import compiled_steps

    settings = Settings(hidden_units=(16,), epochs=2, batch_size=64)
    other = Settings(hidden_units=(16,), epochs=3, batch_size=32, learning_rate=0.1, seed=7)
    first = trained(settings, dropout=0.4)
    model = build(Settings(hidden_units=(16,), dropout=0.4))
    with compiled_steps.of_model(model, "adam") as compiled:
        traced = compiled.train.experimental_get_tracing_count()
    trained(other, dropout=0.4, data=(X[:77], Y[:77]))
    again = trained(settings, dropout=0.4)
    assert again[1] == first[1]
    assert all(np.array_equal(*weights) for weights in zip(first[0], again[0], strict=True))
    assert traced == compiled.train.experimental_get_tracing_count() == 1


@pytest.mark.slow
def test_trainings_at_the_same_time_do_not_disturb_each_other():
    settings = [Settings(hidden_units=(16,), epochs=3, seed=seed) for seed in range(3)]
    models = [build(Settings(hidden_units=(16,), seed=each.seed)) for each in settings]
    alone = [trained(each)[1] for each in settings]
    with ThreadPoolExecutor(3) as threads:
        histories = threads.map(lambda model, each: train(model, (X, Y), (X, Y), each), models, settings)
        assert [[epoch.loss for epoch in history] for history in histories] == alone


def test_what_was_learnt_is_kept_when_the_caller_fails():
    model = build(Settings(hidden_units=(16,)))
    before = model.get_weights()[0]

    def fail(epoch):
        raise KeyError(epoch.epoch)

    with pytest.raises(KeyError, match="1"):
        train(model, (X, Y), (X, Y), Settings(hidden_units=(16,)), on_epoch=fail)
    assert np.abs(model.get_weights()[0] - before).max() > 0
    assert len(train(model, (X, Y), (X, Y), Settings(hidden_units=(16,), epochs=1))) == 1


@pytest.mark.parametrize("n", [1, 400])
@pytest.mark.parametrize("straighten", [False, True])
def test_the_front_is_that_of_the_model(n, straighten):
    from digitlab.learning import compiled_steps

    model = build(Settings(hidden_units=(16,), straighten=straighten))
    images = compiled_steps.fixed_features(model, X[:n])
    assert (images.dtype, images.shape) == (np.uint8, (n, 28, 28))
    assert np.abs(images / 255 - model.layers[0](X[:n]).numpy()).max() < 0.51 / 255


def test_digits_validated_on_again_pass_the_front_once():
    from digitlab.learning import compiled_steps

    model = build(Settings(hidden_units=(16,), straighten=True))
    first = compiled_steps.fixed_features(model, X[:100])
    assert (
        compiled_steps.fixed_features(build(Settings(hidden_units=(9,), seed=1, straighten=True)), X[:100].copy())
        is first
    )
    assert not first.flags.writeable
    changed = X[:100].copy()
    changed[7] = 255 - changed[7]
    assert np.flatnonzero((compiled_steps.fixed_features(model, changed) != first).any(axis=(1, 2))).tolist() == [7]
