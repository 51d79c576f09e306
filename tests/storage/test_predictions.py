import numpy as np

from digitlab.storage.predictions import keep_predictions, read_predictions
from digitlab.storage.runs import delete_runs
from tests.helpers import a_run, add_run


def labels(*values):
    return np.array(values, np.uint8)


def kept(store, run_id="full-1"):
    return {
        batch_id: (version, of_batch.tolist())
        for batch_id, (version, of_batch) in read_predictions(store, run_id).items()
    }


def test_what_is_kept_is_read_again_and_newer_takes_its_place(store, three):
    add_run(store, a_run("full-1", "full"))
    keep_predictions(store, "full-1", {1: (5, labels(3, 1)), 2: (6, labels(7))})
    keep_predictions(store, "full-1", {1: (9, labels(4))})
    assert kept(store) == {1: (9, [4]), 2: (6, [7])}
    assert kept(store, "full-2") == {}


def test_of_what_is_gone_nothing_is_kept(store, three):
    keep_predictions(store, "full-1", {1: (5, labels(3, 1))})
    add_run(store, a_run("full-1", "full"))
    keep_predictions(store, "full-1", {99: (5, labels(3, 1))})
    assert kept(store) == {}
    keep_predictions(store, "full-1", {1: (5, labels(3, 1))})
    delete_runs(store, ["full-1"])
    assert kept(store) == {}
