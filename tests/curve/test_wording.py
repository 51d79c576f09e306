import json

import numpy as np
import pytest

from digitlab.curve import advice, charts, wording
from digitlab.curve.backtest import Score
from digitlab.curve.forecast import GOALS, Size, Target, forecast, target

SECONDS = np.arange(1, 41) * 3.0  # three a drawing
SIZES = [Size(n, (0.8 - 1.5 * n**-0.7, 0.81 - 1.5 * n**-0.7), 10_000) for n in (10, 16, 25, 40)]


def test_minutes_go_on_at_the_pace_of_the_hand():
    assert wording.minutes(SECONDS, [0, 20, 40, 60]).tolist() == pytest.approx([0, 1, 2, 3])
    assert (np.diff(wording.minutes(SECONDS, np.arange(200))) > 0).all()


def test_practice_is_no_pace():
    slow_start = np.concatenate([np.arange(1, 11) * 9.0, 90 + np.arange(1, 31) * 2.0])
    assert wording.pace(slow_start) == pytest.approx(2)
    assert wording.pace(slow_start[:10]) == pytest.approx(9)


def test_the_chart_has_points_law_and_forecast():
    points = wording.points({wording.MINE: SIZES, wording.MANY: SIZES[:2]}, SECONDS)
    assert len(points) == 6
    assert (points["low"] < points["accuracy"]).all()
    lines = wording.lines(forecast(SIZES), SECONDS)
    ahead = lines[lines["part"] == "forecast"]
    assert ahead["n"].iloc[0] == 40
    assert ahead["n"].iloc[-1] == pytest.approx(160)
    assert ahead["minutes"].iloc[-1] == pytest.approx(8)
    table = wording.table(points, lines)
    assert set(table["series"]) == {wording.MINE, wording.MANY, "forecast"}
    for x in ("minutes", "n"):
        chart = json.loads(charts.learning_curve(points, lines, x, 0.98, 0.9).to_json())
        assert f'"field": "{x}"' in json.dumps(chart)
        texts = [row["name"] for rows in chart["datasets"].values() for row in rows if "name" in row]
        assert set(texts) == {"random guess", "dense network on all of MNIST", "goal"}


def test_without_a_forecast_there_are_only_points():
    points = wording.points({wording.MINE: SIZES[:1]}, SECONDS)
    lines = wording.lines(None, SECONDS)
    assert len(lines) == 0
    assert len(wording.table(points, lines)) == 1
    assert "fitted law" not in charts.learning_curve(points, lines, "n", None).to_json()


def test_charts_of_what_helps():
    frame = advice.gains(np.full((10, 10), 5), np.full(10, 3), np.ones(10), None)
    assert len(json.loads(charts.gains(frame).to_json())["datasets"].popitem()[1]) == 10
    whose = advice.whose(SIZES, forecast(SIZES), [], [])
    chart = json.loads(charts.whose(whose).to_json())
    assert [row["what"] for row in chart["datasets"].popitem()[1]] == ["your 40 drawings", "and 40 more of yours"]


@pytest.mark.parametrize(
    ("found", "answer", "drawings", "more"),
    [
        (Target(0.7, "reached", 20, 20, 20), "reached", "20", "none; it took 1 min 0 s"),
        (Target(0.9, "open", 60, 80, 140), "within reach", "80 (60–140)", "2 min 0 s (1 min 0 s – 5 min 0 s)"),
        (Target(0.9, "perhaps", 60, 80, None), "perhaps", "80 (from 60)", "2 min 0 s (from 1 min 0 s)"),
        (Target(0.9, "out of reach", None, None, None), "not reachable by more drawings of the same hand", "", ""),
        (Target(0.9, "out of reach", 900, None, None), "not reachable", "at the very best 900", ""),
    ],
    ids=["reached", "open", "perhaps", "never", "hardly"],
)
def test_goals_in_words(found, answer, drawings, more):
    row = wording.targets([found], SECONDS).iloc[0]
    assert row["Answer"].startswith(answer)
    assert (row["Drawings in all (80 % band)"], row["More time of drawing"]) == (drawings, more)


def test_the_headline_says_what_was_reached_and_what_would_come():
    said = wording.headline(SIZES, forecast(SIZES), SECONDS, "MNIST")
    assert said.startswith("**40 drawings in 2 min 0 s read 69% of MNIST.** As many again, about 2 min 0 s more,")
    assert len(wording.targets([target(SIZES, forecast(SIZES), goal) for goal in GOALS], SECONDS)) == 4


@pytest.mark.parametrize(("measured", "judged"), [(0.8, "inside its band"), (0.9, "outside its band")])
def test_a_score_in_words(measured, judged):
    said = wording.told(Score(40, 100, 0.78, 0.7, 0.84, measured))
    assert said.startswith("from 40 drawings, 78% (70–84 %) was foretold for 100; measured:")
    assert judged in said
