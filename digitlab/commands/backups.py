"""Commands that copy the whole database: into a file and back, or into another database."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digitlab.commands.telling import AsJson, tell, telling
from digitlab.storage import backup, copying
from digitlab.storage.addresses import shown
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


@telling
def copy_database(
    source: Annotated[str, typer.Argument(metavar="FROM", help="SQLAlchemy address, as sqlite:///data/digitlab.db.")],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="Of an empty one, as postgresql+psycopg://NAME:PASSWORD@HOST/DATABASE.")
    ],
    as_json: AsJson = False,
) -> None:
    """Copy a whole database into an empty one; end the server first."""
    found = copying.copy_database(source, target)
    tell(
        f"Copied from {shown(source)} to {shown(target)}: {found.drawings} drawings, {found.runs} runs, "
        f"{found.model_files} files of models, {found.rows} rows in all. Name the new one by DIGITLAB_DATABASE_URL and "
        "start the server.",
        {"from": shown(source), "to": shown(target), **asdict(found)},
        as_json=as_json,
    )


def _tell(done: str, file: Path, found: backup.Contents, as_json: bool) -> None:
    tell(
        f"{done}: {found.drawings} drawings, {found.runs} runs, {found.models} models.",
        {"file": str(file), "drawings": found.drawings, "runs": found.runs, "models": found.models},
        as_json=as_json,
    )
