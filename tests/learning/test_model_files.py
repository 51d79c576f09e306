from dataclasses import replace

import numpy as np
import pytest

from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import REFERENCE, ModelError
from digitlab.learning.networks import build
from digitlab.mnist import load_test
from digitlab.run import RunError, to_json
from digitlab.settings import NETWORKS, Settings
from tests.helpers import a_run

IMAGES = load_test()[0][:20]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory):
    """The three files of a small saved model, as bytes."""
    folder = tmp_path_factory.mktemp("models")
    model_files.save(build(Settings(hidden_units=(12,), activation="tanh", dropout=0.1)), "mine", folder)
    model_files.save_card(a_run("mine"), folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def mine(folder, saved_once):
    folder.mkdir()
    for name, content in saved_once.items():
        (folder / name).write_bytes(content)
    return folder


def test_saved_is_what_was_built(folder):
    model = build(Settings(hidden_units=(16,), activation="gelu", dropout=0.3, seed=3))
    model_files.save(model, "gelu-3", folder)
    model_files.save_card(a_run("gelu-3", right=0.3), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["gelu-3.json", "gelu-3.keras", "gelu-3.tflite"]
    assert np.array_equal(model_files.load("gelu-3")(IMAGES).numpy(), model(IMAGES).numpy())
    assert model_files.load_card("gelu-3") == a_run("gelu-3", right=0.3)
    logits = model(IMAGES).numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(Predictor(model_files.load_tflite("gelu-3"), "gelu-3").predict(IMAGES), expected, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("straighten", [False, True])
@pytest.mark.parametrize("hidden_units", [(), (12, 10)])
def test_both_files_hold_the_same_weights(folder, network, straighten, hidden_units):
    """Also those of a second model of the same network, which is not converted anew; biases are no longer zero."""
    for seed in (1, 2):
        model = build(
            Settings(
                hidden_units=hidden_units,
                activation="tanh",
                dropout=0.2,
                seed=seed,
                network=network,
                straighten=straighten,
            )
        )
        rng = np.random.default_rng(seed)
        model.set_weights([rng.normal(size=weights.shape) / 9 for weights in model.get_weights()])
        model_files.save(model, "twin", folder)
        logits = model_files.load("twin")(IMAGES).numpy()
        assert np.array_equal(logits, model(IMAGES).numpy())
        expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert np.allclose(Predictor(model_files.load_tflite("twin"), "twin").predict(IMAGES), expected, atol=1e-4)


def test_deleted_are_all_files_of_one_model(mine):
    (mine / "mine-2.json").write_text("{}")
    model_files.delete("mine")
    assert [path.name for path in mine.iterdir()] == ["mine-2.json"]
    model_files.delete("mine")  # nothing there: nothing to do
    with pytest.raises(ModelError, match="missing"):
        model_files.load_card("mine")


@pytest.mark.parametrize(
    ("start", "kind"),
    [(None, "alone"), ("drawn", "alone"), ("mine", "mnist"), ("reference", "mnist"), ("../x", "mnist")],
)
def test_a_card_of_an_earlier_version_is_read_with_its_kind_of_help(mine, start, kind):
    drawn, further = (a_run(run_id, "one", drawings=10) for run_id in ("drawn", "further"))
    for run in (drawn, replace(further, start_from=start)):
        model_files.save_card(replace(run, help=None), mine)
    assert model_files.load_card("further").help == kind
    assert model_files.load_card("mine").help is None


def test_the_reference_model_comes_with_the_project_and_stays(folder):
    for _ in range(2):
        assert model_files.load_card(REFERENCE).id == REFERENCE
        predictor = Predictor(model_files.load_tflite(REFERENCE), REFERENCE)
        assert (predictor.predict(IMAGES).argmax(axis=1) == load_test()[1][:20]).mean() > 0.8
        model_files.delete(REFERENCE)
    sizes = [path.stat().st_size for path in model_files.shipped_dir().glob(f"{REFERENCE}.*")]
    assert len(sizes) == 3
    assert sum(sizes) < 2e6


BAD_IDS = ["../mine", "/etc/passwd", "..", "", "a/b", "a\\b", "Mine", "mine.keras", "-mine", "mine\n", "x" * 41, "mïne"]


@pytest.mark.parametrize("model_id", BAD_IDS)
def test_ids_that_lead_elsewhere_are_refused(mine, model_id):
    message, small = "model id of small letters, digits and hyphens", build(Settings(hidden_units=()))
    for use in (model_files.load, model_files.load_tflite, model_files.load_card, model_files.delete):
        with pytest.raises(ValueError, match=message):
            use(model_id)
    with pytest.raises(ValueError, match=message):
        model_files.save_card(a_run(model_id), mine)
    with pytest.raises(ValueError, match=message):
        model_files.save(small, model_id, mine)
    assert sorted(path.name for path in mine.iterdir()) == ["mine.json", "mine.keras", "mine.tflite"]


@pytest.mark.parametrize(
    ("load", "ending"),
    [(model_files.load, "keras"), (model_files.load_tflite, "tflite"), (model_files.load_card, "json")],
)
def test_a_missing_file_is_named_with_a_remedy(folder, load, ending):
    with pytest.raises(ModelError, match="is missing.*Delete this run on the compare page") as error:
        load("gone")
    assert str(folder / f"gone.{ending}") in str(error.value)


def test_what_is_wrong_with_the_reference_model_has_another_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(model_files, "shipped_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"reference.json is missing. Restore it .*git checkout -- models"):
        model_files.load_card(REFERENCE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b'{"id": "mine"', "is damaged"),
        (b"\xff\xfe\x00", "is damaged"),
        (b"[1, 2]", "is damaged"),
        (b'"mine"', "is damaged"),
        (b"{}", "is damaged.*missing required field `id`.*Delete this run"),
        (b'{"id": "another"}', "is damaged"),
        (to_json(a_run("another")).encode(), "is not the card of mine"),
    ],
)
def test_a_damaged_card_is_refused_by_name(mine, content, message):
    (mine / "mine.json").write_bytes(content)
    with pytest.raises(ModelError, match=message) as error:
        model_files.load_card("mine")
    assert str(mine / "mine.json") in str(error.value)


def test_a_run_that_cannot_be_written_as_json_gets_no_card(tmp_path):
    for value in (float("nan"), np.int64(3)):
        with pytest.raises(RunError):
            model_files.save_card(replace(a_run("mine"), human_seconds=value), tmp_path)
    assert not (tmp_path / "mine.json").exists()


def test_a_damaged_tflite_is_refused_by_name(mine):
    path = mine / "mine.tflite"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="mine is damaged"):
        Predictor(model_files.load_tflite("mine"), "mine")


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
            model_files.load("mine")
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
        model_files.load("mine")
