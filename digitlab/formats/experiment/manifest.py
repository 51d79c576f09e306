"""What a `.digitlab.zip` says of itself: its version, what is in it, and a hash of each of its files and of all that.

An experiment is a zip of `people.ndjson`, `batches.ndjson` and so on, a row a line as `storage.experiment.rows`
describes them, `models/ID.keras`, `.tflite` and `.npz`, a README.md for whoever opens it, and `manifest.json`.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from digitlab.formats.parts import FormatError
from digitlab.storage.experiment.rows import (
    BatchRow,
    DrawingRow,
    EventRow,
    ForecastRow,
    PersonRow,
    PointRow,
    RowKind,
    RunRow,
    SheetRow,
)

ENDING = ".digitlab.zip"
FORMAT = "digitlab-experiment"
VERSION = 1  # of the rows: one that reads other rows gets the next number, and a step that upgrades older ones
MANIFEST, README = "manifest.json", "README.md"
NAMES: dict[RowKind, str] = {
    PersonRow: "people.ndjson",
    BatchRow: "batches.ndjson",
    DrawingRow: "drawings.ndjson",
    SheetRow: "sheets.ndjson",
    EventRow: "events.ndjson",
    RunRow: "runs.ndjson",
    PointRow: "curve_points.ndjson",
    ForecastRow: "forecasts.ndjson",
}
_Count = Annotated[int, Meta(ge=0, le=2**62)]


class Entry(msgspec.Struct, frozen=True):
    """A file in the zip: name, bytes, sha256, and of one with rows how many."""

    name: str
    bytes: _Count
    sha256: str
    rows: _Count | None = None


class Manifest(msgspec.Struct, frozen=True):
    """What is in an experiment.

    Attributes:
        format: `FORMAT`.
        version: `VERSION`.
        written_at: UTC, ISO 8601.
        files: All others but the README.
        sha256: Of all the above, as `signed` makes it: it names the experiment, and tells a change by mistake.
    """

    format: str
    version: int
    written_at: str
    files: tuple[Entry, ...]
    sha256: str = ""

    def rows(self, kind: RowKind) -> int:
        """Return how many rows of a kind there are."""
        return next((entry.rows or 0 for entry in self.files if entry.name == NAMES[kind]), 0)

    @property
    def models(self) -> Sequence[Entry]:
        """The files of models."""
        return [entry for entry in self.files if entry.name.startswith("models/")]


class _Head(msgspec.Struct):
    """What every version has."""

    format: str
    version: int


def signed(manifest: Manifest) -> Manifest:
    """Return a manifest with the hash of what it says."""
    said = msgspec.json.encode(msgspec.structs.replace(manifest, sha256=""))
    return msgspec.structs.replace(manifest, sha256=hashlib.sha256(said).hexdigest())


def write_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as JSON, to be read by people too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def read_manifest(content: bytes, name: str) -> Manifest:
    """Read a manifest.

    Args:
        content: JSON.
        name: Of the zip, for the error.

    Raises:
        FormatError: If it is none, of another version, or was changed.
    """
    try:
        head = msgspec.json.decode(content, type=_Head)
        if head.format != FORMAT:
            raise FormatError(f"Expected an experiment of DigitLab. Received: {name}, which says {head.format!r:.40}.")
        if head.version > VERSION:
            raise FormatError(
                f"Expected an experiment of version {VERSION}. Received: {name}, of version {head.version}, written by "
                "a newer DigitLab. Update DigitLab; nothing was stored."
            )
        if head.version < VERSION:
            raise FormatError(
                f"Expected an experiment of version {VERSION}. Received: {name}, of version {head.version}, which no "
                "DigitLab has written. Export it anew."
            )
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FormatError(f"The manifest of {name} is damaged ({error!s:.200}). Export the experiment anew.") from error
    if signed(manifest).sha256 != manifest.sha256:
        raise FormatError(
            f"The manifest of {name} was changed after it was written: its hash does not fit. Export the experiment "
            "anew; nothing was stored."
        )
    return manifest
