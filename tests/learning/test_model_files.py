from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import REFERENCE, ModelError
from digitlab.learning.networks import build
from digitlab.mnist import load_test
from digitlab.run import to_json
from digitlab.settings import NETWORKS, Settings
from digitlab.storage.runs import delete_runs
from digitlab.storage.store import Store
from tests.helpers import a_run, add_run, put_model

IMAGES = load_test()[0][:20]


@pytest.fixture(scope="module")
def model():
    """A small model."""
    return build(Settings(hidden_units=(12,), activation="gelu", dropout=0.1, seed=3))


@pytest.fixture(scope="module")
def packed(model):
    """Its files."""
    return model_files.pack(model)


@pytest.fixture
def store(tmp_path):
    opened = Store(f"sqlite:///{tmp_path / 'digitlab.db'}")
    yield opened
    opened.close()


@pytest.fixture
def mine(store, packed):
    """A store with a run and its model."""
    add_run(store, a_run("mine"), packed)
    return store


def test_kept_is_what_was_built(store, model, packed):
    add_run(store, a_run("gelu-3", right=0.3), packed)
    assert np.array_equal(model_files.load("gelu-3", store)(IMAGES).numpy(), model(IMAGES).numpy())
    assert replace(model_files.load_card("gelu-3", store), created_at="") == a_run("gelu-3", right=0.3)
    logits = model(IMAGES).numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(
        Predictor(model_files.load_tflite("gelu-3", store), "gelu-3").predict(IMAGES), expected, atol=1e-5
    )


def test_both_files_hold_the_same_weights():
    check_both_files(Settings(hidden_units=(12, 10), straighten=True, directions=True))


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("straighten", [False, True])
@pytest.mark.parametrize("hidden_units", [(), (12, 10)])
def test_both_files_of_each_network_hold_the_same_weights(network, straighten, hidden_units):
    check_both_files(Settings(hidden_units=hidden_units, network=network, straighten=straighten))


def check_both_files(settings):
    """Also those of a second model of the same network, which is not converted anew; biases are no longer zero."""
    for seed in (1, 2):
        model = build(replace(settings, activation="tanh", dropout=0.2, seed=seed))
        rng = np.random.default_rng(seed)
        model.set_weights([rng.normal(size=weights.shape) / 9 for weights in model.get_weights()])
        files = model_files.pack(model)
        logits = model_files.from_keras(files.keras, "twin")(IMAGES).numpy()
        assert np.array_equal(logits, model(IMAGES).numpy())
        expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert np.allclose(Predictor(files.tflite, "twin").predict(IMAGES), expected, atol=1e-4)


def test_a_deleted_run_has_no_model_and_the_others_keep_theirs(mine, packed):
    add_run(mine, a_run("mine-2"), packed)
    delete_runs(mine, ["mine"])
    for load in (model_files.load, model_files.load_tflite, model_files.load_card):
        with pytest.raises(ModelError, match="missing"):
            load("mine", mine)
    assert model_files.load_tflite("mine-2", mine) == packed.tflite


@pytest.mark.parametrize(
    ("start", "kind"),
    [(None, "alone"), ("drawn", "alone"), ("mine", "mnist"), ("reference", "mnist"), ("../x", "mnist")],
)
def test_a_run_of_an_earlier_version_is_read_with_its_kind_of_help(mine, start, kind):
    drawn, further = (a_run(run_id, "one", drawings=10) for run_id in ("drawn", "further"))
    for run in (drawn, replace(further, start_from=start)):
        add_run(mine, replace(run, help=None))
    assert model_files.load_card("further", mine).help == kind
    assert model_files.load_card("mine", mine).help is None


def test_a_model_of_a_run_is_asked_of_a_store():
    for load in (model_files.load, model_files.load_tflite, model_files.load_card):
        with pytest.raises(ValueError, match="Expected a store"):
            load("mine")


def test_the_reference_model_comes_with_the_project():
    assert model_files.load_card(REFERENCE).id == REFERENCE
    predictor = Predictor(model_files.load_tflite(REFERENCE), REFERENCE)
    assert (predictor.predict(IMAGES).argmax(axis=1) == load_test()[1][:20]).mean() > 0.8
    sizes = [path.stat().st_size for path in model_files.shipped_dir().glob(f"{REFERENCE}.*")]
    assert len(sizes) == 3
    assert sum(sizes) < 2e6


