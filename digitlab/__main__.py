"""The command line: `python -m digitlab backup FILE`, `restore FILE` and `copy-database FROM TO`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from digitlab.storage import backup, copying
from digitlab.storage.addresses import shown
from digitlab.storage.schema import StoreError
from digitlab.storage.store import default_url


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; return 0, or 1 after an error, which is told."""
    parser = argparse.ArgumentParser("python -m digitlab", description="DigitLab's database, in one file and back.")
    commands = parser.add_subparsers(dest="command", required=True)
    back_up = commands.add_parser("backup", help="write the database into a file, while people draw")
    back_up.add_argument("file", type=Path)
    restore = commands.add_parser("restore", help="put a backup in the place of the database; end the server first")
    restore.add_argument("file", type=Path)
    restore.add_argument("--force", action="store_true", help="overwrite a database that holds something")
    copy = commands.add_parser("copy-database", help="copy a whole database into an empty one; end the server first")
    copy.add_argument("source", metavar="FROM", help="SQLAlchemy address, such as sqlite:///data/digitlab.db")
    copy.add_argument("target", metavar="TO", help="such as postgresql+psycopg://NAME:PASSWORD@HOST/DATABASE")
    options = parser.parse_args(arguments)
    try:
        if options.command == "copy-database":
            print(copy_database(options.source, options.target))
            return 0
        if options.command == "backup":
            found = backup.back_up(default_url(), options.file)
            done = f"Written to {options.file}"
        else:
            found = backup.restore(options.file, default_url(), force=options.force)
            done = f"Restored from {options.file}"
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{done}: {found.drawings} drawings, {found.runs} runs, {found.models} models.")
    return 0


def copy_database(source: str, target: str) -> str:
    """Copy a database into an empty one, and return what to tell of it, without passwords.

    Raises:
        StoreError: As `copying.copy_database`.
    """
    found = copying.copy_database(source, target)
    return (
        f"Copied from {shown(source)} to {shown(target)}: {found.drawings} drawings, {found.runs} runs, "
        f"{found.model_files} files of models, {found.rows} rows in all. Name the new one by "
        "DIGITLAB_DATABASE_URL and start the server."
    )


if __name__ == "__main__":
    sys.exit(main())
