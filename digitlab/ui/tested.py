"""What each run reads of which digits, as they are stored now: the same for all visitors, and loaded once."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from digitlab import mnist
from digitlab.comparison.cross_table import Predict
from digitlab.comparison.own_tests import Tested, retest_on_own
from digitlab.comparison.runs import unique_names
from digitlab.learning import kept_predictions
from digitlab.learning.evaluation import Predictor, load_predictor
from digitlab.learning.model_files import ModelError
from digitlab.run import Run
from digitlab.storage import digit_sets
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import DigitSet
from digitlab.storage.predictions import Predictions, read_predictions
from digitlab.storage.store import default_url
from digitlab.storage.versions import batches_version, runs_version
from digitlab.ui.resources import batches, guess, messages, runs, store


def sets() -> list[DigitSet]:
    """Return all digits a model can be tested on, as they are stored now; not to be changed."""
    with messages():
        return _sets(default_url(), batches_version(store()))


def predictions(run_id: str, digits: DigitSet) -> npt.NDArray[np.int64] | None:
    """Return the predictions of a run's model for a set, int64 of shape (n,); None if the model cannot be read."""
    try:
        if digits.key == digit_sets.MNIST:
            return _predictions_of_mnist(default_url(), run_id)
        known = _known_predictions(default_url(), run_id)
        kept_predictions.predict_missing(store(), run_id, known, [digits], partial(_load_predictor, run_id))
        return kept_predictions.gather(known, digits)
    except ModelError:
        return None


def predict_all(run_ids: Iterable[str], sets: Sequence[DigitSet]) -> Predict:
    """Let the models of runs predict what they have not seen of sets of drawings.

    Returns:
        What looks the predictions of these runs and sets up, without the database.
    """
    drawn = [digits for digits in sets if digits.key != digit_sets.MNIST]
    read, known = kept_predictions.reader(store()), {}
    for run_id in run_ids:
        of_run = _known_predictions(default_url(), run_id)
        with suppress(ModelError):
            load = partial(_load_predictor, run_id)
            kept_predictions.predict_missing(store(), run_id, of_run, drawn, load, read=read)
            known[run_id] = of_run
    return lambda run_id, digits: kept_predictions.gather(known[run_id], digits) if run_id in known else None


def runs_to_compare() -> list[Run]:
    """Return the run of a random guess and all stored runs, oldest first; the list is not to be changed.

    Their names tell them apart, and the networks among them are tested on the own test digits of today.
    """
    runs_and_guess, drawn = [guess(0), *runs()], batches()
    with messages():
        state = runs_version(store()), batches_version(store())
        return _compared(default_url(), state, runs_and_guess, drawn)


@st.cache_resource(show_spinner=False, max_entries=1)
def _sets(url: str, version: str) -> list[DigitSet]:
    latest = _latest_sets(url)
    latest[:] = digit_sets.digit_sets(store(), tuple(latest))
    return list(latest)


@st.cache_resource(show_spinner=False)
def _latest_sets(url: str) -> list[DigitSet]:
    return []  # filled by `_sets`: who draws changes one writer's sets, the others stay


@st.cache_resource(show_spinner=False, max_entries=100)
def _predictions_of_mnist(url: str, run_id: str) -> npt.NDArray[np.int64]:
    return np.asarray(_load_predictor(run_id).predict(mnist.load_test()[0]).argmax(axis=1), np.int64)


@st.cache_resource(show_spinner=False, max_entries=1000)  # the compare page asks all networks for some batches each
def _known_predictions(url: str, run_id: str) -> Predictions:
    return read_predictions(store(), run_id)  # grows with what is predicted; every batch in it has its version


def _load_predictor(run_id: str) -> Predictor:
    # Not `resources.predictor`: an interpreter that has seen many digits keeps megabytes for each model.
    return load_predictor(run_id, store())


@st.cache_resource(show_spinner=False, max_entries=1)
def _compared(url: str, state: tuple[str, str], _runs: list[Run], _batches: list[Batch]) -> list[Run]:
    sets = _sets(url, state[1])
    return retest_on_own(unique_names(_runs), _batches, sets, predictions, _tested_on_own(url, state[0]))


@st.cache_resource(show_spinner=False, max_entries=1)
def _tested_on_own(url: str, version_of_runs: str) -> Tested:
    return {}  # filled by `_compared`: who draws changes the test digits of one writer, the other results stay
