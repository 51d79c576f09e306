"""A learning curve and its forecast, put into tables for charts and into sentences."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from digitlab.curve.backtest import Backtest
from digitlab.curve.forecast import Forecast
from digitlab.curve.goals import GoalForecast
from digitlab.curve.results import SizeResult
from digitlab.digits import Floats
from digitlab.drawing.clock import in_words
from digitlab.look import percent
from digitlab.storage.found_drawings import PRACTICE

MINE, MNIST = "your drawings alone", "MNIST's own digits"  # names of the series
_AHEAD = 4  # the forecast is shown up to so many times the drawings there are
_DASH = "\N{EN DASH}"


def minutes(seconds: Floats, n: npt.ArrayLike) -> Floats:
    """Return the active minutes that numbers of drawings took or, beyond what there is, would take.

    Args:
        seconds: float64 array of shape (m,): seconds of drawing until the drawings 1, 2, ... m were done.
        n: Numbers of drawings, of shape (k,).

    Returns:
        float64 array of shape (k,).

    Example:
        >>> minutes(np.array([3.0, 6.0, 9.0, 12.0]), [2, 40]).tolist()
        [0.1, 2.0]
    """
    n = np.asarray(n, float)
    drawn = np.interp(n, np.arange(len(seconds) + 1), np.concatenate([[0.0], seconds]))
    return np.asarray((drawn + np.maximum(n - len(seconds), 0) * seconds_per_drawing(seconds)) / 60)


def seconds_per_drawing(seconds: Floats) -> float:
    """Return the seconds a drawing takes, the first ten left out where there are more than twice as many.

    Args:
        seconds: As for `minutes`.
    """
    practice = PRACTICE if len(seconds) > 2 * PRACTICE else 0
    return float((seconds[-1] - (seconds[practice - 1] if practice else 0.0)) / (len(seconds) - practice))


def points_table(series: Mapping[str, Sequence[SizeResult]], seconds: Floats) -> pd.DataFrame:
    """Return what was measured, for the chart.

    Args:
        series: What was measured, by the name of the series.
        seconds: As for `minutes`.

    Returns:
        A row per series and size: `series`, `n`, `minutes`, `accuracy`, `low`, `high` (of its trainings), `trainings`,
        `tested`.
    """
    rows = [
        {
            "series": name,
            "n": result.n,
            "minutes": float(minutes(seconds, [result.n])[0]),
            "accuracy": result.accuracy,
            "low": min(result.accuracies),
            "high": max(result.accuracies),
            "trainings": len(result.accuracies),
            "tested": result.tested,
        }
        for name, results in series.items()
        for result in results
    ]
    return pd.DataFrame(rows, columns=["series", "n", "minutes", "accuracy", "low", "high", "trainings", "tested"])


def lines_table(forecast: Forecast | None, seconds: Floats) -> pd.DataFrame:
    """Return the forecast, for the chart.

    Args:
        forecast: Where there is one.
        seconds: As for `minutes`.

    Returns:
        30 rows, none without a forecast: `part` ("forecast"), `n`, `minutes`, `accuracy`, `low`, `high` (of the 80 %
        band).
    """
    if forecast is None:
        return pd.DataFrame(columns=["part", "n", "accuracy", "low", "high", "minutes"])
    ahead = np.geomspace(forecast.n, min(_AHEAD * forecast.n, forecast.reach), 30).clip(forecast.n, forecast.reach)
    accuracy, low, high = np.array([forecast.at(n) for n in ahead]).T
    frame = pd.DataFrame({"part": "forecast", "n": ahead, "accuracy": accuracy, "low": low, "high": high})
    return frame.assign(minutes=minutes(seconds, ahead))


def reader_table(points: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Put both tables of the chart into one for the reader: measured sizes, then every fourth row of the forecast."""
    forecast = lines.iloc[1::4].rename(columns={"part": "series"})
    columns = ["series", "n", "minutes", "accuracy", "low", "high"]
    frame = pd.concat([points[columns], forecast[columns]] if len(forecast) else [points[columns]], ignore_index=True)
    return frame.assign(n=frame["n"].astype(float).round().astype(int))


def goals_table(goals: Sequence[GoalForecast], seconds: Floats) -> pd.DataFrame:
    """Return a row per goal, in words for the reader: goal, answer, drawings, time.

    Args:
        goals: Forecasts of goals.
        seconds: As for `minutes`.
    """
    rows = [(f"{100 * goal.goal:.4g} %", _answer(goal), _drawings(goal), _more_time(goal, seconds)) for goal in goals]
    return pd.DataFrame(rows, columns=["Goal", "Answer", "Drawings in all (80 % band)", "More time of drawing"])


