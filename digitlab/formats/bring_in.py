"""Digits in: looked at before anything is stored. What the page and the command line do with files alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from digitlab import mnist
from digitlab.formats.parts import Part
from digitlab.formats.read_files import read_digits
from digitlab.orientation import Lie, find_lie, stand_up
from digitlab.storage.digit_import import Incoming, Known, find_known, gather
from digitlab.storage.people import OWNER, Person
from digitlab.storage.store import Store


@dataclass(frozen=True)
class Preview:
    """What would be stored.

    Attributes:
        incoming: The digits, standing upright if that was wanted.
        known: Which of them are in the database already.
    """

    incoming: Incoming
    known: Known

    @property
    def new(self) -> int:
        """How many are not there yet."""
        return int((~self.known.there).sum())

    @property
    def new_tests(self) -> int:
        """How many of these are to test with."""
        return int((~self.known.there & self.incoming.test).sum())

    def summary(self) -> str:
        """Return in a sentence what there is, for a reader."""
        there = int(self.known.there.sum())
        parts = [
            f"{len(self.incoming):,} digits: {self.new:,} new"
            + (f", {self.new_tests:,} of them to test with" if self.new_tests else ""),
            f"{there:,} there already" if there else "",
            f"{self.known.differ:,} of these with another label, which stays" if self.known.differ else "",
            f"{self.incoming.twice:,} left out: the same picture again" if self.incoming.twice else "",
        ]
        return "; ".join(filter(None, parts)) + "."


def read(parts: Sequence[Part]) -> tuple[Incoming, Lie]:
    """Read digits from files, and find out how they lie.

    Raises:
        FormatError: If the files do not hold digits in a known format.
        ValueError: If a writer's name in them cannot be shown.
    """
    incoming = gather(read_digits(parts))
    drawn = any(strokes != b"[]" for strokes in incoming.strokes)  # on a screen: they stand as they were drawn
    return incoming, Lie() if drawn else find_lie(incoming.images, incoming.labels, mnist.mean_digits())


def preview(store: Store, incoming: Incoming, lie: Lie, *, by: Person = OWNER) -> Preview:
    """Say what would be stored.

    Args:
        store: Where to.
        incoming: As `read` returned it.
        lie: What to undo: as `read` returned it, or `Lie()` to leave them as they are.
        by: Whoever brings them in.

    Raises:
        NotAllowedError: If `by` may not store anything.
    """
    upright = incoming if lie.fine else replace(incoming, images=stand_up(incoming.images, lie))
    return Preview(upright, find_known(store, upright, by=by))
