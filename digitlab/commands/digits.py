"""Commands that take digits out of the database, bring some in, and tell what is there."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from digitlab.commands import experiments
from digitlab.commands.files import check_new, new_file
from digitlab.commands.sheets import SheetWishes, import_sheets
from digitlab.commands.telling import AsJson, NothingToDo, bar, tell, telling
from digitlab.formats import bring_in, card
from digitlab.formats.parts import FormatError
from digitlab.formats.pictures import ENDINGS
from digitlab.formats.read_files import parts_of_path
from digitlab.formats.upright import stand_up_folder
from digitlab.formats.write_files import FORMATS, write_zip
from digitlab.orientation import Lie
from digitlab.storage.batches import read_batches
from digitlab.storage.digit_export import find_outgoing
from digitlab.storage.digit_import import store_imported
from digitlab.storage.found_drawings import Wanted
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store, default_url
from digitlab.storage.writers import read_writers


@telling
def export(
    file: Annotated[Path, typer.Argument(help="The zip to write; one that is there is not overwritten.")],
    *,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help=f"One of {', '.join(FORMATS)}; or {experiments.FORMAT}, which holds everything: people, drawings, "
            f"sheets, runs, curves. If it is left out: {experiments.FORMAT} for a file called {experiments.ENDING}, "
            "else npz.",
        ),
    ] = None,
    writer: Annotated[str | None, typer.Option(help="Only this person's digits.")] = None,
    label: Annotated[list[int] | None, typer.Option(help="Only this digit; may be given several times.")] = None,
    licence: Annotated[str, typer.Option(help=f"One of {', '.join(card.LICENCES)}.")] = card.DEFAULT_LICENCE,
    title: Annotated[str, typer.Option(help="What the data card calls the set.")] = "Digits drawn by hand",
    as_json: AsJson = False,
) -> None:
    """Write digits into a zip in a format of the field, with a data card; or a whole experiment."""
    check_new(file)
    if experiments.is_meant(file.name, form):
        if writer is not None or label:
            raise FormatError("An experiment is exported as a whole: leave --writer and --label out, or name a format.")
        experiments.export(file, as_json=as_json)
        return
    form = form or "npz"
    with closing(Store(default_url())) as store:
        if writer is not None and writer not in read_writers(store).values():
            raise NothingToDo(f"There is nobody called {writer}: `python -m digitlab info` tells who has drawn.")
        outgoing = find_outgoing(store, Wanted(writer=writer, labels=tuple(label or ())))
        if not len(outgoing):
            raise NothingToDo("There are no such digits. Draw some, or bring some in by `python -m digitlab import`.")
        with new_file(file) as opened, bar("Writing", quiet=as_json) as show:
            done = write_zip(opened, form, store, outgoing, licence=licence, title=title, tell=show)
    left_out = f"; {done.left_out} without strokes are left out" if done.left_out else ""
    tell(
        f"Written to {file}: {done.train} digits to train on, {done.test} to test with{left_out}.",
        {"file": str(file), "format": form, "train": done.train, "test": done.test, "left_out": done.left_out}
        | {"licence": licence, "sha256": done.version},
        as_json=as_json,
    )


@telling
def import_digits(
    files: Annotated[
        list[Path], typer.Argument(help="Files or folders of one format, or zips of them; or photos of filled sheets.")
    ],
    *,
    writer: Annotated[
        str | None, typer.Option(help="Whose digits they are where the files do not tell; of a sheet, instead of it.")
    ] = None,
    test: Annotated[bool, typer.Option(help="Store the digits to test with too, as own test digits.")] = True,
    upright: Annotated[bool, typer.Option(help="Stand a set up that lies on its side, light on dark.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be stored.")] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"{experiments.FORMAT}, where a file is one and is not called {experiments.ENDING}."
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help='Of an experiment: "Ana=Ana B" stores its Ana as Ana B, where somebody else here is called Ana; '
            '"Ana=Ana": both are the same person. May be given several times.'
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="Of sheets: how long it took to write them, by a clock.")] = 0.0,
    test_with: Annotated[bool, typer.Option("--test-with", help="Of sheets: never train on them.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Of sheets: another filled copy of one that is there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring digits in, photos of filled sheets, or a whole experiment; nothing is stored twice.

    Digits come as IDX, NPZ, CSV, NDJSON, Parquet, or pictures in folders named 0 to 9.
    """
    of_sets = {"--no-test": not test, "--no-upright": not upright}
    of_sheets = {"--minutes": minutes != 0, "--test-with": test_with, "--again": again}
    of_experiments = {"--format": form is not None, "--name": bool(name)}
    if all(path.name.lower().endswith(ENDINGS) for path in files):
        _refuse("photos of sheets", of_sets | of_experiments)
        import_sheets(files, SheetWishes(writer, minutes, test_with, again, dry_run), as_json=as_json)
        return
    if form not in (None, experiments.FORMAT):
        raise FormatError(f"The format of digits is found out. Received: --format {form!r:.40}. Leave it out.")
    parts = [part for path in files for part in parts_of_path(path)]
    if experiments.is_one(parts, form):
        _refuse("an experiment", of_sets | of_sheets | {"--writer": writer is not None})
        experiments.bring_in(parts[0], name or (), dry_run=dry_run, as_json=as_json)
        return
    _refuse("a set of digits", of_sheets | of_experiments)
    writer = writer or "imported"
    incoming, lie = bring_in.read(parts)
    with closing(Store(default_url())) as store:
        found = bring_in.preview(store, incoming, lie if upright else Lie())
        facts = {
            "digits": len(incoming),
            "there": int(found.known.there.sum()),
            "twice": incoming.twice,
            "lying": lie.describe(),
            "stood_up": upright and not lie.fine,
        }
        turned = f" They were {lie.describe()}{'' if upright else ', and stay so'}." if not lie.fine else ""
        if dry_run:
            tell(f"{found.summary()}{turned} Nothing was stored.", {**facts, "train": 0, "test": 0}, as_json=as_json)
            return
        done = store_imported(store, found.incoming, found.known, writer, test=test)
    tell(
        f"{found.summary()}{turned} Stored: {done.train} to train on, {done.test} to test with.",
        {**facts, "train": done.train, "test": done.test, "batch_ids": list(done.batch_ids)},
        as_json=as_json,
    )


