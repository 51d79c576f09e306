"""Digits on their way out of the database or into it: some at a time, so that many never lie in memory at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from digitlab.digits import Floats, Images, Labels, check_images, check_labels

Split: TypeAlias = Literal["train", "test"]
SPLITS: tuple[Split, Split] = ("train", "test")
CHUNK = 1000  # digits at a time


@dataclass(frozen=True)
class DigitChunk:
    """Some digits and what is known of them.

    Attributes:
        split: `train`, or `test`: never to be trained on.
        images: uint8 array of shape (n, 28, 28).
        labels: int64 array of shape (n,).
        strokes: Of each digit, as in `digitlab.drawing.strokes`, empty where they are not known; or empty as a whole.
        writers: Of each digit, by name, "" where it is not known; or empty as a whole.
        seconds: float64 array of shape (n,), active human seconds, NaN where they are not known; or None.
        moments: Of each digit, when it was drawn: UTC, ISO 8601, "" where it is not known; or empty as a whole.

    Raises:
        ValueError: If images or labels are not as described, or another attribute is of another length.
    """

    split: Split
    images: Images
    labels: Labels
    strokes: Sequence[Sequence[Floats]] = ()
    writers: Sequence[str] = ()
    seconds: Floats | None = None
    moments: Sequence[str] = ()

    def __post_init__(self) -> None:
        n = len(check_images(self.images))
        check_labels(self.labels, n)
        for name in ("strokes", "writers", "seconds", "moments"):
            value = getattr(self, name)
            if value is not None and len(value) not in ({n} if name == "seconds" else {0, n}):
                raise ValueError(f"Expected {name} of {n} digits. Received: {len(value)}.")

    def __len__(self) -> int:
        """Return how many digits there are."""
        return len(self.labels)


@dataclass(frozen=True)
class DigitSource:
    """Digits to write into a file: how many there are, and what reads them a chunk at a time.

    Attributes:
        counts: Digits to train on and to test on.
        read: `read(split, strokes)` yields the digits of a split from the first to the last, with their strokes if
            these are wanted; it may be called again.
    """

    counts: tuple[int, int]
    read: Callable[[Split, bool], Iterator[DigitChunk]]

    def count(self, split: Split) -> int:
        """Return how many digits a split has."""
        return self.counts[SPLITS.index(split)]
