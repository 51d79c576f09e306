"""One experiment from settings to stored run: take the data, train, evaluate, save. What a job runs."""

import platform
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from digitlab import mnist
from digitlab.digits import data_version
from digitlab.learning import baseline, models, presets, training
from digitlab.learning.evaluation import Predictor, confident_mistakes, evaluate
from digitlab.learning.training_data import VALIDATION_SIZE, join_mnist, own_test_set, take_drawings, take_mnist, vary
from digitlab.settings import Settings
from digitlab.storage.datasets import Dataset
from digitlab.storage.runs import add_card
from digitlab.storage.store import Store

WARM_UPS = 5  # parts of `warm_up`

# Settings a saved model has for good.
_NETWORK = ("hidden_units", "activation", "dropout", "network", "straighten", "directions")
_PACKAGES = ("numpy", "tensorflow", "keras", "scikit-learn", "ai-edge-litert")


@dataclass(frozen=True)
class Method:
    """What a method is, for the comparison."""

    title: str
    input: str
    output: str
    trained: str


_PIXELS, _SCORES = "28x28 pixels", "ten probabilities"
METHODS = {
    "uniform": Method("Random guess", "nothing", "one digit", "not at all"),
    "most_frequent": Method("Most frequent digit", "nothing", "one digit", "by counting MNIST's labels"),
    "nearest_mean": Method("Nearest mean image", _PIXELS, "one digit", "by averaging MNIST's digits"),
    "nearest_neighbour": Method("Nearest neighbour", _PIXELS, "one digit", "by keeping MNIST's digits"),
    "dense": Method("Dense network on MNIST", _PIXELS, _SCORES, "on MNIST"),
    "one": Method("One of each digit", _PIXELS, _SCORES, "on one drawing of each digit"),
    "full": Method("Full batch", _PIXELS, _SCORES, "on a full batch of drawings"),
}


@dataclass(frozen=True)
class Experiment:
    """What to train, on what, and where to keep it.

    Attributes:
        name: Of the run, for the reader.
        settings: Hyperparameters.
        database_url: Of the store that holds drawings and runs.
        models_dir: Folder for the model files.
        batch_ids: Batches of drawings to train on; empty: MNIST.
        test_batch_ids: Batches of drawings to test on besides MNIST's test set; only of kind `test`.
        start_from: Id of a saved model to start from; None: from scratch.
        run_id: Id of the run; None: a new one.
    """

    name: str
    settings: Settings
    database_url: str
    models_dir: str
    batch_ids: tuple[int, ...] = ()
    test_batch_ids: tuple[int, ...] = ()
    start_from: str | None = None
    run_id: str | None = None


def new_run_id(method: str) -> str:
    """Return an id no other run has, such as `dense-3f9c21ab`."""
    return f"{method.replace('_', '-')}-{uuid.uuid4().hex[:8]}"


def run(experiment: Experiment, *, report: Callable[[dict], None], should_stop: Callable[[], bool]) -> str:
    """Train a network and store the run.

    Args:
        experiment: What to do.
        report: Called with `{"stage": str}`, `{"progress": 0-1, "seconds_left": float}` and `{"epoch": {...}}` (an
            epoch of the history, see `training.train`).
        should_stop: Asked often; what was learnt until then is evaluated and kept.

    Returns:
        The id of the run.

    Raises:
        ValueError: If there is nothing to train on, a batch is of the wrong kind, or training does not converge.
        ModelError: If the model to start from cannot be read.
        DataFileError: If MNIST cannot be read.
    """
    settings, folder = experiment.settings, Path(experiment.models_dir)
    report({"stage": "Loading the data"})
    with closing(Store(experiment.database_url)) as store:
        x_train, y_train = mnist.load_train()
        if experiment.batch_ids:
            method, data = take_drawings(store, experiment.batch_ids)
        else:
            method, data = "dense", take_mnist(x_train, y_train, settings)
        report({"stage": "Varying the digits"})
        images, labels = vary(data, settings)
        if settings.mnist_share:
            images, labels = join_mnist(images, labels, x_train, y_train, settings)
        report({"stage": "Building the network"})
        network = {"hidden_units": list(settings.hidden_units)}
        if experiment.start_from:
            model = models.load(experiment.start_from, folder)
            given = models.load_card(experiment.start_from, folder)["settings"]
            network = {name: given[name] for name in _NETWORK if name in given}
        else:
            model = build(settings)
        report({"stage": "Training"})
        started = time.perf_counter()
        history = training.train(
            model,
            (images, labels),
            (x_train[-VALIDATION_SIZE:], y_train[-VALIDATION_SIZE:]),
            settings,
            on_epoch=lambda epoch: report({"epoch": epoch}),
            on_progress=_at_most_every(0.2, lambda share: report(_progress(share, time.perf_counter() - started))),
            should_stop=should_stop,
        )
        training_seconds = time.perf_counter() - started
        report({"stage": "Testing"})
        run_id = experiment.run_id or new_run_id(method)
        models.save(model, run_id, folder)
        predictor = Predictor((folder / f"{run_id}.tflite").read_bytes(), run_id)
        card = {
            "id": run_id,
            "name": experiment.name,
            "method": method,
            "settings": {**asdict(settings), **network},
            "start_from": experiment.start_from,
            "train": {
                "data": "drawings" if experiment.batch_ids else "mnist",
                "batch_ids": list(experiment.batch_ids),
                "version": data.version,
                "n": len(data.labels),
            },
            "parameters": model.count_params(),
            "history": history,
            "stopped": history[-1]["epoch"] < settings.epochs or history[-1]["seen"] < len(labels),
            "training_seconds": training_seconds,
            "human_seconds": data.seconds,
            "drawings": len(data.labels) if experiment.batch_ids else 0,
            "tests": _test(predictor, own_test_set(store, experiment.test_batch_ids)),
            "versions": _versions(),
        }
        models.save_card(card, folder)
        add_card(store, card)
    return run_id


