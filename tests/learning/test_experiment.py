import json
import re
from dataclasses import replace

import numpy as np
import pytest

from digitlab import mnist
from digitlab.digits import data_version
from digitlab.learning import model_files, progress
from digitlab.learning.evaluation import Predictor
from digitlab.learning.experiment import Experiment, new_run_id
from digitlab.learning.methods import METHODS
from digitlab.learning.model_files import ModelError
from digitlab.learning.progress import Progress, Stage
from digitlab.learning.training_data import VALIDATION_SIZE, take_share
from digitlab.mnist import load_test, load_train
from digitlab.run import OWN_READER, Epoch, TrainedOn, from_json, to_json
from digitlab.settings import Settings
from digitlab.storage.datasets import read_dataset
from digitlab.storage.models import ModelFiles, read_model_file
from tests.helpers import a_run, add_run, put_model
from tests.learning.experiments import TINY, run_experiment

pytestmark = pytest.mark.usefixtures("few_test_digits")


@pytest.fixture(scope="module")
def on_mnist(lab, few_test_digits):
    return run_experiment(lab)


def files(lab, run_id):
    return [kind for kind in ("keras", "npz", "tflite") if read_model_file(lab, run_id, kind)]


def test_a_run_on_mnist_is_described(on_mnist):
    run, _ = on_mnist
    assert run.id.startswith("dense-")
    assert (run.name, run.method, run.start_from, run.stopped) == ("A run", "dense", None, False)
    assert run.parameters == 785 * 16 + 17 * 10
    x_train, y_train = (array[:-VALIDATION_SIZE] for array in load_train())
    assert run.train == TrainedOn("mnist", 550, data_version(*take_share(x_train, y_train, TINY)))
    assert (run.human_seconds, run.drawings, run.help) == (0.0, 0, None)
    assert run.settings == TINY
    assert len(run.history) == 1
    assert 0 < run.history[0].seconds <= run.training_seconds
    assert {"python", "numpy", "tensorflow", "keras"} <= set(run.versions)
    assert "own" not in run.tests
    assert from_json(to_json(run)) == run


def test_its_test_is_that_of_its_saved_model(lab, on_mnist):
    run, _ = on_mnist
    x_test, y_test = mnist.load_test()
    predictions = model_files.load(run.id, lab)(x_test).numpy().argmax(axis=1)
    test = run.tests["mnist"]
    assert test.n == 1000
    assert test.accuracy == pytest.approx((predictions == y_test).mean(), abs=0.0005)
    assert test.low < test.accuracy < test.high
    assert test.mistakes
    for mistake in test.mistakes:
        assert y_test[mistake.index] == mistake.label != mistake.prediction


def test_its_files_are_complete(lab, on_mnist):
    run, _ = on_mnist
    assert files(lab, run.id) == ["keras", "tflite"]
    assert model_files.load_card(run.id, lab) == run
    images = load_test()[0][:100]
    keras_says = model_files.load(run.id, lab)(images).numpy().argmax(axis=1)
    predictor = Predictor(model_files.load_tflite(run.id, lab), run.id)
    assert np.array_equal(predictor.predict(images).argmax(axis=1), keras_says)


def test_what_it_reported(on_mnist):
    run, events = on_mnist
    reports = [progress.from_event(json.loads(json.dumps(event, allow_nan=False))) for event in events]
    assert [report.stage for report in reports if isinstance(report, Stage)] == [
        "Loading the data",
        "Varying the digits",
        "Building the network",
        "Training",
        "Testing",
    ]
    assert tuple(report for report in reports if isinstance(report, Epoch)) == run.history
    shares = [report for report in reports if isinstance(report, Progress)]
    assert shares
    assert all(0 < report.progress <= 1 and report.seconds_left >= 0 for report in shares)


def test_the_same_experiment_gives_the_same_model(lab, on_mnist):
    run, _ = run_experiment(lab)
    assert run.id != on_mnist[0].id
    assert run.train == on_mnist[0].train
    assert run.tests == on_mnist[0].tests
    assert run_experiment(lab, settings=replace(TINY, seed=4))[0].tests != run.tests


