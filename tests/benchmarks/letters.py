"""Drawings that are no digits: letters of several alphabets, signs, scribbles, two digits side by side.

A letter is written as strokes on a grid of 10 x 10 places, `xy` each, y down; a stroke that begins with `~` is a smooth
curve through its places, any other one a chain of straight lines. Letters that are written like a digit are apart: no
look at the picture alone can tell an O from a 0.
"""

import string
import sys

import numpy as np

from digitlab.drawing.stroke_variation import vary_strokes

LETTERS = {
    # Latin
    "A": "09 40 89/25 65",
    "C": "~81 50 21 04 27 59 88",
    "D": "00 09/~00 50 84 59 09",
    "E": "80 00 09 89/04 64",
    "F": "80 00 09/04 64",
    "G": "~81 50 21 04 27 59 87/87 85 55",
    "H": "00 09/80 89/04 84",
    "J": "~60 63 66 48 19 07",
    "K": "00 09/80 04 89",
    "L": "00 09 79",
    "M": "09 10 46 80 99",
    "N": "09 00 89 80",
    "P": "00 09/~00 50 72 54 05",
    "Q": "~40 11 04 18 49 88 94 81 40/66 99",
    "R": "00 09/~00 50 72 54 05/35 79",
    "T": "00 90/40 49",
    "U": "~00 05 29 59 85 80",
    "V": "00 49 80",
    "W": "00 29 43 69 80",
    "X": "00 89/80 09",
    "Y": "00 44/80 44 49",
    "a": "~73 32 04 07 29 58 73/72 79",
    "d": "~75 44 15 07 29 59 77/70 79",
    "e": "~05 75 63 42 13 05 18 49 78",
    "f": "~70 50 41 49/14 74",
    "h": "00 09/~05 33 65 69",
    "k": "00 09/63 06 69",
    "m": "03 09/~04 23 44 49/~44 63 84 89",
    "n": "03 09/~04 43 64 69",
    "r": "03 09/~05 23 53",
    "t": "~30 37 49 69/03 63",
    "u": "~03 07 29 59 73/73 79",
    "w": "03 29 44 69 83",
    "x": "~00 23 66 89/80 09",
    "y": "03 46/83 09",
    # Greek
    "Gamma": "09 00 70",
    "Delta": "09 40 89 09",
    "Theta": "~40 11 04 18 49 88 94 81 40/24 64",
    "Lambda": "09 40 89",
    "Xi": "00 80/24 64/09 89",
    "Pi": "09 00 80 89",
    "Sigma": "80 00 45 09 89",
    "Phi": "~41 02 05 47 86 82 41/40 49",
    "Psi": "~01 04 46 84 81/40 49",
    "Omega": "09 29/~29 14 21 50 71 84 69/69 89",
    "alpha": "~80 57 29 05 22 44 79 89",
    "lambda": "~00 10 37 79/34 09",
    "pi": "02 82/22 29/62 69",
    "omega": "~13 06 19 38 45/~45 58 79 86 73",
    # Cyrillic
    "Zhe": "00 89/80 09/40 49",
    "I of Cyrillic": "00 09 80 89",
    "De": "09 07 87 89/17 30 70 77",
    "Tse": "00 08 88 89/70 78",
    "Sha": "00 09 89 80/40 49",
    "Yu": "00 09/04 34/~60 42 35 48 69 96 93 60",
    "Ya": "80 89/~80 30 12 34 85/45 09",
    "E of Cyrillic": "~01 30 71 84 68 39 08/24 84",
    # Signs
    "plus": "40 48/04 84",
    "hash": "20 29/60 69/03 83/06 86",
    "question mark": "~01 30 61 63 45 46/49 48",
    "star": "29 40 69 03 93 29",
    "arrow": "04 94/61 94 67",
    "house": "09 04 40 84 89 09/39 36 56 59",
    "heart": "~49 04 11 31 43/~43 61 81 94 49",
    "square": "00 80 88 08 00",
    "tree in Chinese": "03 83/40 49/43 09/43 89",
    "ki in Japanese": "03 82/06 96/30 69",
}
LIKE_A_DIGIT = {
    "B": "00 09/~00 40 62 44 04/~04 55 77 59 09",
    "I": "40 49",
    "O": "~40 11 04 18 49 88 94 81 40",
    "S": "~71 40 12 34 66 68 39 08",
    "Z": "00 80 09 89",
    "b": "00 09/~06 33 66 39 08",
    "g": "~62 31 03 25 54 62/~61 66 48 19 08",
    "q": "~62 31 03 25 54 62/61 69",
    "Che": "00 04 64/70 79",
    "Ze": "~01 30 62 34 66 58 29 07",
}
FONT_LIKE_A_DIGIT = "BIOSZbgiloqsz"  # by their Latin keys, in the Greek font too
_CURVE = 8  # points between two places of a smooth curve
_GRID = 20.0  # pixels


