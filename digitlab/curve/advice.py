"""Advice: which digit to draw next, and whether other writers' digits would help more than more of one's own."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from digitlab.curve.forecast import Forecast
from digitlab.curve.power_law import Law
from digitlab.curve.results import SizeResult
from digitlab.digits import CLASS_NAMES, NUM_CLASSES, Floats
from digitlab.storage.curve_points import CurvePoint
from digitlab.storage.drawing_records import DrawingRow

_DEFAULT_EXPONENT = 0.5  # of the power law, where none could be fitted
_MIN_DRAWN = 3  # drawings of a digit, for its seconds to be taken from them alone
_MIN_GAIN = 0.01  # of accuracy, to say that many writers teach more than one

Counts = npt.NDArray[np.int64]


def sum_confusion(points: Sequence[CurvePoint], test_set: str) -> Counts:
    """Add up the confusion matrices of the trainings with the most drawings.

    Args:
        points: Of one curve, at least one of them with the test set.
        test_set: "mnist" or "own".

    Returns:
        int64 array of shape (10, 10): rows are labels, columns predictions.
    """
    tested = [point for point in points if test_set in point.tests]
    most = max(point.n for point in tested)
    total: Counts = np.sum([point.tests[test_set].confusion for point in tested if point.n == most], axis=0)
    return total


def expected_gains(confusion: Counts, drawn: Counts, seconds: Floats, law: Law | None) -> pd.DataFrame:
    """Estimate the accuracy gained by a minute of drawing one digit.

    By the power law of the curve, the mistakes above its floor fall with the number of drawings. Half of a mistake is
    counted for the digit that was shown and half for the one it was taken for: more drawings of either tell them apart.
    It is a rough guide: tests/benchmarks/next_digit.py measures how rough.

    Args:
        confusion: int64 array of shape (10, 10): rows are labels, columns predictions.
        drawn: int64 array of shape (10,): drawings of each digit so far.
        seconds: float64 array of shape (10,): seconds that a drawing of each digit takes.
        law: That of the forecast; None: a usual one without a floor.

    Returns:
        A row per digit: `digit`, `gain` (points of accuracy a minute), `wrong` (share of this label, 0-1), `seconds`,
        `drawn`.

    Example:
        >>> confusion = np.diag(np.full(10, 100))
        >>> confusion[3, 5] += 20  # twenty threes are taken for fives
        >>> gains = expected_gains(confusion, np.full(10, 10), np.ones(10), None)
        >>> gains["digit"][gains["gain"] > 0].tolist()
        ['3', '5']
    """
    _, b, c = law or (1.0, _DEFAULT_EXPONENT, 0.0)
    total = confusion.sum()
    mistakes = confusion - np.diag(np.diag(confusion))
    wrong = mistakes.sum() / total
    curable = max(0.0, 1 - c / wrong) if wrong else 0.0
    share = (mistakes.sum(axis=1) + mistakes.sum(axis=0)) / 2 / total
    gain = 100 * share * curable * b / np.maximum(drawn, 1) / np.maximum(seconds, 0.1) * 60
    return pd.DataFrame(
        {
            "digit": list(CLASS_NAMES),
            "gain": gain,
            "wrong": mistakes.sum(axis=1) / np.maximum(confusion.sum(axis=1), 1),
            "seconds": seconds,
            "drawn": drawn,
        }
    )


def count_and_time_by_digit(rows: Sequence[DrawingRow]) -> tuple[Counts, Floats]:
    """Return how many drawings there are of each digit, and the median seconds of one.

    Args:
        rows: As `read_drawing_rows` returns them, at least one not deleted.

    Returns:
        int64 and float64 array of shape (10,); of a digit with less than 3 drawings the seconds are those of all.
    """
    alive = [row for row in rows if not row.deleted]
    labels, times = np.array([row.label for row in alive]), np.array([row.seconds for row in alive])
    drawn = np.bincount(labels, minlength=NUM_CLASSES)
    seconds = [
        float(np.median(times[labels == digit] if drawn[digit] >= _MIN_DRAWN else times))
        for digit in range(NUM_CLASSES)
    ]
    return drawn, np.array(seconds)


def describe_next_digit(gains: pd.DataFrame, test_name: str) -> str:
    """Say which digit to draw next.

    Args:
        gains: As `expected_gains` returns it.
        test_name: Of the test set, such as "MNIST".
    """
    ordered = gains.sort_values("gain", ascending=False)
    best, worst = ordered.iloc[0], ordered.iloc[-1]
    if best["gain"] <= 0:
        return f"No digit stands out: there are no mistakes on {test_name} that more drawings of this hand would cure."
    again = f", {best['gain'] / worst['gain']:.1f} times what a {worst['digit']} brings" if worst["gain"] > 0 else ""
    return (
        f"**Draw more of the {best['digit']}**: {best['wrong']:.0%} of them are read wrong on {test_name}, and one "
        f"takes {best['seconds']:.1f} s. By the law of the curve, about {best['gain']:.1f} points for the next "
        f"minute{again}."
    )


def compare_writers(
    mine: Sequence[SizeResult],
    forecast: Forecast | None,
    mixed: Sequence[SizeResult],
    mnist: Sequence[SizeResult],
) -> pd.DataFrame:
    """Compare more drawings by the same writer with drawings by others, on one test set.

    Args:
        mine: With the writer's own drawings, at least one size.
        forecast: Made from these.
        mixed: With the own drawings and some of other writers.
        mnist: With MNIST's training digits: as many writers as digits, or nearly.

    Returns:
        A row per choice: `kind` ("now", "more", "others", "mnist"), `what` (in words), `known` ("measured" or
        "forecast"), `accuracy`, `low`, `high`.
    """
    n = mine[-1].n
    rows = [("now", f"your {n} drawings", "measured", _measured(mine[-1]))]
    more = mixed[-1].n if mixed else 2 * n
    if forecast and forecast.n == n:
        rows.append(("more", f"and {more - n} more of yours", "forecast", forecast.at(more)))
    if mixed:
        rows.append(("others", f"and {more - n} of other writers", "measured", _measured(mixed[-1])))
    as_many = [result for result in mnist if result.n == n]
    rows += [("mnist", f"{n} digits of many writers (MNIST)", "measured", _measured(result)) for result in as_many]
    return pd.DataFrame(
        [(*row, *accuracies) for *row, accuracies in rows], columns=["kind", "what", "known", "accuracy", "low", "high"]
    )


def _measured(result: SizeResult) -> tuple[float, float, float]:
    return result.accuracy, min(result.accuracies), max(result.accuracies)


def describe_other_writers(comparison: pd.DataFrame, test_name: str) -> str:
    """Say whether other writers' digits would help more than more of one's own.

    Args:
        comparison: As `compare_writers` returns it.
        test_name: Of the test set, such as "MNIST".
    """
    rows = {row["kind"]: row for row in comparison.to_dict("records")}
    now, more, others, mnist = (rows.get(kind) for kind in ("now", "more", "others", "mnist"))
    if others and more:
        if more["low"] <= others["accuracy"] <= more["high"]:
            return (
                f"On {test_name} **it makes no clear difference who draws on**: {others['accuracy']:.0%} with other "
                f"writers' drawings, {more['accuracy']:.0%} forecast with as many more of yours."
            )
        if others["accuracy"] > more["high"]:
            claim, better, worse = "other people's digits would help more", others, more
        else:
            claim, better, worse = "more of your own would help more", more, others
        return (
            f"On {test_name} **{claim}**: {better['accuracy']:.0%} {better['what']}, "
            f"{worse['accuracy']:.0%} {worse['what']}."
        )
    if now and mnist:
        if mnist["accuracy"] - now["accuracy"] > _MIN_GAIN:
            return (
                f"On {test_name} **other people's digits would help more**: as many digits, but of many writers, read "
                f"{mnist['accuracy']:.0%} instead of {now['accuracy']:.0%}."
            )
        return (
            f"On {test_name} **your own hand is as good a teacher as many**: {now['accuracy']:.0%}, and "
            f"{mnist['accuracy']:.0%} by as many digits of many writers."
        )
    return "Whether other hands would help more is known when MNIST's own digits have been trained on too."
