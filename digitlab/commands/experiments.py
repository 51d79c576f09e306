"""What `export` and `import` do with a whole experiment, `.digitlab.zip`."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from digitlab.commands.files import new_file
from digitlab.commands.telling import NothingToDo, bar, tell
from digitlab.formats.experiment.manifest import ENDING
from digitlab.formats.experiment.preview import preview
from digitlab.formats.experiment.read import is_experiment, read_experiment
from digitlab.formats.experiment.write import write_experiment
from digitlab.formats.parts import FormatError, Part
from digitlab.storage.batches import read_batches
from digitlab.storage.experiment.coming import store_experiment
from digitlab.storage.experiment.rows import DrawingRow, PersonRow, RunRow
from digitlab.storage.runs import read_runs
from digitlab.storage.store import Store, default_url

FORMAT = "experiment"


def is_meant(name: str, form: str | None) -> bool:
    """Return whether a whole experiment is meant: by the format that was asked for, or by the ending of the file."""
    return form == FORMAT or (form is None and name.lower().endswith(ENDING))


def export(file: Path, *, as_json: bool) -> None:
    """Write everything into one file.

    Raises:
        NothingToDo: If there is nothing.
    """
    with closing(Store(default_url())) as store:
        if not read_batches(store) and not read_runs(store):
            raise NothingToDo("There is nothing to take along. Draw some digits, or train a network.")
        with new_file(file) as opened, bar("Writing", quiet=as_json) as show:
            manifest = write_experiment(opened, store, tell=show)
    people, drawings, runs = (manifest.rows(kind) for kind in (PersonRow, DrawingRow, RunRow))
    tell(
        f"Written to {file}: {people} people, {drawings} drawings, {runs} runs with {len(manifest.models)} files of "
        "models.",
        {"file": str(file), "format": FORMAT, "people": people, "drawings": drawings, "runs": runs}
        | {"model_files": len(manifest.models), "sha256": manifest.sha256},
        as_json=as_json,
    )


def bring_in(part: Part, names: Sequence[str], *, dry_run: bool, as_json: bool) -> None:
    """Store an experiment, or only tell what would be stored.

    Args:
        part: The file.
        names: "NAME=NEW NAME" for people whose name somebody else has here.
        dry_run: Store nothing.
        as_json: Tell machines.
    """
    said = dict(map(_pair, names))
    file, contents = read_experiment(part)
    with closing(Store(default_url())) as store:
        found = preview(store, file, contents, said)
        facts = {
            "people": [
                {"name": each.name, "drawings": each.drawings, "new": each.new, "becomes": each.becomes}
                for each in found.people
            ],
            "sha256": file.manifest.sha256,
            "taken_names": list(found.free_names),
        }
        if dry_run:
            asked = [f'--name "{name}={free}"' for name, free in found.free_names.items()]
            needed = f" Somebody else here has the same name: say {' '.join(asked)}." if asked else ""
            tell(f"{found.summary()}{needed} Nothing was stored.", facts, as_json=as_json)
            return
        if found.free_names:
            name, free = next(iter(found.free_names.items()))
            raise FormatError(
                f"Expected to be told who {name} is: somebody here has that name, with other digits. Say "
                f'--name "{name}={free}" for another person, or --name "{name}={name}" for the same one. Nothing was '
                "stored."
            )
        done = store_experiment(store, file, contents, said)
    aside = f", {done.aside} to the deleted ones" if done.aside else ""
    tell(
        f"{found.summary()} Stored: {done.people} people, {done.drawings} drawings{aside}, {done.runs} runs.",
        facts
        | {
            "stored": {"people": done.people, "batches": done.batches, "drawings": done.drawings}
            | {"aside": done.aside, "sheets": done.sheets, "runs": done.runs, "points": done.points}
        },
        as_json=as_json,
    )


def is_one(parts: Sequence[Part], form: str | None) -> bool:
    """Return whether the files to bring in are an experiment."""
    if form == FORMAT and len(parts) != 1:
        raise FormatError(f"Expected one file with an experiment. Received: {len(parts)}. Bring them in one by one.")
    return form == FORMAT or is_experiment(parts)


def _pair(text: str) -> tuple[str, str]:
    name, equals, new = text.partition("=")
    if not equals:
        raise FormatError(f'Expected --name "NAME=NEW NAME". Received: {text!r:.80}.')
    return name, new
