"""Models out: a run's model in a form of the field, with a card, or as one page.

All but the page is written with TensorFlow: by a worker.
"""

import hashlib
import io
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from digitlab import mnist
from digitlab.formats import model_card, model_page
from digitlab.learning import model_files, plain_networks
from digitlab.learning.evaluation import Predictor
from digitlab.storage.store import Store

EXAMPLES = 100  # digits that come with a model
_AGREE = 'print((labels == examples["labels"]).mean())  # the share that is read as the app reads it'
_WITH_KERAS = f"""import keras
import numpy as np

model = keras.saving.load_model("model.keras")
examples = np.load("examples.npz")
labels = model.predict(examples["images"], verbose=0).argmax(axis=1)
print(*labels)
{_AGREE}"""
_WITH_TFLITE = f"""import numpy as np
from ai_edge_litert.interpreter import Interpreter  # pip install ai-edge-litert

interpreter = Interpreter("model.tflite")
given, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
examples = np.load("examples.npz")
interpreter.resize_tensor_input(given, examples["images"].shape)
interpreter.allocate_tensors()
interpreter.set_tensor(given, examples["images"].astype(np.float32))
interpreter.invoke()
labels = interpreter.get_tensor(answer).argmax(axis=1)
print(*labels)
{_AGREE}"""
_WITH_ONNX = f"""import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
examples = np.load("examples.npz")
(probabilities,) = session.run(None, {{session.get_inputs()[0].name: examples["images"].astype(np.float32)}})
labels = probabilities.argmax(axis=1)
print(*labels)
{_AGREE}"""


@dataclass(frozen=True)
class ModelForm:
    """A form in which a model leaves.

    Attributes:
        title: For the reader.
        ending: Of the file that is downloaded.
        says: What it is good for.
        library: That reads the model, as Hugging Face calls it; empty for a page.
        how_to_read: A snippet for whoever opens it.
    """

    title: str
    ending: str
    says: str
    library: str = ""
    how_to_read: str = ""


FORMS = {
    "html": ModelForm(
        "A page with a pad", "html", "One file to open in any browser, on a phone too, without internet. Write on it."
    ),
    "keras": ModelForm(
        "Keras", "zip", "To read and to train further in Python; no code of this app is needed.", "keras", _WITH_KERAS
    ),
    "tflite": ModelForm(
        "TensorFlow Lite", "zip", "For phones and small computers, as exact as the app.", "tflite", _WITH_TFLITE
    ),
    "tflite-int8": ModelForm(
        "TensorFlow Lite, 8-bit weights",
        "zip",
        "A quarter of the size; the card tells the accuracy lost.",
        "tflite",
        _WITH_TFLITE,
    ),
    "onnx": ModelForm("ONNX", "zip", "For other languages and frameworks.", "onnx", _WITH_ONNX),
}


@dataclass(frozen=True)
class Wanted:
    """A model that somebody wants to take along.

    Attributes:
        model_id: Of its run, or `model_files.REFERENCE`.
        form: A key of `FORMS`.
        name: What its card calls it.
        database_url: Of the store that holds it.
    """

    model_id: str
    form: str
    name: str
    database_url: str = field(repr=False)  # it may hold a password


def on_offer() -> list[str]:
    """Return the keys of the forms that can be written here: ONNX needs packages of its own."""
    there = all(find_spec(package) for package in ("tf2onnx", "onnx", "onnxruntime"))
    return [form for form in FORMS if form != "onnx" or there]


def write(wanted: Wanted, *, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]) -> bytes:
    """Write a model as a file; what a job runs.

    Args:
        wanted: Which model, in which form.
        report: Of jobs; there is nothing to report.
        should_stop: Of jobs; it takes seconds and is not stopped.

    Returns:
        A zip with the model, its card and examples; of the form "html" a page.

    Raises:
        ModelError: If the model is missing or damaged.
        ValueError: If there is no such form, or this network cannot have it.
    """
    if wanted.form not in FORMS:
        raise ValueError(f"Expected a form among {', '.join(FORMS)}. Received: {wanted.form!r:.40}.")
    if wanted.form not in on_offer():
        raise ValueError("ONNX files need packages of their own: pip install -r requirements-onnx.txt")
    with closing(Store(wanted.database_url)) as store:
        run = replace(model_files.load_card(wanted.model_id, store), name=wanted.name)
        tflite = model_files.load_tflite(wanted.model_id, store)
        if wanted.form == "html":
            return model_page.write(run, tflite)
        if run.settings is None:
            raise ValueError(f"Expected a network that was trained here. Received: {run.id}, which was not.")
        model = model_files.load(wanted.model_id, store)
    plain = plain_networks.to_plain(model)
    x_test, y_test = mnist.load_test()
    in_app = Predictor(tflite, run.id).predict(x_test).argmax(axis=1)
    form = FORMS[wanted.form]
    if form.library == "keras":
        content = plain_networks.as_keras(plain)
        read = plain_networks.read(content, x_test)
    elif form.library == "onnx":
        content = plain_networks.as_onnx(plain)
        read = plain_networks.read_onnx(content, x_test)
    else:
        content = plain_networks.as_tflite(plain, int8=wanted.form == "tflite-int8")
        read = Predictor(content, run.id).predict(x_test).argmax(axis=1)
    card = model_card.write_card(
        run,
        model_card.AboutFile(
            title=form.title,
            library=form.library,
            how_to_read=form.how_to_read,
            sha256=hashlib.sha256(content).hexdigest(),
            n=len(y_test),
            right=int((read == y_test).sum()),
            app_right=int((in_app == y_test).sum()),
            same=int((read == in_app).sum()),
            examples=EXAMPLES,
        ),
    )
    examples, packed = io.BytesIO(), io.BytesIO()
    np.savez_compressed(examples, images=x_test[:EXAMPLES], labels=in_app[:EXAMPLES])
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"model.{form.library}", content)
        archive.writestr("examples.npz", examples.getvalue())
        archive.writestr("README.md", card)
    return packed.getvalue()
