import json

import numpy as np
import pytest

from digitlab.curve import advice, charts, wording
from digitlab.curve.backtest import Backtest
from digitlab.curve.forecast import make_forecast
from digitlab.curve.goals import GoalForecast
from digitlab.curve.results import SizeResult

SECONDS = np.arange(1, 41) * 3.0  # three a drawing
RESULTS = [SizeResult(n, (0.8 - 1.5 * n**-0.7, 0.81 - 1.5 * n**-0.7), 10_000) for n in (10, 16, 25, 40)]


def test_minutes_go_on_at_the_pace_of_the_hand():
    assert wording.minutes(SECONDS, [0, 20, 40, 60]).tolist() == pytest.approx([0, 1, 2, 3])
    assert (np.diff(wording.minutes(SECONDS, np.arange(200))) > 0).all()


def test_practice_does_not_count_for_the_seconds_a_drawing_takes():
    slow_start = np.concatenate([np.arange(1, 11) * 9.0, 90 + np.arange(1, 31) * 2.0])
    assert wording.seconds_per_drawing(slow_start) == pytest.approx(2)
    assert wording.seconds_per_drawing(slow_start[:10]) == pytest.approx(9)


def test_the_chart_has_points_law_and_forecast():
    points = wording.points_table({wording.MINE: RESULTS, wording.MNIST: RESULTS[:2]}, SECONDS)
    assert len(points) == 6
    assert (points["low"] < points["accuracy"]).all()
    forecast = make_forecast(RESULTS)
    lines = wording.lines_table(forecast, SECONDS)
    assert set(lines["part"]) == {"forecast"}
    assert lines["n"].iloc[0] == 40
    assert lines["n"].iloc[-1] == pytest.approx(min(160, forecast.reach))
    assert lines["minutes"].iloc[-1] == pytest.approx(lines["n"].iloc[-1] / 20)
    table = wording.reader_table(points, lines)
    assert set(table["series"]) == {wording.MINE, wording.MNIST, "forecast"}
    for x in ("minutes", "n"):
        chart = json.loads(charts.learning_curve(points, lines, x, 0.98, 0.9).to_json())
        assert f'"field": "{x}"' in json.dumps(chart)
        texts = [row["name"] for rows in chart["datasets"].values() for row in rows if "name" in row]
        assert set(texts) == {"random guess", "dense network on all of MNIST", "goal"}


def test_without_a_forecast_there_are_only_points():
    points = wording.points_table({wording.MINE: RESULTS[:1]}, SECONDS)
    lines = wording.lines_table(None, SECONDS)
    assert len(lines) == 0
    assert len(wording.reader_table(points, lines)) == 1
    assert "80 % band" not in charts.learning_curve(points, lines, "n", None).to_json()


def test_chart_of_the_advice():
    comparison = advice.compare_writers(RESULTS, make_forecast(RESULTS), [], [])
    chart = json.loads(charts.compare_writers(comparison).to_json())
    assert [row["what"] for row in chart["datasets"].popitem()[1]] == ["your 40 drawings", "and 40 more of yours"]


@pytest.mark.parametrize(
    ("goal", "answer", "drawings", "more"),
    [
        (GoalForecast(0.7, "reached", 250, 20, 20, 20), "reached", "20", "none; it took 1 min 0 s"),
        (
            GoalForecast(0.9, "within reach", 250, 60, 80, 140),
            "within reach",
            "80 (60–140)",
            "2 min 0 s (1 min 0 s – 5 min 0 s)",
        ),
        (GoalForecast(0.9, "perhaps", 250, 60, 80, None), "perhaps", "80 (from 60)", "2 min 0 s (from 1 min 0 s)"),
        (
            GoalForecast(0.9, "not in sight", 250, None, None, None),
            "not with 250 drawings; more were not tried",
            "",
            "",
        ),
        (GoalForecast(0.9, "perhaps", 250, 90, None, None), "not expected, but possible", "at the very best 90", ""),
    ],
    ids=["reached", "within reach", "perhaps", "never", "hardly"],
)
def test_goals_in_words(goal, answer, drawings, more):
    row = wording.goals_table([goal], SECONDS).iloc[0]
    assert row["Answer"].startswith(answer)
    assert (row["Drawings in all (80 % band)"], row["More time of drawing"]) == (drawings, more)


@pytest.mark.parametrize(
    ("goals", "said"),
    [
        ([GoalForecast(0.7, "reached", 250, 20, 20, 20)], ""),
        (
            [GoalForecast(0.8, "within reach", 250, 60, 80, 140)],
            "To read 80 % of MNIST, draw on for 2 min 0 s: about 80 drawings in all (four times in five 60 to 140).",
        ),
        (
            [GoalForecast(0.8, "perhaps", 250, 60, 80, None)],
            "To read 80 % of MNIST, about 80 drawings in all may be enough, 2 min 0 s more of drawing. It may also be "
            "that even 250 are too few.",
        ),
        (
            [GoalForecast(0.8, "not in sight", 250, None, None, None)],
            "To read 80 % of MNIST, even 250 drawings of one hand are most likely too few.",
        ),
        (
            [GoalForecast(0.8, "perhaps", 250, 90, None, None)],
            "To read 80 % of MNIST, even 250 drawings of one hand are most likely too few. One time in ten, 90 "
            "drawings are enough.",
        ),
    ],
    ids=["reached", "within reach", "perhaps", "never", "hardly"],
)
def test_the_next_goal_in_words(goals, said):
    assert wording.describe_next_goal(goals, SECONDS, "MNIST") == said


def test_the_headline_says_what_was_reached_and_what_would_come():
    said = wording.headline(RESULTS, make_forecast(RESULTS), SECONDS, "MNIST")
    assert said.startswith("**40 drawings in 2 min 0 s read 69\u00a0% of MNIST.** As many again, about 2 min 0 s more,")
    assert "(four times in five " in said
    assert "no drawing yet" not in said


def test_the_headline_reaches_no_further_than_the_forecast_and_names_a_digit_that_is_missing():
    results = [SizeResult(n, (0.7,), 10_000, 9) for n in (50, 100)]
    forecast = make_forecast(results)
    said = wording.headline(results, forecast, np.arange(1, 101) * 3.0, "MNIST")
    if forecast.reach < 200:
        assert f"{forecast.reach - 100} more drawings" in said
    assert "the digit that has no drawing yet" in said


def test_what_the_forecast_holds_for_is_said():
    people = make_forecast(RESULTS).people
    said = wording.describe_calibration(make_forecast(RESULTS))
    assert f"{people.people} other people" in said
    assert f"up to {people.most} of their drawings" in said
    assert f"{100 * people.inside:.0f}\u00a0% of what came" in said


@pytest.mark.parametrize(("measured", "judged"), [(0.8, "inside its band"), (0.9, "outside its band")])
def test_a_backtest_in_words(measured, judged):
    said = wording.describe_backtest(Backtest(40, 100, 0.78, 0.7, 0.84, measured))
    assert said.startswith("from 40 drawings, the forecast for 100 was 78\u00a0% (70–84 %); measured:")
    assert judged in said
