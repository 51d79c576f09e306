import gzip
import json
import struct
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from digitlab.digits import data_version
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning import compiled_steps, experiment, models, training_data
from digitlab.learning.evaluation import Predictor
from digitlab.learning.experiment import METHODS, Experiment, guess, measure_references, new_run_id
from digitlab.learning.models import ModelError
from digitlab.learning.presets import defaults
from digitlab.learning.training_data import VALIDATION_SIZE, take_share
from digitlab.mnist import load_test, load_train
from digitlab.settings import Settings
from digitlab.storage.batches import start_batch
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawings import save_drawing
from digitlab.storage.runs import read_cards
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.browser.drawing import human_digits

TINY = Settings(hidden_units=(16,), epochs=1, train_share=0.01, batch_size=32, seed=3)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A store with drawings of one person, and a folder for models."""
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITLAB_MODELS_DIR", str(folder / "models"))
        with closing(Store(f"sqlite:///{folder / 'digitlab.db'}")) as store:
            yield store


@pytest.fixture(scope="module")
def batches(lab):
    """Id of a batch of each kind; the digits of the `test` batch are another ten of the same person."""
    ids, writer = {}, add_writer(lab, "Ana")
    for nth, kind in enumerate(["one", "full", "test"]):
        ids[kind] = start_batch(lab, writer, kind, range(10), 0)
        for label, strokes in human_digits(nth=nth).items():
            drawn = [np.array(stroke, float) for stroke in strokes]
            save_drawing(lab, (ids[kind], label), drawn, strokes_to_digit(drawn), 1.25)
    ids["empty"] = start_batch(lab, writer, "full", [1], 0)
    return ids


def run(lab, should_stop=lambda: False, **changes):
    """Run an experiment; its id, card and everything it reported."""
    events = []
    given = {"name": "A run", "settings": TINY, "database_url": lab.place, "models_dir": str(models.models_dir())}
    run_id = experiment.run(Experiment(**{**given, **changes}), report=events.append, should_stop=should_stop)
    (card,) = [card for card in read_cards(lab) if card["id"] == run_id]
    return run_id, card, events


@pytest.fixture(scope="module")
def on_mnist(lab):
    return run(lab)


def files(run_id):
    return sorted(path.suffix for path in models.models_dir().glob(f"{run_id}.*"))


def test_a_run_on_mnist_is_described(on_mnist):
    run_id, card, _ = on_mnist
    assert {key: card[key] for key in ("id", "name", "method", "start_from", "parameters", "stopped")} == {
        "id": run_id,
        "name": "A run",
        "method": "dense",
        "start_from": None,
        "parameters": 785 * 16 + 17 * 10,
        "stopped": False,
    }
    x_train, y_train = (array[:-VALIDATION_SIZE] for array in load_train())
    version = data_version(*take_share(x_train, y_train, TINY))
    assert card["train"] == {"data": "mnist", "batch_ids": [], "n": 550, "version": version}
    assert (card["human_seconds"], card["drawings"]) == (0.0, 0)
    assert Settings(**{**card["settings"], "hidden_units": tuple(card["settings"]["hidden_units"])}) == TINY
    assert len(card["history"]) == 1
    assert 0 < card["history"][0]["seconds"] <= card["training_seconds"]
    assert {"python", "numpy", "tensorflow", "keras"} <= set(card["versions"])
    assert "own" not in card["tests"]
    assert json.loads(json.dumps(card, allow_nan=False)) == card


def test_its_test_is_that_of_its_saved_model(on_mnist):
    run_id, card, _ = on_mnist
    x_test, y_test = load_test()
    predictions = models.load(run_id)(x_test).numpy().argmax(axis=1)
    test = card["tests"]["mnist"]
    assert test["n"] == 10_000
    assert test["accuracy"] == pytest.approx((predictions == y_test).mean(), abs=0.0005)
    assert test["low"] < test["accuracy"] < test["high"]
    for mistake in test["mistakes"]:
        assert y_test[mistake["index"]] == mistake["label"] != mistake["prediction"]


def test_its_files_are_complete(on_mnist):
    run_id, card, _ = on_mnist
    assert files(run_id) == [".json", ".keras", ".tflite"]
    kept = models.load_card(run_id)
    assert {**kept, "created_at": card["created_at"]} == card
    images = load_test()[0][:100]
    keras_says = models.load(run_id)(images).numpy().argmax(axis=1)
    assert np.array_equal(Predictor(models.load_tflite(run_id), run_id).predict(images).argmax(axis=1), keras_says)


def test_what_it_reported(on_mnist):
    _, card, events = on_mnist
    assert [event["stage"] for event in events if "stage" in event] == [
        "Loading the data",
        "Varying the digits",
        "Building the network",
        "Training",
        "Testing",
    ]
    assert [event["epoch"] for event in events if "epoch" in event] == card["history"]
    progress = [event for event in events if "progress" in event]
    assert progress
    assert all(0 < event["progress"] <= 1 and event["seconds_left"] >= 0 for event in progress)
    assert all(json.dumps(event, allow_nan=False) for event in events)


def test_the_same_experiment_gives_the_same_model(lab, on_mnist):
    run_id, card, _ = run(lab)
    assert run_id != on_mnist[0]
    assert card["train"] == on_mnist[1]["train"]
    assert card["tests"] == on_mnist[1]["tests"]
    assert run(lab, settings=Settings(**{**vars(TINY), "seed": 4}))[1]["tests"] != card["tests"]


@pytest.mark.parametrize(
    ("kinds", "method", "n"), [(["one"], "one", 10), (["full"], "full", 10), (["one", "full"], "full", 20)]
)
def test_from_scratch_on_drawings(lab, batches, kinds, method, n):
    ids = tuple(batches[kind] for kind in kinds)
    settings = Settings(hidden_units=(32,), epochs=40, batch_size=16, learning_rate=0.003)
    run_id, card, _ = run(lab, batch_ids=ids, test_batch_ids=(batches["test"],), settings=settings)
    assert run_id.startswith(method)
    assert (card["method"], card["drawings"], card["human_seconds"]) == (method, n, 1.25 * n)
    version = read_dataset(lab, ids).version
    assert card["train"] == {"data": "drawings", "batch_ids": list(ids), "version": version, "n": n}
    assert card["history"][-1]["accuracy"] == 1.0
    assert card["history"][-1]["seen"] == n
    own = card["tests"]["own"]
    assert (own["n"], own["version"]) == (10, read_dataset(lab, [batches["test"]]).version)
    assert own["accuracy"] > 0.1
    assert card["tests"]["mnist"]["n"] == 10_000
    assert files(run_id) == [".json", ".keras", ".tflite"]


def test_starting_from_a_saved_run(lab, batches, on_mnist):
    settings = Settings(hidden_units=(16,), epochs=3, batch_size=16)
    _, scratch, _ = run(lab, batch_ids=(batches["one"],), settings=settings)
    run_id, card, _ = run(lab, batch_ids=(batches["one"],), settings=settings, start_from=on_mnist[0])
    assert (card["method"], card["start_from"], card["parameters"]) == ("one", on_mnist[0], on_mnist[1]["parameters"])
    assert card["tests"]["mnist"]["accuracy"] > scratch["tests"]["mnist"]["accuracy"] + 0.1
    assert card["history"][0]["loss"] < scratch["history"][0]["loss"]
    # What it started from is still what it was.
    assert models.load_card(on_mnist[0])["tests"] == on_mnist[1]["tests"]
    assert not np.array_equal(models.load(run_id).get_weights()[0], models.load(on_mnist[0]).get_weights()[0])


def test_an_own_test_set_needs_a_test_batch_with_drawings(lab, batches):
    empty = start_batch(lab, add_writer(lab, "Ana"), "test", [1], 0)
    for ids in ((), (empty,), (99,), (batches["full"],)):
        assert "own" not in run(lab, batch_ids=(batches["one"],), test_batch_ids=ids)[1]["tests"]


@pytest.mark.parametrize("calls", [1, 3])
def test_stopped_in_the_only_epoch(lab, calls):
    asked = iter(range(100))
    settings = Settings(hidden_units=(16,), epochs=1, batch_size=16, train_share=0.1)
    _, card, _ = run(lab, settings=settings, should_stop=lambda: next(asked) + 1 == calls)
    assert card["stopped"] is True
    assert card["history"][0]["seen"] == calls * 50 * 16 < card["train"]["n"]


def test_stopped_after_some_epochs(lab):
    asked = iter(range(1000))
    settings = Settings(hidden_units=(16,), epochs=50, batch_size=512, train_share=0.01)
    run_id, card, _ = run(lab, settings=settings, should_stop=lambda: next(asked) == 5)
    assert card["stopped"] is True
    assert len(card["history"]) < 50
    assert files(run_id) == [".json", ".keras", ".tflite"]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"batch_ids": ("test",)}, ValueError, "test batches or no longer there.*never trained on"),
        ({"batch_ids": ("one", "test")}, ValueError, "never trained on"),
        ({"batch_ids": (99,)}, ValueError, r"batches \[99\]"),
        ({"batch_ids": ("empty",)}, ValueError, "Draw some digits first"),
        ({"start_from": "dense-gone"}, ModelError, "dense-gone.keras is missing"),
        ({"start_from": "../../etc/passwd"}, ValueError, "model id of small letters"),
        ({"start_from": "damaged"}, ModelError, "damaged.keras is damaged"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(lab, batches, changes, error, message):
    folder = models.models_dir()
    folder.mkdir(exist_ok=True)
    (folder / "damaged.keras").write_bytes(b"PK\x03\x04 no more")
    before = sorted(folder.iterdir()), lab.version()
    if "batch_ids" in changes:
        changes = {"batch_ids": tuple(batches.get(kind, kind) for kind in changes["batch_ids"])}
        before = sorted(folder.iterdir()), lab.version()
    with pytest.raises(error, match=message):
        run(lab, **changes)
    assert (sorted(folder.iterdir()), lab.version()) == before


def test_the_share_is_chosen_by_the_seed():
    images, labels = (array[:1000] for array in load_train())
    half = take_share(images, labels, Settings(train_share=0.5, seed=1))
    assert [len(part) for part in half] == [500, 500]
    again, other = (take_share(images, labels, Settings(train_share=0.5, seed=seed)) for seed in (1, 2))
    assert data_version(*again) == data_version(*half) != data_version(*other)
    whole = {(image.tobytes(), label) for image, label in zip(images, labels, strict=True)}
    assert {(image.tobytes(), label) for image, label in zip(*half, strict=True)} < whole
    assert len({image.tobytes() for image in half[0]}) == 500
    assert take_share(images, labels, Settings())[0] is images
    assert len(take_share(images[:3], labels[:3], Settings(train_share=0.01))[0]) == 1


def test_ids_of_runs_are_ids_of_models():
    ids = [new_run_id(method) for method in METHODS for _ in range(50)]
    assert len(set(ids)) == len(ids)
    for run_id in ids:
        with pytest.raises(ModelError, match="missing"):
            models.load_card(run_id)


def test_guessing():
    card = guess(7)
    assert card == guess(7)
    assert card["tests"] != guess(8)["tests"]
    test = card["tests"]["mnist"]
    assert test["n"] == 10_000
    assert 0.08 < test["accuracy"] < 0.12
    assert json.loads(json.dumps(card)) == card


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """The first 300 and 80 digits of MNIST as a data set of its own."""
    for split, (images, labels), n in (("train", load_train(), 300), ("t10k", load_test(), 80)):
        for kind, array in (("images-idx3", images[:n]), ("labels-idx1", labels[:n])):
            header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
            (tmp_path / f"{split}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes(), 1))
    monkeypatch.setenv("DIGITLAB_MNIST_DIR", str(tmp_path))


def test_references_are_measured_and_stored(small_data, tmp_path):
    url, events = f"sqlite:///{tmp_path / 'digitlab.db'}", []
    ids = measure_references(url, report=events.append, should_stop=lambda: False)
    with closing(Store(url)) as store:
        cards = {card["id"]: card for card in read_cards(store)}
    assert set(cards) == set(ids)
    accuracy = {card["method"]: card["tests"]["mnist"]["accuracy"] for card in cards.values()}
    assert accuracy["most_frequent"] < 0.3 < accuracy["nearest_mean"]
    assert accuracy["nearest_neighbour"] > 0.5
    assert all(card["tests"]["mnist"]["n"] == 80 and card["train"]["n"] == 300 for card in cards.values())
    assert all(card["method"] in METHODS for card in cards.values())
    progress = [event["progress"] for event in events if "progress" in event]
    assert progress == sorted(progress)
    assert progress[-1] == 1


def test_references_can_be_stopped(small_data, tmp_path):
    url, asked = f"sqlite:///{tmp_path / 'digitlab.db'}", iter(range(10))
    ids = measure_references(url, report=lambda event: None, should_stop=lambda: next(asked) == 1)
    with closing(Store(url)) as store:
        assert [card["id"] for card in read_cards(store)] == ids
    assert len(ids) == 1


def test_a_data_set_too_small_to_train_on_is_told(small_data, lab, batches):
    with pytest.raises(ValueError, match="more than 5000 training digits. Received: 300.*DIGITLAB_MNIST_DIR"):
        run(lab)
    _, card, _ = run(lab, batch_ids=(batches["one"],))  # they are enough to validate on
    assert card["tests"]["mnist"]["n"] == 80


def test_mnist_joins_in_by_its_share_and_never_with_its_validation_digits():
    images, labels = np.zeros((30, 28, 28), np.uint8), np.zeros(30, np.int64)
    x_train, y_train = load_train()
    x_train = np.arange(len(y_train), dtype=np.uint32).view(np.uint8).reshape(-1, 4)  # each shows its own place
    x_train = np.pad(x_train[:, :, None], ((0, 0), (0, 24), (0, 27)))
    joined, of_joined = training_data.join_mnist(images, labels, x_train, y_train, Settings(mnist_share=0.4))
    assert len(joined) == len(of_joined) == 50
    places = joined[30:, :4, 0].copy().view(np.uint32).ravel()
    assert len(set(places)) == 20
    assert places.max() < len(y_train) - VALIDATION_SIZE
    assert (of_joined[30:] == y_train[places]).all()
    few = training_data.join_mnist(images, labels, x_train[:5010], y_train[:5010], Settings(mnist_share=0.9))
    assert len(few[0]) == 40, "all there are"


@pytest.mark.slow
def test_after_warming_up_the_first_training_has_nothing_left_to_compile(lab, batches):
    def compiled():
        return [made.cache_info().misses for made in (compiled_steps._steps, compiled_steps._front, models._template)]

    for part in range(experiment.WARM_UPS):
        experiment.warm_up(part, report=lambda event: None, should_stop=lambda: False)
    before = compiled()
    run(lab, batch_ids=(batches["one"],), settings=replace(defaults(10), epochs=1, copies=1))
    run(lab, settings=replace(Settings(), epochs=1, train_share=0.01))
    assert compiled() == before
    run(lab, settings=replace(TINY, hidden_units=(9,)))
    assert compiled() != before
