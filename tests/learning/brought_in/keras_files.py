"""`.keras` files written by hand, as others and as bad people write them."""

import io
import json
import zipfile

import h5py
import numpy as np

LAYER = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 10}, "registered_name": None}


def described(*layers):
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}, "registered_name": None}


def weights(fill=lambda file: file.create_dataset("layers/dense/vars/0", data=np.zeros((784, 10), np.float32))):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        fill(file)
    return content.getvalue()


def keras_file(description=None, h5=None, **others):
    """The file; `others` are more of its parts, or other ones in their place, by name."""
    parts = {
        "metadata.json": b"{}",
        "config.json": json.dumps(described(LAYER) if description is None else description),
        "model.weights.h5": weights() if h5 is None else h5,
        **others,
    }
    return zipped({name: content for name, content in parts.items() if content is not None})


def zipped(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()
