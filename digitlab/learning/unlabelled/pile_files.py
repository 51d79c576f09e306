"""The piles of a run, kept with its model as a `.npz` file, with pictures of each pile to look at.

The pictures to look at are in the file too: whoever shows them need not load all of the data set.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Images, check_images
from digitlab.learning.model_files import ModelError
from digitlab.learning.npz_files import DAMAGE
from digitlab.storage.models import read_model_file
from digitlab.storage.store import Store

LEFT_OUT = NUM_CLASSES  # in place of a digit: the pictures of such a pile are not trained on
TYPICAL, DOUBTFUL = 7, 3  # pictures of a pile to look at


@dataclass(frozen=True)
class Piles:
    """Pictures sorted into piles.

    Attributes:
        places: int64 array of shape (n,): indices of the pictures among the data set's training pictures.
        digits: int64 array of shape (n,): the digit that each picture's pile is called by, 0-9, or `LEFT_OUT`.
        sureness: float32 array of shape (n,): how much each belongs to its pile, 0-1.
    """

    places: npt.NDArray[np.int64]
    digits: npt.NDArray[np.int64]
    sureness: npt.NDArray[np.float32]

    def sizes(self) -> tuple[int, ...]:
        """Return how many pictures each of the ten piles has."""
        return tuple(np.bincount(self.digits, minlength=NUM_CLASSES + 1)[:NUM_CLASSES].tolist())

    def renamed(self, names: Sequence[int]) -> "Piles":
        """Call each pile by another digit.

        Args:
            names: For each of the piles 0-9 the digit that it shows, or `LEFT_OUT`; two piles may show the same digit.

        Raises:
            ValueError: If these are not ten such names, or nothing would be left.

        Example:
            >>> piles = Piles(np.arange(3), np.array([7, 9, 9]), np.ones(3, np.float32))
            >>> piles.renamed([0, 1, 2, 3, 4, 5, 6, 9, 8, 7]).digits
            array([9, 7, 7])
        """
        if len(names) != NUM_CLASSES or not set(names) <= set(range(NUM_CLASSES + 1)):
            raise ValueError(
                f"Expected a digit for each of ten piles, or {LEFT_OUT} to leave it out. Received: {names}."
            )
        digits = np.array([*names, LEFT_OUT])[self.digits]
        if (digits == LEFT_OUT).all():
            raise ValueError("Expected at least one pile to train on. Received: all left out.")
        return replace(self, digits=digits)

    def kept(self) -> "Piles":
        """Return the piles without what was left out."""
        kept = self.digits != LEFT_OUT
        return Piles(self.places[kept], self.digits[kept], self.sureness[kept])

    def examples(self, pile: int, typical: int, doubtful: int) -> npt.NDArray[np.int64]:
        """Choose pictures that show what is in a pile.

        Args:
            pile: 0-9.
            typical: How many of the surer half: evenly spread over it, or they would all look the same.
            doubtful: How many of the least sure, after those.

        Returns:
            int64 array of shape (up to typical + doubtful,): their indices among the training pictures; each once.
        """
        own = np.flatnonzero(self.digits == pile)
        own = own[np.argsort(-self.sureness[own], kind="stable")]
        if len(own) <= typical + doubtful:
            return np.asarray(self.places[own])
        half = max(typical, min(len(own) // 2, len(own) - doubtful))
        spread = np.linspace(0, half - 1, typical).round().astype(np.int64)
        return np.asarray(self.places[np.concatenate([own[spread], own[len(own) - doubtful :]])])


def describe_names(names: Sequence[int]) -> list[str]:
    """Say what it means if piles are called alike, or left out.

    Args:
        names: As for `Piles.renamed`.

    Returns:
        Sentences; none where each pile is called by another digit.

    Example:
        >>> describe_names([0, 1, 2, 3, 9, 5, 6, 7, 8, 9])
        ['Two piles are called 9, and no pile is called 4: only your drawings will show the network a 4.']
    """
    missing = sorted(set(range(NUM_CLASSES)) - set(names))
    if not missing:
        return []
    twice = [digit for digit in range(NUM_CLASSES) if list(names).count(digit) > 1]
    listed = " or ".join(map(str, missing))
    shared = f"Two piles are called {' and '.join(map(str, twice))}, and no" if twice else "No"
    return [f"{shared} pile is called {listed}: only your drawings will show the network a {listed}."]


def pack(piles: Piles, images: Images) -> bytes:
    """Return the content of the file of piles.

    Args:
        piles: The piles.
        images: The data set's training pictures, uint8 (n, 28, 28).
    """
    examples = [piles.examples(pile, TYPICAL, DOUBTFUL) for pile in range(NUM_CLASSES)]
    file = io.BytesIO()
    np.savez_compressed(
        file,
        places=piles.places.astype(np.int32),
        digits=piles.digits.astype(np.uint8),
        sureness=piles.sureness.astype(np.float16),
        examples=images[np.concatenate(examples)],
        ends=np.cumsum([len(places) for places in examples]),
    )
    return file.getvalue()


def load(run_id: str, store: Store) -> Piles:
    """Read the piles of a run.

    Raises:
        ModelError: If the file is missing or damaged.
    """
    with _read(run_id, store) as arrays:
        return Piles(
            arrays["places"].astype(np.int64), arrays["digits"].astype(np.int64), arrays["sureness"].astype(np.float32)
        )


def load_examples(run_id: str, store: Store) -> list[Images]:
    """Read the pictures of each pile to look at.

    Returns:
        For each pile 0-9 a uint8 array of shape (up to `TYPICAL` + `DOUBTFUL`, 28, 28): typical ones, then doubtful.

    Raises:
        ModelError: If the file is missing or damaged.
    """
    with _read(run_id, store) as arrays:
        return np.split(check_images(arrays["examples"]), arrays["ends"][:-1])


def check(content: bytes, run_id: str) -> None:
    """Check that the content of a file of piles can be used.

    Raises:
        ModelError: If it is damaged.
    """
    with _open(content, run_id) as arrays:
        names = ("places", "digits", "sureness", "ends", "examples")
        places, digits, sureness, ends, examples = found = [arrays[name] for name in names]
        if not all(isinstance(array, np.ndarray) and array.ndim for array in found):
            raise ValueError("no arrays")  # NumPy gives what is none as bytes
        numbers = all(array.dtype.kind in "iu" for array in (places, digits, ends)) and sureness.dtype.kind == "f"
        same = places.shape == digits.shape == sureness.shape == (len(places),) and ends.shape == (NUM_CLASSES,)
        if (
            not (numbers and same)
            or (places < 0).any()
            or (digits < 0).any()
            or (digits > LEFT_OUT).any()
            or (np.diff(ends, prepend=0) < 0).any()
        ):
            raise ValueError("piles of an odd shape")
        if ends[-1] != len(check_images(examples)):
            raise ValueError("pictures of other piles")


def _read(run_id: str, store: Store) -> AbstractContextManager[Mapping[str, npt.NDArray[Any]]]:
    return _open(read_model_file(store, run_id, "npz"), run_id)


@contextmanager
def _open(content: bytes | None, run_id: str) -> Iterator[Mapping[str, npt.NDArray[Any]]]:
    try:
        with np.load(io.BytesIO(content or b""), allow_pickle=False) as arrays:
            yield arrays
    except DAMAGE as error:
        raise ModelError(f"The piles of the run {run_id} are missing or damaged. Sort the pictures again.") from error
