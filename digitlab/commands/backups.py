"""Commands that copy the whole database into a file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from digitlab.commands.telling import AsJson, tell, telling
from digitlab.storage import backup
from digitlab.storage.store import default_url


@telling
def back_up(
    file: Annotated[Path, typer.Argument(help="Where to; one that is there is not overwritten.")],
    as_json: AsJson = False,
) -> None:
    """Write the database, its models too, into a file, while people draw."""
    found = backup.back_up(default_url(), file)
    _tell(f"Written to {file}", file, found, as_json)


@telling
def restore(
    file: Annotated[Path, typer.Argument(help="As `backup` wrote it.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a database that holds something.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database; end the server first."""
    found = backup.restore(file, default_url(), force=force)
    _tell(f"Restored from {file}", file, found, as_json)


def _tell(done: str, file: Path, found: backup.Contents, as_json: bool) -> None:
    tell(
        f"{done}: {found.drawings} drawings, {found.runs} runs, {found.models} models.",
        {"file": str(file), "drawings": found.drawings, "runs": found.runs, "models": found.models},
        as_json=as_json,
    )
