"""Models of others come in, are tested, and stand beside the others under a name of their own."""

from contextlib import closing

import numpy as np
import pytest

from digitlab.learning import model_files
from digitlab.learning.brought_in import experiment, opening
from digitlab.learning.brought_in.checks import CheckedFile
from digitlab.learning.brought_in.experiment import ModelToBring
from digitlab.learning.evaluation import load_predictor
from digitlab.learning.model_files import REFERENCE, ModelError
from digitlab.mnist import load_test, load_train
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store
from tests.learning.brought_in.keras_files import described, keras_file, weights

pytestmark = pytest.mark.slow  # each opens a process that loads TensorFlow


@pytest.fixture(scope="module")
def means():
    """The nearest mean image as a layer of weights and biases: for pixels of 0 to 1, and how well it reads."""
    x_train, y_train = load_train()
    centres = np.stack([x_train[y_train == label].mean(axis=0).ravel() / 255 for label in range(10)])
    kernel, biases = centres.T, -(centres**2).sum(axis=1) / 2
    x_test, y_test = load_test()
    read = (x_test.reshape(-1, 784) / 255 @ kernel + biases).argmax(axis=1)
    return kernel, biases, (read == y_test).mean()


def model_of(means, shape, *, of=255, softmax=False):
    """A Keras model of the nearest mean, as others write them, for pixels of 0 to `of`."""
    import keras

    kernel, biases, _ = means
    layers = [keras.layers.Flatten(), keras.layers.Dense(10, "softmax" if softmax else None)]
    model = keras.Sequential([keras.Input(shape), *layers])
    model.set_weights([kernel / of, biases])
    return model


def saved(model, tmp_path):
    model.save(tmp_path / "theirs.keras")
    return (tmp_path / "theirs.keras").read_bytes()


def as_float(model):
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def as_int8(model):
    """Whole numbers in, whole numbers out, one digit at a time, as for a microcontroller."""
    import tensorflow as tf

    x_train = load_train()[0][:200].astype(np.float32) / 255
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None, ..., None]] for image in x_train)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/digitlab.db"


def bring(url, content, name="Theirs", file_name="theirs.keras", **more):
    asked = ModelToBring(name, file_name, content, url, **more)
    return experiment.run(asked, report=lambda event: None, should_stop=lambda: False)


@pytest.mark.parametrize(
    ("kind", "made", "reads", "gives"),
    [
        ("keras", {"shape": (28, 28, 1), "of": 1, "softmax": True}, "0 to 1", "probabilities"),
        ("tflite", {"shape": (784,), "of": 255}, "0 to 255", "logits"),
    ],
    ids=["0 to 1", "0 to 255"],
)
def test_how_it_reads_digits_is_found_out(url, tmp_path, means, kind, made, *, reads, gives):
    model = model_of(means, **made)
    run_id = bring(url, saved(model, tmp_path) if kind == "keras" else as_float(model), file_name=f"theirs.{kind}")
    with closing(Store(url)) as store:
        (run,) = read_runs(store)
        probabilities = load_predictor(run_id, store).predict(load_test()[0][:50])
    assert (run.id, run.name, run.method, run.human_seconds, run.drawings) == (run_id, "Theirs", "brought_in", 0.0, 0)
    assert (run.brought_in.reads, run.brought_in.gives, run.brought_in.kind) == (reads, gives, kind)
    assert run.parameters == 7850
    assert run.tests["mnist"].accuracy == pytest.approx(means[2], abs=0.001)
    assert run.brought_in.tried[reads] > max(share for key, share in run.brought_in.tried.items() if key != reads)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert f"It is given pixels as {reads}: so it reads 79.8" in experiment.describe(run.brought_in)


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected")
def test_whole_numbers_and_one_digit_at_a_time(url, tmp_path, means):
    tflite = as_int8(model_of(means, (28, 28, 1), of=1, softmax=True))
    bring(url, tflite, file_name="theirs.tflite")
    with closing(Store(url)) as store:
        (run,) = read_runs(store)
    assert (run.brought_in.reads, run.brought_in.gives, run.brought_in.kind) == ("0 to 1", "probabilities", "tflite")
    assert run.tests["mnist"].accuracy == pytest.approx(means[2], abs=0.02)
    assert run.parameters == 7850


def test_it_is_tested_on_own_digits_and_what_was_ours_is_itself(lab, batches):
    run_id = bring(lab.place, model_files.load_file(REFERENCE, "keras"), test_batch_ids=(batches["test"],))
    run = model_files.load_card(run_id, lab)
    expected = model_files.load_card(REFERENCE).tests["mnist"]
    assert abs(run.tests["mnist"].correct - expected.correct) <= 2
    assert run.tests["own"].n == 10


def wrong_shape():
    import keras

    return keras.Sequential([keras.Input((32, 32)), keras.layers.Flatten(), keras.layers.Dense(10)])


def too_many_answers():
    import keras

    return keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(11)])


def test_another_shape_is_refused_and_nothing_is_stored(url, tmp_path):
    """Of both kinds of files."""
    with pytest.raises(ModelError, match=r"Received: from \(32, 32\) to \(10,\)"):
        bring(url, saved(wrong_shape(), tmp_path))
    with pytest.raises(ModelError, match=r"Received: from \(28, 28\) to \(11,\)"):
        bring(url, as_float(too_many_answers()), file_name="theirs.tflite")
    with closing(Store(url)) as store:
        assert read_runs(store) == []


def of_units(units):
    given = {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None}
    given["config"] = {"batch_shape": [None, 784], "dtype": "float32", "name": "given"}
    dense = {"module": "keras.layers", "class_name": "Dense", "registered_name": None, "config": {"units": units}}
    return keras_file(described(given, dense), weights())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (CheckedFile("keras", of_units(10)), "Keras cannot load this model in its safe mode"),  # weights elsewhere
        (CheckedFile("keras", of_units(5_000_000)), "within 3 GB of memory|safe mode"),
        (
            CheckedFile("tflite", model_files.load_file(REFERENCE, "tflite")[:5000]),
            "cut off or damaged|ends the process",
        ),
    ],
    ids=["weights that do not fit", "15 GB of units", "cut off"],
)
def test_what_cannot_be_opened_ends_in_a_process_of_its_own(file, message):
    with pytest.raises(ModelError, match=message):
        opening.open_apart(file)
