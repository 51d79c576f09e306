"""Commands that train, test and ask networks, and write the report."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from digitlab import mnist
from digitlab.commands.files import check_new, new_file, read_picture
from digitlab.commands.telling import AsJson, NothingToDo, bar, tell, telling
from digitlab.formats import bring_in
from digitlab.formats.parts import FormatError
from digitlab.formats.photos import find_in_photo
from digitlab.formats.read_files import parts_of_path
from digitlab.learning import baseline_runs, experiment, model_files, presets
from digitlab.learning.evaluation import Predictor, evaluate, load_predictor
from digitlab.learning.training_data import read_own_test_set
from digitlab.look import percent
from digitlab.orientation import stand_up
from digitlab.run import Run, TestResult
from digitlab.settings import NETWORKS
from digitlab.storage.batches import TRAINING_KINDS, read_batches
from digitlab.storage.demo import without_demo
from digitlab.storage.digit_sets import DigitSet, digit_sets
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store, default_url

_ON = ("mnist", *TRAINING_KINDS, "all")

Model = Annotated[str, typer.Option("--model", help="Id of a run, as `info` tells it.")]


@telling
def train(
    *,
    on: Annotated[str, typer.Option(help=f"What to train on: {', '.join(_ON)} (all drawings).")] = "all",
    writer: Annotated[str | None, typer.Option(help="Only this person's drawings.")] = None,
    network: Annotated[str, typer.Option(help=f"One of {', '.join(NETWORKS)}.")] = "dense",
    epochs: Annotated[int | None, typer.Option(help="Instead of what suits the amount of digits.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same network.")] = 0,
    start_from: Annotated[str | None, typer.Option(help="Id of a run whose network is trained further.")] = None,
    name: Annotated[str | None, typer.Option(help="Of the run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a network on MNIST or on drawings, test it and store the run."""
    if on not in _ON:
        raise FormatError(f"Expected --on to be one of {', '.join(_ON)}. Received: {on!r}.")
    with closing(Store(default_url())) as store:
        batches = [batch for batch in read_batches(store) if batch.drawn and writer in (None, batch.writer)]
        batches = batches if writer else without_demo(batches)
    chosen = [batch for batch in batches if batch.kind in (TRAINING_KINDS if on == "all" else (on,))]
    drawings = sum(batch.drawn for batch in chosen)
    if on != "mnist" and not chosen:
        raise NothingToDo("There are no such drawings. Draw some, or train with --on mnist.")
    by = f" by {writer}" if writer else ""
    what = "imported digits" if on == "imported" else f"drawings ({on})"
    by_default = f"MNIST, {network}" if on == "mnist" else f"{drawings} {what}{by}"
    settings = (
        replace(presets.PRESETS["Fast"], network=network, directions=network == "dense")
        if on == "mnist"
        else presets.defaults(drawings, network, from_saved=start_from is not None)
    )
    settings = replace(settings, seed=seed, epochs=epochs or settings.epochs)
    run = _run_experiment(
        experiment.Experiment(
            name=name or by_default,
            settings=settings,
            database_url=default_url(),
            batch_ids=tuple(batch.id for batch in chosen) if on != "mnist" else (),
            test_batch_ids=tuple(batch.id for batch in batches if batch.kind == "test"),
            start_from=start_from,
        ),
        as_json,
    )
    tell_tests(f"Stored as {run.id}: {run.name}", run.id, run.tests, as_json)


def _run_experiment(asked: experiment.Experiment, as_json: bool) -> Run:
    with bar("Training", quiet=as_json) as show:
        run_id = experiment.run(asked, report=lambda event: show(event.get("progress", 0.0)), should_stop=lambda: False)
    with closing(Store(default_url())) as store:
        return model_files.load_card(run_id, store)


