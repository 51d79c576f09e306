"""What each way costs to read equally well: minutes of drawing alone, and with help."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitlab.comparison.kinds import Kind, way
from digitlab.comparison.method_results import MethodResult
from digitlab.comparison.speaking import mnist_speaker, speaker

LEVELS = (0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)  # accuracies to compare at, the highest that can be


@dataclass(frozen=True)
class Measured:
    """What was reached one way after some minutes of drawing.

    Attributes:
        way: How the minutes were used, in words; see `kinds.way`.
        kind: What it learnt from.
        minutes: Of active drawing.
        test_set: `mnist` or `own`.
        version: Of the own test digits; empty for MNIST's.
        accuracy: Mean over the trainings, 0-1.
    """

    way: str
    kind: Kind
    minutes: float
    test_set: str
    version: str
    accuracy: float


@dataclass(frozen=True)
class Cost:
    """What one way costs.

    Attributes:
        way: In words.
        minutes: Of drawing.
        at_most: Nothing shorter was tried that fell short: it may cost less.
    """

    way: str
    minutes: float
    at_most: bool


def measured(results: Sequence[MethodResult]) -> list[Measured]:
    """Return what the methods have reached: of each kind and number of drawings what the speaking result has.

    Args:
        results: Of one writer, as `method_results.method_results` returns them.
    """
    by_size: dict[tuple[Kind, int], list[MethodResult]] = {}
    for result in results:
        if result.drawings and not result.imported:
            by_size.setdefault((result.kind, result.drawings), []).append(result)
    chosen = [speaker(alike, kind) for (kind, _), alike in by_size.items()]
    return [
        Measured(
            way(result.kind, started=result.started),
            result.kind,
            result.human_seconds / 60,
            test_set,
            score.version,
            score.accuracy,
        )
        for result in [mnist_speaker(results), *chosen]
        if result
        for test_set, score in result.tests.items()
    ]


def costs_at(points: Sequence[Measured], level: float) -> list[Cost]:
    """Return what each way costs from which an accuracy is reached for good, the drawings alone first.

    Args:
        points: On one test set.
        level: Accuracy, 0-1.

    Returns:
        A cost for each way that reaches it; MNIST's network that read without a drawing stands for all that start
        from it.
    """
    costs: dict[str, Cost] = {}
    for one in dict.fromkeys(point.way for point in points):
        of_way = sorted((point for point in points if point.way == one), key=lambda point: point.minutes)
        short = [place for place, point in enumerate(of_way) if point.accuracy < level]
        reached = short[-1] + 1 if short else 0
        if reached < len(of_way):
            minutes = of_way[reached].minutes
            costs[one] = Cost(one, minutes, at_most=not short and minutes > 0)
    if way("none") in costs:
        costs.pop(way("mnist"), None)
    ways = [way("alone"), way("unlabelled"), way("none"), way("mnist"), way("mnist", started=False)]
    return [costs[one] for one in ways if one in costs]


def compare_costs(points: Sequence[Measured]) -> tuple[float, list[Cost]] | None:
    """Find the highest accuracy that drawings alone and another way reach, and what it costs each.

    Args:
        points: On one test set.

    Returns:
        The accuracy, 0-1, and the costs; None where it is not known for both.
    """
    for level in LEVELS:
        costs = costs_at(points, level)
        if len(costs) > 1 and costs[0].way == way("alone"):
            return level, costs
    return None


def describe(points: Sequence[Measured], own_version: str | None, own_name: str) -> str:
    """Say what equal accuracy costs each way, on the own digits and on MNIST; nothing where it is not known.

    Args:
        points: On all test sets.
        own_version: Of the own test digits that count; None if there are none.
        own_name: What to call them.

    Example:
        >>> reached = [Measured(way("alone"), "alone", minutes, "mnist", "", minutes / 5) for minutes in (2, 4)]
        >>> describe([*reached, Measured(way("none"), "none", 0, "mnist", "", 0.97)], None, "")
        "Minutes for equal accuracy: 80 % of MNIST takes 4.0 min alone, 0 min with MNIST's network."
    """
    told = []
    for test_set, version, name in (("own", own_version, own_name), ("mnist", "", "MNIST")):
        found = compare_costs([point for point in points if (point.test_set, point.version) == (test_set, version)])
        if found:
            level, costs = found
            each = ", ".join(f"{_minutes(cost)} {cost.way}" for cost in costs)
            told.append(f"{100 * level:.0f} % of {name} takes {each}")
    return f"Minutes for equal accuracy: {'; '.join(told)}." if told else ""


def _minutes(cost: Cost) -> str:
    number = "0" if cost.minutes == 0 else f"{cost.minutes:.1f}" if cost.minutes < 10 else f"{cost.minutes:.0f}"
    return f"{number} min{' or less' if cost.at_most else ''}"
