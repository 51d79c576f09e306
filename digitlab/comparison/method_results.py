"""Runs -> methods: how good each is, how certain that is, and what it costs. Seeds of one method are one result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from digitlab.comparison.guessing import NO_BETTER, advise, is_guessing
from digitlab.comparison.kinds import KIND_TITLES, Kind, kind_of
from digitlab.comparison.runs import BROUGHT_IN, IMPORTED, TEST_SETS
from digitlab.learning import presets
from digitlab.learning.evaluation import accuracy_interval
from digitlab.run import Run, TestResult
from digitlab.settings import with_network_of


@dataclass(frozen=True)
class Score:
    """How well a method read a test set.

    Attributes:
        accuracy: Mean over its trainings, 0-1.
        low: For one training the 95 % interval (Wilson) of the test digits; for several the mean -+ 2 standard
            deviations, and never narrower than that of the test digits.
        high: Upper end.
        spread: Standard deviation over the trainings; NaN for one.
        interval: What `low` and `high` are, in words.
        seeds: Trainings.
        n: Test digits.
        confusion: 10 rows of 10 counts, of all trainings together.
        version: Hash of the own test digits; empty for MNIST's.
    """

    accuracy: float
    low: float
    high: float
    spread: float
    interval: str
    seeds: int
    n: int
    confusion: tuple[tuple[int, ...], ...]
    version: str


@dataclass(frozen=True)
class MethodResult:
    """One method: the runs that differ in nothing but the seed.

    Attributes:
        id: Of the first of its runs.
        name: Of the same.
        method: Key of `learning.methods.METHODS`.
        kind: What it has learnt from.
        run_ids: Of the runs that are averaged.
        tests: Score by test set, `mnist` and, where there were own test digits, `own`.
        drawings: How many it learnt from.
        human_seconds: Active seconds of drawing.
        training_seconds: Mean over its trainings.
        digits: How many it was trained on, drawings or MNIST's.
        data: Version of these.
        started: It went on from a saved model.
        validation: Mean accuracy on the validation digits after the last epoch, 0-1; 0 where nothing was trained.
        usual: Its settings are those that the page offers first for so many drawings.
        finished: Its trainings were not stopped.
        works: It is better than guessing, or no network.
        imported: How many of the digits it learnt from came from a file: it never speaks for what drawing brings.
        note: What a reader has to know beside its figures, or nothing.
        number: Place of its newest run among all, oldest first.
        demo: It belongs to the demo experiment.
        convolutional: Its network is not a dense one.
    """

    id: str
    name: str
    method: str
    kind: Kind
    run_ids: tuple[str, ...]
    tests: Mapping[str, Score]
    drawings: int
    human_seconds: float
    training_seconds: float
    digits: int
    data: str
    started: bool
    validation: float
    usual: bool
    finished: bool
    works: bool
    imported: int
    note: str
    number: int
    demo: bool = False
    convolutional: bool = False

    @property
    def seeds(self) -> int:
        """How many trainings it stands for."""
        return len(self.run_ids)


def method_results(runs: Sequence[Run]) -> list[MethodResult]:
    """Gather the runs of each method: same method, parameters, data, kind of help, and settings but for the seed.

    A run no better than guessing, or stopped early, is left out where another is neither. Of one seed the newest
    counts.

    Args:
        runs: Oldest first.

    Returns:
        By kind (alone, unlabelled, MNIST, no drawing), of each kind those first that were first trained.
    """
    by_id = {run.id: run for run in runs}
    places = {run.id: place for place, run in enumerate(runs)}
    by_method: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        by_method.setdefault(_all_but_seed(run, by_id), []).append(run)
    results = [_result(alike, max(places[run.id] for run in alike)) for alike in by_method.values()]
    return sorted(results, key=lambda result: list(KIND_TITLES).index(result.kind))


def _all_but_seed(run: Run, by_id: Mapping[str, Run]) -> tuple[object, ...]:
    """Return what is equal for runs that differ in the seed alone, also if they went on from runs that do."""
    # A share of MNIST is chosen by the seed: other digits, yet the same method.
    data = run.train and (run.train.version if run.drawings else run.train.n)
    start = by_id.get(run.start_from or "")
    started: object = run.start_from
    if start:
        others = {key: each for key, each in by_id.items() if key != run.id}  # a damaged chain must end too
        started = _all_but_seed(start, others) if start.id in others else run.id
    # Piles that were put right by hand have cost time, and are not those that nobody looked at.
    by_hand = round(run.human_seconds) if run.method == "unlabelled" else 0
    file = run.brought_in and run.brought_in.version
    settings = run.settings and replace(run.settings, seed=0)
    # Two versions of this project may build networks of other sizes from the same settings.
    return run.demo, run.method, settings, run.parameters, data, kind_of(run), started, by_hand, file


def _result(runs: Sequence[Run], number: int) -> MethodResult:
    working = [run for run in runs if not is_guessing(run)] or runs
    finished = [run for run in working if not run.stopped] or working
    kept = list({run.settings.seed if run.settings else 0: run for run in finished}.values())
    first = kept[0]
    finals = [run.history[-1].val_accuracy for run in kept if run.history]
    return MethodResult(
        id=first.id,
        name=runs[0].name,
        method=first.method,
        kind=kind_of(first),
        run_ids=tuple(run.id for run in kept),
        tests={key: _score(kept, key) for key in TEST_SETS if any(key in run.tests for run in kept)},
        drawings=first.drawings,
        human_seconds=first.human_seconds,
        training_seconds=float(np.mean([run.training_seconds for run in kept])),
        digits=first.train.n if first.train else 0,
        data=first.train.version if first.train else "",
        started=first.start_from is not None,
        validation=float(np.mean(finals)) if finals else 0.0,
        usual=_is_usual(first),
        finished=not first.stopped,
        works=not is_guessing(first),
        imported=first.train.imported if first.train else 0,
        note=_note(first, len(runs) - len(finished)),
        number=number,
        demo=first.demo,
        convolutional=first.settings is not None and first.settings.network != "dense",
    )


def _score(runs: Sequence[Run], test_set: str) -> Score:
    """Average the trainings that were tested on the same digits: on those that most of them were."""
    by_version: dict[str, list[TestResult]] = {}
    for run in runs:
        if test_set in run.tests:
            by_version.setdefault(run.tests[test_set].version, []).append(run.tests[test_set])
    tests = max(reversed(by_version.values()), key=len)  # of equally many the newest
    accuracies = np.array([test.accuracy for test in tests])
    mean, n = float(accuracies.mean()), tests[0].n
    low, high = accuracy_interval(round(mean * n), n)
    spread, interval = np.nan, "95 % interval"
    if len(tests) > 1:
        spread = float(accuracies.std(ddof=1))
        low, high = max(0.0, min(low, mean - 2 * spread)), min(1.0, max(high, mean + 2 * spread))
        interval = f"mean \N{PLUS-MINUS SIGN} 2 standard deviations of {len(tests)} seeds"
    confusion = np.sum([test.confusion for test in tests], axis=0)
    rows = tuple(tuple(map(int, row)) for row in confusion)
    return Score(mean, low, high, spread, interval, len(tests), n, rows, tests[0].version)


def _is_usual(run: Run) -> bool:
    """Return whether a run on drawings was trained with the settings that are offered for so many."""
    if run.settings is None or not run.drawings:
        return False
    network = run.settings.network
    usual = replace(presets.defaults(run.drawings, network, from_saved=run.start_from is not None), seed=0)
    if run.start_from is not None:  # it has the network of its start
        usual = with_network_of(usual, run.settings)
    return usual == replace(run.settings, seed=0)


def _note(run: Run, left_out: int) -> str:
    if advice := advise(run):
        return advice
    notes = [BROUGHT_IN] if run.brought_in else ["stopped early"] if run.stopped else []
    if run.train and run.train.imported:
        notes.append(f"{run.train.imported:,} {IMPORTED}")
    if left_out:
        notes.append(f"without {left_out} training{'s' * (left_out > 1)} stopped early or {NO_BETTER}")
    return ", ".join(notes)
