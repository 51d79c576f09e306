"""Models leave as files that run where they land: read here by others' readers, where this project is not to be had."""

import functools
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from digitlab import mnist
from digitlab.formats import model_card, model_page, write_model
from digitlab.formats.write_model import FORMS, Wanted
from digitlab.learning import model_files, plain_networks
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import REFERENCE, ModelError
from digitlab.learning.networks import build
from digitlab.settings import Settings
from digitlab.storage.models import ModelFiles
from digitlab.storage.store import Store
from tests.helpers import a_run, add_run

N = 1000
ALONE = """import importlib.util
assert importlib.util.find_spec("digitlab") is None
"""  # what is below cannot import this project


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('models')}/digitlab.db"


@pytest.fixture(scope="module")
def file_of(url):
    """The reference model in a form, written once: `file_of("keras")`."""
    return functools.cache(lambda form: write(form, url))


def write(form, url, model_id=REFERENCE, name="Mine"):
    return write_model.write(Wanted(model_id, form, name, url), report=lambda event: None, should_stop=lambda: False)


def unpack(content, folder):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return (folder / "README.md").read_text()


def follow(card, folder):
    """Run the card's snippet as it stands, in a folder with nothing but the model; returns what it says last."""
    (snippet,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    (folder / "follow.py").write_text(ALONE + snippet)
    done = subprocess.run(
        [sys.executable, "-I", "follow.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    *labels, share = done.stdout.split()
    return list(map(int, labels)), float(share)


@pytest.mark.slow
@pytest.mark.parametrize("form", [form for form in FORMS if form != "html"])
def test_the_snippet_of_the_card_reads_as_the_app_does(file_of, form, tmp_path):
    if form not in write_model.on_offer():
        pytest.skip("requirements-onnx.txt is not installed")
    card = unpack(file_of(form), tmp_path)
    with np.load(tmp_path / "examples.npz") as examples:
        assert len(examples["images"]) == write_model.EXAMPLES
        assert np.array_equal(examples["images"], mnist.load_test()[0][: write_model.EXAMPLES])
    images = mnist.load_test()[0][-N // 2 :]
    labels = Predictor(model_files.load_tflite(REFERENCE), REFERENCE).predict(images).argmax(axis=1)
    both = [images, images / 255]  # half of them as many have them, 0 to 1
    np.savez(tmp_path / "examples.npz", images=np.concatenate(both), labels=np.concatenate([labels, labels]))
    read, share = follow(card, tmp_path)
    assert len(read) == N
    assert share == 1.0 if form != "tflite-int8" else share > 0.99


@pytest.mark.slow
def test_the_card_tells_what_the_file_loses(file_of, tmp_path):
    x_test, y_test = mnist.load_test()
    card = unpack(file_of("tflite-int8"), tmp_path)
    content = (tmp_path / "model.tflite").read_bytes()
    read = Predictor(content, "mine").predict(x_test).argmax(axis=1)
    in_app = Predictor(model_files.load_tflite(REFERENCE), REFERENCE).predict(x_test).argmax(axis=1)
    right, app_right = int((read == y_test).sum()), int((in_app == y_test).sum())
    assert f"reads {right:,} right ({right / 100:.2f}" in card
    assert f"an accuracy lost of {(app_right - right) / 100:.2f} points" in card
    assert f"the same label for {(read == in_app).sum():,} of them" in card
    assert app_right - right < 50
    assert len(content) < len(model_files.load_tflite(REFERENCE)) / 2
    assert hashlib.sha256(content).hexdigest() in card


def test_the_card_tells_no_more_of_half_precision_than_is_known():
    """Where the processor has no instructions for it the same settings train in 32 bits."""
    run = a_run("dense-1", "dense")
    assert "precision" not in dict(model_card.facts(run))["Training"]
    run = replace(run, settings=replace(run.settings, half_precision=True, vary_anew=0.2))
    training = dict(model_card.facts(run))["Training"]
    assert "strength 0.2; in half precision if the processor could; seed 0" in training


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        Settings(hidden_units=()),
        Settings(hidden_units=(24, 16), activation="gelu", dropout=0.3, straighten=True),
        Settings(hidden_units=(16,), network="cnn", straighten=True, directions=True, dropout=0.3),
        Settings(hidden_units=(16,), network="lenet", half_precision=True),
    ],
    ids=["plain", "straightened", "cnn", "lenet"],
)
def test_other_networks_answer_as_in_the_app(settings):
    model = build(settings)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.1, weights.shape) for weights in model.get_weights()])
    before = model.get_weights()
    images = np.concatenate([mnist.load_test()[0][:300], np.zeros((1, 28, 28), np.uint8)])
    expected = Predictor(model_files.as_tflite(model), "mine").predict(images)
    plain = plain_networks.to_plain(model)
    for given in (images, images / 255):
        read = np.asarray(plain(given.astype(np.float32)))
        assert np.abs(read - expected).max() < 1e-3
    assert np.array_equal(plain_networks.read(plain_networks.as_keras(plain), images), expected.argmax(axis=1))
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.slow  # it loads TensorFlow
def test_no_layer_in_front_is_left_out():
    """Also one that the conversion has never heard of."""
    import keras

    shape, layers = keras.Input((28, 28)), build(Settings(hidden_units=())).layers[1:]
    front = keras.Sequential([shape, keras.layers.Rescaling(1 / 255), keras.layers.ReLU(threshold=0.5)], name="front")
    model = keras.Sequential([shape, front, *layers])
    images = mnist.load_test()[0][:20].astype(np.float32)
    expected = np.asarray(keras.ops.softmax(model(images)))
    assert np.abs(np.asarray(plain_networks.to_plain(model)(images)) - expected).max() < 1e-5