def _refuse(brought: str, options: Mapping[str, bool]) -> None:
    """Refuse options that were given and mean nothing for what is brought in."""
    if given := [option for option, is_given in options.items() if is_given]:
        raise FormatError(f"Expected no {' and no '.join(given)}: what is brought in is {brought}. Leave it out.")


@telling
def info(as_json: AsJson = False) -> None:
    """Tell what is in the database: writers, digits, minutes of drawing, runs."""
    with closing(Store(default_url())) as store:
        batches, runs, place = read_batches(store), read_runs(store), store.place
    lines, facts = [f"{place}: {sum(batch.drawn for batch in batches)} digits, {len(runs)} runs."], []
    for name in sorted({batch.writer for batch in batches}):
        own = [batch for batch in batches if batch.writer == name]
        digits, seconds = Counter[str](), sum(batch.seconds for batch in own)
        for batch in own:
            digits[batch.kind] += batch.drawn
        kinds = ", ".join(f"{n} {kind}" for kind, n in digits.items())
        lines.append(f"{name}: {kinds}; {seconds / 60:.1f} min of drawing")
        facts.append({"writer": name, "digits": dict(sorted(digits.items())), "human_seconds": round(seconds, 3)})
    lines += [f"{run.id}: {run.name}" for run in runs]
    tell(
        "\n".join(lines),
        {"database": place, "writers": facts, "runs": [{"id": run.id, "name": run.name} for run in runs]},
        as_json=as_json,
    )


@telling
def upright(
    folder: Annotated[Path, typer.Argument(help="Four IDX files, as of EMNIST's digits.")],
    new_folder: Annotated[Path, typer.Argument(help="Where to write them upright; made if missing.")],
    as_json: AsJson = False,
) -> None:
    """Stand a set in MNIST's format up that lies on its side, into a new folder."""
    lie, n = stand_up_folder(folder, new_folder)
    tell(
        f"The {n} digits were {lie.describe()}; they stand upright in {new_folder}.",
        {"digits": n, "lying": lie.describe(), "folder": str(new_folder)},
        as_json=as_json,
    )
