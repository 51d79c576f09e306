"""The command line: `python -m digitlab backup FILE` and `python -m digitlab restore FILE`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from digitlab.storage import backup
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
    options = parser.parse_args(arguments)
    try:
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


if __name__ == "__main__":
    sys.exit(main())