def strokes_of(text):
    """The strokes of a letter, as in `digitlab.drawing.strokes`."""
    return [_stroke(part) for part in text.split("/")]


def letters(shapes, each, rng, strength=0.5):
    """So many varied drawings of each letter, as strokes."""
    return [vary_strokes(strokes_of(text), strength, rng) for text in shapes.values() for _ in range(each)]


def scribble(rng):
    """A line without sense: loops, a zigzag, a spiral, or some strokes crossing each other."""
    kind = rng.integers(4)
    if kind == 0:
        t = np.linspace(0, 2 * np.pi, 120)
        waves = [(rng.normal(0, 1 / k, 2), rng.uniform(0, 2 * np.pi, 2)) for k in range(1, rng.integers(4, 8))]
        return [sum(size * np.sin((k + 1) * t[:, None] + phase) for k, (size, phase) in enumerate(waves))]
    if kind == 1:
        turns = rng.integers(5, 14)
        x, y = np.linspace(0, 1, turns), np.where(np.arange(turns) % 2, 1.0, 0.0) + rng.normal(0, 0.12, turns)
        return [_turned(np.column_stack([x * rng.uniform(0.7, 2), y]), rng)]
    if kind == 2:
        angle = np.linspace(0, 2 * np.pi * rng.uniform(2, 4), 120)
        radius = angle ** rng.uniform(0.5, 1.2)
        return [_turned(np.column_stack([radius * np.cos(angle), radius * np.sin(angle) * rng.uniform(0.6, 1)]), rng)]
    return [rng.uniform(0, 1, (rng.integers(2, 5), 2)) for _ in range(rng.integers(3, 7))]


def two_digits(first, second, rng):
    """Two drawings side by side, of the same height."""
    placed, right = [], 0.0
    for drawing in (first, second):
        points = np.concatenate(drawing)[:, :2]
        low, height = points.min(axis=0), max(float(np.ptp(points[:, 1])), 1e-6)
        placed += [(stroke[:, :2] - low) / height + [right, 0] for stroke in drawing]
        right += float(np.ptp(points[:, 0])) / height + rng.uniform(0.1, 0.35)
    return placed


def font_letters(folder):
    """Letters of A. V. Hershey's fonts of single strokes, `{font: {letter: strokes}}`; nothing was tuned on them.

    Args:
        folder: Where the package Hershey-Fonts is (`pip install --target FOLDER Hershey-Fonts`).
    """
    sys.path.insert(0, str(folder))
    from HersheyFonts import HersheyFonts

    found = {}
    for name in ("futural", "scripts", "greek"):
        font = HersheyFonts()
        font.load_default_font(name)
        letters = {letter: list(font.strokes_for_text(letter)) for letter in string.ascii_letters}
        found[name] = {
            letter: [np.array(list(stroke), float) for stroke in strokes] for letter, strokes in letters.items()
        }
    return found


def _stroke(text):
    places = np.array([[int(place[0]), int(place[1])] for place in text.lstrip("~").split()], float) * _GRID
    return _smooth(places) if text.startswith("~") else places


def _smooth(places):
    """A curve through places: Catmull and Rom's spline."""
    ends = np.concatenate([2 * places[:1] - places[1:2], places, 2 * places[-1:] - places[-2:-1]])
    t = np.linspace(0, 1, _CURVE, endpoint=False)[:, None]
    parts = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        cubic = (2 * before - 5 * start + 4 * end - after) * t**2 + (3 * start - before - 3 * end + after) * t**3
        parts.append(start + ((end - before) * t + cubic) / 2)
    return np.concatenate([*parts, places[-1:]])


def _turned(points, rng):
    angle = rng.uniform(0, 2 * np.pi)
    return points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
