"""What a whole experiment is made of, row by row: typed records, checked whenever they are read from a file.

People, batches and sheets have the numbers of the database they come from, by which the rows name each other; where
they come in they get other ones. What belongs to a class stays out: personal links, logins, who is a teacher, what is
set.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol, TypeAlias, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Meta

from digitlab.digits import IMAGE_SIZE
from digitlab.run import Run, TestResult, to_json
from digitlab.storage import schema
from digitlab.storage.models import Kind
from digitlab.storage.pad_message import MAX_CELLS

MODEL_KINDS: tuple[Kind, ...] = ("keras", "tflite", "npz")

_Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
_Number = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
_Label = Annotated[int, Meta(ge=0, le=9)]
_Place = Annotated[int, Meta(ge=0, le=200_000)]
_Seconds = Annotated[float, Meta(ge=-1, le=1e9)]  # what is left of a sheet may be less than nothing by a rounding
_Moment = Annotated[str, Meta(max_length=32)]
_Version = Annotated[str, Meta(max_length=16, pattern=r"^[0-9a-z]*\Z")]
_Ids = Annotated[list[_Id], Meta(max_length=100_000)]


class PersonRow(msgspec.Struct, frozen=True):
    """Somebody who draws or trains: a number and a name."""

    id: _Id
    name: Annotated[str, Meta(min_length=1, max_length=80)]


class BatchRow(msgspec.Struct, frozen=True):
    """A sitting, as `storage.batches.Batch`."""

    id: _Id
    person: _Id
    kind: Literal["one", "full", "test", "imported"]
    labels: Annotated[tuple[_Label, ...], Meta(min_length=1, max_length=200_000)]
    seed: _Number
    created_at: _Moment

    def __post_init__(self) -> None:
        _check_moment(self.created_at)


class DrawingRow(msgspec.Struct, frozen=True):
    """A drawing, put aside or not, with its strokes as JSON (`[[[x, y, t, pressure], ...], ...]`) and its digit."""

    batch: _Id
    position: _Place
    label: _Label
    strokes: msgspec.Raw
    digit: Annotated[bytes, Meta(min_length=IMAGE_SIZE**2, max_length=IMAGE_SIZE**2)]
    seconds: _Seconds
    think_seconds: _Seconds | None
    draw_seconds: _Seconds | None
    pause_seconds: _Seconds | None
    pointer: Literal["mouse", "touch", "pen", ""] | None
    marks: Annotated[list[Annotated[str, Meta(pattern=r"^[a-z0-9 ]{1,40}\Z")]], Meta(max_length=10)]
    created_at: _Moment
    deleted_at: _Moment | None

    def __post_init__(self) -> None:
        _check_moment(self.created_at)
        if self.deleted_at is not None:
            _check_moment(self.deleted_at)


class SheetRow(msgspec.Struct, frozen=True):
    """A sheet of cells, saved or still in the hand of its writer."""

    id: _Id
    batch: _Id
    positions: Annotated[tuple[_Place, ...], Meta(min_length=1, max_length=MAX_CELLS)]
    idle_seconds: Annotated[float, Meta(gt=0, le=1e9)]
    extra_seconds: _Seconds
    idle_total: _Seconds
    wall_seconds: _Seconds
    created_at: _Moment
    saved_at: _Moment | None

    def __post_init__(self) -> None:
        _check_moment(self.created_at)
        if self.saved_at is not None:
            _check_moment(self.saved_at)


class EventRow(msgspec.Struct, frozen=True):
    """What happened on a sheet, as JSON (`storage.pad_message`): its clock is counted from these."""

    sheet: _Id
    client: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,20}\Z")]
    number: Annotated[int, Meta(ge=1, le=10**9)]
    event: msgspec.Raw


class RunRow(msgspec.Struct, frozen=True):
    """A run; of the batches that it learnt from those that are in the experiment too."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    created_at: _Moment
    person: _Id | None
    sources_erased: bool
    card: Run

    def __post_init__(self) -> None:
        _check_moment(self.created_at)

    @property
    def batches(self) -> tuple[int, ...]:
        """The batches it learnt from."""
        return self.card.train.batch_ids if self.card.train else ()


class PointRow(msgspec.Struct, frozen=True):
    """A training of a learning curve, as `storage.curve_points` keeps it."""

    train_version: _Version
    test_version: _Version
    settings_version: _Version
    n: Annotated[int, Meta(ge=1, le=10**9)]
    seed: _Number
    tests: dict[str, TestResult]
    training_seconds: _Seconds
    created_at: _Moment
    batches: _Ids | None

    def __post_init__(self) -> None:
        _check_moment(self.created_at)


