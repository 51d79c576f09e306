"""Make `digitlab/drawing/demo.json`, the drawings of the demo experiment: `python -m digitlab.tools.demo_drawings`.

Nobody's drawings were looked at or copied for them. The way of the pen was set point by point, by hand, for each of the
thirty: where it goes down, through what it passes, where it turns sharply. A smooth line through these points is then
written as a hand writes: slower in bends than on straight ways (speed falls with the third root of the curvature, as
Lacquaniti, Terzuolo and Viviani measured in 1983), slow at both ends and at sharp turns, a little unsteady, and read 60
times a second. The three sittings differ in slant, size and pace, and in forms: a 1 with and without a flag, a 4 open
and closed, a 7 with and without a bar, an 8 in one line and in two.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from digitlab.digits import Floats
from digitlab.drawing import demo

_TICK = 1000 / 60  # ms between two points of a stroke
_PARTS = 24  # of the line between two points of the way
_LIFT = 90.0  # ms from one stroke to the next, and 2 for each unit of the way there


@dataclass(frozen=True)
class _Sitting:
    """How a hand writes on one occasion: slant (x for each y), height in px, units a ms, unsteadiness in units."""

    slant: float
    height: float
    pace: float
    unsteady: float


_SITTINGS = (_Sitting(0.06, 186, 0.34, 0.5), _Sitting(0.22, 172, 0.42, 0.6), _Sitting(-0.04, 198, 0.29, 0.8))

# Of each digit and sitting the strokes, each a way through points of a box of 100 x 100 units, y down: "x,y x,y ...".
# A sharp turn is a "/" between two parts of a stroke.
_WAYS = (
    (
        ("58,8 38,11 23,31 18,56 26,82 45,95 66,88 80,62 78,33 64,13 49,9",),
        ("50,6 31,17 21,46 25,78 44,95 67,86 79,53 71,21 53,7 42,14",),
        ("64,13 41,4 18,24 12,57 27,88 56,95 82,74 86,41 70,13 50,9",),
    ),
    (
        ("53,5 52,34 50,66 48,96",),
        ("32,31 45,19 57,5 / 56,38 54,68 53,96",),
        ("38,24 58,5 / 56,48 54,95",),
    ),
    (
        ("23,29 34,11 55,6 73,20 71,42 53,63 31,82 17,94 / 40,92 63,93 84,91",),
        ("24,25 40,8 64,10 73,30 61,54 40,78 26,92 19,86 30,78 48,85 66,94 85,87",),
        ("19,23 46,4 76,17 74,41 46,69 15,93 / 50,91 87,94",),
    ),
    (
        ("24,17 44,6 68,12 72,30 58,44 41,48 / 62,51 78,68 70,88 46,96 21,86",),
        ("22,9 49,8 76,7 / 61,25 46,41 / 67,47 79,68 66,90 42,96 22,85",),
        ("18,21 47,4 76,17 68,39 43,46 / 72,53 84,75 62,95 33,95 13,80",),
    ),
    (
        ("37,7 29,33 20,58 / 49,58 84,56", "65,30 62,62 60,96"),
        ("63,5 41,34 17,65 / 50,65 87,63", "64,8 62,50 60,96"),
        ("29,9 24,35 31,53 53,56 73,45", "76,7 71,50 67,96"),
    ),
    (
        ("34,10 31,28 28,46 / 48,40 70,50 76,72 60,92 36,95 19,85", "34,10 54,9 77,7"),
        ("76,8 54,9 33,10 / 30,27 28,45 / 50,39 74,53 74,78 54,94 23,88",),
        ("30,8 27,27 25,47 / 49,37 78,51 81,77 56,96 17,87", "31,8 56,9 84,5"),
    ),
    (
        ("65,6 46,22 28,46 20,70 28,90 50,96 72,84 74,66 56,54 36,60 23,75",),
        ("60,5 41,25 27,52 24,78 39,95 61,91 70,73 57,60 39,65 27,81",),
        ("72,9 44,20 20,48 15,76 33,95 63,94 82,76 73,58 46,54 19,72",),
    ),
    (
        ("18,12 48,11 80,8 / 64,36 50,62 41,96",),
        ("20,10 50,10 78,7 / 62,37 49,66 42,96", "35,53 53,51 72,50"),
        ("14,14 15,8 / 48,10 85,7 / 67,30 50,62 44,96",),
    ),
    (
        ("70,18 52,6 32,14 32,32 50,46 68,62 72,82 52,96 30,86 30,66 48,48 66,34 72,17",),
        ("51,6 33,16 36,39 52,46 66,36 67,16 50,6", "51,46 29,62 29,86 50,96 70,84 69,61 49,46"),
        ("76,21 52,4 26,15 28,35 53,47 75,62 77,84 51,96 24,85 25,64 51,48 74,33 77,17",),
    ),
    (
        ("72,23 54,6 33,14 27,36 42,50 62,44 72,24 / 70,50 67,74 61,96",),
        ("68,25 53,7 35,15 31,36 45,48 62,39 69,22 / 70,48 63,77 45,94 29,90",),
        ("78,27 55,5 27,14 22,39 43,53 67,44 78,25 / 76,52 70,96",),
    ),
)  # fmt: skip


def make() -> list[demo.DemoDrawing]:
    """Make the thirty drawings, sitting by sitting; each time the same."""
    made = []
    for number, sitting in enumerate(_SITTINGS):
        rng = np.random.default_rng(number)
        thinking = 0.9 / sitting.pace / 1000 * 340
        for label, ways in enumerate(_WAYS):
            strokes = _write(ways[number], sitting, rng)
            seconds = thinking * float(rng.uniform(0.8, 1.4)) + strokes[-1][-1, 2] / 1000
            made.append(demo.DemoDrawing(number, label, round(seconds, 2), tuple(strokes)))
    return made


def _write(ways: Sequence[str], sitting: _Sitting, rng: np.random.Generator) -> list[Floats]:
    """Write a digit: float64 arrays of shape (n, 3), rows x and y in px on the app's canvas and ms."""
    scale, turn = sitting.height / 100, sitting.slant + rng.normal(0, 0.02)
    shift = rng.normal(0, 5, size=2) + demo.CANVAS_SIZE / 2
    strokes: list[Floats] = []
    began, place = 0.0, None
    for way in ways:
        line, moments = _travel(way, sitting, rng)
        if place is not None:
            began += _LIFT + 2 * float(np.hypot(*(line[0] - place)))
        placed = line - 50
        placed[:, 0] -= turn * placed[:, 1]
        strokes.append(np.round(np.column_stack([placed * scale + shift, moments + began]), 1))
        began, place = began + moments[-1], line[-1]
    return strokes


