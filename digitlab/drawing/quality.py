"""Quality checks: they ask about drawings that may not be what their label says; they never refuse one.

Nobody is asked again and again about the way they write a digit: what is drawn as its writer has kept it twice is not
asked about.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from digitlab.digits import NUM_CLASSES, Floats, Images
from digitlab.drawing.traces import POINTS, distances, trace

TINY = "tiny"
LEAVES_CELL = "leaves its cell"
DUPLICATE = "just like another one"
_LOOKS_LIKE = tuple(f"looks like a {digit}" for digit in range(NUM_CLASSES))

_TINY_SHARE = 0.12  # of the cell's side
_OVER_EDGE_SHARE = 0.08  # of the cell's side: the pen may slip a little
_DUPLICATE_DIFFERENCE = 1.0  # mean difference of pixels, 0-255; of 7,464 real digits none was as like an earlier one
_SURE = 0.8  # a model must be this sure of another label
# Of 30 people's digits 97 % lie nearer than this to two others of the same label, 0.5 % to two of another one.
_OWN_FORM = 0.03  # distance of traces
_KEPT_ENOUGH = 2  # drawings of this form

Kept = Callable[[int], Floats]  # a label -> the traces (n, 24, 4) of what the writer has kept as that


@dataclass(frozen=True)
class DrawnDigit:
    """A drawing and where it was drawn.

    Attributes:
        label: What was to be drawn, 0-9.
        strokes: Float arrays of shape (n, 2..4): x, y in pixels from the cell's top left corner, y down; further
            columns are not used. At least one point.
        size: Side of the cell in pixels.
        digit: uint8 array of shape (28, 28), what was made of the strokes.
    """

    label: int
    strokes: Sequence[Floats]
    size: float
    digit: Images


def check(
    drawings: Sequence[DrawnDigit],
    earlier: Images,
    probabilities: Floats | None,
    kept: Kept = lambda label: np.empty((0, POINTS, 4)),
) -> list[list[str]]:
    """Find what to ask about drawings.

    Args:
        drawings: n drawings.
        earlier: uint8 array of shape (m, 28, 28), digits drawn before, to find the same one again.
        probabilities: Float array of shape (n, 10), what a model takes each drawing for; None if there is no model.
        kept: Asked for the writer's earlier drawings of a digit; without it, none.

    Returns:
        For each drawing its marks, often none: `TINY`, `LEAVES_CELL`, `DUPLICATE` or, for example, "looks like a 4".

    Example:
        >>> dot = [np.array([[50.0, 50.0], [52.0, 53.0]])]
        >>> check([DrawnDigit(1, dot, 100.0, np.zeros((28, 28), np.uint8))], np.empty((0, 28, 28), np.uint8), None)
        [['tiny']]
    """
    seen = earlier.astype(np.float32)
    found = []
    for index, drawing in enumerate(drawings):
        points = np.concatenate([stroke[:, :2] for stroke in drawing.strokes])
        image = drawing.digit.astype(np.float32)
        marks = []
        if np.ptp(points, axis=0).max() < _TINY_SHARE * drawing.size:
            marks.append(TINY)
        slip = _OVER_EDGE_SHARE * drawing.size
        if points.min() < -slip or points.max() > drawing.size + slip:
            marks.append(LEAVES_CELL)
        if len(seen) and np.abs(seen - image).mean(axis=(1, 2)).min() < _DUPLICATE_DIFFERENCE:
            marks.append(DUPLICATE)
        if probabilities is not None:
            likely = int(probabilities[index].argmax())
            sure = likely != drawing.label and probabilities[index, likely] > _SURE
            if sure and not in_own_form(trace(drawing.strokes), kept(drawing.label), kept(likely)):
                marks.append(_LOOKS_LIKE[likely])
        found.append(marks)
        seen = np.concatenate([seen, image[None]])
    return found


def in_own_form(drawing: Floats, kept: Floats, others: Floats) -> bool:
    """Return whether a drawing is like two that its writer has kept, and more so than like any of another digit.

    Args:
        drawing: Its trace, of shape (24, 4), see `traces.trace`.
        kept: Traces of shape (n, 24, 4): what the writer has kept with the label of the drawing.
        others: Traces of shape (m, 24, 4): the same with the label that the drawing looks like to a model.
    """
    near = np.sort(distances(drawing, kept))
    if len(near) < _KEPT_ENOUGH or near[_KEPT_ENOUGH - 1] > _OWN_FORM:
        return False
    return bool(near[0] < distances(drawing, others).min(initial=np.inf))


def taken_for(marks: Sequence[str]) -> int | None:
    """Return which digit a drawing looks like by its marks; None if they do not say.

    Example:
        >>> taken_for(["tiny", "looks like a 4"])
        4
    """
    return next((_LOOKS_LIKE.index(mark) for mark in marks if mark in _LOOKS_LIKE), None)


def to_ask(marks: Sequence[tuple[int, Sequence[str]]]) -> list[int]:
    """Choose which marked drawings to ask about now: two that are taken for the same other digit answer for the rest.

    Args:
        marks: Label and marks of each drawing that waits for an answer.

    Returns:
        Their places, in order.

    Example:
        >>> to_ask([(1, ["looks like a 7"]), (1, ["looks like a 7"]), (1, ["looks like a 7"]), (1, ["tiny"])])
        [0, 1, 3]
    """
    chosen: list[int] = []
    asked: Counter[tuple[int, tuple[str, ...]]] = Counter()
    for place, (label, found) in enumerate(marks):
        form = label, tuple(found)
        asked[form] += 1
        if taken_for(found) is None or asked[form] <= _KEPT_ENOUGH:
            chosen.append(place)
    return chosen
