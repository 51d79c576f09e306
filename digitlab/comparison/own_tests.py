"""Runs tested anew on the own test digits there are now, also on those drawn after the training."""

from collections.abc import Sequence
from dataclasses import replace

from digitlab.comparison.cross_table import Predict, newest_by_training_data, writers_of
from digitlab.learning.evaluation import evaluate
from digitlab.run import Run
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import DigitSet, merge_own_tests


def retest_on_own(
    runs: Sequence[Run], batches: Sequence[Batch], sets: Sequence[DigitSet], predict: Predict
) -> list[Run]:
    """Test the runs that answer the question on the own test digits of today.

    They are the newest of each method on the same drawings, tested on the test digits of who drew those, and the newest
    network on MNIST, tested on the digits of who drew most; others keep what they had.

    Args:
        runs: Oldest first.
        batches: All batches.
        sets: As `digit_sets` returns them.
        predict: See `cross_table.Predict`.

    Returns:
        The runs, those that were tested with a new `own` among their tests.
    """
    answering = {run.id for run in newest_by_training_data(runs, batches)}
    drawn = [run for run in reversed(runs) if run.drawings]
    most = max(drawn, key=lambda run: run.drawings, default=None)
    writers_of_most = writers_of(most, batches) if most else []

    def test(run: Run) -> Run:
        return _with_own(run, merge_own_tests(sets, writers_of(run, batches) or writers_of_most), predict)

    return [test(run) if run.id in answering else run for run in runs]


def _with_own(run: Run, digits: DigitSet | None, predict: Predict) -> Run:
    if digits is None or ("own" in run.tests and run.tests["own"].version == digits.version):
        return run
    predictions = predict(run.id, digits)
    if predictions is None:
        return run
    return replace(run, tests={**run.tests, "own": evaluate(digits.labels, predictions, digits.version)})
