from dataclasses import replace

import pytest
import sqlalchemy as sa

from digitlab.run import TestResult
from digitlab.storage import schema
from digitlab.storage.curve_points import (
    CurvePoint,
    ForecastRow,
    PointKey,
    add_forecast,
    add_point,
    read_forecast,
    read_points,
    read_seeds,
    read_sizes,
)

KEY = PointKey("1" * 16, "2" * 16, "3" * 16, 40)
TEST = TestResult(10, 6, 0.6, 0.3, 0.8, ((5, 4), (0, 1)), version="2" * 16)
PATH = (ForecastRow(40, 0.5, 0.4, 0.6), ForecastRow(20_000, 0.75, 0.5, 1))
OTHERS = [replace(KEY, **change) for change in ({"n": 50}, {"train_version": "mnist"}, {"settings_version": "0"})]


def test_a_point_comes_back_as_it_was_added(store):
    add_point(store, KEY, 3, {"mnist": TEST, "own": replace(TEST, correct=5)}, 1.5)
    add_point(store, KEY, 0, {"mnist": TEST}, 2.5)
    assert read_points(store, KEY, digits=9) == [
        CurvePoint(40, 0, 9, {"mnist": TEST}, 2.5),
        CurvePoint(40, 3, 9, {"mnist": TEST, "own": replace(TEST, correct=5)}, 1.5),
    ]
    assert read_seeds(store, KEY) == {0, 3}


def test_points_with_another_key_are_others(store):
    add_point(store, KEY, 0, {"mnist": TEST}, 1.0)
    for other in OTHERS:
        assert (read_points(store, other, 10), read_seeds(store, other)) == ([], set())
        add_point(store, other, 0, {"mnist": TEST}, 1.0)
    add_point(store, replace(KEY, n=7, test_version=""), 0, {"mnist": TEST}, 1.0)
    assert read_sizes(store, KEY.test_version) == [40, 50]
    assert read_sizes(store, "") == [7]


def test_the_first_of_two_points_stays_and_nothing_is_written(store):
    add_point(store, KEY, 0, {"mnist": TEST}, 1.0)
    before = store.version()
    add_point(store, KEY, 0, {}, 2.0)
    assert read_points(store, KEY, 10) == [CurvePoint(40, 0, 10, {"mnist": TEST}, 1.0)]
    assert store.version() == before


def test_the_first_of_two_forecasts_stays_and_nothing_is_written(store):
    assert read_forecast(store, KEY) == ()
    add_forecast(store, KEY, PATH)
    before = store.version()
    add_forecast(store, KEY, PATH[:1])
    assert read_forecast(store, KEY) == PATH
    assert all(read_forecast(store, other) == () for other in OTHERS)
    assert store.version() == before


def test_what_is_stored_but_no_test_result_or_forecast(store):
    add_point(store, KEY, 0, {"mnist": TEST}, 1.0)
    add_forecast(store, KEY, PATH)
    with store.write() as connection:
        connection.execute(sa.update(schema.curve_points).values(tests={"mnist": {"n": "ten"}}))
        connection.execute(sa.update(schema.forecasts).values(path=[[1, 2]]))
    with pytest.raises(ValueError, match="stored test results of a learning curve"):
        read_points(store, KEY, 10)
    with pytest.raises(ValueError, match="stored rows of a forecast"):
        read_forecast(store, KEY)
