"""The digits of a sheet on their way into the database: what the page and the command line do with them alike."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from digitlab.digits import Floats, Images, Labels
from digitlab.formats.cut_apart import Box
from digitlab.formats.paper.cells import EMPTY, FAINT, FULL, TOUCHES
from digitlab.formats.paper.code import SheetCode
from digitlab.formats.paper.read_sheet import ReadSheet
from digitlab.formats.paper.straighten import SCALE
from digitlab.formats.photos import FoundDigits, outline
from digitlab.storage.batches import read_batches
from digitlab.storage.digit_chunks import DigitChunk
from digitlab.storage.digit_import import Incoming, gather
from digitlab.storage.store import Store

MOST_MINUTES = 600  # that a person may say a sheet took
_SURE = 0.95  # probability of another digit at which a person should look
_NO_DIGITS = (EMPTY, FAINT, FULL, TOUCHES)  # not stored unless a person says so


def doubts(read: ReadSheet, probabilities: Floats) -> tuple[str, ...]:
    """Return of each cell why a person should look at it, "" if there is no reason.

    Args:
        read: The sheet.
        probabilities: float array of shape (cells, 10): what a network takes each cell for.
    """
    guesses, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    return tuple(
        doubt or (f"reads like a {guess}" if guess != label and high > _SURE else "")
        for doubt, guess, high, label in zip(read.cells.doubts, guesses, sure, read.code.labels, strict=True)
    )


def worth_storing(read: ReadSheet) -> npt.NDArray[np.bool_]:
    """Return which cells hold a digit, as far as can be told without a person: bool array of shape (cells,)."""
    return np.array([doubt not in _NO_DIGITS for doubt in read.cells.doubts], bool)


def frame_cells(read: ReadSheet, doubtful: Sequence[str]) -> Images:
    """Return the straight sheet with a frame around what is doubtful: uint8 array of shape (h, w, 3)."""
    places = [place for place, doubt in enumerate(doubtful) if doubt]
    boxes = [
        Box(top, bottom, left, right, (), 0)
        for left, top, right, bottom in np.round(read.cells.places[places] * SCALE).astype(int).tolist()
    ]
    return outline(FoundDigits(read.cells.images[places], tuple(boxes), read.sheet))


def stored_before(store: Store, code: SheetCode, writer: str) -> bool:
    """Return whether digits of this sheet are in the database: of another photo they are other pictures."""
    batches = read_batches(store, kinds=("imported", "test"))
    return any(batch.drawn and (batch.writer, batch.seed) == (writer, code.seed) for batch in batches)


def to_incoming(
    read: ReadSheet, labels: Labels, keep: npt.NDArray[np.bool_], *, minutes: float, test: bool
) -> Incoming:
    """Return the digits of a sheet as they are stored.

    Args:
        read: The sheet.
        labels: integer array of shape (cells,), what each cell shows.
        keep: bool array of shape (cells,), which cells to store.
        minutes: That a person took to write the sheet, 0 if they are not known: all of them count for what is stored.
        test: They are to test with.
    """
    n = int(keep.sum())
    seconds = np.full(n, 60 * minutes / max(n, 1))
    return gather([DigitChunk("test" if test else "train", read.cells.images[keep], labels[keep], seconds=seconds)])
