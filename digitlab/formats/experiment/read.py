"""Experiments in: nothing is believed before it is checked, and no more than some rows or one model lie in memory."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from digitlab.formats.experiment.apart import Apart
from digitlab.formats.experiment.checks import check_model, check_row
from digitlab.formats.experiment.manifest import ENDING, MANIFEST, NAMES, README, Entry, Manifest, read_manifest
from digitlab.formats.parts import FormatError, Part, read_all, read_lines, reading, unpack
from digitlab.storage.experiment.contents import Contents, check
from digitlab.storage.experiment.rows import MODEL_KINDS, DrawingRow, EventRow, R, RowKind, RunRow
from digitlab.storage.models import Kind

MOST_BYTES = 2_000_000_000  # unpacked: about 200,000 drawings
_MOST_ROWS: dict[RowKind, int] = {DrawingRow: 200_000, EventRow: 5_000_000}
_MOST_OTHERS = 50_000  # rows of each other kind
_LONGEST_LINE = 4_000_000  # bytes
_LARGEST_MODEL, _LARGEST_MANIFEST = 100_000_000, 20_000_000  # bytes


def is_experiment(parts: Sequence[Part]) -> bool:
    """Return whether somebody hands in an experiment: by its name, or by what is in it."""
    if len(parts) != 1 or not parts[0].base.endswith(".zip"):
        return False
    if parts[0].base.endswith(ENDING):
        return True
    try:
        names = {part.name for part in unpack(parts, MOST_BYTES)}
    except FormatError:
        return False
    return {MANIFEST, *NAMES.values()} <= names


@dataclass(frozen=True)
class ExperimentFile:
    """An experiment in a file, as `storage.experiment.rows.Rows`; every reading of it is checked again.

    Attributes:
        name: Of the file.
        manifest: What it says of itself.
        parts: What is in the zip, by name.
        entries: What the manifest says of each.
        models: The files of models: id of the run, and kind.
    """

    name: str
    manifest: Manifest
    parts: dict[str, Part]
    entries: dict[str, Entry]
    models: tuple[tuple[str, Kind], ...]

    def read(self, kind: type[R]) -> Iterator[R]:
        """Yield all rows of a kind.

        Raises:
            FormatError: If a row is not as it should be, or the file is not what the manifest says.
        """
        entry, decoder, count = self.entries[NAMES[kind]], msgspec.json.Decoder(kind), 0
        with reading(self.parts[entry.name], entry.bytes) as file:
            digest = hashlib.sha256()
            for line in read_lines(file, _LONGEST_LINE):
                if not line:
                    continue
                digest.update(line + b"\n")
                count += 1
                try:
                    row = decoder.decode(line)
                    check_row(row)
                except (ValueError, RecursionError) as error:  # a DecodeError is a ValueError
                    raise FormatError(
                        f"Line {count} of {entry.name} in {self.name} is not as DigitLab writes it: {error!s:.200} "
                        "Export the experiment anew; nothing was stored."
                    ) from error
                yield row
        if count != entry.rows or digest.hexdigest() != entry.sha256:
            raise FormatError(
                f"Expected {entry.rows} rows in {entry.name} of {self.name}, as its manifest says, and their hash. "
                f"Received: {count} rows, or others: it was changed after it was written. Export the experiment "
                "anew; nothing was stored."
            )

    def read_model(self, run_id: str, kind: Kind) -> bytes:
        """Return the content of a file of a model.

        Raises:
            FormatError: If it is not the one that the manifest names.
        """
        entry = self.entries[f"models/{run_id}.{kind}"]
        content = read_all(self.parts[entry.name], entry.bytes)
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise FormatError(
                f"The file {entry.name} in {self.name} was changed after it was written: its hash does not fit. Export "
                "the experiment anew; nothing was stored."
            )
        return content


def open_experiment_file(part: Part) -> ExperimentFile:
    """Open an experiment; only its manifest is read.

    Args:
        part: The zip.

    Raises:
        FormatError: If it is none, of another version, or not what its manifest says.
    """
    found = unpack([part], MOST_BYTES)
    parts = {each.name: each for each in found}
    if MANIFEST not in parts:
        raise FormatError(
            f"Expected an experiment, {ENDING}, as the page My digits or `python -m digitlab export` writes it. "
            f"Received: {part.name}, a file without {MANIFEST}. If it holds digits alone, name it .zip."
        )
    manifest = read_manifest(read_all(parts[MANIFEST], _LARGEST_MANIFEST), part.name)
    named = [entry.name for entry in manifest.files]
    listed = sorted([*named, MANIFEST, README]) == sorted(each.name for each in found)
    if not listed or not {*NAMES.values()} <= {*named}:
        raise FormatError(
            f"Expected the files that the manifest of {part.name} names, each once. Received: others. Export the "
            "experiment anew; nothing was stored."
        )
    for kind, name in NAMES.items():
        most = _MOST_ROWS.get(kind, _MOST_OTHERS)
        if manifest.rows(kind) > most:
            raise FormatError(
                f"Expected at most {most:,} rows in {name}. Received: {manifest.rows(kind):,}. Export fewer people."
            )
    for entry in manifest.files:
        if parts[entry.name].size != entry.bytes or (entry.rows is None and entry.bytes > _LARGEST_MODEL):
            raise FormatError(
                f"Expected {entry.bytes:,} bytes in {entry.name} of {part.name}, as its manifest says, and at most "
                f"{_LARGEST_MODEL // 10**6} MB in a model. Received: {parts[entry.name].size:,}. Export the experiment "
                "anew."
            )
    entries = {entry.name: entry for entry in manifest.files}
    return ExperimentFile(part.name, manifest, parts, entries, tuple(_model(entry.name) for entry in manifest.models))


def read_experiment(part: Part) -> tuple[ExperimentFile, Contents]:
    """Open an experiment and check everything in it, models too.

    Raises:
        FormatError: If something in it is not as it should be; the message says what.
        ValueError: If what a row names is not in it.
    """
    file = open_experiment_file(part)
    contents = check(file)
    files: dict[str, list[Kind]] = {}
    for run_id, kind in file.models:
        files.setdefault(run_id, []).append(kind)
    with Apart() as apart:
        for row in file.read(RunRow):
            for kind in files.get(row.id, ()):
                check_model(file.read_model(row.id, kind), kind, row.card, apart)
    return file, contents


def _model(name: str) -> tuple[str, Kind]:
    run_id, _, ending = name.removeprefix("models/").rpartition(".")
    for kind in MODEL_KINDS:
        if kind == ending:
            return run_id, kind
    raise FormatError(
        f"Expected a model as .keras, .tflite or .npz. Received: {name!r:.80}. Export the experiment anew."
    )
