"""Runs of what is no network: the random guess, and the simple predictors that a network must beat."""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from digitlab import mnist
from digitlab.digits import data_version
from digitlab.learning import baseline, progress
from digitlab.learning.evaluation import evaluate
from digitlab.learning.experiment import new_run_id, package_versions
from digitlab.learning.methods import METHODS
from digitlab.run import Run, TrainedOn
from digitlab.storage.runs import add_run
from digitlab.storage.store import Store


def guess(seed: int) -> Run:
    """Return the run of a uniform guess at every digit of MNIST's test set; it is not stored: a seed says it all."""
    _, y_test = mnist.load_test()
    result = evaluate(y_test, baseline.uniform_guess(len(y_test), seed))
    return Run("uniform", METHODS["uniform"].title, "uniform", tests={"mnist": result}, seed=seed)


def measure_simple_predictors(
    database_url: str, *, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]
) -> list[str]:
    """Measure the simple predictors on the test set and store each as a run.

    Args:
        database_url: Of the store.
        report: Called with `progress.Stage` and `progress.Progress` as events.
        should_stop: Asked between predictors.

    Returns:
        The ids of the runs.
    """
    (x_train, y_train), (x_test, y_test) = mnist.load_train(), mnist.load_test()
    trained_on = TrainedOn("mnist", len(x_train), data_version(x_train, y_train))
    stored: list[str] = []
    began = time.perf_counter()
    with closing(Store(database_url)) as store:
        for number, name in enumerate(baseline.SIMPLE_PREDICTORS):
            if should_stop():
                break
            report(progress.to_event(progress.Stage(METHODS[name].title)))
            started = time.perf_counter()
            predictions = baseline.predict_simple(name, x_train, y_train, x_test)
            run = Run(
                id=new_run_id(name),
                name=METHODS[name].title,
                method=name,
                tests={"mnist": evaluate(y_test, predictions)},
                training_seconds=time.perf_counter() - started,
                train=trained_on,
                versions=package_versions(),
            )
            add_run(store, run)
            stored.append(run.id)
            share = (number + 1) / len(baseline.SIMPLE_PREDICTORS)
            report(progress.to_event(progress.estimate(share, time.perf_counter() - began)))
    return stored
