"""Experiments out: written as they are read, some rows at a time, so that no more than these lie in memory."""

import hashlib
from collections.abc import Callable, Iterator
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from digitlab.formats.card import plain
from digitlab.formats.experiment.manifest import (
    FORMAT,
    MANIFEST,
    NAMES,
    README,
    VERSION,
    Entry,
    Manifest,
    signed,
    write_manifest,
)
from digitlab.storage.experiment.leaving import Leaving, open_experiment
from digitlab.storage.experiment.rows import DrawingRow, PersonRow, PointRow, RowKind, RunRow
from digitlab.storage.people import OWNER, Person
from digitlab.storage.schema import now
from digitlab.storage.store import Store

_LEVEL = 4  # of the compression: half the time of the usual 6, and a few per cent larger
_AT_ONCE = 1 << 18  # bytes handed to the zip at once


def write_experiment(
    file: IO[bytes], store: Store, *, by: Person = OWNER, tell: Callable[[float], None] = lambda _: None
) -> Manifest:
    """Write all that somebody may take along into a zip.

    Args:
        file: Opened to write bytes.
        store: Where the experiment is.
        by: Whoever takes it along: a pupil takes along what is theirs.
        tell: Called with the share that is done, 0-1.

    Returns:
        What was written.

    Raises:
        NotAllowedError: If they have not joined the class.
        StoreError: If something that is stored cannot be read.
    """
    with open_experiment(store, by) as leaving, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        models = [(run_id, kind, f"models/{run_id}.{kind}") for run_id, kind in leaving.models]
        steps, entries, names = len(NAMES) + len(models), list[Entry](), list[str]()
        for kind, name in NAMES.items():
            entries.append(_write(archive, name, _lines(leaving, kind, names), count=True))
            tell(len(entries) / steps)
        for run_id, model_kind, name in models:
            entries.append(_write(archive, name, iter([leaving.read_model(run_id, model_kind)]), count=False))
            tell(len(entries) / steps)
        manifest = signed(Manifest(FORMAT, VERSION, now(), tuple(entries)))
        archive.writestr(README, _readme(manifest, names))
        archive.writestr(MANIFEST, write_manifest(manifest))
    return manifest


def _lines(leaving: Leaving, kind: RowKind, names: list[str]) -> Iterator[bytes]:
    """Yield the rows of a kind as lines; the names of people are noted."""
    encode = msgspec.json.Encoder().encode
    for row in leaving.read(kind):
        if isinstance(row, PersonRow):
            names.append(row.name)
        yield encode(row) + b"\n"


def _write(archive: ZipFile, name: str, pieces: Iterator[bytes], *, count: bool) -> Entry:
    digest, size, rows, waiting = hashlib.sha256(), 0, 0, bytearray()
    with archive.open(name, "w", force_zip64=True) as file:
        for rows, piece in enumerate(pieces, 1):  # noqa: B007 - the last one is kept
            digest.update(piece)
            size += len(piece)
            waiting += piece
            if len(waiting) >= _AT_ONCE:
                file.write(waiting)
                waiting = bytearray()
        file.write(waiting)
    return Entry(name, size, digest.hexdigest(), rows if count else None)


def _readme(manifest: Manifest, names: list[str]) -> str:
    people = ", ".join(map(plain, names[:50])) or "nobody"
    return (
        "# An experiment of DigitLab\n\n"
        f"{manifest.rows(DrawingRow):,} drawings, those that were put aside too, of {manifest.rows(PersonRow):,} "
        f"people ({people}), {manifest.rows(RunRow):,} runs with {len(manifest.models):,} files of models, "
        f"{manifest.rows(PointRow):,} points of learning curves. Written {manifest.written_at}.\n\n"
        "Bring it in on the page My digits of another DigitLab, or by `python -m digitlab import "
        "FILE.digitlab.zip`: what is there stays, and nothing is stored twice. The `.ndjson` files hold a row a line, "
        "in JSON; `models/` the networks.\n\n"
        f"sha256 of the manifest: `{manifest.sha256}`\n"
    )
