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
    ten, ten_more, tests = (
        tuple(batch.id for batch in batches if batch.kind == kind) for kind in ("one", "full", "test")
    )
    twenty = ten + ten_more
    there = {(run.method, run.start_from) for run in runs if run.demo}

    def train(name: str, some: tuple[int, ...], start_from: str | None = None) -> Training:
        drawn = sum(batch.drawn for batch in batches if batch.id in some)
        settings = presets.defaults(drawn, from_saved=start_from is not None) if some else presets.PRESETS["Fast"]
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
        ("one", None): train(f"{DEMO_MARK}ten drawings", ten),
        ("dense", None): train(f"{DEMO_MARK}dense network on MNIST", ()),
        ("full", None): train(f"{DEMO_MARK}twenty drawings", twenty),
        ("one", REFERENCE): train(f"{DEMO_MARK}ten drawings, from MNIST's network", ten, REFERENCE),
        (unlabelled.METHOD, None): Training(
            unlabelled.sort_and_train,
            unlabelled.SortExperiment(
                name=f"{DEMO_MARK}twenty drawings, and pictures without labels",
                database_url=database_url,
                batch_ids=twenty,
                test_batch_ids=tests,
                owner_id=owner_id,
            ),
        ),
    }
    return [training for what, training in wanted.items() if what not in there]
