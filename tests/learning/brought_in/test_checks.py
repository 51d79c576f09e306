"""Before the file of a model is opened: what is none, is damaged or may do harm is refused, and says what to do."""

import pickle
import tracemalloc

import h5py
import numpy as np
import pytest

from digitlab.learning import model_files
from digitlab.learning.brought_in.checks import _OURS, MOST_BYTES, check
from digitlab.learning.model_files import REFERENCE, ModelError
from tests.learning.brought_in.keras_files import LAYER, described, keras_file, weights, zipped

TFLITE = model_files.load_file(REFERENCE, "tflite")


def test_our_layers_may_come_in():
    from digitlab.learning import layers

    assert {f"digitlab>{name}" for name in layers.__all__} == _OURS


def layer(class_name="Dense", module="keras.layers", registered=None, **config):
    return {"module": module, "class_name": class_name, "config": config, "registered_name": registered}


def elsewhere(file):
    file["layers"] = h5py.ExternalLink("/etc/hostname", "/")


def in_a_raw_file(file):
    file.create_dataset("vars", (100,), "u1", external=[("/etc/passwd", 0, 100)])


def virtual(file):
    layout = h5py.VirtualLayout((5,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (5,))
    file.create_virtual_dataset("vars", layout)


def huge(file):
    file.create_dataset("vars", (10**6, 10**6), "f4", chunks=(1000, 1000))


def texts(file):
    file.create_dataset("vars", data=["a", "b"], dtype=h5py.string_dtype())


def in_a_circle(file):
    file.create_group("layers")["again"] = file["/"]


def test_models_of_others_and_of_ours_may_be_opened():
    assert check("mine.keras", keras_file()).kind == "keras"
    assert check("MINE.TFLITE", TFLITE).kind == "tflite"
    ours = model_files.load_file(REFERENCE, "keras")
    assert check("reference.keras", ours).content == ours
    assert check("a.keras", keras_file(h5=weights(in_a_circle))).kind == "keras"
    custom_loss = {**described(LAYER), "compile_config": {"loss": layer("my_loss", "__main__")}}
    assert check("mine.keras", keras_file(custom_loss)).kind == "keras"


def test_a_model_may_lie_in_the_zip_in_which_it_leaves():
    for name, content in (("model.keras", keras_file()), ("a/model.tflite", TFLITE)):
        found = check("mine.zip", zipped({"README.md": "a card", name: content}))
        assert found.content == content
        assert found.version == check(name, content).version


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.keras", b"", "is empty"),
        ("a.keras", b"no model at all", "cut off or damaged"),
        ("a.txt", b"no model at all", "is no model. Expected a .keras or a .tflite"),
        ("a.keras", keras_file()[:300], "cut off or damaged"),
        ("a.keras", keras_file()[:-30], "cut off or damaged"),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(99), "earlier Keras. Load it there and save it as .keras"),
        ("a.keras", pickle.dumps([1]), "is a pickle"),
        ("a.pt", zipped({"archive/data.pkl": "x", "archive/data/0": "x"}), "PyTorch file.*run any program"),
        ("a.zip", zipped({"README.md": "x"}), "no model, or several"),
        ("a.zip", zipped({"a.keras": keras_file(), "b.tflite": TFLITE}), "no model, or several"),
        ("a.zip", zipped({"a.keras": zipped({"b.keras": keras_file()})}), "is no model"),
        ("a.keras", keras_file(**{"../../evil.py": b"x"}), r"Received: '../../evil.py'"),
        ("a.keras", keras_file(**{"assets/x.txt": b"x"}), "Received: 'assets/x.txt'"),
        ("a.keras", keras_file(**{"model.weights.h5": None}), "holds no weights. Save the whole model"),
        ("a.keras", keras_file(**{"config.json": b"{"}), "description in a.keras is damaged"),
        ("a.keras", keras_file(**{"config.json": b"[" * 10**6}), "description in a.keras is damaged"),
        ("a.keras", keras_file(**{"config.json": b"[]"}), "is not that of a model"),
        ("a.keras", keras_file(**{"config.json": b" " * 6_000_000 + b"{}"}), "at most 5 MB"),
        ("a.keras", keras_file(described(layer("Lambda", function="x"))), "has a Lambda layer.*never opened"),
        ("a.keras", keras_file(described(LAYER, {"deep": [[layer("Lambda")]]})), "has a Lambda layer"),
        ("a.keras", keras_file(described({"class_name": "__lambda__", "config": {}})), "__lambda__"),
        ("a.keras", keras_file(described(layer("TFSMLayer", filepath="http://x"))), "has a TFSMLayer"),
        ("a.keras", keras_file(described(layer("system", "os"))), "code of its own: system of os"),
        ("a.keras", keras_file(described(layer("Mine", None, "mine>Mine"))), "code of its own: Mine of None"),
        ("a.keras", keras_file(described(layer("Mine", "kerasx.layers"))), "code of its own: Mine of kerasx"),
        ("a.keras", keras_file(h5=b"no weights"), "weights in a.keras are damaged"),
        ("a.keras", keras_file(h5=weights()[:900]), "weights in a.keras are damaged"),
        ("a.keras", keras_file(h5=weights(elsewhere)), "lie in another file"),
        ("a.keras", keras_file(h5=weights(in_a_raw_file)), "lie in another file"),
        ("a.keras", keras_file(h5=weights(virtual)), "lie in another file"),
        ("a.keras", keras_file(h5=weights(texts)), "are no numbers"),
        ("a.keras", keras_file(h5=weights(huge)), "at most 200 MB in a.keras. Received: more"),
    ],
    # Not by their size: a zip notes the time, hence differs by some bytes from one test process to the next.
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_may_not_be_opened_says_why(name, content, message):
    with pytest.raises(ModelError, match=message):
        check(name, content)


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(ModelError, match="at most 40 MB. Received: a.keras, 40 MB. Save it without its optimizer"):
        check("a.keras", bytes(MOST_BYTES + 1))


def test_a_zip_that_grows_without_end_takes_no_memory():
    zeros = bytes(10**6)
    bomb = keras_file(h5=weights(), **{f"assets/{number}": zeros for number in range(210)})
    assert len(bomb) < 10**6
    tracemalloc.start()
    with pytest.raises(ModelError, match="at most 200 MB, unpacked. Received: a.keras, 210 MB"):
        check("a.keras", bomb)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_whatever_is_damaged_is_refused_or_harmless():
    """A byte here and there; nothing but a plain refusal may come of it."""
    whole, rng = keras_file(), np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 300):
        changed = bytearray(whole)
        changed[place] ^= int(rng.integers(1, 256))
        try:
            assert check("a.keras", bytes(changed)).kind == "keras"
        except ModelError as error:
            assert "a.keras" in str(error)
