import pytest

from digitlab.clock import IDLE_SECONDS, active_seconds, in_words


@pytest.mark.parametrize(
    ("moments", "seconds"),
    [
        ([], 0.0),
        ([5.0], 0.0),
        ([5.0, 7.5], 2.5),
        ([5.0, 5.0, 7.5, 8.0], 3.0),
        ([0, 3600], 0.0),  # a break
        ([0, 2, 3602, 3605], 2.0 + 3.0),
        ([0, IDLE_SECONDS], IDLE_SECONDS),
    ],
)
def test_breaks_are_left_out(moments, seconds):
    assert active_seconds(moments) == seconds
    assert isinstance(active_seconds(moments), float)


def test_what_counts_as_a_break_can_be_set():
    assert active_seconds([0, 5, 6], idle_seconds=2) == 1


def test_the_start_of_the_clock_and_further_moments_do_not_matter():
    moments = [0.0, 1.5, 4.0, 30.0, 31.0]
    assert active_seconds([moment + 1024 for moment in moments]) == active_seconds(moments)
    assert active_seconds(sorted([*moments, 0.5, 3.0])) == active_seconds(moments)


@pytest.mark.parametrize("moments", [[2, 1], [0, 5, 4.9], [0, float("nan"), 3]])
def test_moments_out_of_order_are_refused(moments):
    with pytest.raises(ValueError, match="in order of time"):
        active_seconds(moments)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (9.44, "9.4 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (60, "1 min 0 s"),
        (190.2, "3 min 10 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (3900, "1 h 5 min"),
        (60 * 3600, "60 h 0 min"),
    ],
)
def test_in_words(seconds, words):
    assert in_words(seconds) == words