def measure_references(
    database_url: str, *, report: Callable[[dict], None], should_stop: Callable[[], bool]
) -> list[str]:
    """Measure the reference predictors on the test set and store each as a run.

    Args:
        database_url: Of the store.
        report: Called with `{"stage": str}` and `{"progress": 0-1, "seconds_left": float}`.
        should_stop: Asked between predictors.

    Returns:
        The ids of the runs.
    """
    (x_train, y_train), (x_test, y_test) = mnist.load_train(), mnist.load_test()
    stored, began = [], time.perf_counter()
    with closing(Store(database_url)) as store:
        for number, name in enumerate(baseline.REFERENCES):
            if should_stop():
                break
            report({"stage": METHODS[name].title})
            started = time.perf_counter()
            predictions = baseline.predict_reference(name, x_train, y_train, x_test)
            card = {
                "id": new_run_id(name),
                "name": METHODS[name].title,
                "method": name,
                "train": {"data": "mnist", "version": data_version(x_train, y_train), "n": len(x_train)},
                "parameters": 0,
                "training_seconds": time.perf_counter() - started,
                "human_seconds": 0.0,
                "drawings": 0,
                "tests": {"mnist": asdict(evaluate(y_test, predictions))},
                "versions": _versions(),
            }
            add_card(store, card)
            stored.append(card["id"])
            report(_progress((number + 1) / len(baseline.REFERENCES), time.perf_counter() - began))
    return stored


def warm_up(part: int, *, report: Callable[[dict], None], should_stop: Callable[[], bool]) -> None:  # noqa: ARG001
    """Do a part of what the first training would have to wait for: load, compile, convert; each takes a second or two.

    Args:
        part: From 0 to `WARM_UPS` - 1, in this order.
        report: Called with `{"stage": str}`.
        should_stop: Not asked.
    """
    report({"stage": "Warming up"})
    x_train, y_train = mnist.load_train()
    if not part:
        import tensorflow  # noqa: F401

        mnist.load_test()
        return
    settings = (Settings(), presets.defaults(10))[(part - 1) // 2]
    model = build(settings)
    if part % 2:
        few = x_train[: settings.batch_size], y_train[: settings.batch_size]
        training.train(model, few, few, replace(settings, epochs=1))
        return
    with tempfile.TemporaryDirectory() as folder:
        models.save(model, "warm-up", Path(folder))


def make_reference() -> None:
    """Train the dense model that comes with the project, into models/; see models/README.md."""
    settings = Settings(
        hidden_units=(256,),
        dropout=0.2,
        learning_rate=0.004,
        epochs=10,
        straighten=True,
        directions=True,
        variation=0.5,
        copies=2,
    )
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(
            name="Reference: dense network on MNIST",
            settings=settings,
            database_url=f"sqlite:///{folder}/not-kept.db",
            models_dir=str(models.shipped_dir()),
            run_id=models.REFERENCE,
        )
        run(experiment, report=print, should_stop=lambda: False)


def guess(seed: int) -> dict:
    """Return the card of a uniform guess at every digit of MNIST's test set; it is not stored: a seed says it all."""
    _, y_test = mnist.load_test()
    return {
        "id": "uniform",
        "name": METHODS["uniform"].title,
        "method": "uniform",
        "seed": seed,
        "parameters": 0,
        "training_seconds": 0.0,
        "human_seconds": 0.0,
        "drawings": 0,
        "tests": {"mnist": asdict(evaluate(y_test, baseline.uniform_guess(len(y_test), seed)))},
    }


def build(settings: Settings) -> object:
    """Build the network that the settings describe; see `models.build`."""
    return models.build(
        settings.hidden_units,
        settings.activation,
        settings.dropout,
        settings.seed,
        network=settings.network,
        straighten=settings.straighten,
        directions=settings.directions,
    )


def _test(predictor: Predictor, own: Dataset | None) -> dict:
    x_test, y_test = mnist.load_test()
    probabilities = predictor.predict(x_test)
    result = evaluate(y_test, probabilities.argmax(axis=1))
    tests = {"mnist": asdict(replace(result, mistakes=confident_mistakes(y_test, probabilities)))}
    if own:
        tests["own"] = asdict(evaluate(own.labels, predictor.predict(own.images).argmax(axis=1), own.version))
    return tests


def _progress(share: float, seconds: float) -> dict:
    return {"progress": share, "seconds_left": seconds * (1 - share) / share}


def _at_most_every(seconds: float, call: Callable[[float], None]) -> Callable[[float], None]:
    """Let a call through only when the last one is long enough ago: the page looks twice a second."""
    last = -seconds

    def throttled(value: float) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            call(value)

    return throttled


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}
