import pytest

from digitlab.ui.throttle import Throttle


@pytest.fixture
def clock():
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    return Clock()


def test_the_wait_grows_up_to_the_longest(clock):
    throttle = Throttle(free=2, longest=10, forget=1000, clock=clock)
    assert [throttle.ask(), throttle.ask()] == [0, 0]
    waits = []
    for _ in range(5):
        waits.append(throttle.ask())
        clock.now += waits[-1]
        assert throttle.ask() == 0
    assert waits == [2, 4, 8, 10, 10]


def test_asking_while_one_waits_costs_nothing(clock):
    throttle = Throttle(free=1, longest=10, forget=1000, clock=clock)
    throttle.ask()
    assert [throttle.ask() for _ in range(5)] == [2] * 5


def test_right_ones_do_not_count_and_old_ones_are_forgotten(clock):
    throttle = Throttle(free=1, longest=10, forget=60, clock=clock)
    for _ in range(5):
        assert throttle.ask() == 0
        throttle.right()
    throttle.ask()
    assert throttle.ask() > 0
    clock.now += 60
    assert throttle.ask() == 0
