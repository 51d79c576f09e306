"""What was found inside networks, kept by run and digit: what is shown again is not computed again."""

import os
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from digitlab import mnist
from digitlab.digits import Images, Labels
from digitlab.learning import training_data
from digitlab.learning.evaluation import Predictor
from digitlab.learning.inside import breaking, occlusion
from digitlab.learning.inside.breaking import Limit
from digitlab.learning.inside.known_digits import KnownDigits, load
from digitlab.learning.inside.likeness import blur
from digitlab.learning.inside.open_network import OpenNetwork
from digitlab.learning.inside.specimen import Specimen
from digitlab.learning.model_files import ModelError
from digitlab.run import Run
from digitlab.storage.datasets import read_digits
from digitlab.storage.store import default_url
from digitlab.storage.versions import batches_version
from digitlab.ui import resources

TEST_DIGITS = 2000  # of MNIST's, at which units are looked at
MNIST_DIGITS = 20_000  # of its training digits, among which the nearest are looked for


def effect(run: Run, specimen: Specimen, answer: int) -> npt.NDArray[np.float32]:
    """Return what each part of a digit did for an answer, as `occlusion.occlude`; not to be changed."""
    return _effect(_key(run), specimen.version, answer, resources.predictor(run.id), specimen)


def limits(run: Run, specimen: Specimen, *, preprocessing: bool) -> list[Limit]:
    """Return how far a digit can be changed, as `breaking.find_limits`; not to be changed."""
    return _limits(_key(run), specimen.version, preprocessing, resources.predictor(run.id), specimen)


def test_probabilities(run: Run) -> npt.NDArray[np.float32]:
    """Return what a network reads of the first of MNIST's test digits, float32 (2000, 10); not to be changed."""
    return _test_probabilities(_data_set(), _key(run), resources.predictor(run.id))


def units_at_test_digits(run: Run) -> tuple[npt.NDArray[np.float32], ...]:
    """Return how strongly the units of each hidden layer fire at these digits, float32 (2000, units) each."""
    return _units_at_test_digits(_data_set(), _key(run), resources.open_network(run.id))


def training_digits(run: Run) -> tuple[Images, Labels, npt.NDArray[np.float32]]:
    """Return digits that a run was trained on, their labels, and the digits blurred; not to be changed.

    They are its drawings; where there are none, the first 20,000 of MNIST's digits that it was given.

    Raises:
        ValueError: If its drawings are gone.
    """
    batch_ids = run.train.batch_ids if run.train else ()
    if batch_ids:
        return _drawings(default_url(), batches_version(resources.store(), batch_ids), batch_ids)
    return _mnist_digits(_data_set(), _key(run), run)


@st.cache_resource(show_spinner=False)
def known_digits() -> KnownDigits:
    """Return what tells that a drawing is no digit.

    Raises:
        ModelError: If its file is missing or damaged.
    """
    return load()


def far_from_all_digits(digit: Images, run: Run | None) -> bool:
    """Return whether a drawing is like no digit: far from MNIST's, and from the drawings a run was trained on.

    Where another data set takes MNIST's place nothing is known of what is far from it; neither where the file that
    tells it cannot be read, as `known_digits` says.
    """
    if mnist.is_another():
        return False
    drawings = None
    if run and run.train and run.train.batch_ids:
        try:
            drawings = training_digits(run)[2]
        except ValueError:  # they were erased
            drawings = None
    try:
        return bool(known_digits().are_far(digit[None], drawings)[0])
    except ModelError:
        return False


def _key(run: Run) -> str:
    """Tell runs apart, also those of several databases in one process."""
    return f"{default_url()} {run.id}"


def _data_set() -> str | None:
    return os.environ.get("DIGITLAB_MNIST_DIR")


@st.cache_resource(show_spinner=False, max_entries=50)
def _effect(run: str, version: str, answer: int, _predictor: Predictor, _specimen: Specimen) -> npt.NDArray[np.float32]:
    return occlusion.occlude(_predictor, _specimen.digit, answer)


@st.cache_resource(show_spinner=False, max_entries=50)
def _limits(
    run: str, version: str, preprocessing: bool, _predictor: Predictor, _specimen: Specimen  # noqa: FBT001
) -> list[Limit]:  # fmt: skip
    return breaking.find_limits(_predictor, _specimen, preprocessing=preprocessing)


@st.cache_resource(show_spinner=False, max_entries=20)
def _test_probabilities(data_set: str | None, run: str, _predictor: Predictor) -> npt.NDArray[np.float32]:
    return _predictor.predict(resources.test_digits()[0][:TEST_DIGITS])


@st.cache_resource(show_spinner=False, max_entries=5)  # up to 25 MB each
def _units_at_test_digits(data_set: str | None, run: str, _network: OpenNetwork) -> tuple[npt.NDArray[np.float32], ...]:
    return _network.look(resources.test_digits()[0][:TEST_DIGITS]).hidden


@st.cache_resource(show_spinner=False, max_entries=5)
def _drawings(url: str, version: str, batch_ids: tuple[int, ...]) -> tuple[Images, Labels, npt.NDArray[np.float32]]:
    drawn = read_digits(resources.store(), batch_ids)
    return drawn.images, drawn.labels, blur(drawn.images)


@st.cache_resource(show_spinner=False, max_entries=1)  # 32 MB
def _mnist_digits(data_set: str | None, run: str, _run: Run) -> tuple[Images, Labels, npt.NDArray[np.float32]]:
    x_train, y_train = mnist.read_train()
    if _run.settings:
        as_they_are = replace(_run.settings, forms=False)  # drawing parts onto 55,000 digits takes seconds
        taken = training_data.take_mnist(x_train, y_train, as_they_are)
        x_train, y_train = taken.images, taken.labels
    images, labels = x_train[:MNIST_DIGITS].copy(), np.asarray(y_train[:MNIST_DIGITS])
    return images, labels, blur(images)
