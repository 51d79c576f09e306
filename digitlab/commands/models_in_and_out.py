"""Commands that take models out of the database, and bring some in."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from digitlab.commands.files import check_new, new_file
from digitlab.commands.models import tell_tests
from digitlab.commands.telling import AsJson, tell, telling
from digitlab.formats import write_model
from digitlab.formats.parts import FormatError
from digitlab.formats.write_model import FORMS, Wanted
from digitlab.learning import model_files
from digitlab.learning.brought_in import checks, experiment
from digitlab.storage.batches import read_batches
from digitlab.storage.demo import without_demo
from digitlab.storage.store import Store, default_url


@telling
def export_model(
    run: Annotated[str, typer.Argument(help=f"Id of a run, as `info` tells it, or {model_files.REFERENCE}.")],
    file: Annotated[Path, typer.Argument(help="The file to write: .html for a page, .zip for all others.")],
    *,
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMS)}.")] = "keras",
    as_json: AsJson = False,
) -> None:
    """Write the model of a run: for Keras or TensorFlow Lite, with a model card, or as one page to write on."""
    if form not in FORMS:
        raise FormatError(f"Expected --format to be one of {', '.join(FORMS)}. Received: {form!r:.40}.")
    if file.suffix.lower() != f".{FORMS[form].ending}":
        raise FormatError(f"Expected a name that ends with .{FORMS[form].ending} for {form}. Received: {file}.")
    check_new(file)
    url = default_url()
    with closing(Store(url)) as store:
        name = model_files.load_card(run, store).name
    content = write_model.write(Wanted(run, form, name, url), report=lambda _: None, should_stop=lambda: False)
    with new_file(file) as opened:
        opened.write(content)
    tell(
        f"Written to {file}: {name}, {len(content):,} bytes.",
        {"file": str(file), "run": run, "format": form, "bytes": len(content)},
        as_json=as_json,
    )


@telling
def import_model(
    file: Annotated[Path, typer.Argument(help="A .keras or .tflite file, or a zip of `export-model`.")],
    *,
    name: Annotated[str | None, typer.Option(help="Of the run; without it that of the file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a model in that was made elsewhere: test it and store it as a run, to be compared; no code in it is run."""
    if not file.is_file():
        raise FormatError(f"Expected a file that is there. Received: {file}.")
    if file.stat().st_size > checks.MOST_BYTES:
        raise FormatError(f"Expected a model of at most {checks.MOST_BYTES // 10**6} MB. Received: {file}.")
    url = default_url()
    with closing(Store(url)) as store:
        tests = [batch.id for batch in without_demo(read_batches(store, kinds=("test",))) if batch.drawn]
    asked = experiment.ModelToBring(name or file.stem, file.name, file.read_bytes(), url, tuple(tests))
    run_id = experiment.run(asked, report=lambda _: None, should_stop=lambda: False)
    with closing(Store(url)) as store:
        run = model_files.load_card(run_id, store)
    if run.brought_in is None:
        raise ValueError(f"Expected a model that was brought in. Received: {run_id}.")
    tell_tests(f"Stored as {run_id}: {run.name}. {experiment.describe(run.brought_in)}", run_id, run.tests, as_json)
