import numpy as np
import pytest

from digitlab.comparison import minutes_axis


@pytest.mark.parametrize("minutes", [[0.4], [0.42, 0.9], [1], [12], [0.08, 3], [0.5, 120], [0, 0.4, 48], [0, 0], []])
def test_everything_has_a_place_and_ticks_are_few_and_round(minutes):
    axis = minutes_axis.fit(minutes)
    places = axis.places(minutes)
    assert ((places >= 0) & (places <= 1)).all()
    assert [place < minutes_axis.ZERO_ENDS for place in places] == [each == 0 for each in minutes]
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 5
    assert all(f"{tick:.0e}"[0] in "125" and float(f"{tick:.0e}") == tick for tick in ticks)
    assert (np.diff(axis.places(ticks)) > 0.05).all()


def test_a_doubling_takes_the_same_room_everywhere():
    places = minutes_axis.fit([0.5, 8]).places([0.5, 1, 2, 4, 8])
    assert np.diff(places) == pytest.approx(np.diff(places)[0])


def test_marks_without_minutes_that_read_alike_stand_side_by_side():
    moved = minutes_axis.spread_zeros(np.array([0, 0, 0, 0, 3.0]), np.array([0.97, 0.1, 0.98, 0.975, 0.97]))
    assert moved[1] == moved[4] == 0
    assert len(set(moved[[0, 2, 3]])) == 3
