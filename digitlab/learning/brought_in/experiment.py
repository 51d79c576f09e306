"""Bring a model in: check its file, open it, test it and store it as a run. What a job runs."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from digitlab.learning import progress, testing
from digitlab.learning.brought_in.checks import check
from digitlab.learning.brought_in.opening import TRIED_ON, open_apart
from digitlab.learning.evaluation import Predictor
from digitlab.learning.experiment import new_run_id, package_versions
from digitlab.learning.training_data import read_own_test_set
from digitlab.look import percent
from digitlab.run import BroughtIn, Run
from digitlab.storage.models import ModelFiles
from digitlab.storage.names import check_name
from digitlab.storage.runs import add_run, check_may_train
from digitlab.storage.store import Store


@dataclass(frozen=True)
class ModelToBring:
    """A model that somebody brings in.

    Attributes:
        name: Of the run, for the reader.
        file_name: Of the file, for messages.
        content: Of the file.
        database_url: Of the store that holds drawings and runs.
        test_batch_ids: Batches of own test digits to test it on besides MNIST's.
        owner_id: Of the writer who brings it in; None: on one's own machine.
    """

    name: str
    file_name: str
    content: bytes = field(repr=False)
    database_url: str = field(repr=False)  # it may hold a password
    test_batch_ids: tuple[int, ...] = ()
    owner_id: int | None = None


def run(asked: ModelToBring, *, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]) -> str:
    """Check, open and test a model, and store it as a run; nothing is stored before all is done.

    Args:
        asked: What to bring in.
        report: Called with each `progress.Report` as an event.
        should_stop: Asked before it is stored.

    Returns:
        The id of the run.

    Raises:
        NotAllowedError: If it is for somebody who may not train now.
        ValueError: If the name is none, or it was stopped.
        ModelError: If the file is refused; the message says why.
    """
    name = check_name(asked.name, 120)
    with closing(Store(asked.database_url)) as store:
        check_may_train(store, asked.owner_id)
        report(progress.to_event(progress.Stage("Looking into the file")))
        opened = open_apart(check(asked.file_name, asked.content))
        report(progress.to_event(progress.Stage("Testing")))
        run_id = new_run_id("brought_in")
        predictor = Predictor(opened.tflite, name, opened.brought_in)
        tests = testing.test(predictor, read_own_test_set(store, asked.test_batch_ids), None)
        if should_stop():
            raise ValueError("Stopped before it was stored.")
        add_run(
            store,
            Run(
                id=run_id,
                name=name,
                method="brought_in",
                tests=tests,
                parameters=opened.parameters,
                brought_in=opened.brought_in,
                versions=package_versions(),
                owner_id=asked.owner_id,
            ),
            ModelFiles(keras=b"", tflite=opened.tflite),
        )
    return run_id


def describe(brought_in: BroughtIn) -> str:
    """Say how a model is asked, how that was found out, and what it never does here."""
    shares = {reads: percent(share) for reads, share in brought_in.tried.items()}
    best = shares.pop(brought_in.reads)
    others = " and ".join(f"{share} as {reads}" for reads, share in shares.items())
    return (
        f"It is given pixels as {brought_in.reads}: so it reads {best} of MNIST's first {TRIED_ON:,} training digits"
        f"{f', {others}' if others else ''}. It answers with {brought_in.gives}. What it has learnt from is not known: "
        "it counts no minutes of drawing and never speaks for a method."
    )