def describe_next_goal(goals: Sequence[GoalForecast], seconds: Floats, test_name: str) -> str:
    """Say what the lowest goal that is not reached yet would take; nothing if all are.

    Args:
        goals: Forecasts of rising goals.
        seconds: As for `minutes`.
        test_name: Of the test set, such as "MNIST".

    Example:
        >>> goal = GoalForecast(0.9, "within reach", reach=250, low=60, middle=80, high=140)
        >>> describe_next_goal([goal], np.arange(1, 41) * 3.0, "MNIST")
        'To read 90 % of MNIST, draw on for 2 min 0 s: about 80 drawings in all (four times in five 60 to 140).'
    """
    goal = next((goal for goal in goals if goal.status != "reached"), None)
    if goal is None:
        return ""
    name = f"{100 * goal.goal:.4g} % of {test_name}"
    if goal.middle is None:
        hope = f" One time in ten, {goal.low:,} drawings are enough." if goal.low else ""
        return f"To read {name}, even {goal.reach:,} drawings of one hand are most likely too few.{hope}"
    more = in_words(max(0, goal.middle - len(seconds)) * seconds_per_drawing(seconds))
    if goal.high is None:
        return (
            f"To read {name}, about {goal.middle:,} drawings in all may be enough, {more} more of drawing. It may "
            f"also be that even {goal.reach:,} are too few."
        )
    return (
        f"To read {name}, draw on for {more}: about {goal.middle:,} drawings in all (four times in five "
        f"{goal.low:,} to {goal.high:,})."
    )


def headline(results: Sequence[SizeResult], forecast: Forecast, seconds: Floats, test_name: str) -> str:
    """Say what was reached, and what as many drawings again would bring, or as many as the forecast reaches to.

    Args:
        results: What was measured, by growing number of drawings.
        forecast: Made from these.
        seconds: As for `minutes`.
        test_name: Of the test set, such as "MNIST".
    """
    n = results[-1].n
    more = min(n, forecast.reach - n)
    accuracy, low, high = forecast.at(n + more)
    more_time = in_words(more * seconds_per_drawing(seconds))
    again = "As many again" if more == n else f"{more} more drawings"
    missing = " It counts on the digit that has no drawing yet being among them." if forecast.missing else ""
    return (
        f"**{n} drawings in {in_words(seconds[-1])} read {percent(results[-1].accuracy, 0)} of "
        f"{test_name}.** {again}, about "
        f"{more_time} more, would make it about {percent(accuracy, 0)} (four times in five {_range(low, high)})."
        f"{missing}"
    )


def describe_calibration(forecast: Forecast) -> str:
    """Say what a forecast was learnt from, how often its bands held, and for what it holds."""
    people = forecast.people
    return (
        f"The forecast goes by the curves of {people.people} other people, trained on up to {people.most} of their "
        "drawings with a dense network. Tried on each of them, learnt from the others: "
        f"{percent(people.inside, 0)} of what "
        "came lay inside its 80 % bands. For hands quite unlike theirs it may be less, and for more drawings it says "
        "nothing."
    )


def describe_backtest(backtest: Backtest) -> str:
    """Say how far a forecast missed.

    Example:
        >>> describe_backtest(Backtest(made_from=40, n=100, accuracy=0.78, low=0.7, high=0.84, measured=0.8))[-41:]
        'It missed by 2.0 points, inside its band.'
    """
    place = "inside its band" if backtest.in_band else "outside its band"
    return (
        f"from {backtest.made_from} drawings, the forecast for {backtest.n} was {percent(backtest.accuracy, 0)} "
        f"({_range(backtest.low, backtest.high)}); measured: {percent(backtest.measured, 0)}. "
        f"It missed by {abs(100 * backtest.error):.1f} points, {place}."
    )


def _range(low: float, high: float) -> str:
    """Write a range of accuracies: `84-95 %`."""
    return f"{100 * low:.0f}{_DASH}{100 * high:.0f} %"


def _answer(goal: GoalForecast) -> str:
    return {
        "reached": "reached",
        "within reach": "within reach",
        "perhaps": "perhaps" if goal.middle else "not expected, but possible",
        "not in sight": f"not with {goal.reach:,} drawings; more were not tried",
    }[goal.status]


def _drawings(goal: GoalForecast) -> str:
    if goal.middle is None:
        return f"at the very best {goal.low:,}" if goal.low else ""
    if goal.status == "reached":
        return f"{goal.middle:,}"
    if goal.high is None:
        return f"{goal.middle:,} (from {goal.low:,})"
    return f"{goal.middle:,} ({goal.low:,}{_DASH}{goal.high:,})"


def _more_time(goal: GoalForecast, seconds: Floats) -> str:
    def more(n: int) -> str:
        return in_words(max(0, n - len(seconds)) * seconds_per_drawing(seconds))

    if goal.middle is None or goal.low is None:
        return ""
    if goal.status == "reached":
        return f"none; it took {in_words(60 * float(minutes(seconds, [goal.middle])[0]))}"
    if goal.high is None:
        return f"{more(goal.middle)} (from {more(goal.low)})"
    return f"{more(goal.middle)} ({more(goal.low)} {_DASH} {more(goal.high)})"
