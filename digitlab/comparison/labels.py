"""Names cut to what an axis has room for, so that names that differ still differ."""

from collections import Counter
from collections.abc import Sequence

_LONGEST = 31  # characters: what an axis has room for beside its bars and their legend, on a phone too
_ENDS = range(8, _LONGEST - 4, 3)  # characters kept of the end, of names that begin alike


def distinct_labels(names: Sequence[str], longest: int = _LONGEST) -> list[str]:
    """Cut names at their end or, where that would make two alike, in the middle.

    Args:
        names: Equal ones may be among them: they stay equal.
        longest: Characters of a label.

    Returns:
        A label for each name.

    Example:
        >>> distinct_labels(["Full batches, 140 drawings", "Full batches, 140 drawings (2)", "Ten"], longest=20)
        ['Full batche…drawings', 'Full batche…ings (2)', 'Ten']
    """
    labels = {name: _cut(name, longest, 0) for name in names}
    for end in _ENDS:
        count = Counter(labels.values())
        alike = [name for name, label in labels.items() if count[label] > 1]
        if not alike:
            break
        labels |= {name: _cut(name, longest, end) for name in alike}
    taken: set[str] = set()
    for name, label in labels.items():  # names that differ in their middle alone
        number = 2
        while labels[name] in taken:
            labels[name] = f"{label[: longest - 4]} #{number}"
            number += 1
        taken.add(labels[name])
    return [labels[name] for name in names]


def _cut(name: str, longest: int, end: int) -> str:
    if len(name) <= longest:
        return name
    return f"{name[: longest - 1 - end].rstrip()}…{name[len(name) - end :].lstrip()}"
