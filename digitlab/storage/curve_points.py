"""Points of learning curves, and forecasts made from them. Equal data and equal settings have equal keys."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from digitlab.run import TestResult
from digitlab.storage import schema
from digitlab.storage.store import Store


@dataclass(frozen=True)
class PointKey:
    """What a point or a forecast is of.

    Attributes:
        train_version: Of the `n` digits trained on.
        test_version: Of the own test digits; empty without them.
        settings_version: Of the settings without the seed.
        n: Digits trained on.
    """

    train_version: str
    test_version: str
    settings_version: str
    n: int


@dataclass(frozen=True)
class CurvePoint:
    """One training of a learning curve.

    Attributes:
        n: Digits trained on.
        seed: Of the training.
        digits: Different labels among the digits trained on.
        tests: Results by test set, as those of a run.
        training_seconds: Of the machine.
    """

    n: int
    seed: int
    digits: int
    tests: Mapping[str, TestResult]
    training_seconds: float


class ForecastRow(NamedTuple):
    """The accuracy expected with `n` drawings and its 80 % band from `low` to `high`, 0-1."""

    n: float
    accuracy: float
    low: float
    high: float


def read_sizes(store: Store, test_version: str) -> list[int]:
    """Return the numbers of digits of all points that are tested on these digits, in growing order."""
    table = schema.curve_points.c
    query = sa.select(table.n).where(table.test_version == test_version).distinct().order_by(table.n)
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def read_points(store: Store, key: PointKey, digits: int) -> list[CurvePoint]:
    """Return the points with this key, by seed.

    Args:
        store: Where they are kept.
        key: What they are of.
        digits: Different labels among the digits trained on, as the points will say.

    Raises:
        ValueError: If what is stored of one is not a test result.
    """
    table = schema.curve_points.c
    query = sa.select(table.seed, table.tests, table.training_seconds).where(_is(schema.curve_points, key))
    with store.read() as connection:
        rows = connection.execute(query.order_by(table.seed)).all()
    try:
        return [
            CurvePoint(key.n, row.seed, digits, msgspec.convert(row.tests, dict[str, TestResult]), row.training_seconds)
            for row in rows
        ]
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected the stored test results of a learning curve. Received: {error}.") from error


def read_seeds(store: Store, key: PointKey) -> set[int]:
    """Return the seeds of the points with this key."""
    with store.read() as connection:
        query = sa.select(schema.curve_points.c.seed).where(_is(schema.curve_points, key))
        return set(connection.execute(query).scalars())


def add_point(
    store: Store,
    key: PointKey,
    seed: int,
    tests: Mapping[str, TestResult],
    training_seconds: float,
    *,
    batch_ids: Sequence[int] = (),
) -> None:
    """Store a point; if another worker was quicker, its point stays.

    Args:
        store: Where to.
        key: What it is of.
        seed: Of the training.
        tests: Results by test set.
        training_seconds: Of the machine.
        batch_ids: Batches trained or tested on: with one that was erased meanwhile nothing is stored.
    """
    values = {"tests": msgspec.to_builtins(tests), "training_seconds": training_seconds, "batch_ids": list(batch_ids)}
    _add_once(store, schema.curve_points, key, {"seed": seed}, values)


def add_forecast(store: Store, key: PointKey, path: Sequence[ForecastRow], *, batch_ids: Sequence[int] = ()) -> None:
    """Store a forecast made from the first `key.n` drawings; if there is one already, that one stays.

    Args:
        store: Where to.
        key: What it is of.
        path: The forecast.
        batch_ids: As for `add_point`.
    """
    values = {"path": [list(row) for row in path], "batch_ids": list(batch_ids)}
    _add_once(store, schema.forecasts, key, {}, values)


def read_forecast(store: Store, key: PointKey) -> tuple[ForecastRow, ...]:
    """Return the forecast with this key, by growing number of drawings; empty if there is none.

    Raises:
        ValueError: If what is stored is not a forecast.
    """
    with store.read() as connection:
        query = sa.select(schema.forecasts.c.path).where(_is(schema.forecasts, key))
        path = connection.execute(query).scalar()
    try:
        return msgspec.convert(path or [], tuple[ForecastRow, ...])
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected the stored rows of a forecast. Received: {error}.") from error


def _is(table: sa.Table, key: PointKey) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in asdict(key).items()))


def _add_once(
    store: Store, table: sa.Table, key: PointKey, more_of_the_key: Mapping[str, int], values: Mapping[str, Any]
) -> None:
    more = (table.c[name] == value for name, value in more_of_the_key.items())
    find = sa.select(table.c.id).where(_is(table, key), *more)
    with store.read() as connection:  # without a write the store's version stays, and what is derived from it
        if connection.execute(find).scalar() is not None:
            return
    with store.write() as connection:
        if connection.execute(find).scalar() is None and not schema.erased_batches(connection, values["batch_ids"]):
            row = {**asdict(key), **more_of_the_key, **values, "created_at": schema.now()}
            connection.execute(table.insert().values(**row))
