"""Runs, batches and digits that the tests of the cross table, of pairs and of own tests share."""

from dataclasses import replace

import numpy as np

from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import DigitSet
from tests.helpers import a_run

GUESS = a_run("uniform", "uniform", right=0.1, name="Random guess")
DENSE = a_run("dense-1", right=0.97)
ONE = a_run("one-1", "one", right=0.4, minutes=0.5, drawings=10, own=0.6, batch_ids=[1])
FULL = a_run("full-1", "full", right=0.6, minutes=3, drawings=42, batch_ids=[2])
BATCHES = [
    Batch(number, 1, writer, kind, (0, 1), 0, "2026-01-01", 2, 4.0)
    for number, writer, kind in ((1, "ana", "one"), (2, "ana", "full"), (3, "ana", "test"), (4, "ben", "full"))
]


def guessing(run):
    """The run, had it learnt nothing: it takes every digit for a 1."""
    n, ones = 1000, 113
    confusion = tuple(tuple(ones if column == 1 else 0 for column in range(10)) for _ in range(10))
    test = replace(run.tests["mnist"], n=n, correct=ones, accuracy=ones / n, low=0.095, high=0.134, confusion=confusion)
    return replace(run, tests={**run.tests, "mnist": test})


def digits(key, batch_ids, labels=None):
    n = len(batch_ids)
    labels = np.arange(n) % 10 if labels is None else np.array(labels)
    return DigitSet(key, key, np.zeros((n, 28, 28), np.uint8), labels, np.array(batch_ids), np.arange(n))


def all_right(_run_id, digit_set):
    return digit_set.labels
