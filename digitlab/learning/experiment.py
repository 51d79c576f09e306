"""One experiment from settings to stored run: take the data, train, evaluate, save. What a job runs."""

import platform
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from digitlab import mnist
from digitlab.learning import model_files, networks, progress, testing, training
from digitlab.learning.cache_files import cache_dir
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import ModelError
from digitlab.learning.reader import make_reader
from digitlab.learning.training_data import (
    VALIDATION_SIZE,
    count_imported,
    mix_in_mnist,
    read_own_test_set,
    take_drawings,
    take_mnist,
    vary,
)
from digitlab.learning.views import read_features
from digitlab.run import Run, TrainedOn, with_help
from digitlab.settings import Settings, with_network_of
from digitlab.storage.runs import add_run, check_may_train
from digitlab.storage.store import Store

_PACKAGES = ("numpy", "tensorflow", "keras", "scikit-learn", "ai-edge-litert")


@dataclass(frozen=True)
class Experiment:
    """What to train, on what, and where to keep it.

    Attributes:
        name: Of the run, for the reader.
        settings: Hyperparameters.
        database_url: Of the store that holds drawings, runs and models.
        batch_ids: Batches of drawings to train on; empty: MNIST.
        test_batch_ids: Batches of drawings to test on besides MNIST's test set; only of kind `test`.
        start_from: Id of a saved model to start from; None: from scratch.
        run_id: Id of the run; None: a new one.
        owner_id: Of the writer who asks for it; None: on one's own machine.
    """

    name: str
    settings: Settings
    database_url: str = field(repr=False)  # it may hold a password
    batch_ids: tuple[int, ...] = ()
    test_batch_ids: tuple[int, ...] = ()
    start_from: str | None = None
    run_id: str | None = None
    owner_id: int | None = None


def new_run_id(method: str) -> str:
    """Return an id no other run has, such as `dense-3f9c21ab`."""
    return f"{method.replace('_', '-')}-{uuid.uuid4().hex[:8]}"


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a result may depend on, by name."""
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}


def run(experiment: Experiment, *, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]) -> str:
    """Train a network and store the run.

    Args:
        experiment: What to do.
        report: Called with each `progress.Report` as an event.
        should_stop: Asked often; what was learnt until then is evaluated and kept.

    Returns:
        The id of the run.

    Raises:
        NotAllowedError: If it is for somebody who may not train now.
        ValueError: If there is nothing to train on, a batch is of the wrong kind, or training does not converge.
        ModelError: If the model to start from cannot be read.
        DataFileError: If MNIST cannot be read.
    """
    settings = experiment.settings

    def tell(told: progress.Report) -> None:
        report(progress.to_event(told))

    tell(progress.Stage("Loading the data"))
    with closing(Store(experiment.database_url)) as store:
        check_may_train(store, experiment.owner_id)
        x_train, y_train = mnist.load_train()
        if experiment.batch_ids:
            method, data = take_drawings(store, experiment.batch_ids)
        else:
            method, data = "dense", take_mnist(x_train, y_train, settings)
        tell(progress.Stage("Varying the digits"))
        images, labels = vary(data, settings)
        if settings.mnist_share:
            images, labels = mix_in_mnist(images, labels, x_train, y_train, settings)
        tell(progress.Stage("Building the network"))
        model, settings, start = _network(experiment, store)
        tell(progress.Stage("Training"))
        started = time.perf_counter()
        history = training.train(
            model,
            (images, labels),
            (x_train[-VALIDATION_SIZE:], y_train[-VALIDATION_SIZE:]),
            settings,
            on_epoch=tell,
            on_progress=progress.at_most_every(
                0.2, lambda share: tell(progress.estimate(share, time.perf_counter() - started))
            ),
            should_stop=should_stop,
        )
        training_seconds = time.perf_counter() - started
        tell(progress.Stage("Testing"))
        read = None
        if settings.views:
            front, folder = networks.describe_front(model), cache_dir() / "views"
            views = read_features(front, *mnist.load_test(), folder, settings.views)
            read = training.read_mean(model, views)
        run_id = experiment.run_id or new_run_id(method)
        files = model_files.pack(model)
        predictor = Predictor(files.tflite, run_id)
        done = Run(
            id=run_id,
            name=experiment.name,
            method=method,
            tests=testing.test(
                predictor,
                read_own_test_set(store, experiment.test_batch_ids, strokes=True),
                make_reader(data.strokes, data.labels),
                read,
            ),
            parameters=model.count_params(),
            training_seconds=training_seconds,
            human_seconds=data.seconds,
            drawings=len(data.labels) if experiment.batch_ids else 0,
            settings=settings,
            start_from=experiment.start_from,
            train=TrainedOn(
                data="drawings" if experiment.batch_ids else "mnist",
                n=len(data.labels),
                version=data.version,
                batch_ids=experiment.batch_ids,
                imported=count_imported(store, experiment.batch_ids)
                + (start.train.imported if start and start.train else 0),
            ),
            history=history,
            stopped=history[-1].epoch < settings.epochs or history[-1].seen < len(labels),
            versions=package_versions(),
            owner_id=experiment.owner_id,
        )
        add_run(store, with_help(done, lambda _: start), files)
    return run_id


def _network(experiment: Experiment, store: Store) -> tuple[Any, Settings, Run | None]:
    """Return the Keras model to train, the settings with what it has for good, and the run it starts from, if any."""
    if not experiment.start_from:
        return networks.build(experiment.settings), experiment.settings, None
    model = model_files.load(experiment.start_from, store)
    start = model_files.load_card(experiment.start_from, store)
    if start.settings is None:
        raise ModelError(f"Expected a trained network to start from. Received: {start.id}, a run without settings.")
    return model, with_network_of(experiment.settings, start.settings), start


def make_reference() -> None:
    """Train the dense model that comes with the project, into models/; see models/README.md.

    Not on varied digits: the further they are varied, the worse it reads people's drawings. Flags, feet, bars and tails
    drawn onto MNIST's plain 1s, 7s and 9s make it read people's better.
    """
    settings = Settings(
        hidden_units=(256,),
        dropout=0.2,
        learning_rate=0.004,
        epochs=20,
        straighten=True,
        directions=True,
        forms=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(
            name="Reference: dense network on MNIST",
            settings=settings,
            database_url=f"sqlite:///{folder}/not-kept.db",
            run_id=model_files.REFERENCE,
        )
        run(experiment, report=print, should_stop=lambda: False)
        with closing(Store(experiment.database_url)) as store:
            model_files.save_reference(store)
