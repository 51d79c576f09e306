"""Where the teacher hides names, a pupil sees “writer 7” in place of each other person's name, on every page."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from digitlab.run import Run
from digitlab.storage import classroom, seen_drawings
from digitlab.storage.batches import Batch
from digitlab.storage.digit_sets import MNIST, DigitSet
from digitlab.storage.names import replace_names
from digitlab.ui import resources, tested, who


def hidden() -> Mapping[str, str]:
    """Return what this visitor sees in place of names, by name; on one's own machine nothing is hidden."""
    if not who.is_class():
        return {}
    with resources.messages():
        return classroom.read_hidden_names(resources.store(), who.person())


def batches() -> list[Batch]:
    """Return all batches, as this visitor may see them."""
    names = hidden()
    return [replace(batch, writer=names.get(batch.writer, batch.writer)) for batch in resources.batches()]


def sets() -> list[DigitSet]:
    """Return all digits a model can be tested on, with titles that this visitor may see, and whether pictures too."""
    names, by = hidden(), who.person()
    found = [_with_title(each, names) for each in tested.sets()]
    if not seen_drawings.are_hidden(resources.store(), by):
        return found
    return [replace(each, shown=each.key == MNIST or each.key.partition(":")[2] == by.name) for each in found]


def named(runs: Iterable[Run]) -> list[Run]:
    """Return runs with names that this visitor may see."""
    names = hidden()
    return [replace(run, name=replace_names(run.name, names)) if names else run for run in runs]


def in_text(text: str) -> str:
    """Return a text in which no hidden name is left."""
    return replace_names(text, hidden())


def _with_title(digits: DigitSet, names: Mapping[str, str]) -> DigitSet:
    writer = digits.key.partition(":")[2]
    if writer not in names:
        return digits
    # As a set that is merged of one, it takes from that one what is costly to find out.
    return replace(digits, title=digits.title.removesuffix(writer) + names[writer], parts=(digits,))
