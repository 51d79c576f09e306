"""Advice: whether other writers' digits would help more than more of one's own."""

from collections.abc import Sequence

import pandas as pd

from digitlab.curve.forecast import Forecast
from digitlab.curve.results import SizeResult
from digitlab.look import percent

_MIN_GAIN = 0.01  # of accuracy, to say that many writers teach more than one


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
    if forecast and forecast.n == n and more <= forecast.reach:
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
                f"On {test_name} **it makes no clear difference who draws on**: "
                f"{percent(others['accuracy'], 0)} with other "
                f"writers' drawings, {percent(more['accuracy'], 0)} forecast with as many more of yours."
            )
        if others["accuracy"] > more["high"]:
            claim, better, worse = "other people's digits would help more", others, more
        else:
            claim, better, worse = "more of your own would help more", more, others
        return (
            f"On {test_name} **{claim}**: {percent(better['accuracy'], 0)} {better['what']}, "
            f"{percent(worse['accuracy'], 0)} {worse['what']}."
        )
    if now and mnist:
        if mnist["accuracy"] - now["accuracy"] > _MIN_GAIN:
            return (
                f"On {test_name} **other people's digits would help more**: as many digits, but of many writers, read "
                f"{percent(mnist['accuracy'], 0)} instead of {percent(now['accuracy'], 0)}."
            )
        return (
            f"On {test_name} **your own hand is as good a teacher as many**: {percent(now['accuracy'], 0)}, and "
            f"{percent(mnist['accuracy'], 0)} by as many digits of many writers."
        )
    return "Whether other hands would help more is known when MNIST's own digits have been trained on too."
