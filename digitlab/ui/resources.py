"""What is slow to load and the same for all visitors. A loader that fails shows its message and ends the page."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from digitlab import mnist
from digitlab.digits import Images, Labels
from digitlab.drawing.pictures import montage
from digitlab.jobs.engine import Jobs
from digitlab.learning import baseline_runs, model_files, warm_up
from digitlab.learning.browser_network import pack
from digitlab.learning.evaluation import Predictor, load_predictor
from digitlab.learning.inside.open_network import OpenNetwork
from digitlab.learning.model_files import ModelError
from digitlab.learning.reader import Reader, read_reader
from digitlab.learning.unlabelled import pictures, pile_files
from digitlab.mnist import DataFileError
from digitlab.run import Run
from digitlab.storage.batches import Batch, read_batches
from digitlab.storage.datasets import Overview, read_in_turn, read_overview
from digitlab.storage.runs import read_runs
from digitlab.storage.schema import StoreError
from digitlab.storage.store import Store, default_url
from digitlab.storage.versions import batches_version, runs_version
from digitlab.ui import log, memory, sockets

_IN_A_THUMBNAIL = 20  # drawings


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


def find_alike_pictures() -> None:
    """Have the worker find, once and behind all else, which of the data set's training pictures are alike."""
    with messages():
        _find_alike_pictures(os.environ.get("DIGITLAB_MNIST_DIR"))


def piles(run_id: str) -> list[Images]:
    """Return pictures of each of the ten piles of a run, to look at; not to be changed.

    Raises:
        ModelError: If they are missing or damaged.
    """
    return _piles(default_url(), run_id)


def runs() -> list[Run]:
    """Return all stored runs, oldest first; the list is not to be changed."""
    with messages():
        return _runs(default_url(), runs_version(store()))


def batches() -> list[Batch]:
    """Return all batches, oldest first; the list is not to be changed."""
    with messages():
        return _batches(default_url(), batches_version(store()))


def thumbnail(batch_id: int) -> Images | None:
    """Return the first drawings of a batch as one small picture, uint8 (h, w); None if they are gone."""
    with messages():
        return _thumbnail(default_url(), batches_version(store(), [batch_id]), batch_id)


def overview(batch_ids: tuple[int, ...]) -> Overview:
    """Look at the drawings of these batches; not to be changed."""
    with messages():
        return _overview(default_url(), batches_version(store(), batch_ids), batch_ids)


def predictor(model_id: str) -> Predictor:
    """Return a saved model to predict with.

    Raises:
        ModelError: If its file is missing or damaged.
    """
    return _predictor(default_url(), model_id)


def open_network(model_id: str) -> OpenNetwork:
    """Return a saved network whose layers can be looked at.

    Raises:
        ModelError: If its file is missing or damaged.
    """
    return _open_network(default_url(), model_id)


def browser_network(model_id: str) -> str:
    """Return the dense network of a run as text, to read with in the browser; see `browser_network.pack`.

    Raises:
        ModelError: If a file of the model is missing or damaged.
        ValueError: If its network is not dense, or too large.
    """
    return _browser_network(default_url(), model_id)


def reader(batch_ids: tuple[int, ...]) -> Reader | None:
    """Return what compares with the drawings of these batches as they are now; None if there are none with strokes."""
    with messages():
        return _reader(default_url(), batches_version(store(), batch_ids), batch_ids)


def test_digits() -> tuple[Images, Labels]:
    """Return MNIST's test digits, read-only."""
    with messages():
        return mnist.load_test()


def shipped_accuracy() -> float | None:
    """Return the accuracy on MNIST of the network that comes with the project, 0-1.

    None without it, or with another data set.
    """
    if mnist.is_another():
        return None
    try:
        return model_files.load_card(model_files.REFERENCE).tests["mnist"].accuracy
    except ModelError:
        return None


def guess(seed: int) -> Run:
    """Return the run of a uniform guess."""
    test_digits()  # shows its message if it cannot be read
    return _guess(seed)


@st.cache_resource(show_spinner=False)
def _store(url: str) -> Store:
    log.start()
    sockets.send_at_once()
    memory.give_back()
    return Store(url)


@st.cache_resource(show_spinner=False)
def _jobs() -> Jobs:
    engine = Jobs()
    for part in range(warm_up.PARTS):
        engine.submit(warm_up.warm_up, part, tag="warm-up", gives_way=True)
    return engine


@st.cache_resource(show_spinner=False)
def _find_alike_pictures(data_set: str | None) -> None:
    _jobs().submit(pictures.find_neighbours, tag="neighbours", gives_way=True)


@st.cache_resource(show_spinner=False, max_entries=20)
def _piles(url: str, run_id: str) -> list[Images]:
    return pile_files.load_examples(run_id, _store(url))


@st.cache_resource(show_spinner=False, max_entries=2)
def _runs(url: str, version: str) -> list[Run]:
    return read_runs(_store(url))


@st.cache_resource(show_spinner=False, max_entries=2)
def _batches(url: str, version: str) -> list[Batch]:
    return read_batches(_store(url))


@st.cache_resource(show_spinner=False, max_entries=40)
def _thumbnail(url: str, version: str, batch_id: int) -> Images | None:
    drawn = read_in_turn(_store(url), [batch_id], _IN_A_THUMBNAIL).images
    return montage(drawn, min(10, len(drawn))) if len(drawn) else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _overview(url: str, version: str, batch_ids: tuple[int, ...]) -> Overview:
    return read_overview(_store(url), batch_ids)


@st.cache_resource(show_spinner=False, max_entries=4)
def _reader(url: str, version: str, batch_ids: tuple[int, ...]) -> Reader | None:
    return read_reader(_store(url), batch_ids)


@st.cache_resource(show_spinner=False, max_entries=20)
def _predictor(url: str, model_id: str) -> Predictor:
    return load_predictor(model_id, _store(url))


@st.cache_resource(show_spinner=False, max_entries=5)
def _open_network(url: str, model_id: str) -> OpenNetwork:
    return OpenNetwork(model_files.load_tflite(model_id, _store(url)), model_id)


@st.cache_resource(show_spinner=False, max_entries=20)
def _browser_network(url: str, model_id: str) -> str:
    store = None if model_id == model_files.REFERENCE else _store(url)  # Home's pad reads without a database too
    settings = model_files.load_card(model_id, store).settings
    if settings is None:
        raise ValueError(f"Expected a trained network. Received: {model_id}, which is none.")
    return pack(model_files.load_tflite(model_id, store), settings)


@st.cache_data(show_spinner=False, max_entries=20)
def _guess(seed: int) -> Run:
    return baseline_runs.guess(seed)