def _travel(way: str, sitting: _Sitting, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return where the pen is at each tick, shape (n, 2) in units, and when, shape (n,) in ms."""
    parts = [_smooth(np.array([point.split(",") for point in part.split()], float)) for part in way.split("/")]
    joined = [parts[0], *(_from(before[-1], part) for before, part in pairwise(parts))]
    line = np.vstack(joined)
    lengths = np.hypot(*np.diff(line, axis=0).T)
    done = np.r_[0.0, np.cumsum(lengths)]
    directions = np.unwrap(np.arctan2(*np.diff(line, axis=0).T[::-1]))
    bend = np.r_[0.0, np.abs(np.diff(directions)) / lengths[1:]]
    speed = sitting.pace * np.clip((bend + 0.02) / 0.05, 0.3, 60) ** (-1 / 3)
    rests = done[np.r_[0, np.cumsum([len(part) for part in joined]) - 1]]
    middles = (done[1:] + done[:-1]) / 2
    speed *= np.clip(np.abs(middles[:, None] - rests).min(axis=1) / 12, 0.25, 1)
    times = np.r_[0.0, np.cumsum(lengths / speed)]
    ticks = np.r_[np.arange(0, times[-1], _TICK), times[-1]]
    drift = np.cumsum(rng.normal(0, sitting.unsteady / 4, size=(len(ticks), 2)), axis=0)
    drift -= np.linspace(0, 1, len(ticks))[:, None] * drift[-1]
    along = [np.interp(ticks, times, line[:, axis]) + drift[:, axis] for axis in (0, 1)]
    return np.column_stack(along), ticks


def _from(start: Floats, part: Floats) -> Floats:
    """Return a part that begins where the one before it ended: the sharp turn."""
    way = np.linspace(start, part[0], _PARTS)[1:-1]
    return np.vstack([way, part])


def _smooth(points: Floats) -> Floats:
    """Return a smooth line through points (Catmull and Rom's), float64 of shape (n, 2)."""
    if len(points) == 1:
        return points
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, _PARTS, endpoint=False)[:, None]
    curves = [
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]  # fmt: skip
    return np.vstack([*curves, points[-1:]])


def main() -> None:
    """Write the file."""
    rows = [
        {
            "sitting": each.sitting,
            "label": each.label,
            "seconds": each.seconds,
            "strokes": [stroke.tolist() for stroke in each.strokes],
        }
        for each in make()
    ]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    Path(demo.FILE).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
