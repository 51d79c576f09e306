"""Runs tested anew on the own test digits there are now, also on those drawn after the training."""

from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from digitlab.comparison.cross_table import Predict, writers_of
from digitlab.learning.evaluation import evaluate
from digitlab.run import Run, TestResult
from digitlab.storage.batches import Batch
from digitlab.storage.demo import people
from digitlab.storage.digit_sets import DigitSet, merge_own_tests

# From the id of a run and the version of the digits to the result; None: its model cannot be read.
Tested: TypeAlias = MutableMapping[tuple[str, str], TestResult | None]


def retest_on_own(
    runs: Sequence[Run],
    batches: Sequence[Batch],
    sets: Sequence[DigitSet],
    predict: Predict,
    earlier: Tested | None = None,
) -> list[Run]:
    """Test all networks on the own test digits of today, so that their figures can be compared and averaged.

    Those trained on drawings are tested on the test digits of who drew these, those on MNIST on the digits of who drew
    most; one whose model cannot be read keeps what it had.

    Args:
        runs: Oldest first.
        batches: All batches.
        sets: As `digit_sets` returns them.
        predict: See `cross_table.Predict`.
        earlier: What was found out before: it is not tested again, and what is found is added.

    Returns:
        The runs, those that were tested with a new `own` among their tests.
    """
    writers_of_most = {demo: _writers_of_most(runs, batches, demo=demo) for demo in (True, False)}

    earlier = {} if earlier is None else earlier
    writer_of = {batch.id: batch.writer for batch in batches}
    by_writers: dict[tuple[str, ...], tuple[DigitSet, str] | None] = {}

    def tested(run: Run) -> Run:
        drawn_in = run.train.batch_ids if run.train else ()
        its_own = sorted({writer_of[each] for each in drawn_in if each in writer_of})
        writers = tuple(its_own or writers_of_most[run.demo])
        if not writers:
            return run
        if writers not in by_writers:
            digits = merge_own_tests(sets, writers)
            by_writers[writers] = (digits, digits.version) if digits else None
        own = by_writers[writers]
        return _with_own(run, *own, predict, earlier) if own else run

    return [tested(run) if run.is_network else run for run in runs]


def _writers_of_most(runs: Sequence[Run], batches: Sequence[Batch], *, demo: bool) -> list[str]:
    """Return who drew most of what a run was trained on; where there is no such run, everybody (the demo is nobody)."""
    drawn = [run for run in reversed(runs) if run.drawings and run.demo == demo]
    most = max(drawn, key=lambda run: run.drawings, default=None)
    return writers_of(most, batches) if most else people(sorted({batch.writer for batch in batches}))


def _with_own(run: Run, digits: DigitSet, version: str, predict: Predict, earlier: Tested) -> Run:
    if "own" in run.tests and run.tests["own"].version == version:
        return run
    if (run.id, version) not in earlier:
        predictions = predict(run.id, digits)
        earlier[run.id, version] = None if predictions is None else evaluate(digits.labels, predictions, version)
    test = earlier[run.id, version]
    return replace(run, tests={**run.tests, "own": test}) if test else run