def test_the_reference_model_is_made_by_a_run_of_that_name(store, packed, tmp_path, monkeypatch):
    monkeypatch.setattr(model_files, "shipped_dir", lambda: tmp_path / "models")
    (tmp_path / "models").mkdir()
    with pytest.raises(ModelError, match="without it"):
        model_files.save_reference(store)
    add_run(store, a_run(REFERENCE), packed)
    model_files.save_reference(store)
    assert model_files.load_tflite(REFERENCE) == packed.tflite
    assert model_files.load_file(REFERENCE, "keras") == packed.keras
    assert model_files.load_card(REFERENCE).settings == a_run(REFERENCE).settings


@pytest.mark.parametrize("model_id", ["../mine", "/etc/passwd", "", "a/b", "mine\n", "x" * 4000, "mïne", "' OR 1=1 --"])
def test_ids_that_lead_elsewhere_lead_nowhere(mine, model_id):
    """An id may come from a link."""
    for load in (model_files.load, model_files.load_tflite, model_files.load_card):
        with pytest.raises(ModelError, match="missing"):
            load(model_id, mine)


@pytest.mark.parametrize(("load", "ending"), [(model_files.load, "keras"), (model_files.load_tflite, "tflite")])
def test_a_missing_file_is_named_with_a_remedy(mine, load, ending):
    put_model(mine, "mine", None)
    with pytest.raises(ModelError, match=f"mine.{ending} is missing. Delete this run on the compare page"):
        load("mine", mine)
    assert model_files.load_card("mine", mine).model_missing


def test_what_is_wrong_with_the_reference_model_has_another_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(model_files, "shipped_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"reference.json is missing. Restore it .*git checkout -- models"):
        model_files.load_card(REFERENCE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b'{"id": "reference"', "is damaged"),
        (b"\xff\xfe\x00", "is damaged"),
        (b"[1, 2]", "is damaged"),
        (b'"reference"', "is damaged"),
        (b"{}", "is damaged.*missing required field `id`.*git checkout"),
        (to_json(a_run("another")).encode(), "is that of another"),
    ],
)
def test_a_damaged_card_is_refused_by_name(tmp_path, monkeypatch, content, message):
    monkeypatch.setattr(model_files, "shipped_dir", lambda: tmp_path)
    (tmp_path / "reference.json").write_bytes(content)
    with pytest.raises(ModelError, match=f"reference {message}"):
        model_files.load_card(REFERENCE)


def test_a_damaged_tflite_is_refused_by_name(packed):
    with pytest.raises(ModelError, match="mine is damaged"):
        Predictor(packed.tflite[:1000], "mine")


def damaged(content):
    """Some ways in which a .keras file, a zip archive, gets damaged."""
    yield b""
    yield b"not a model"
    for share in (0.1, 0.5, 0.99):
        yield content[: int(share * len(content))]
    rng = np.random.default_rng(0)
    for place in [*range(0, 200, 30), *rng.integers(0, len(content), 7), *range(len(content) - 300, len(content), 30)]:
        changed = bytearray(content)
        changed[place] ^= 0x55
        yield bytes(changed)


@pytest.mark.slow
def test_a_damaged_keras_file_is_refused_by_name_or_loads(packed):
    kinds, refused = list(damaged(packed.keras)), 0
    for content in kinds:
        try:
            model_files.from_keras(content, "mine")
        except ModelError as error:
            refused += 1
            assert "mine.keras is damaged" in str(error)
            assert "Delete this run" in str(error)
    assert refused > len(kinds) / 2


def test_a_file_with_code_in_it_is_refused(tmp_path):
    """A Lambda layer carries Python code; it is not run."""
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Lambda(lambda pixels: pixels + 1), keras.layers.Dense(10)]
    keras.Sequential([keras.Input((28, 28)), *layers]).save(tmp_path / "mine.keras")
    with pytest.raises(ModelError, match="mine.keras is damaged.*[Ll]ambda"):
        model_files.from_keras((tmp_path / "mine.keras").read_bytes(), "mine")
