"""What is slow to load and the same for all visitors. A loader that fails shows its message and ends the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import streamlit as st

from digitlab import experiment, mnist, models
from digitlab.evaluation import Predictor
from digitlab.jobs import Jobs
from digitlab.mnist import DataFileError
from digitlab.models import ModelError
from digitlab.schema import StoreError
from digitlab.store import Store, default_url


@contextmanager
def messages() -> Iterator[None]:
    """Show what went wrong with a file, the database or an input as a message, and end the page there."""
    try:
        yield
    except (StoreError, DataFileError, ModelError, ConnectionError, ValueError) as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def store() -> Store:
    """Return the one store of this process."""
    with messages():
        return _store(default_url())


def jobs() -> Jobs:
    """Return the one job engine of this process; its worker warms up as soon as it is first asked for."""
    with messages():
        return _jobs()


def runs() -> list[dict]:
    """Return the cards of all stored runs, oldest first; not to be changed."""
    with messages():
        return _runs(default_url(), store().version())


def predictor(model_id: str) -> Predictor:
    """Return a saved model to predict with.

    Raises:
        ModelError: If its file is missing or damaged.
    """
    return _predictor(str(models.models_dir()), model_id)


def test_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's test digits, read-only."""
    with messages():
        return mnist.load_test()


def guess(seed: int) -> dict:
    """Return the card of a uniform guess."""
    test_digits()  # shows its message if it cannot be read
    return _guess(seed)


@st.cache_resource(show_spinner=False)
def _store(url: str) -> Store:
    return Store(url)


@st.cache_resource(show_spinner=False)
def _jobs() -> Jobs:
    engine = Jobs()
    for part in range(experiment.WARM_UPS):
        engine.submit(experiment.warm_up, part, tag="warm-up", gives_way=True)
    return engine


@st.cache_resource(show_spinner=False, max_entries=2)
def _runs(url: str, version: int) -> list[dict]:
    return _store(url).runs()


@st.cache_resource(show_spinner=False, max_entries=20)
def _predictor(folder: str, model_id: str) -> Predictor:
    return Predictor(models.load_tflite(model_id), model_id)


@st.cache_data(show_spinner=False, max_entries=20)
def _guess(seed: int) -> dict:
    return experiment.guess(seed)