@pytest.mark.parametrize(
    ("kinds", "method", "n"), [(["one"], "one", 10), (["full"], "full", 10), (["one", "full"], "full", 20)]
)
def test_from_scratch_on_drawings(lab, batches, kinds, method, n):
    ids = tuple(batches[kind] for kind in kinds)
    settings = Settings(hidden_units=(16,), epochs=60, batch_size=16, learning_rate=0.01)
    run, _ = run_experiment(lab, batch_ids=ids, test_batch_ids=(batches["test"],), settings=settings)
    assert run.id.startswith(method)
    assert (run.method, run.drawings, run.human_seconds, run.help) == (method, n, 1.25 * n, "alone")
    assert run.train == TrainedOn("drawings", n, read_dataset(lab, ids).version, ids)
    assert run.history[-1].accuracy == 1.0
    assert run.history[-1].seen == n
    own = run.tests["own"]
    assert (own.n, own.version) == (10, read_dataset(lab, [batches["test"]]).version)
    assert own.accuracy > 0.1
    assert run.tests["mnist"].n == 1000
    assert files(lab, run.id) == ["keras", "tflite"]


def test_a_run_on_drawings_is_also_tested_as_your_reader(lab, batches, on_mnist):
    """A network that has hardly learnt yet, and drawings of the same person beside it."""
    untrained = Settings(hidden_units=(16,), epochs=1)
    ids = {"batch_ids": (batches["full"],), "test_batch_ids": (batches["test"],)}
    run, _ = run_experiment(lab, settings=untrained, **ids)
    own, mine = run.tests["own"], run.tests[OWN_READER]
    assert (mine.n, mine.version) == (own.n, own.version)
    assert mine.correct >= 8 > own.correct
    assert from_json(to_json(run)) == run
    assert "own" not in on_mnist[0].tests
    assert OWN_READER not in on_mnist[0].tests
    on_mnist_too, _ = run_experiment(lab, test_batch_ids=(batches["test"],))
    assert set(on_mnist_too.tests) == {"mnist", "own"}, "trained on no drawings: there are none to compare with"