class ForecastRow(msgspec.Struct, frozen=True):
    """A forecast of a learning curve: rows of drawings, accuracy, low, high."""

    train_version: _Version
    test_version: _Version
    settings_version: _Version
    n: Annotated[int, Meta(ge=1, le=10**9)]
    path: Annotated[list[tuple[float, float, float, float]], Meta(max_length=10_000)]
    created_at: _Moment
    batches: _Ids | None

    def __post_init__(self) -> None:
        _check_moment(self.created_at)


RowKind: TypeAlias = type[msgspec.Struct]  # one of these classes
R = TypeVar("R", bound=msgspec.Struct)

# In the order in which they are written and read: whatever is named comes before what names it.
KINDS: tuple[RowKind, ...] = (
    *(PersonRow, BatchRow, DrawingRow, SheetRow),
    *(EventRow, RunRow, PointRow, ForecastRow),
)

# Where each kind is kept, and which of its columns have another name there.
TABLES: Mapping[RowKind, sa.Table] = {
    PersonRow: schema.writers,
    BatchRow: schema.batches,
    DrawingRow: schema.drawings,
    SheetRow: schema.sheets,
    EventRow: schema.pen_events,
    RunRow: schema.runs,
    PointRow: schema.curve_points,
    ForecastRow: schema.forecasts,
}
CURVE_KEYS: Mapping[RowKind, tuple[str, ...]] = {
    PointRow: ("train_version", "test_version", "settings_version", "n", "seed"),
    ForecastRow: ("train_version", "test_version", "settings_version", "n"),
}
_NAMES = {"batch": "batch_id", "sheet": "sheet_id", "batches": "batch_ids"}


def columns_of(kind: RowKind) -> dict[str, sa.Column[Any]]:
    """Return the columns of a kind by the names that its rows have."""
    names = _NAMES | {"person": "owner_id" if kind is RunRow else "writer_id"}
    return {field: TABLES[kind].c[names.get(field, field)] for field in kind.__struct_fields__}


class Rows(Protocol):
    """An experiment to read from: a database, or a file."""

    @property
    def models(self) -> Sequence[tuple[str, Kind]]:
        """The files of models: id of the run, and kind."""
        ...

    def read(self, kind: type[R]) -> Iterator[R]:
        """Yield all rows of a kind, always in the same order; those of drawings and events in that of drawing."""
        ...

    def read_model(self, run_id: str, kind: Kind) -> bytes:
        """Return the content of a file of a model."""
        ...


def content_of(strokes: object, digit: bytes) -> bytes:
    """Return a hash of what was drawn: the same strokes and the same digit, the same hash.

    Args:
        strokes: Lists of lists of numbers, as JSON gives them.
        digit: 784 bytes.
    """
    drawn = hashlib.blake2b(digit, digest_size=16)
    drawn.update(msgspec.json.encode(msgspec.convert(strokes, list[list[list[float]]])))
    return drawn.digest()


def curve_key(row: PointRow | ForecastRow) -> tuple[str | int, ...]:
    """Return what a point or a forecast is of: equal data and settings, equal key; of `CURVE_KEYS` these columns."""
    return tuple(getattr(row, name) for name in CURVE_KEYS[type(row)])


def strokes_of(row: DrawingRow) -> list[list[list[float]]]:
    """Return the strokes of a drawing.

    Raises:
        msgspec.ValidationError: If they are none.
    """
    return msgspec.json.decode(row.strokes, type=list[list[list[float]]])


def fingerprint_of(run: Run) -> str:
    """Return a hash of what was measured of a run: the same in each database, whatever it is called there.

    Example:
        >>> mine = Run("full-1", "Ten by Ana", "full", tests={}, training_seconds=1.25)
        >>> theirs = Run("full-2", "Ten", "full", tests={}, training_seconds=1.25, owner_id=7)
        >>> fingerprint_of(mine) == fingerprint_of(theirs)
        True
    """
    measured = replace(
        run,
        id="",
        name="",
        created_at="",
        owner_id=None,
        start_from=None,
        sources_erased=False,
        train=run.train and replace(run.train, batch_ids=()),
    )
    return hashlib.blake2b(to_json(measured).encode(), digest_size=16).hexdigest()


def _check_moment(text: str) -> None:
    if datetime.fromisoformat(text).utcoffset() != timedelta(0):
        raise ValueError(f"a time that is not in UTC, {text!r}")
