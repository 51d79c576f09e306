import numpy as np
import pytest

from digitlab.drawing.clock import IDLE_SECONDS, DigitTime, Moment, SheetTime, active_seconds, in_words, sheet_time


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
        (16.2, "16 s"),
        (59.4, "59 s"),
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


# A sheet: what holds for whatever a person does on it


def person(seed, idle=IDLE_SECONDS):
    """Moments of a made-up sitting that do not overlap, with breaks, and what their gaps and strokes add up to."""
    rng = np.random.default_rng(seed)
    now, moments = rng.uniform(0, 1e6), []
    sums = {"work": 0.0, "idle": 0.0}
    for number in range(rng.integers(1, 40)):
        if number:
            gaps = [rng.uniform(0, 2), rng.uniform(0, idle), rng.uniform(idle + 0.01, 500)]
            gap = rng.choice(gaps, p=[0.7, 0.2, 0.1])
            sums["idle" if gap > idle else "work"] += gap
            now += gap
        cell = int(rng.integers(0, 5)) if rng.random() < 0.8 else None
        length = rng.uniform(0, 3) if cell is not None else 0.0
        sums["work"] += length
        moments.append(Moment(now, now + length, cell))
        now += length
    return moments, sums


@pytest.fixture(params=range(50))
def sitting(request):
    return person(request.param)


def totals(time):
    return pytest.approx([time.active, time.idle, time.wall], abs=1e-5)


def test_active_and_idle_are_all_of_the_wall_seconds(sitting):
    moments, sums = sitting
    time = sheet_time(moments)
    assert [sums["work"], sums["idle"], sums["work"] + sums["idle"]] == totals(time)
    assert time.wall == pytest.approx(moments[-1].ended - moments[0].began, abs=1e-5)
    parts = [time.handling, time.idle]
    parts += [part for cell in time.cells.values() for part in (cell.think, cell.draw, cell.pause)]
    assert min(parts) >= 0


def test_when_it_was_does_not_matter(sitting):
    moments, _ = sitting
    later = [Moment(moment.began + 1024, moment.ended + 1024, moment.cell) for moment in moments]
    assert [*vars(sheet_time(later)).values()][1:] == pytest.approx([*vars(sheet_time(moments)).values()][1:], abs=1e-5)


def test_which_cells_were_drawn_in_does_not_matter_for_the_totals(sitting):
    moments, _ = sitting
    rng = np.random.default_rng(0)
    names = rng.permutation(50)
    other = [
        Moment(moment.began, moment.ended, None if moment.cell is None else int(names[moment.cell]))
        for moment in moments
    ]
    time = sheet_time(moments)
    assert [time.active, time.idle, time.wall] == totals(sheet_time(other))
    assert sheet_time(other).cells == {int(names[cell]): seconds for cell, seconds in time.cells.items()}


def test_a_break_is_idle_in_full_and_changes_nothing_else(sitting):
    moments, _ = sitting
    half = len(moments) // 2
    away = [Moment(moment.began + 1000, moment.ended + 1000, moment.cell) for moment in moments[half:]]
    before, after = sheet_time(moments), sheet_time(moments[:half] + away)
    gap = moments[half].began - moments[half - 1].ended if half else 0.0
    was_work = gap if gap <= IDLE_SECONDS else 0.0
    moved = 1000 if half else 0
    assert [before.active - was_work, before.idle + was_work + moved, before.wall + moved] == totals(after)


def test_a_larger_threshold_never_makes_less_of_the_work(sitting):
    moments, _ = sitting
    work = [sheet_time(moments, threshold).active for threshold in (0.5, 2, 10, 60, 1e9)]
    assert work == sorted(work)
    assert work[-1] == pytest.approx(sheet_time(moments).wall, abs=1e-5)


def test_the_pen_alone_is_never_idle(sitting):
    moments, _ = sitting
    drawn = sum(moment.ended - moment.began for moment in moments if moment.cell is not None)
    assert sum(cell.draw for cell in sheet_time(moments, 1e-9).cells.values()) == pytest.approx(drawn, abs=1e-5)


def test_think_draw_and_pause_of_a_four():
    moments = [Moment(0, 0), Moment(1.5, 2.5, 3), Moment(2.75, 3.25, 3), Moment(4.0, 5.0, 0), Moment(6.0, 6.0)]
    time = sheet_time(moments)
    assert time.cells == {3: DigitTime(1.5, 1.5, 0.25), 0: DigitTime(0.75, 1.0, 0.0)}
    assert (time.cells[3].active, time.handling, time.idle, time.wall, time.active) == (3.25, 1.0, 0.0, 6.0, 6.0)


def test_going_back_to_a_digit_is_thinking_and_counts_for_it():
    moments = [Moment(0, 1, 0), Moment(2, 3, 1), Moment(5, 6, 0)]
    assert sheet_time(moments).cells == {0: DigitTime(2, 2, 0), 1: DigitTime(1, 1, 0)}


def test_a_gap_of_just_the_threshold_is_work_and_one_above_it_is_not():
    for gap, work, idle in ((10.0, 12.0, 0.0), (10.001, 2.0, 10.001)):
        time = sheet_time([Moment(0, 1, 0), Moment(1 + gap, 2 + gap, 1)])
        assert (time.active, time.idle) == pytest.approx((work, idle))


def test_two_windows_at_once_are_not_idle():
    time = sheet_time([Moment(0, 8, 0), Moment(1, 3, 1), Moment(9, 10, 1)])
    assert (time.idle, time.wall) == (0.0, 10)


def test_nothing_happened():
    assert sheet_time([]) == SheetTime({}, 0.0, 0.0, 0.0)
    assert sheet_time([]).active == 0.0
