"""What would help most: which digit to draw next, and whether other hands would help more than more of the same."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from digitlab.curve.forecast import Forecast, Size
from digitlab.digits import CLASS_NAMES, NUM_CLASSES
from digitlab.storage.drawings import DrawingRow

_EXPONENT = 0.5  # of the law, where none could be fitted
_LEAST_DRAWN = 3  # of a digit, for its seconds to be taken from it alone


def confusion_of(points: Sequence[dict], test_set: str) -> np.ndarray:
    """Add up the confusion matrices of the trainings with the most drawings.

    Args:
        points: As `curve_points.read` gives them, at least one of them with the test set.
        test_set: "mnist" or "own".

    Returns:
        int64 array of shape (10, 10): rows are labels.
    """
    tested = [point for point in points if test_set in point["tests"]]
    most = max(point["n"] for point in tested)
    return np.sum([point["tests"][test_set]["confusion"] for point in tested if point["n"] == most], axis=0)


def gains(
    confusion: np.ndarray, drawn: np.ndarray, seconds: np.ndarray, law: tuple[float, float, float] | None
) -> pd.DataFrame:
    """Estimate what drawing more of one digit brings.

    By the law of the curve the curable mistakes of a digit fall with the power of the number of its drawings. Half of a
    mistake is counted for the digit that was shown and half for the one it was taken for: more drawings of either tell
    them apart. It is a rough guide: tests/benchmarks/next_digit.py tells how rough.

    Args:
        confusion: integer array of shape (10, 10): rows are labels.
        drawn: integer array of shape (10,): drawings of each digit so far.
        seconds: float array of shape (10,): a drawing of each digit takes.
        law: As a forecast has it; None: a usual one without floor.

    Returns:
        A row per digit: `digit`, `gain` (points of accuracy a minute), `wrong` (share of this label, 0-1), `seconds`,
        `drawn`.
    """
    a, b, c = law or (1.0, _EXPONENT, 0.0)
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


def seconds_by_digit(rows: Sequence[DrawingRow]) -> tuple[np.ndarray, np.ndarray]:
    """Return how many drawings there are of each digit, and the median seconds of one.

    Args:
        rows: As `read_drawing_rows` returns them, at least one not deleted.

    Returns:
        Arrays of shape (10,); of a digit with less than 3 drawings the seconds are those of all.
    """
    alive = [row for row in rows if not row.deleted]
    labels, times = np.array([row.label for row in alive]), np.array([row.seconds for row in alive])
    drawn = np.bincount(labels, minlength=NUM_CLASSES)
    seconds = [
        float(np.median(times[labels == digit] if drawn[digit] >= _LEAST_DRAWN else times))
        for digit in range(NUM_CLASSES)
    ]
    return drawn, np.array(seconds)


def next_digit(frame: pd.DataFrame, read: str) -> str:
    """Say which digit to draw next.

    Args:
        frame: As `gains` returns it.
        read: What is read, such as "MNIST".
    """
    ordered = frame.sort_values("gain", ascending=False)
    best, worst = ordered.iloc[0], ordered.iloc[-1]
    if best["gain"] <= 0:
        return f"No digit stands out: there are no mistakes on {read} that more drawings of this hand would cure."
    again = f", {best['gain'] / worst['gain']:.1f} times what a {worst['digit']} brings" if worst["gain"] > 0 else ""
    return (
        f"**Draw more of the {best['digit']}**: {best['wrong']:.0%} of them are read wrong on {read}, and one takes "
        f"{best['seconds']:.1f} s. By the law of the curve, about {best['gain']:.1f} points for the next minute{again}."
    )


def whose(mine: Sequence[Size], foretold: Forecast | None, mixed: Sequence[Size], many: Sequence[Size]) -> pd.DataFrame:
    """Put more of the same hand beside other hands, on one test set.

    Args:
        mine: Sizes of the own curve.
        foretold: From these.
        mixed: Own drawings and, after them, some of other writers.
        many: Sizes of MNIST's own digits: as many writers as digits, or nearly.

    Returns:
        `what`, `known` ("measured" or "forecast"), `kind` ("now", "more", "others", "many"), `accuracy`, `low`, `high`.
    """
    n = mine[-1].n
    rows = [("now", f"your {n} drawings", "measured", _measured(mine[-1]))]
    more = mixed[-1].n if mixed else 2 * n
    if foretold and foretold.n == n:
        rows.append(("more", f"and {more - n} more of yours", "forecast", foretold.at(more)))
    if mixed:
        rows.append(("others", f"and {more - n} of other writers", "measured", _measured(mixed[-1])))
    as_many = [size for size in many if size.n == n]
    rows += [("many", f"{n} digits of many writers (MNIST)", "measured", _measured(size)) for size in as_many]
    return pd.DataFrame(
        [(*row, *values) for *row, values in rows], columns=["kind", "what", "known", "accuracy", "low", "high"]
    )


def _measured(size: Size) -> tuple[float, float, float]:
    return size.accuracy, min(size.accuracies), max(size.accuracies)


def other_hands(frame: pd.DataFrame, read: str) -> str:
    """Say whether other people's digits would help more than more of one's own.

    Args:
        frame: As `whose` returns it.
        read: What is read, such as "MNIST".
    """
    known = {row["kind"]: row for row in frame.to_dict("records")}
    if "others" in known and "more" in known:
        others, more = known["others"], known["more"]
        if more["low"] <= others["accuracy"] <= more["high"]:
            return (
                f"On {read} **it makes no clear difference whose hand draws on**: {others['accuracy']:.0%} with other "
                f"writers' drawings, {more['accuracy']:.0%} foretold with as many more of yours."
            )
        better, way = (others, "other people's digits would help more") if others["accuracy"] > more["high"] else (
            more, "more of your own would help more")  # fmt: skip
        worse = more if better is others else others
        return (
            f"On {read} **{way}**: {better['accuracy']:.0%} {better['what']}, {worse['accuracy']:.0%} {worse['what']}."
        )
    if "many" in known:
        gap = known["many"]["accuracy"] - known["now"]["accuracy"]
        if gap > 0.01:
            return (
                f"On {read} **other people's digits would help more**: as many digits, but of many writers, read "
                f"{known['many']['accuracy']:.0%} instead of {known['now']['accuracy']:.0%}."
            )
        return (
            f"On {read} **your own hand is as good a teacher as many**: {known['now']['accuracy']:.0%}, and "
            f"{known['many']['accuracy']:.0%} by as many digits of many writers."
        )
    return "Whether other hands would help more is known when MNIST's own digits have been trained on too."
