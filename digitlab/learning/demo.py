"""The runs of the demo experiment: which there are, and what trains those that are not there yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from digitlab.learning import experiment, presets
from digitlab.learning.experiment import Experiment
from digitlab.learning.model_files import REFERENCE
from digitlab.learning.unlabelled import experiment as unlabelled
from digitlab.run import Run
from digitlab.storage.batches import Batch
from digitlab.storage.names import DEMO_MARK

_FIRST, _BATCH, _TEST = "one", "full", "test"


@dataclass(frozen=True)
class Training:
    """A job: what the worker runs, and on what."""

    function: Callable[..., Any]
    argument: Experiment | unlabelled.SortExperiment


def missing_trainings(batches: Sequence[Batch], runs: Sequence[Run], database_url: str) -> list[Training]:
    """Return what is left to train of the demo: on MNIST, on its first ten drawings, on twenty, with each kind of help.

    Args:
        batches: Of the demo, as `storage.demo.add_demo` returns them.
        runs: All that are stored.
        database_url: Of the store that holds them.
    """
    owner_id = batches[0].writer_id
    ids = {kind: tuple(batch.id for batch in batches if batch.kind == kind) for kind in (_FIRST, _BATCH, _TEST)}
    tests, all_ids = ids[_TEST], ids[_FIRST] + ids[_BATCH]
    there = {_what(run.method, run.start_from) for run in runs if run.demo}
    drawn = {len(some): sum(batch.drawn for batch in batches if batch.id in some) for some in (ids[_FIRST], all_ids)}

    def train(name: str, some: tuple[int, ...], start_from: str | None = None) -> Training:
        settings = presets.PRESETS["Fast"]
        if some:
            settings = presets.defaults(drawn[len(some)], from_saved=start_from is not None)
        return Training(
            experiment.run,
            Experiment(
                name=name,
                settings=settings,
                database_url=database_url,
                batch_ids=some,
                test_batch_ids=tests,
                start_from=start_from,
                owner_id=owner_id,
            ),
        )

    wanted = {
        _what("one"): train(f"{DEMO_MARK}ten drawings", ids[_FIRST]),
        _what("dense"): train(f"{DEMO_MARK}dense network on MNIST", ()),
        _what("full"): train(f"{DEMO_MARK}twenty drawings", all_ids),
        _what("one", REFERENCE): train(f"{DEMO_MARK}ten drawings, from MNIST's network", ids[_FIRST], REFERENCE),
        _what(unlabelled.METHOD): Training(
            unlabelled.sort_and_train,
            unlabelled.SortExperiment(
                name=f"{DEMO_MARK}twenty drawings, and pictures without labels",
                database_url=database_url,
                batch_ids=all_ids,
                test_batch_ids=tests,
                owner_id=owner_id,
            ),
        ),
    }
    return [training for what, training in wanted.items() if what not in there]


def _what(method: str, start_from: str | None = None) -> tuple[str, str | None]:
    return method, start_from
