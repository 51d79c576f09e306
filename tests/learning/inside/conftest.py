"""What looking inside is tried on: the reference model, and small networks made by hand."""

import pytest

from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.learning.inside.open_network import OpenNetwork


@pytest.fixture(scope="session")
def reference():
    return model_files.load_tflite(model_files.REFERENCE)


@pytest.fixture(scope="session")
def predictor(reference):
    return Predictor(reference, "reference")


@pytest.fixture(scope="session")
def network(reference):
    return OpenNetwork(reference, "reference")
