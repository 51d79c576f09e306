import numpy as np
import pytest

from digitlab.learning import models
from digitlab.learning.evaluation import Predictor
from digitlab.learning.models import REFERENCE, ModelError, build, count_parameters
from digitlab.mnist import load_test
from digitlab.settings import NETWORKS

IMAGES = load_test()[0][:20]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory):
    """The three files of a small saved model, as bytes."""
    folder = tmp_path_factory.mktemp("models")
    models.save(build((12,), "tanh", 0.1, 0), "mine", folder)
    models.save_card({"id": "mine", "name": "Mine"}, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def mine(folder, saved_once):
    folder.mkdir()
    for name, content in saved_once.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("hidden_units", [(), (8,), (128,), (64, 32), (16, 8, 8)])
def test_a_network_from_digits_to_logits(hidden_units):
    model = build(hidden_units, "relu", 0.2, 0)
    logits = np.array(model(IMAGES).numpy())
    assert (logits.shape, logits.dtype) == ((20, 10), np.float32)
    assert model.count_params() == count_parameters(hidden_units)
    assert np.abs(logits).max() < 20  # the network scales 0-255 itself
    dense = [layer for layer in model.layers if type(layer).__name__ == "Dense"]
    assert [layer.units for layer in dense] == [*hidden_units, 10]


def test_parameters_without_building():
    assert count_parameters((128,)) == 785 * 128 + 129 * 10


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu"])
def test_activations(activation):
    hidden = [layer for layer in build((8, 8), activation, 0, 0).layers if getattr(layer, "units", None) == 8]
    assert [layer.activation.__name__ for layer in hidden] == [activation, activation]


def test_dropout_only_where_asked_for_and_only_in_training():
    model = build((64, 32), "relu", 0.5, 0)
    assert [layer.rate for layer in model.layers if type(layer).__name__ == "Dropout"] == [0.5, 0.5]
    assert not any(type(layer).__name__ == "Dropout" for layer in build((64,), "relu", 0.0, 0).layers)
    assert np.array_equal(model(IMAGES).numpy(), model(IMAGES).numpy())
    assert not np.array_equal(model(IMAGES, training=True).numpy(), model(IMAGES, training=True).numpy())


def test_the_seed_makes_the_weights():
    one, same, other = (build((8,), "relu", 0.0, seed)(IMAGES).numpy() for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_saved_is_what_was_built(folder):
    model = build((16,), "gelu", 0.3, 3)
    models.save(model, "gelu-3", folder)
    models.save_card({"id": "gelu-3", "accuracy": 0.1 + 0.2}, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["gelu-3.json", "gelu-3.keras", "gelu-3.tflite"]
    assert np.array_equal(models.load("gelu-3")(IMAGES).numpy(), model(IMAGES).numpy())
    assert models.load_card("gelu-3") == {"id": "gelu-3", "accuracy": 0.1 + 0.2}
    logits = model(IMAGES).numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(Predictor(models.load_tflite("gelu-3"), "gelu-3").predict(IMAGES), expected, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("straighten", [False, True])
@pytest.mark.parametrize("hidden_units", [(), (12, 10)])
def test_both_files_hold_the_same_weights(folder, network, straighten, hidden_units):
    """Also those of a second model of the same network, which is not converted anew; biases are no longer zero."""
    for seed in (1, 2):
        model = build(hidden_units, "tanh", 0.2, seed, network=network, straighten=straighten)
        rng = np.random.default_rng(seed)
        model.set_weights([rng.normal(size=weights.shape) / 9 for weights in model.get_weights()])
        models.save(model, "twin", folder)
        logits = models.load("twin")(IMAGES).numpy()
        assert np.array_equal(logits, model(IMAGES).numpy())
        expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert np.allclose(Predictor(models.load_tflite("twin"), "twin").predict(IMAGES), expected, atol=1e-4)


def test_a_description_is_the_same_for_all_that_compute_the_same():
    def described(*args):
        return models.describe(build(*args).layers[1:])

    assert described((8, 8), "relu", 0.2, 1) == described((8, 8), "relu", 0.2, 2)
    different = [((8,), "relu", 0.2, 1), ((8, 8), "relu", 0.2, 1), ((8,), "tanh", 0.2, 1), ((8,), "relu", 0.3, 1)]
    assert len({described(*args) for args in different}) == 4


def test_deleted_are_all_files_of_one_model(mine):
    (mine / "mine-2.json").write_text("{}")
    models.delete("mine")
    assert [path.name for path in mine.iterdir()] == ["mine-2.json"]
    models.delete("mine")  # nothing there: nothing to do
    with pytest.raises(ModelError, match="missing"):
        models.load_card("mine")


def test_the_reference_model_comes_with_the_project_and_stays(folder):
    for _ in range(2):
        assert models.load_card(REFERENCE)["id"] == REFERENCE
        predictor = Predictor(models.load_tflite(REFERENCE), REFERENCE)
        assert (predictor.predict(IMAGES).argmax(axis=1) == load_test()[1][:20]).mean() > 0.8
        models.delete(REFERENCE)
    sizes = [path.stat().st_size for path in models.shipped_dir().glob(f"{REFERENCE}.*")]
    assert len(sizes) == 3
    assert sum(sizes) < 2e6


BAD_IDS = ["../mine", "/etc/passwd", "..", "", "a/b", "a\\b", "Mine", "mine.keras", "-mine", "mine\n", "x" * 41, "mïne"]


@pytest.mark.parametrize("model_id", BAD_IDS)
def test_ids_that_lead_elsewhere_are_refused(mine, model_id):
    message, small = "model id of small letters, digits and hyphens", build((), "relu", 0.0, 0)
    for use in (models.load, models.load_tflite, models.load_card, models.delete):
        with pytest.raises(ValueError, match=message):
            use(model_id)
    with pytest.raises(ValueError, match=message):
        models.save_card({"id": model_id}, mine)
    with pytest.raises(ValueError, match=message):
        models.save(small, model_id, mine)
    assert sorted(path.name for path in mine.iterdir()) == ["mine.json", "mine.keras", "mine.tflite"]


@pytest.mark.parametrize(
    ("load", "ending"), [(models.load, "keras"), (models.load_tflite, "tflite"), (models.load_card, "json")]
)
def test_a_missing_file_is_named_with_a_remedy(folder, load, ending):
    with pytest.raises(ModelError, match="is missing.*Delete this run on the compare page") as error:
        load("gone")
    assert str(folder / f"gone.{ending}") in str(error.value)


def test_what_is_wrong_with_the_reference_model_has_another_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "shipped_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"reference.json is missing. Restore it .*git checkout -- models"):
        models.load_card(REFERENCE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b'{"id": "mine"', "is damaged"),
        (b"\xff\xfe\x00", "is damaged"),
        (b"[1, 2]", "is not the card of mine"),
        (b'"mine"', "is not the card of mine"),
        (b"{}", "is not the card of mine"),
        (b'{"id": "another"}', "is not the card of mine"),
    ],
)
def test_a_damaged_card_is_refused_by_name(mine, content, message):
    (mine / "mine.json").write_bytes(content)
    with pytest.raises(ModelError, match=message) as error:
        models.load_card("mine")
    assert str(mine / "mine.json") in str(error.value)


def test_a_card_that_is_no_json_is_not_written(folder, tmp_path):
    for value in (float("nan"), np.int64(3)):
        with pytest.raises((ValueError, TypeError)):
            models.save_card({"id": "mine", "value": value}, tmp_path)
    assert not (tmp_path / "mine.json").exists()


def test_a_damaged_tflite_is_refused_by_name(mine):
    path = mine / "mine.tflite"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="mine is damaged"):
        Predictor(models.load_tflite("mine"), "mine")


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
def test_a_damaged_keras_file_is_refused_by_name_or_loads(mine):
    path = mine / "mine.keras"
    kinds, refused = list(damaged(path.read_bytes())), 0
    for content in kinds:
        path.write_bytes(content)
        try:
            models.load("mine")
        except ModelError as error:
            refused += 1
            assert str(path) in str(error)
            assert "Delete this run" in str(error)
    assert refused > len(kinds) / 2


def test_a_file_with_code_in_it_is_refused(folder):
    """A Lambda layer carries Python code; it is not run."""
    import keras

    folder.mkdir()
    layers = [keras.layers.Flatten(), keras.layers.Lambda(lambda pixels: pixels + 1), keras.layers.Dense(10)]
    keras.Sequential([keras.Input((28, 28)), *layers]).save(folder / "mine.keras")
    with pytest.raises(ModelError, match="mine.keras is damaged.*[Ll]ambda"):
        models.load("mine")
