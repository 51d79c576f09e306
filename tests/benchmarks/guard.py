"""What run.py measured, and what of it has become worse since the baseline.

A figure is better the smaller it is. It is compared as a multiple of what its peer took in the same run: another
library that does the same work, or one of calibration.py. A faster or a busier machine changes both.
"""

import json
from dataclasses import asdict, dataclass

LOSS = 0.15  # what is worse by more is called a loss
RED, GREEN, PLAIN = "\033[31m", "\033[32m", "\033[0m"


@dataclass(frozen=True)
class Figure:
    """What was measured, in `unit`, and what its peer took, in any unit; None: it does not depend on the machine."""

    value: float
    unit: str
    peer: float | None = None

    @property
    def ratio(self):
        return self.value if self.peer is None else self.value / self.peer


@dataclass(frozen=True)
class Report:
    """All figures of one run of run.py, by benchmark and name, and where they are from."""

    commit: str
    machine: dict
    figures: dict


@dataclass(frozen=True)
class Change:
    """A figure beside the same one of the baseline; None where one of the two has it not.

    `share` is how much more it is now, each seen beside its peer: 0.2 is 20 % worse.
    """

    name: str
    before: Figure | None
    now: Figure | None

    @property
    def share(self):
        if self.before is None or self.now is None:
            return None
        return self.now.ratio / self.before.ratio - 1

    @property
    def is_loss(self):
        return self.now is None or (self.share is not None and self.share > LOSS)


def compare(before, now):
    """Return a `Change` for each of the figures by name, in the order of those of before, new ones last."""
    return [Change(name, before.get(name), now.get(name)) for name in dict.fromkeys([*before, *now])]


def better_of(first, second):
    """Return for each figure the better one of two measurements, as a machine is busy by chance and idle by none."""
    both = {name: (first[name], second[name]) for name in first.keys() & second.keys()}
    return first | second | {name: min(pair, key=lambda figure: figure.ratio) for name, pair in both.items()}


def in_words(changes):
    """Return lines to print: losses are red, what has become better by as much is green."""
    lines = [f"{'':58} {'baseline':>12} {'now':>12} {'beside its peer':>16}"]
    for change in changes:
        if change.now is None:
            told, colour = "not measured", RED
        elif change.share is None:
            told, colour = "new", ""
        else:
            told = f"{change.share:+.0%}"
            colour = RED if change.is_loss else GREEN if change.share < -LOSS else ""
        line = f"{change.name:58} {_value(change.before):>12} {_value(change.now):>12} {told:>16}"
        lines.append(f"{colour}{line}{PLAIN}" if colour else line)
    return lines


def _value(figure):
    return "" if figure is None else f"{figure.value:.3g} {figure.unit}"


def to_json(report):
    return json.dumps(asdict(report), indent=1) + "\n"


def from_json(text):
    plain = json.loads(text)
    figures = {name: Figure(**figure) for name, figure in plain["figures"].items()}
    return Report(plain["commit"], plain["machine"], figures)