def test_a_page_is_one_file_that_asks_nothing_outside(url):
    page = write("html", url).decode()
    assert len(page.encode()) < model_page.MOST_BYTES
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|src=|@import|url\(", page.replace('src "', ""))
    assert "MNIST&#x27;s test digits" in page
    assert "of 10,000 read right" in page


def test_a_name_cannot_become_a_part_of_the_page(url):
    page = write("html", url, name="</script><img src=x onerror=alert(1)>").decode()
    assert "<img" not in page
    assert "&lt;/script&gt;&lt;img src=x" in page


def test_why_a_network_cannot_be_a_page_is_known_before_it_is_written():
    run = a_run("dense-1")
    assert model_page.why_not(run) == ""
    assert "3,000,000 parameters" in model_page.why_not(replace(run, parameters=3_000_000))
    assert "Take it as TensorFlow Lite" in model_page.why_not(replace(run, settings=Settings(network="cnn")))
    assert model_page.why_not(replace(run, parameters=480_000)) == ""


@pytest.fixture(scope="module")
def others(url):
    """Runs whose networks do not leave as a page; their files are not read for that."""
    store = Store(url)
    for run_id, settings in (("cnn", Settings(network="cnn")), ("wide", Settings(hidden_units=(1024, 1024)))):
        files = ModelFiles(b"-", model_files.as_tflite(build(settings)))
        add_run(store, replace(a_run(run_id), settings=settings), files)
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model_id", "message"),
    [
        ("cnn", "computes dense layers alone. Take it as TensorFlow Lite"),
        ("wide", "Choose one with fewer hidden units"),
    ],
)
def test_what_cannot_be_a_page_says_why(others, url, model_id, message):
    with pytest.raises(ValueError, match=message):
        write("html", url, model_id)


def test_an_unknown_form_or_run_is_refused(url):
    with pytest.raises(ValueError, match="a form among html, keras, tflite, tflite-int8, onnx. Received: 'pickle'"):
        write("pickle", url)
    with pytest.raises(ModelError, match="nobody is missing"):
        write("keras", url, "nobody")


def test_without_its_packages_onnx_is_not_on_offer(url, monkeypatch):
    monkeypatch.setattr(write_model, "find_spec", lambda package: None)
    assert write_model.on_offer() == ["html", "keras", "tflite", "tflite-int8"]
    with pytest.raises(ValueError, match="pip install -r requirements-onnx.txt"):
        write("onnx", url)
