"""From a person's drawings and pictures without labels to a stored run, and from confirmed piles to another one.

Both are what a job runs. Of the data set's training digits only the pictures are used. The labels of its last 5,000
are looked at for the validation curve, as in every training: that chooses nothing, and these pictures are not sorted.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from digitlab import mnist
from digitlab.digits import Images, data_version
from digitlab.learning import model_files, networks, progress, testing, training
from digitlab.learning.cache_files import cache_dir
from digitlab.learning.evaluation import Predictor
from digitlab.learning.experiment import new_run_id, package_versions
from digitlab.learning.reader import make_reader
from digitlab.learning.training_data import VALIDATION_SIZE, count_imported, read_own_test_set, take_drawings
from digitlab.learning.unlabelled import graph, pile_files, sorting, student, teacher
from digitlab.learning.unlabelled.pictures import choose_pictures, features_of
from digitlab.learning.unlabelled.pile_files import Piles
from digitlab.run import Run, Sorting, TrainedOn
from digitlab.settings import Settings
from digitlab.storage.datasets import Dataset
from digitlab.storage.runs import add_run, check_may_train, read_run
from digitlab.storage.store import Store

METHOD = "unlabelled"

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class SortExperiment:
    """By which drawings to sort, and where to keep what comes of it.

    Attributes:
        name: Of the run, for the reader.
        database_url: Of the store that holds drawings, runs and models.
        batch_ids: Batches of drawings; together they have to show each digit.
        test_batch_ids: Batches of drawings to test on besides MNIST's test set; only of kind `test`.
        seed: Of all trainings.
        owner_id: Of the writer who asks for it; None: on one's own machine.
    """

    name: str
    database_url: str = field(repr=False)  # it may hold a password
    batch_ids: tuple[int, ...]
    test_batch_ids: tuple[int, ...] = ()
    seed: int = 0
    owner_id: int | None = None


@dataclass(frozen=True)
class ConfirmExperiment:
    """What a person said of the piles of a run.

    Attributes:
        run_id: Of the run, which stays as it is.
        names: For each of its piles 0-9 the digit that it shows, or `pile_files.LEFT_OUT`.
        seconds: Active seconds of looking.
        database_url: Of the store that holds drawings, runs and models.
        test_batch_ids: Batches of drawings to test on besides MNIST's test set; only of kind `test`.
        owner_id: Of the writer who looked; None: on one's own machine.
    """

    run_id: str
    names: tuple[int, ...]
    seconds: float
    database_url: str = field(repr=False)
    test_batch_ids: tuple[int, ...] = ()
    owner_id: int | None = None


def sort_and_train(experiment: SortExperiment, *, report: Report, should_stop: Callable[[], bool]) -> str | None:
    """Sort pictures by drawings, train a network on the piles and store the run.

    Args:
        experiment: What to do.
        report: Called with each `progress.Report` as an event.
        should_stop: Asked often. While the network is trained, what it has learnt is evaluated and kept.

    Returns:
        The id of the run; None if it was stopped before the pictures were sorted.

    Raises:
        ValueError: If a digit was not drawn, a batch is of the wrong kind, or the pictures are not of digits.
        DataFileError: If MNIST cannot be read.
    """
    report(progress.to_event(progress.Stage("Loading the data")))

    def begin(stage: str) -> Callable[[float], bool]:
        return progress.stops_at(progress.begin(stage, report), should_stop)

    with closing(Store(experiment.database_url)) as store:
        check_may_train(store, experiment.owner_id)
        images = mnist.load_train()[0]
        _, drawings = take_drawings(store, experiment.batch_ids)
        teacher.check_drawings(drawings.labels)
        places = choose_pictures(images)
        features = features_of(images[places])
        neighbours = graph.find_neighbours(features, cache_dir(), begin("Finding pictures that are alike"))
        if neighbours is None:
            return None
        started = time.perf_counter()
        said = teacher.read_pictures(drawings, features, experiment.seed, begin("Training on your drawings"))
        if said is None:
            return None
        teacher.check_sure(said)
        done = sorting.sort(graph.join(neighbours), said, begin("Sorting the pictures"))
        if done is None:
            return None
        piles = Piles(places, done.piles, done.sureness)
        settings = student.settings_for(len(places), len(drawings.labels), experiment.seed)
        run = Run(
            id=new_run_id(METHOD),
            name=experiment.name,
            method=METHOD,
            tests={},
            training_seconds=time.perf_counter() - started,
            human_seconds=drawings.seconds,
            drawings=len(drawings.labels),
            help="unlabelled",
            settings=settings,
            train=TrainedOn(
                "drawings",
                len(drawings.labels),
                drawings.version,
                experiment.batch_ids,
                imported=count_imported(store, experiment.batch_ids),
            ),
            sorting=Sorting(len(places), _version(images[places]), piles.sizes()),
            owner_id=experiment.owner_id,
        )
        return _train_and_store(
            store,
            run,
            settings=settings,
            piles=piles,
            drawings=drawings,
            test_batch_ids=experiment.test_batch_ids,
            report=report,
            should_stop=should_stop,
        )


def confirm(experiment: ConfirmExperiment, *, report: Report, should_stop: Callable[[], bool]) -> str:
    """Train a network on piles as a person named them, and store it as another run.

    Args:
        experiment: What to do.
        report: Called with each `progress.Report` as an event.
        should_stop: Asked often; what was learnt until then is evaluated and kept.

    Returns:
        The id of the new run.

    Raises:
        ValueError: If the run is gone or not of this kind, its drawings have changed, or the names are no names.
        ModelError: If its piles are gone.
    """
    report(progress.to_event(progress.Stage("Loading the data")))
    with closing(Store(experiment.database_url)) as store:
        check_may_train(store, experiment.owner_id)
        before = read_run(store, experiment.run_id)
        if before is None or before.sorting is None or before.settings is None or before.train is None:
            raise ValueError(f"Expected a run with sorted pictures. Received: {experiment.run_id!r:.60}.")
        _, drawings = take_drawings(store, before.train.batch_ids)
        if drawings.version != before.train.version:
            raise ValueError(
                "The drawings have changed since the pictures were sorted by them. Sort the pictures again."
            )
        piles = pile_files.load(before.id, store).renamed(experiment.names)
        images = mnist.load_train()[0]
        places = piles.places
        if len(images) <= places.max() or _version(images[places]) != before.sorting.version:
            raise ValueError("The data set is not the one whose pictures were sorted. Sort the pictures again.")
        sizes = piles.sizes()
        run = replace(
            before,
            id=new_run_id(METHOD),
            name=f"{before.name}, piles looked at",
            human_seconds=before.human_seconds + experiment.seconds,
            sorting=replace(
                before.sorting,
                pictures=sum(sizes),
                sizes=sizes,
                names=experiment.names,
                seconds=experiment.seconds,
            ),
            created_at="",
            owner_id=experiment.owner_id,
        )
        return _train_and_store(
            store,
            run,
            settings=before.settings,
            piles=piles,
            drawings=drawings,
            test_batch_ids=experiment.test_batch_ids,
            report=report,
            should_stop=should_stop,
        )


def _train_and_store(
    store: Store,
    run: Run,
    *,
    settings: Settings,
    piles: Piles,
    drawings: Dataset,
    test_batch_ids: tuple[int, ...],
    report: Report,
    should_stop: Callable[[], bool],
) -> str:
    """Train the student, test it, and store it as this run, which lacks only that."""
    images, labels = mnist.load_train()
    kept, tell = piles.kept(), progress.begin("Training on the piles", report)
    started = time.perf_counter()
    digits = student.digits_to_learn(images[kept.places], kept.digits, drawings, settings)
    model = networks.build(settings)
    history = training.train(
        model,
        digits,
        (images[-VALIDATION_SIZE:], labels[-VALIDATION_SIZE:]),
        settings,
        on_epoch=lambda epoch: report(progress.to_event(epoch)),
        on_progress=tell,
        should_stop=should_stop,
    )
    seconds = time.perf_counter() - started
    report(progress.to_event(progress.Stage("Testing")))
    files = model_files.pack(model, piles=pile_files.pack(piles, images))
    done = replace(
        run,
        tests=testing.test(
            Predictor(files.tflite, run.id),
            read_own_test_set(store, test_batch_ids, strokes=True),
            make_reader(drawings.strokes, drawings.labels),
        ),
        parameters=model.count_params(),
        training_seconds=run.training_seconds + seconds,
        history=history,
        stopped=history[-1].epoch < settings.epochs or history[-1].seen < len(digits[1]),
        versions=package_versions(),
    )
    add_run(store, done, files)
    return run.id


def _version(pictures: Images) -> str:
    """Return a hash of pictures alone."""
    return data_version(pictures, np.zeros(0, np.uint8))