@pytest.mark.slow
def test_mnist_read_in_views(lab, batches, small_data, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_CACHE_DIR", str(tmp_path / "cache"))
    settings = Settings(hidden_units=(32,), epochs=20, straighten=True, directions=True)
    plain, viewed = (
        run_experiment(lab, batch_ids=(batches["full"],), settings=replace(settings, views=views))[0]
        for views in (0, 4)
    )
    assert viewed.tests["mnist"].n == plain.tests["mnist"].n == 80
    assert viewed.tests["mnist"].confusion != plain.tests["mnist"].confusion
    assert abs(viewed.tests["mnist"].accuracy - plain.tests["mnist"].accuracy) < 0.2
    assert len(list((tmp_path / "cache" / "views").iterdir())) == 1


def test_starting_from_a_saved_run(lab, batches, on_mnist):
    start, _ = on_mnist
    settings = Settings(hidden_units=(16,), epochs=3, batch_size=16)
    other = replace(settings, hidden_units=(32,), activation="tanh")
    scratch, _ = run_experiment(lab, batch_ids=(batches["one"],), settings=settings)
    run, _ = run_experiment(lab, batch_ids=(batches["one"],), settings=other, start_from=start.id)
    assert (run.method, run.start_from, run.parameters) == ("one", start.id, start.parameters)
    assert run.settings == settings, "it has the network of its start"
    assert (scratch.help, run.help) == ("alone", "mnist")
    assert run.tests["mnist"].accuracy > scratch.tests["mnist"].accuracy + 0.1
    assert run.history[0].loss < scratch.history[0].loss
    # What it started from is still what it was.
    assert model_files.load_card(start.id, lab).tests == start.tests
    assert not np.array_equal(
        model_files.load(run.id, lab).get_weights()[0], model_files.load(start.id, lab).get_weights()[0]
    )


def test_the_kind_of_help_is_handed_on(lab, batches):
    """A network that goes on from drawings alone is still alone; with MNIST's digits among them it is not."""
    settings = Settings(hidden_units=(16,), epochs=1, batch_size=16)
    first, _ = run_experiment(lab, batch_ids=(batches["one"],), settings=settings)
    second, _ = run_experiment(lab, batch_ids=(batches["full"],), settings=settings, start_from=first.id)
    mixed = replace(settings, mnist_share=0.5)
    third, _ = run_experiment(lab, batch_ids=(batches["full"],), settings=mixed, start_from=second.id)
    fourth, _ = run_experiment(lab, batch_ids=(batches["one"],), settings=settings, start_from=third.id)
    assert [run.help for run in (first, second, third, fourth)] == ["alone", "alone", "mnist", "mnist"]
    assert [model_files.load_card(run.id, lab).help for run in (second, fourth)] == ["alone", "mnist"]


def test_a_card_without_settings_is_no_start(lab, batches, on_mnist):
    start, _ = on_mnist
    add_run(lab, replace(start, id="bare", settings=None))
    put_model(lab, "bare", ModelFiles(read_model_file(lab, start.id, "keras"), b"no network"))
    with pytest.raises(ModelError, match="trained network to start from. Received: bare"):
        run_experiment(lab, batch_ids=(batches["one"],), start_from="bare")


@pytest.mark.parametrize("calls", [1, 3])
def test_stopped_in_the_only_epoch(lab, calls):
    asked = iter(range(100))
    settings = Settings(hidden_units=(16,), epochs=1, batch_size=16, train_share=0.1)
    run, _ = run_experiment(lab, settings=settings, should_stop=lambda: next(asked) + 1 == calls)
    assert run.stopped is True
    assert run.history[0].seen == calls * 50 * 16 < run.train.n


def test_stopped_after_some_epochs(lab):
    asked = iter(range(1000))
    settings = Settings(hidden_units=(16,), epochs=50, batch_size=512, train_share=0.01)
    run, _ = run_experiment(lab, settings=settings, should_stop=lambda: next(asked) == 5)
    assert run.stopped is True
    assert len(run.history) < 50
    assert files(lab, run.id) == ["keras", "tflite"]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"batch_ids": ("test",)}, ValueError, "test batches or no longer there.*never trained on"),
        ({"batch_ids": ("one", "test")}, ValueError, "never trained on"),
        ({"batch_ids": (99,)}, ValueError, r"batches \[99\]"),
        ({"batch_ids": ("empty",)}, ValueError, "Draw some digits first"),
        ({"start_from": "dense-gone"}, ModelError, "dense-gone.keras is missing"),
        ({"start_from": "../../etc/passwd"}, ModelError, "is missing"),
        ({"start_from": "damaged"}, ModelError, "damaged.keras is damaged"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(lab, batches, changes, error, message):
    if "damaged" in changes.values():
        add_run(lab, a_run("damaged"), ModelFiles(b"PK\x03\x04 no more", b"no network"))
    if "batch_ids" in changes:
        changes = {"batch_ids": tuple(batches.get(kind, kind) for kind in changes["batch_ids"])}
    before = lab.version()
    with pytest.raises(error, match=message):
        run_experiment(lab, **changes)
    assert lab.version() == before


def test_no_two_runs_have_the_same_id():
    ids = [new_run_id(method) for method in METHODS for _ in range(50)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z0-9][a-z0-9-]{0,39}", run_id) for run_id in ids)


def test_the_address_of_the_database_is_not_told_by_an_experiment():
    """Dask writes what it is given into its log, and there may be a password in the address."""
    assert "secret" not in repr(Experiment("A run", TINY, "postgresql://ana:secret@host/digits"))


def test_a_data_set_too_small_to_train_on_is_told(small_data, lab, batches):
    with pytest.raises(ValueError, match="more than 5000 training digits. Received: 300.*DIGITLAB_MNIST_DIR"):
        run_experiment(lab)
    run, _ = run_experiment(lab, batch_ids=(batches["one"],))  # they are enough to validate on
    assert run.tests["mnist"].n == 80