@telling
def evaluate_model(
    files: Annotated[list[Path] | None, typer.Argument(help="Digits to test on instead, as for `import`.")] = None,
    model: Model = model_files.REFERENCE,
    as_json: AsJson = False,
) -> None:
    """Test a network on MNIST's test digits and the own ones, or on the digits of files."""
    predictor = _load(model)
    if files:
        incoming, lie = bring_in.read([part for path in files for part in parts_of_path(path)])
        read = predictor.predict(stand_up(incoming.images, lie)).argmax(axis=1)
        tests = {"files": evaluate(incoming.labels, read)}
    else:
        x_test, y_test = mnist.load_test()
        tests = {"mnist": evaluate(y_test, predictor.predict(x_test).argmax(axis=1))}
        with closing(Store(default_url())) as store:
            own = read_own_test_set(store, tuple(batch.id for batch in read_batches(store, kinds=("test",))))
        if own:
            tests["own"] = evaluate(own.labels, predictor.predict(own.images).argmax(axis=1), own.version)
    tell_tests(model, model, tests, as_json)


@telling
def predict(
    images: Annotated[list[Path], typer.Argument(help="Photos, scans or pictures of digits; several may be in one.")],
    model: Model = model_files.REFERENCE,
    as_json: AsJson = False,
) -> None:
    """Read the digits in pictures."""
    predictor = _load(model)
    facts, lines = [], []
    for path in images:
        found = find_in_photo(read_picture(path), path.name)
        probabilities = predictor.predict(found.images)
        read, sure = probabilities.argmax(axis=1).tolist(), probabilities.max(axis=1).tolist()
        lines.append(
            f"{path}: " + ", ".join(f"{each} ({percent(share, 0)})" for each, share in zip(read, sure, strict=True))
        )
        facts.append(
            {
                "file": str(path),
                "digits": [
                    {"label": each, "probability": round(share, 4), "box": [box.left, box.top, box.right, box.bottom]}
                    for each, share, box in zip(read, sure, found.boxes, strict=True)
                ],
            }
        )
    tell("\n".join(lines), {"model": model, "pictures": facts}, as_json=as_json)


@telling
def report(
    file: Annotated[Path, typer.Argument(help="The HTML file to write; one that is there is not overwritten.")],
    as_json: AsJson = False,
) -> None:
    """Write the report on all runs: one HTML file that needs no network."""
    # Not for the other commands: tables and charts take a third of the time in which all of this starts.
    from digitlab.comparison import report as report_file
    from digitlab.comparison.own_tests import retest_on_own
    from digitlab.comparison.runs import unique_names

    check_new(file)
    with closing(Store(default_url())) as store:
        batches, stored, sets = read_batches(store), read_runs(store), digit_sets(store)
        known: dict[tuple[str, int], npt.NDArray[np.int64] | None] = {}

        def predictions(run_id: str, digits: DigitSet) -> npt.NDArray[np.int64] | None:
            if (run_id, id(digits)) not in known:
                known[run_id, id(digits)] = _predict_set(store, run_id, digits)
            return known[run_id, id(digits)]

        named = unique_names([baseline_runs.guess(0), *stored])
        runs = retest_on_own(named, batches, sets, predictions)
        with new_file(file) as opened:
            opened.write(report_file.write(runs, stored, batches, sets, predictions))
    tell(f"Written to {file}: a report on {len(runs)} runs.", {"file": str(file), "runs": len(runs)}, as_json=as_json)


def _predict_set(store: Store, run_id: str, digits: DigitSet) -> npt.NDArray[np.int64] | None:
    try:
        predictor = load_predictor(run_id, store)
    except model_files.ModelError:
        return None
    return np.asarray(predictor.predict(digits.images).argmax(axis=1), np.int64)


def _load(model: str) -> Predictor:
    with closing(Store(default_url())) as store:
        return load_predictor(model, store)


def tell_tests(title: str, run_id: str, tests: Mapping[str, TestResult], as_json: bool) -> None:
    """Say how well a model read its test sets.

    Args:
        title: What stands above.
        run_id: Of the model.
        tests: Results by test set.
        as_json: For machines.
    """
    from digitlab.comparison.runs import percent_with_interval  # not for the other commands, see `report`

    titles = {"mnist": "MNIST's test digits", "own": "own test digits", "own_reader": "own, with your reader"}
    lines = [f"{titles.get(key, key)}: {percent_with_interval(test)} of {test.n}" for key, test in tests.items()]
    facts = {
        key: {"n": test.n, "correct": test.correct, "accuracy": test.accuracy, "low": test.low, "high": test.high}
        for key, test in tests.items()
    }
    tell("\n".join([title, *lines]), {"run": run_id, "tests": facts}, as_json=as_json)
